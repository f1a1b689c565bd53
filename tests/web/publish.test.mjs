// What `publish` answers, and whom it reaches.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { Client } from './support/client.mjs';
import { startServer } from './support/server.mjs';

const accepted = { ok: true, delivered: 1, backplane: 'none' };

function serve(t, shards, ...more) {
  return startServer(t, 'wscast', 'serve', '--dev', '--shards', String(shards), ...more);
}

for (const shards of [1, 3]) {
  test(`the ack counts the others on this server, ${shards} shard(s)`, async (t) => {
    const server = await serve(t, shards);
    const alice = await Client.join(t, server.url, 'alice', ['lobby']);
    for (let others = 0; others < 4; ++others) {
      assert.deepEqual(await alice.acknowledged('lobby', 'chat', others), { ...accepted, delivered: others });
      await Client.join(t, server.url, `member-${others}`, ['lobby']);
      await Client.join(t, server.url, `stranger-${others}`);
    }
  });
}

test('the ack is, to the letter', async (t) => {
  const server = await serve(t, 1);
  const alice = await Client.join(t, server.url, 'alice', ['lobby']);
  for (const id of ['"7"', '"\\u00e9 <\\"&"', '""']) {
    alice.sendRaw(`{"event":"publish","data":{"room":"lobby","event":"chat"},"id":${id}}`);
    assert.equal(await alice.text(), `{"event":"ack","data":{"ok":true,"delivered":0,"backplane":"none"},"id":${id}}`);
    alice.sendRaw(`{"event":"publish","data":{"room":"other","event":"chat"},"id":${id}}`);
    assert.equal(await alice.text(), `{"event":"ack","data":{"ok":false,"error":"not a member"},"id":${id}}`);
  }
});

test('without an id nothing is answered, good or bad', async (t) => {
  const server = await serve(t, 1);
  const alice = await Client.join(t, server.url, 'alice', ['lobby']);
  for (const data of [{ room: 'lobby', event: 'chat' }, { room: 'other', event: 'chat' }, {}, null, { room: 'lobby', event: 'error' }]) {
    alice.send('publish', data);
  }
  await alice.settled();
});

test('what cannot be understood is an invalid publish', async (t) => {
  const server = await serve(t, 1);
  const alice = await Client.join(t, server.url, 'alice', ['lobby']);
  const bob = await Client.join(t, server.url, 'bob', ['lobby']);
  for (const data of [undefined, null, 'lobby', [], {}, { room: 'lobby' }, { event: 'chat' }, { room: '', event: 'chat' },
    { room: 'lobby', event: '' }, { room: 5, event: 'chat' }, { room: 'lobby', event: ['chat'] }, { room: null, event: 'chat' },
    { room: 'lobby', event: '\ud800' }]) {
    alice.send('publish', data, 'x');
    assert.deepEqual(JSON.parse(await alice.text()).data, { ok: false, error: 'invalid publish' }, JSON.stringify(data));
  }
  await bob.settled();
});

test('each refusal is in the protocol and has words of its own in the console', async () => {
  const read = (file) => readFile(new URL(`../../${file}`, import.meta.url), 'utf8');
  const [source, page, protocol] = await Promise.all(['apps/wscast/publish.cpp', 'apps/wscast/page/console/words.js', 'docs/protocol.md'].map(read));
  const outcomes = ['ok', 'down', 'unknown', 'none'];
  const words = [...source.matchAll(/(?:return|[:?]) "([a-z ]+)"[ ;]/g)].map(([, each]) => each).filter((each) => !outcomes.includes(each));
  assert.ok(words.length >= 6, words.join());
  for (const each of words) {
    assert.ok(page.includes(`  '${each}': '`), `in the page: ${each}`);
    assert.match(protocol, new RegExp(`[\"\`]${each}[\"\`]`), `in protocol.md: ${each}`);
  }
});

test('a room takes no more than its rate, of all clients together', async (t) => {
  const server = await serve(t, 2, '--room-publish-rate', '1');
  const alice = await Client.join(t, server.url, 'alice', ['lobby', 'other']);
  const bob = await Client.join(t, server.url, 'bob', ['lobby']);
  const outcomes = [];
  while (outcomes.filter(({ ok }) => !ok).length < 2) {
    outcomes.push(await alice.acknowledged('lobby', 'chat', 1));
    if (outcomes.at(-1).ok) await bob.text();
  }
  const refused = { ok: false, error: 'room over its rate' };
  for (const each of outcomes) assert.deepEqual(each, each.ok ? accepted : refused);
  assert.ok(outcomes[0].ok);
  assert.equal((await alice.acknowledged('other', 'chat', 1)).ok, true, 'another room has its own');
  await server.logged(/publishes refused, over limits\.room_publish_rate: 1/);
  await bob.settled();
});

test("the server's own events are reserved", async (t) => {
  const server = await serve(t, 1);
  const alice = await Client.join(t, server.url, 'alice', ['lobby']);
  const bob = await Client.join(t, server.url, 'bob', ['lobby']);
  for (const event of ['authenticate', 'connected', 'disconnect', 'join', 'leave', 'error', 'heartbeat', 'encrypted', 'dropped', 'gap', 'ack']) {
    const refused = await alice.acknowledged('lobby', event, 1, { echo: true });
    assert.deepEqual(refused, { ok: false, error: 'reserved event' }, event);
  }
  await bob.settled();
});

test('without data null is sent', async (t) => {
  const server = await serve(t, 1);
  const alice = await Client.join(t, server.url, 'alice', ['lobby']);
  const bob = await Client.join(t, server.url, 'bob', ['lobby']);
  assert.deepEqual(await alice.acknowledged('lobby', 'chat'), accepted);
  assert.equal(await bob.text(), '{"event":"chat","data":null}');
});

for (const [room, delivered] of [['lobby', 1], ['its own', 0]]) {
  test(`with echo it comes back, before the ack and not counted: ${room} room`, async (t) => {
    const server = await serve(t, 1);
    const alice = await Client.join(t, server.url, 'alice', ['lobby']);
    await Client.join(t, server.url, 'bob', ['lobby']);
    alice.send('publish', { room: delivered ? room : alice.id, event: 'chat', data: 1, echo: true }, 'x');
    assert.equal(await alice.text(), '{"event":"chat","data":1}');
    assert.deepEqual(JSON.parse(await alice.text()).data, { ...accepted, delivered });
    assert.deepEqual(await alice.acknowledged('lobby', 'chat', 2, { echo: false }), accepted);
    assert.deepEqual(await alice.acknowledged('lobby', 'chat', 3, { echo: 'yes' }), accepted);
  });
}

test('an overloaded server says so, and echoes nothing', async (t) => {
  const server = await serve(t, 2, '--max-inbox-bytes', '150', '--max-payload-length', '150');
  const alice = await Client.join(t, server.url, 'alice', ['lobby']);
  await Client.join(t, server.url, 'bob', ['lobby']);
  const refused = await alice.acknowledged('lobby', 'chat', 1, { echo: true });
  assert.deepEqual(refused, { ok: false, error: 'overloaded' });
});
