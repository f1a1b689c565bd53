// Rooms with history at `wscast serve`: clients that are cut off, servers that restart, and that take over.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encryption } from '../../clients/js/dist/esm/encryption.js';
import { startRedis } from '../web/support/redis.mjs';
import { startServer } from '../web/support/server.mjs';
import { join, reached, within } from './support/clients.mjs';
import { fileOf } from './support/files.mjs';
import { Link } from './support/link.mjs';

// The rooms `h-...`, and one that each client is in, have a history of `size` messages.
function serve(t, size, ...flags) {
  const rule = (match) => `[[rooms]]\nmatch = "${match}"\njoin = true\npublish = true\nhistory = { size = ${size} }\n`;
  const config = fileOf(t, rule('h-*') + rule('ws-default'));
  return startServer(t, 'wscast', 'serve', '--dev', '--drain-time', '0s', '--message-rate', '0', '--config', config, ...flags);
}

// What `client` hears of `chat` in the room, and its gaps, in their order; `until(data)` waits for that.
function follow(client, name) {
  const heard = [];
  let check = () => {};
  const hear = (what) => {
    heard.push(what);
    check();
  };
  client.room(name).on('chat', hear);
  client.on('gap', (gap) => { if (gap.room === name) hear(gap); });
  heard.until = (data) => within(new Promise((resolve) => {
    check = () => { if (heard.includes(data)) resolve(); };
    check();
  }), `${data} did not arrive`);
  return heard;
}

const back = (client, name) => within(client.room(name).join(), 'it did not come back');

async function shut(clients, link) {
  const gone = clients.map((client) => reached(client, 'waiting'));
  link.shut();
  await Promise.all(gone);
}

// Goes on for 30 connections of alice; `lose` ends one. Nothing may be missing, or come twice.
async function talk(t, [alice, bob], lose) {
  const [hears, heardByBob] = [follow(alice, 'h-1'), follow(bob, 'h-1')];
  let n = 0;
  const [mine, others] = [[], []];
  for (let cuts = 0; cuts < 30; cuts++) {
    for (let i = 0; i < 50; i++) {
      others.push(bob.room('h-1').publish('chat', ++n));
      if (i % 10 === 0) mine.push(alice.room('h-1').publish('chat', `mine ${mine.length}`));
      if (i % 7 === 0) await new Promise(setImmediate);
    }
    lose();
    if (cuts % 2) await back(alice, 'h-1');
  }
  const [acks] = await within(Promise.all([Promise.all(mine), Promise.all(others)]), 'not all was published');
  await alice.room('h-1').publish('chat', 'last of mine');
  await bob.room('h-1').publish('chat', 'last');
  await Promise.all([hears.until('last'), heardByBob.until('last of mine')]);
  assert.deepEqual([...hears], [...Array.from({ length: n }, (_, i) => i + 1), 'last']);
  assert.deepEqual([...heardByBob], [...mine.map((_, i) => `mine ${i}`), 'last of mine']);
  t.diagnostic(`${acks.filter(({ repeated }) => repeated).length} were sent twice, and published once`);
}

for (const [how, options] of [['in the clear', {}], ['encrypted', { encryption: encryption() }]]) {
  test(`H5 H10 ${how}, cut in mid-stream: each message once, in order, and none is missing`, async (t) => {
    const server = await serve(t, 10_000, '--encryption', 'optional');
    const link = await Link.to(t, server);
    const alice = await join(t, link.url, { outbox: 1000, ...options }, 'h-1', 'no-history');
    const bob = await join(t, server.url, { outbox: 1000 }, 'h-1');
    await talk(t, [alice, bob], () => link.cut());
  });
}

test('H3 H5 servers that share a Redis: a client goes from one to the other, and misses nothing', async (t) => {
  const { url } = await startRedis(t);
  const servers = [await serve(t, 10_000, '--redis', url), await serve(t, 10_000, '--redis', url)];
  const link = await Link.to(t, servers[0]);
  const alice = await join(t, link.url, { outbox: 1000 }, 'h-1');
  const bob = await join(t, servers[1].url, { outbox: 1000 }, 'h-1');
  let moves = 0;
  await talk(t, [alice, bob], () => {
    link.lead(servers[++moves % 2]);
    link.cut();
  });
});

test('H5 what is not kept any more is a gap', async (t) => {
  const server = await serve(t, 5);
  const link = await Link.to(t, server);
  const alice = await join(t, link.url, {}, 'h-1');
  const bob = await join(t, server.url, {}, 'h-1');
  const heard = follow(alice, 'h-1');
  await bob.room('h-1').publish('chat', 1);
  await heard.until(1);
  await shut([alice], link);
  for (let n = 2; n <= 20; n++) await bob.room('h-1').publish('chat', n);
  link.lead(server);
  await back(alice, 'h-1');
  await bob.room('h-1').publish('chat', 21);
  await heard.until(21);
  assert.deepEqual([...heard], [1, { room: 'h-1', from: 2, to: 20, reason: 'window' }, 21]);
});

test('H5 a server that lost its memory: a gap of another epoch', async (t) => {
  const server = await serve(t, 5);
  const alice = await join(t, server.url, {}, 'h-1');
  const heard = follow(alice, 'h-1');
  await alice.room('h-1').publish('chat', 1);
  const gone = reached(alice, 'waiting');
  await server.kill();
  await gone;
  await serve(t, 5, '--listen', server.address);
  await back(alice, 'h-1');
  await alice.room('h-1').publish('chat', 2, { echo: true });
  await heard.until(2);
  assert.deepEqual([...heard], [{ room: 'h-1', from: 2, to: null, reason: 'epoch' }, 2]);
});

test('H4 H5 a room that the server puts it into is recovered if it is joined, and a gap if not', async (t) => {
  const server = await serve(t, 100);
  const link = await Link.to(t, server);
  const clients = [await join(t, link.url, {}, 'ws-default'), await join(t, link.url)];
  const bob = await join(t, server.url);
  const heard = clients.map((client) => follow(client, 'ws-default'));
  await shut(clients, link);
  for (const n of [1, 2, 3]) await bob.room('ws-default').publish('chat', n);
  link.lead(server);
  await within(Promise.all(clients.map((client) => client.ready())), 'they did not come back');
  await clients[1].room('ws-default').join();
  await bob.room('ws-default').publish('chat', 4);
  await Promise.all(heard.map((one) => one.until(4)));
  assert.deepEqual(heard.map((one) => [...one]),
    [[1, 2, 3, 4], [{ room: 'ws-default', from: 1, to: 3, reason: 'unavailable' }, 4]]);
});

test('H8 H10 keys, positions, and what the server refuses', async (t) => {
  const server = await serve(t, 100);
  const alice = await join(t, server.url, {}, 'h-1', 'no-history');
  const room = alice.room('h-1');
  const first = await room.publish('chat', 1, { key: 'k' });
  assert.deepEqual(first, { ok: true, backplane: 'ok', position: { offset: 1, epoch: first.position.epoch } });
  assert.deepEqual(await room.publish('chat', 1, { key: 'k' }), { ...first, repeated: true });
  await assert.rejects(alice.room('no-history').publish('chat', 1, { key: 'k' }), { code: 'refused', message: 'no history' });
  for (const event of ['gap', 'dropped', 'error', 'disconnect']) {
    await assert.rejects(room.publish(event, {}), { code: 'refused', message: 'reserved event' });
  }
});
