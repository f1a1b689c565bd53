// Rooms, at a server without a network: joined, left, joined again.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { held, outcome, settle, startConnected, tick } from './support/fake_server.mjs';

test('a join resolves with the server\'s reply', async (t) => {
  const { client, server } = await startConnected(t);
  const room = client.room('lobby');
  assert.equal(room, client.room('lobby'));
  assert.equal(room.state, 'out');
  const joined = room.join();
  assert.equal(room.state, 'joining');
  assert.equal(await outcome(joined), 'pending');
  const [{ event, data, id }] = server.last.take();
  assert.deepEqual([event, data], ['join', { rooms: ['lobby'] }]);
  await server.last.receive('ack', { ok: true, rooms: { lobby: 'joined' } }, id);
  assert.equal(await outcome(joined), undefined);
  assert.equal(room.state, 'joined');
  await room.join();
  assert.deepEqual(server.last.take(), [], 'it is joined already');
});

test('rooms that are joined in one go are one message, later ones the next', async (t) => {
  const { client, server } = await startConnected(t);
  const [a, b] = ['a', 'b'].map((name) => client.room(name).join());
  await settle();
  const c = client.room('c').join();
  await settle();
  assert.deepEqual(server.last.sent.map(({ data }) => data.rooms), [['a', 'b']]);
  await server.last.joinAll();
  await Promise.all([a, b]);
  assert.deepEqual(server.last.sent.map(({ data }) => data.rooms), [['c']]);
  await server.last.joinAll();
  await c;
});

test('each room has its own result', async (t) => {
  const { client, server, errors } = await startConnected(t);
  const results = ['open', 'secret', 'ws:x', 'unread'].map((name) => held(client.room(name).join()));
  await settle();
  const [{ id }] = server.last.take();
  await server.last.receive('ack',
    { ok: false, rooms: { open: 'joined', secret: 'not allowed', 'ws:x': 'invalid name' }, error: 'Too many rooms' }, id);
  assert.equal(await outcome(results[0]), undefined);
  assert.equal(await outcome(results[1]), 'refused: not allowed');
  assert.equal(await outcome(results[2]), 'refused: invalid name');
  assert.equal(client.room('secret').state, 'out');
  assert.deepEqual(server.last.sent.map(({ data }) => data.rooms), [['unread']], 'what the server did not read comes again');
  const [{ id: next }] = server.last.take();
  await server.last.receive('ack', { ok: false, rooms: {}, error: 'Too many rooms' }, next);
  assert.equal(await outcome(results[3]), 'refused: too many rooms');
  assert.deepEqual(errors, [], 'who waits is told, nobody else');
});

test('a name that every object has is no result', async (t) => {
  const { client, server } = await startConnected(t);
  const joined = held(client.room('toString').join());
  await settle();
  const [{ id }] = server.last.take();
  await server.last.receive('ack', { ok: true, rooms: {} }, id);
  assert.equal(await outcome(joined), 'refused: refused');
});

test('O11 a join over the rate comes again later', async (t) => {
  const { client, server } = await startConnected(t);
  const joined = client.room('lobby').join();
  await settle();
  const [{ id }] = server.last.take();
  await server.last.receive('error', { message: 'Rate limit exceeded' }, id);
  assert.equal(await outcome(joined), 'pending');
  await tick(2999);
  assert.deepEqual(server.last.take(), []);
  await tick(1);
  await server.last.joinAll();
  await joined;
});

test('a join waits with those that were over the rate', async (t) => {
  const { client, server } = await startConnected(t);
  const first = client.room('a').join();
  await settle();
  await server.last.receive('error', { message: 'Rate limit exceeded' }, server.last.take()[0].id);
  const second = client.room('b').join();
  await settle();
  assert.deepEqual(server.last.take(), []);
  await tick(3000);
  assert.deepEqual(server.last.sent.map(({ data }) => data.rooms), [['a', 'b']]);
  await server.last.joinAll();
  await Promise.all([first, second]);
});

test('a room that cannot be had now: who asks is told', async (t) => {
  const { client, server } = await startConnected(t);
  const joined = held(client.room('lobby').join());
  await settle();
  await server.last.receive('ack', { ok: false, rooms: { lobby: 'unavailable' } }, server.last.take()[0].id);
  assert.equal(await outcome(joined), 'refused: unavailable');
  assert.equal(client.room('lobby').state, 'out');
});

test('many rooms are as many as fit into a message', async (t) => {
  const { client, server } = await startConnected(t);
  const rooms = Array.from({ length: 2500 }, (_, i) => `r${i}`);
  const joined = Promise.all(rooms.map((name) => client.room(name).join()));
  const sizes = [];
  await settle();
  while (server.last.sent.length > 0) {
    sizes.push(server.last.sent[0].data.rooms.length);
    await server.last.joinAll();
  }
  await joined;
  assert.deepEqual(sizes, [1000, 1000, 500]);
  const long = Array.from({ length: 500 }, (_, i) => `${i}`.padEnd(250, '\u0001'));
  for (const name of long) client.room(name).join().catch(() => {});
  await settle();
  assert.ok(JSON.stringify(server.last.sent[0]).length < 98_240);
});

test('rooms are joined again on the next connection, in one message', async (t) => {
  const { client, server } = await startConnected(t);
  const [a, b, c] = ['a', 'b', 'c'].map((name) => client.room(name));
  const joins = [a.join(), b.join(), c.join()];
  await settle();
  await server.last.joinAll();
  await Promise.all(joins);
  const left = b.leave();
  await server.last.end();
  assert.equal(await outcome(left), undefined, 'who is not connected is in no room');
  assert.deepEqual([a.state, b.state, c.state], ['joining', 'out', 'joining']);
  const again = a.join();
  await tick(1000);
  await server.last.admit();
  assert.deepEqual(server.last.sent.map(({ event, data }) => [event, data.rooms]), [['join', ['a', 'c']]]);
  await server.last.joinAll();
  await again;
  assert.deepEqual([a.state, b.state, c.state], ['joined', 'out', 'joined']);
});

test('a join that got no reply is made again on the next connection', async (t) => {
  const { client, server } = await startConnected(t);
  const joined = client.room('lobby').join();
  await settle();
  await server.last.end();
  assert.equal(await outcome(joined), 'pending');
  await tick(1000);
  await server.last.admit();
  await server.last.joinAll();
  await joined;
});

test('a join whose reply came together with the end is made again', async (t) => {
  const { client, server } = await startConnected(t);
  client.room('lobby').join().catch(() => {});
  await settle();
  const [{ id }] = server.last.take();
  const { last } = server;
  last.onmessage({ data: JSON.stringify({ event: 'ack', data: { ok: true, rooms: { lobby: 'joined' } }, id }) });
  await last.end();
  await tick(1000);
  await server.last.admit();
  assert.equal(client.room('lobby').state, 'joining');
  await server.last.joinAll();
  assert.equal(client.room('lobby').state, 'joined');
});

test('a join without a connection waits for one', async (t) => {
  const { client, server } = await startConnected(t);
  await server.last.end();
  const joined = client.room('lobby').join();
  assert.equal(await outcome(joined), 'pending');
  await tick(1000);
  await server.last.admit();
  await server.last.joinAll();
  await joined;
});

test('a room that was joined, and is refused later, is told as an error', async (t) => {
  const { client, server } = await startConnected(t);
  const told = [];
  client.on('error', (error) => told.push(error));
  const joins = ['a', 'b'].map((name) => client.room(name).join());
  await settle();
  await server.last.joinAll();
  await Promise.all(joins);
  await server.last.end();
  await tick(1000);
  await server.last.admit();
  told.length = 0;
  let [{ id }] = server.last.take();
  await server.last.receive('ack', { ok: false, rooms: { a: 'not allowed', b: 'unavailable' } }, id);
  assert.deepEqual(told.map(({ code, message, room }) => [code, message, room]), [['refused', 'not allowed', 'a']]);
  assert.deepEqual(['a', 'b'].map((name) => client.room(name).state), ['out', 'joining']);
  for (const delay of [3000, 4000, 6000]) {
    await tick(delay - 1);
    assert.deepEqual(server.last.take(), []);
    await tick(1);
    [{ id }] = server.last.take();
    await server.last.receive('ack', { ok: false, rooms: { b: 'unavailable' } }, id);
  }
  await tick(10_000);
  await server.last.joinAll();
  assert.equal(client.room('b').state, 'joined');
});

test('leave() ends a join that waits, and is heard by the server behind it', async (t) => {
  const { client, server } = await startConnected(t);
  const room = client.room('lobby');
  const joined = room.join();
  await settle();
  const left = room.leave();
  const again = room.join();
  assert.equal(await outcome(joined), 'left: the room was left');
  const [first, leave] = server.last.take();
  assert.deepEqual([first.event, leave.event, leave.data.rooms], ['join', 'leave', ['lobby']]);
  await server.last.receive('ack', { ok: true, rooms: { lobby: 'joined' } }, first.id);
  assert.equal(room.state, 'joining', 'that was the reply to the join before');
  await server.last.receive('ack', { ok: true, rooms: { lobby: 'left' } }, leave.id);
  await left;
  await server.last.joinAll();
  await again;
});

test('a leave that the server rejects says so', async (t) => {
  const { client, server } = await startConnected(t);
  const left = held(client.room('lobby').leave());
  await settle();
  await server.last.receive('error', { message: 'Rate limit exceeded' }, server.last.take()[0].id);
  assert.equal(await outcome(left), 'refused: Rate limit exceeded');
});

test('a signal ends the wait, and the join that nobody waits for', async (t) => {
  const { client, server } = await startConnected(t);
  const controller = new AbortController();
  const room = client.room('lobby');
  const joined = room.join({ signal: controller.signal });
  await settle();
  controller.abort(new Error('enough'));
  assert.equal(await outcome(joined), 'Error: enough');
  assert.equal(room.state, 'out');
  const [{ id }, { event }] = server.last.take();
  assert.equal(event, 'leave');
  await server.last.receive('ack', { ok: true, rooms: { lobby: 'joined' } }, id);
  await assert.rejects(room.join({ signal: AbortSignal.abort(new Error('before')) }), /before/);

  const kept = room.join();
  await settle();
  await server.last.joinAll();
  await kept;
  await server.last.end();
  const second = new AbortController();
  const waiting = room.join({ signal: second.signal });
  second.abort(new Error('enough'));
  await assert.rejects(waiting, /enough/);
  assert.equal(room.state, 'joining', 'it was joined before, and is joined again');
});

test('a closed client joins nothing', async (t) => {
  const { client } = await startConnected(t);
  const joined = client.room('lobby').join();
  client.close();
  await assert.rejects(joined, { code: 'closed' });
  await assert.rejects(client.room('lobby').join(), { code: 'closed' });
  assert.equal(client.room('lobby').state, 'out');
});

test('a server that does not reply is believed', async (t) => {
  const { client, server } = await startConnected(t, { acknowledges: false });
  const room = client.room('lobby');
  await room.join();
  assert.equal(room.state, 'joined');
  await room.leave();
  assert.deepEqual(server.last.take().map(({ event }) => event), ['join', 'leave']);
  await room.join();
  await server.last.end();
  await tick(1000);
  await server.last.admit({ acknowledges: false });
  assert.deepEqual(server.last.take().map(({ data }) => data.rooms), [['lobby']]);
  assert.equal(room.state, 'joined');
});
