// Rooms with history in `wscast serve`: what publishes into them are answered, and what clients get.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { Client } from './support/client.mjs';
import { startServer } from './support/server.mjs';

const configuration = `
[server]
listen = ["127.0.0.1:0"]
[auth]
dev = true
[api]
listen = ["127.0.0.1:0"]
key = "key-for-the-whole-api"
[[rooms]]
match = "orders-{userId}*"
join = true
publish = true
history = { size = 10, ttl = "1m" }
[[rooms]]
match = "*"
join = true
publish = true
`;

async function serve(t) {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'wscast-'));
  t.after(() => rm(folder, { recursive: true }));
  const file = path.join(folder, 'wscast.toml');
  await writeFile(file, configuration);
  return startServer(t, 'wscast', 'serve', '--config', file);
}

// A client that asks for positions, in the room.
async function follow(t, server, token, room) {
  const client = await Client.open(t, server.url);
  client.sendRaw(JSON.stringify({ event: 'authenticate', data: { token }, ext: { positions: 1 } }));
  const connected = JSON.parse(await client.text());
  assert.deepEqual(connected.data.positions, {});
  client.sendRaw(JSON.stringify({ event: 'join', data: { rooms: [room, 'lobby'] }, id: 1 }));
  const { data } = JSON.parse(await client.text());
  return { client, position: data.positions[room] };
}

test('the ack has the position, and everybody the message in one order', async (t) => {
  const server = await serve(t);
  const { client: alice, position } = await follow(t, server, 'alice', 'orders-alice');
  assert.equal(position.offset, 0);
  const { epoch } = position;
  assert.deepEqual(await alice.acknowledged('orders-alice', 'paid', 1), { ok: true, backplane: 'ok', position: { offset: 1, epoch } });
  const echoed = JSON.stringify({ event: 'paid', data: 2, room: 'orders-alice', offset: 2 });
  alice.send('publish', { room: 'orders-alice', event: 'paid', data: 2, echo: true });
  assert.equal(await alice.text(), echoed, 'by echo the sender gets it too, where it stands');
});

test('a key is published once, and is for rooms with history', async (t) => {
  const server = await serve(t);
  const { client: alice, position: { epoch } } = await follow(t, server, 'alice', 'orders-alice');
  const first = { ok: true, backplane: 'ok', position: { offset: 1, epoch } };
  assert.deepEqual(await alice.acknowledged('orders-alice', 'paid', 1, { key: 'k' }), first);
  assert.deepEqual(await alice.acknowledged('orders-alice', 'paid', 1, { key: 'k' }), { ...first, repeated: true });
  assert.deepEqual(await alice.acknowledged('lobby', 'paid', 1, { key: 'k' }), { ok: false, error: 'no history' });
  for (const key of ['', 7, 'x'.repeat(129)]) {
    assert.deepEqual(await alice.acknowledged('orders-alice', 'paid', 1, { key }), { ok: false, error: 'invalid publish' });
  }
});

test('the API says where a message stands', async (t) => {
  const server = await serve(t);
  const [, api] = await server.said(/API at (http:\S+)/);
  const publish = async (body) => {
    const response = await fetch(`${api}/api/v1/publish`, {
      method: 'POST', headers: { authorization: 'Bearer key-for-the-whole-api' }, body: JSON.stringify(body),
    });
    return { status: response.status, body: await response.json() };
  };
  const { client: alice, position: { epoch } } = await follow(t, server, 'alice', 'orders-alice');
  assert.deepEqual(await publish({ room: 'orders-alice', event: 'paid', data: 1 }),
    { status: 200, body: { backplane: 'ok', position: { offset: 1, epoch } } });
  assert.equal(await alice.text(), JSON.stringify({ event: 'paid', data: 1, room: 'orders-alice', offset: 1 }));
  for (const event of ['gap', 'ack', 'dropped']) {
    assert.equal((await publish({ room: 'orders-alice', event, data: 1 })).status, 400, event);
  }
});

test('who does not ask sees messages as ever', async (t) => {
  const server = await serve(t);
  const bob = await Client.join(t, server.url, 'alice', ['orders-alice']);
  const { client: alice } = await follow(t, server, 'alice', 'orders-alice');
  await alice.acknowledged('orders-alice', 'paid', 1);
  assert.equal(await bob.text(), JSON.stringify({ event: 'paid', data: 1 }));
});
