// What a client sends, at a server without a network: replies, time, the outbox.
import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import { held, now, outcome, settle, start, startConnected, tick } from './support/fake_server.mjs';

const ack = { ok: true, delivered: 2, backplane: 'none' };

// The data of the publishes that were sent, and their room.
const published = (socket) => socket.sent.filter(({ event }) => event === 'publish').map(({ data }) => data.data);

test('a publish resolves with the server\'s reply', async (t) => {
  const { client, server } = await startConnected(t);
  const sent = held(client.room('lobby').publish('chat', { text: 'hi' }, { echo: true }));
  await settle();
  const [{ event, data, id }] = server.last.take();
  assert.deepEqual([event, data], ['publish', { room: 'lobby', event: 'chat', data: { text: 'hi' }, echo: true }]);
  assert.equal(await outcome(sent), 'pending');
  await server.last.receive('ack', ack, id);
  assert.deepEqual(await sent, ack);
});

test('it rejects with the server\'s words', async (t) => {
  const { client, server } = await startConnected(t);
  const sent = [1, 2].map((n) => held(client.room('lobby').publish('chat', n)));
  await settle();
  const [one, two] = server.last.take();
  await server.last.receive('error', { message: 'Rate limit exceeded' }, two.id);
  await server.last.receive('ack', { ok: false, error: 'not a member' }, one.id);
  assert.equal(await outcome(sent[0]), 'refused: not a member');
  assert.equal(await outcome(sent[1]), 'refused: Rate limit exceeded');
});

test('it rejects in time, and a late reply is ignored', async (t) => {
  const { client, server } = await startConnected(t);
  const heard = [];
  client.messages.on('ack', (data) => heard.push(data));
  const slow = held(client.room('lobby').publish('chat', 1));
  const hasty = held(client.room('lobby').publish('chat', 2, { timeoutMs: 100 }));
  await settle();
  await tick(100);
  assert.equal(await outcome(hasty), 'timeout: no reply in 100 ms');
  await tick(9_899);
  assert.equal(await outcome(slow), 'pending');
  await tick(1);
  assert.equal(await outcome(slow), 'timeout: no reply in 10000 ms');
  for (const { id } of server.last.take()) await server.last.receive('ack', ack, id);
  assert.deepEqual(heard, []);
});

test('it rejects with its signal', async (t) => {
  const { client, server } = await startConnected(t);
  const controller = new AbortController();
  const sent = held(client.room('lobby').publish('chat', 1, { signal: controller.signal }));
  await settle();
  controller.abort(new Error('enough'));
  assert.equal(await outcome(sent), 'Error: enough');
  const never = client.room('lobby').publish('chat', 2, { signal: AbortSignal.abort(new Error('before')) });
  assert.equal(await outcome(never), 'Error: before');
  assert.deepEqual(published(server.last), [1]);
});

test('nothing is left at a signal that was not needed', async (t) => {
  const { client, server } = await startConnected(t, { outbox: 1 });
  const { signal } = new AbortController();
  const sent = client.room('lobby').publish('chat', 1, { signal });
  const joined = client.room('lobby').join({ signal });
  await settle();
  const [publish, join] = server.last.take();
  await server.last.receive('ack', ack, publish.id);
  await server.last.receive('ack', { ok: true, rooms: { lobby: 'joined' } }, join.id);
  await Promise.all([sent, joined]);
  client.messages.on('chat', () => {}, { signal })();
  await client.messages.iterate('chat', { signal }).return();
  await server.last.end();
  const waiting = [client.ready({ signal }), client.room('ws-default').publish('chat', 2, { signal })];
  await tick(1000);
  await server.last.admit();
  await server.last.joinAll();
  await server.last.receive('ack', ack, server.last.take()[0].id);
  await Promise.all(waiting);
  assert.equal(getEventListeners(signal, 'abort').length, 0);
});

test('one without a reply when the connection ends is not sent again', async (t) => {
  const { client, server } = await startConnected(t, { outbox: 10 });
  const sent = held(client.room('lobby').publish('chat', 1));
  await settle();
  await server.last.end();
  assert.equal(await outcome(sent), 'lost: the connection ended before the reply');
  await tick(1000);
  await server.last.admit();
  assert.deepEqual(server.last.take(), []);
});

test('the reply to a message of one connection is none on the next', async (t) => {
  const { client, server } = await startConnected(t);
  const first = held(client.room('lobby').publish('chat', 1));
  await settle();
  const [{ id }] = server.last.take();
  await server.last.end();
  await assert.rejects(first, { code: 'lost' });
  await tick(1000);
  await server.last.admit();
  const second = client.room('lobby').publish('chat', 2);
  await settle();
  await server.last.receive('ack', ack, id);
  assert.equal(await outcome(second), 'pending');
});

test('without a connection it rejects at once', async (t) => {
  const { client, server } = await start(t);
  assert.equal(await outcome(client.room('lobby').publish('chat', 1)), 'offline: there is no connection');
  assert.equal(await outcome(client.send('mine')), 'offline: there is no connection');
  await server.last.admit();
  await server.last.end();
  assert.equal(await outcome(client.room('lobby').publish('chat', 1)), 'offline: there is no connection');
  client.close();
  assert.equal(await outcome(client.room('lobby').publish('chat', 1)), 'closed: the client is closed');
});

test('data that is not JSON rejects', async (t) => {
  const { client, server } = await startConnected(t);
  await assert.rejects(client.room('lobby').publish('chat', 1n), TypeError);
  const circle = {};
  circle.circle = circle;
  await assert.rejects(client.send('mine', circle), TypeError);
  assert.deepEqual(server.last.take(), []);
});

test('a server that does not reply: resolves once it is sent', async (t) => {
  const { client, server } = await startConnected(t, { acknowledges: false });
  assert.equal(await client.room('lobby').publish('chat', 1), undefined);
  assert.deepEqual(published(server.last), [1]);
});

test('events of one\'s own server', async (t) => {
  const { client, server } = await startConnected(t);
  await client.send('mine', { n: 1 });
  const asked = client.request('question', 'why');
  const failed = held(client.request('question', 'who'));
  await settle();
  const [sent, why, who] = server.last.take();
  assert.deepEqual(sent, { event: 'mine', data: { n: 1 } });
  assert.deepEqual([why.event, why.data], ['question', 'why']);
  await server.last.receive('answer', { because: true }, why.id);
  await server.last.receive('error', { message: 'Unhandled event' }, who.id);
  assert.deepEqual(await asked, { because: true });
  assert.equal(await outcome(failed), 'refused: Unhandled event');
});

test('the outbox keeps what is sent without a connection, in order, behind the rooms', async (t) => {
  const { client, server } = await start(t, { outbox: 10 });
  const room = client.room('lobby');
  const mutable = { n: 1 };
  const sent = [room.publish('chat', mutable), room.publish('chat', { n: 2 })];
  mutable.n = 'changed later';
  room.join().catch(() => {});
  await settle();
  await server.last.open();
  server.last.take();
  // What is published by who hears of the connection does not overtake what waits.
  client.on('state', ({ state }) => { if (state === 'connected') sent.push(room.publish('chat', { n: 3 })); });
  await server.last.receive('connected', { id: 'c', time: now() }, 'authenticate');
  assert.deepEqual(server.last.sent.map(({ event }) => event), ['join']);
  await server.last.joinAll();
  assert.deepEqual(published(server.last), [{ n: 1 }, { n: 2 }, { n: 3 }]);
  for (const { id } of server.last.take()) await server.last.receive('ack', ack, id);
  assert.deepEqual(await Promise.all(sent), [ack, ack, ack]);
});

test('the outbox is bounded', async (t) => {
  const { client, server } = await start(t, { outbox: 2 });
  const room = client.room('ws-default');
  const sent = [1, 2, 3].map((n) => held(room.publish('chat', n)));
  assert.equal(await outcome(sent[2]), 'outbox: 2 messages wait already');
  await server.last.admit();
  assert.deepEqual(published(server.last), [1, 2]);
});

test('a message waits in the outbox for a minute, or until its signal', async (t) => {
  const { client, server } = await start(t, { outbox: 10 });
  const room = client.room('ws-default');
  const controller = new AbortController();
  const early = held(room.publish('chat', 1));
  const aborted = held(room.publish('chat', 2, { signal: controller.signal }));
  await settle();
  controller.abort(new Error('enough'));
  assert.equal(await outcome(aborted), 'Error: enough');
  await tick(59_999);
  assert.equal(await outcome(early), 'pending');
  const late = held(room.publish('chat', 3));
  await tick(1);
  assert.equal(await outcome(early), 'outbox: no connection in 60000 ms');
  while (client.state !== 'connecting' || server.last.closed) await tick(1000);
  await server.last.admit();
  assert.deepEqual(published(server.last), [3]);
  await server.last.receive('ack', ack, server.last.take()[0].id);
  assert.deepEqual(await late, ack);
});

test('a closed client rejects what waits', async (t) => {
  const { client, end } = await start(t, { outbox: 10 });
  const waiting = client.room('lobby').publish('chat', 1);
  client.close();
  assert.equal(await outcome(waiting), 'closed: the client is closed');
  await end();

  const { client: other } = await startConnected(t);
  const sent = held(other.room('lobby').publish('chat', 1));
  await settle();
  other.close();
  assert.equal(await outcome(sent), 'lost: the connection ended before the reply');
});
