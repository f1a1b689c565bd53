// The package at servers that restart, die, drain and fall silent.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startServer } from '../web/support/server.mjs';
import { join, open, reached, within } from './support/clients.mjs';
import { Link } from './support/link.mjs';

const serve = (t, ...flags) => startServer(t, 'wscast', 'serve', '--dev', '--drain-time', '0s', ...flags);

// What arrived of `chat`; `until(n)` waits for this one.
function hear(client, room) {
  const heard = [];
  const waits = new Map();
  client.room(room).on('chat', (n) => {
    heard.push(n);
    waits.get(n)?.();
  });
  heard.until = (n) => within(new Promise((resolve) => {
    if (heard.includes(n)) resolve();
    else waits.set(n, resolve);
  }), `${n} did not arrive`);
  return heard;
}

// Each is in the room, on its newest connection.
function back(clients, room) {
  return within(Promise.all(clients.map((client) => client.room(room).join())), 'they did not come back');
}

function assertGrowing(numbers) {
  for (const [i, n] of numbers.entries()) {
    assert.ok(i === 0 || n > numbers[i - 1], `${n} behind ${numbers[i - 1]}: twice, or out of order`);
  }
}

// Publishes the number until it is heard: what is lost is lost, and comes again as the next number.
async function publishUntilHeard(client, room, heard, first) {
  for (let n = first; ; n++) {
    try {
      const { delivered } = await client.room(room).publish('chat', n);
      if (delivered > 0) {
        await heard.until(n);
        return n;
      }
    } catch (error) {
      assert.match(error.code, /^(offline|lost|refused)$/);
      if (client.state !== 'connected') await client.ready();
    }
  }
}

test('O8 a restart of the server: rooms are joined again by themselves', async (t) => {
  const server = await serve(t);
  const alice = await join(t, server.url, {}, 'lobby');
  const bob = await join(t, server.url, {}, 'lobby');
  const heard = hear(alice, 'lobby');
  const [id, gone] = [alice.id, reached(alice, 'waiting')];
  assert.equal(await server.stop(), 0);
  assert.equal((await gone).error.closeCode, 1001);
  assert.equal(alice.room('lobby').state, 'joining');
  await serve(t, '--listen', server.address);
  await back([alice, bob], 'lobby');
  assert.notEqual(alice.id, id);
  await publishUntilHeard(bob, 'lobby', heard, 1);
  assertGrowing(heard);
});

test('a server that is killed in mid-stream: nothing twice, nothing out of order', async (t) => {
  let server = await serve(t);
  const { address, url } = server;
  const alice = await join(t, url, {}, 'lobby');
  const bob = await join(t, url, { replyTimeoutMs: 60_000 }, 'lobby');
  const heard = hear(alice, 'lobby');
  let [n, stopped] = [0, false];
  const acknowledged = [];
  // As fast as replies come, 20 at a time.
  const publisher = async () => {
    while (!stopped) {
      const mine = ++n;
      try {
        const { delivered } = await bob.room('lobby').publish('chat', mine);
        if (delivered > 0) acknowledged.push(mine);
      } catch (error) {
        assert.match(error.code, /^(offline|lost|refused)$/);
        if (bob.state !== 'connected') await bob.ready();
      }
    }
  };
  const publishers = Promise.all(Array.from({ length: 20 }, publisher));
  for (let kills = 0; kills < 5; kills++) {
    const before = heard.length;
    await within(new Promise((resolve) => {
      const off = alice.room('lobby').on('chat', () => {
        if (heard.length < before + 200) return;
        off();
        resolve();
      });
    }), 'the stream stands still');
    const gone = reached(alice, 'waiting');
    await server.kill();
    await gone;
    server = await serve(t, '--listen', address);
    await back([alice], 'lobby');
  }
  stopped = true;
  await publishers;
  await back([alice, bob], 'lobby');
  await publishUntilHeard(bob, 'lobby', heard, n + 1);
  assert.ok(heard.length >= 1000);
  assertGrowing(heard);
});

test('links that are cut in mid-stream: nothing twice, nothing out of order, and what is acknowledged arrives', async (t) => {
  const server = await serve(t);
  const [links, clients] = [[], []];
  for (const _ of [0, 1]) {
    const link = await Link.to(t, server);
    links.push(link);
    clients.push(await join(t, link.url, {}, 'lobby'));
  }
  const [alice, bob] = clients;
  const heard = hear(alice, 'lobby');
  let n = 0;
  for (let cuts = 0; cuts < 40; cuts++) {
    n = await publishUntilHeard(bob, 'lobby', heard, n + 1);
    const gone = reached(clients[cuts % 2], 'waiting');
    const sent = Array.from({ length: 10 }, () => bob.room('lobby').publish('chat', ++n));
    links[cuts % 2].cut();
    await Promise.allSettled(sent);
    await gone;
    await back(clients, 'lobby');
  }
  n = await publishUntilHeard(bob, 'lobby', heard, n + 1);
  assertGrowing(heard);

  const sent = Array.from({ length: 1000 }, () => bob.room('lobby').publish('chat', ++n));
  for (const { delivered } of await Promise.all(sent)) assert.equal(delivered, 1);
  await heard.until(n);
  assert.deepEqual(heard.slice(-1000), Array.from({ length: 1000 }, (_, i) => n - 999 + i));
});

test('X7 a server that drains: the client moves when it is its turn, and loses nothing before', async (t) => {
  const [old, next] = [await startServer(t, 'wscast', 'serve', '--dev', '--drain-delay', '0s', '--drain-time', '4s'), await serve(t)];
  const link = await Link.to(t, old);
  const clients = [];
  for (const _ of [0, 1, 2, 3]) clients.push(await join(t, link.url, { minDelayMs: 30_000, maxDelayMs: 30_000 }, 'lobby'));
  link.lead(next);
  const begun = Date.now();
  const waits = clients.map(async (client) => {
    const { delayMs } = await reached(client, 'waiting');
    return { delayMs, afterMs: Date.now() - begun };
  });
  old.signal('SIGTERM');
  await old.logged(/draining/);
  const heard = hear(clients[3], 'lobby');
  assert.equal((await clients[0].room('lobby').publish('chat', 1)).delivered, 3, 'it is served until then');
  await heard.until(1);
  const ends = await Promise.all(waits);
  assert.deepEqual(ends.map(({ delayMs }) => delayMs), [0, 0, 0, 0]);
  const after = ends.map(({ afterMs }) => afterMs).sort((a, b) => a - b);
  for (const [i, ms] of after.entries()) assert.ok(ms >= 1000 * (i + 1) - 20, `${after}: not evenly`);
  assert.deepEqual(await old.exit(), { code: 0, signal: null });
  await back(clients, 'lobby');
  await publishUntilHeard(clients[0], 'lobby', heard, 2);
});

test('a link that falls silent is found dead, and left', async (t) => {
  const server = await serve(t);
  const link = await Link.to(t, server);
  const alice = await join(t, link.url, { heartbeatMs: 100 }, 'lobby');
  const bob = await join(t, server.url, {}, 'lobby');
  const heard = hear(alice, 'lobby');
  const gone = reached(alice, 'waiting');
  link.block();
  assert.equal((await gone).error.message, 'nothing comes any more');
  await back([alice], 'lobby');
  await publishUntilHeard(bob, 'lobby', heard, 1);
  assertGrowing(heard);
  link.cut();
});

test('the outbox: what is published while the server is away arrives, once and in order', async (t) => {
  const server = await serve(t);
  const alice = await join(t, server.url, {}, 'lobby');
  const bob = await join(t, server.url, { outbox: 100, minDelayMs: 500, maxDelayMs: 500 }, 'lobby');
  const heard = hear(alice, 'lobby');
  const gone = [reached(alice, 'waiting'), reached(bob, 'waiting')];
  await server.kill();
  await Promise.all(gone);
  const sent = Array.from({ length: 100 }, (_, n) => bob.room('lobby').publish('chat', n));
  await assert.rejects(bob.room('lobby').publish('chat', 100), { code: 'outbox' });
  await serve(t, '--listen', server.address);
  const replies = await within(Promise.all(sent), 'the outbox was not emptied');
  const delivered = replies.findIndex((reply) => reply.delivered === 1);
  if (delivered >= 0) await heard.until(99);
  assert.deepEqual([...heard], Array.from({ length: 100 }, (_, n) => n).slice(delivered < 0 ? 100 : delivered));
});

test('a client that begins before its server', async (t) => {
  const server = await serve(t);
  assert.equal(await server.stop(), 0);
  const alice = open(t, server.url);
  const joined = alice.room('lobby').join();
  await reached(alice, 'waiting');
  await serve(t, '--listen', server.address);
  await within(joined, 'she did not join');
});
