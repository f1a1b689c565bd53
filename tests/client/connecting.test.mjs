// From one state to the next, at a server without a network.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connect } from '../../clients/js/dist/esm/index.js';
import { now, settle, start, startConnected, tick } from './support/fake_server.mjs';

test('authenticates first, and is connected by the reply', async (t) => {
  const { client, server, states } = await start(t, { data: { device: 'phone' } });
  assert.equal(server.last.url, 'ws://server/ws');
  assert.deepEqual(server.last.sent, []);
  await server.last.open();
  assert.deepEqual(server.last.take(),
    [{ event: 'authenticate', data: { device: 'phone', token: 'alice' }, ext: { positions: 1 }, id: 'authenticate' }]);
  assert.equal(client.state, 'connecting');
  await server.last.receive('connected', { id: 'c', userId: 'u', time: now() }, 'authenticate');
  assert.deepEqual([client.state, client.id, client.userId], ['connected', 'c', 'u']);
  assert.deepEqual(states, ['connecting', 'connected']);
});

test('without a WebSocket the error names one', (t) => {
  const { WebSocket } = globalThis;
  delete globalThis.WebSocket;
  t.after(() => { if (WebSocket) globalThis.WebSocket = WebSocket; });
  assert.throws(() => connect('ws://server/ws'), { code: 'unsupported', message: /npm's ws: connect\(url, { WebSocket }\)/ });
});

test('a connection that cannot be made is tried again, after ever longer delays', async (t) => {
  const { client, server, states, errors } = await start(t);
  const delays = [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000];
  for (const [i, delay] of delays.entries()) {
    await server.last.end();
    assert.equal(states.at(-1), `waiting ${delay}`);
    await tick(delay - 1);
    assert.equal(server.sockets.length, i + 1, 'too early');
    await tick(1);
    assert.equal(server.sockets.length, i + 2);
  }
  assert.equal(client.state, 'connecting');
  assert.deepEqual(errors, delays.map(() => 'connection: the connection ended: 1006'));
});

test('the delay is any from nothing to the longest', async (t) => {
  const { server, states } = await start(t);
  Math.random = () => 0.25;
  await server.last.end();
  assert.equal(states.at(-1), 'waiting 250');
});

test('delays are short again after a connection that lasted, not after one that did not', async (t) => {
  const { server, states } = await start(t);
  await server.last.end();
  await tick(1000);
  await server.last.admit();
  await tick(9_999);
  await server.last.end();
  assert.equal(states.at(-1), 'waiting 2000');
  await tick(2000);
  await server.last.admit();
  await tick(10_000);
  await server.last.end();
  assert.equal(states.at(-1), 'waiting 1000');
});

test('a server that does not answer in time is left', async (t) => {
  const { server, states, errors } = await start(t);
  await server.last.open();
  await tick(14_999);
  assert.equal(server.last.closed, false);
  await tick(1);
  assert.equal(server.last.closed, true);
  assert.equal(states.at(-1), 'waiting 1000');
  assert.deepEqual(errors, ['timeout: no connection in 15000 ms']);
});

test('a device that is online again does not wait', async (t) => {
  const target = new EventTarget();
  for (const name of ['addEventListener', 'removeEventListener']) {
    globalThis[name] = target[name].bind(target);
    t.after(() => { delete globalThis[name]; });
  }
  const { server, states } = await start(t);
  await server.last.end();
  assert.equal(states.at(-1), 'waiting 1000');
  target.dispatchEvent(new Event('online'));
  await settle();
  assert.equal(server.sockets.length, 2);
  await tick(1000);
  assert.equal(server.sockets.length, 2, 'the delay is over with it');
});

for (const code of [1000, 1001, 1006, 1008, 1009, 1011, 4000, 4001, 4002, 4008, 4999]) {
  test(`${code}: connects again`, async (t) => {
    const { server, states } = await startConnected(t);
    await server.last.end(code);
    assert.equal(states.at(-1), 'waiting 1000');
    await tick(1000);
    assert.equal(server.sockets.length, 2);
  });
}

for (const code of [1002, 1007, 4009, 4011]) {
  test(`${code}: connects again, without hurry`, async (t) => {
    const { server, states } = await startConnected(t);
    await server.last.end(code);
    assert.equal(states.at(-1), 'waiting 30000');
  });
}

for (const code of [4004, 4010]) {
  test(`${code}: is closed, since the next connection would end like this one`, async (t) => {
    const { client, server, states } = await startConnected(t);
    const changes = [];
    client.on('state', (change) => changes.push(change));
    await server.last.end(code, 'the reason');
    assert.deepEqual(states, ['connecting', 'connected', 'closed']);
    assert.equal(changes[0].error.closeCode, code);
    assert.equal(changes[0].error.message, `the connection ended: ${code} the reason`);
    await tick(100_000);
    assert.equal(server.sockets.length, 1);
    await assert.rejects(client.ready(), { code: 'connection' });
  });
}

test('X7 a server that will close is stayed with until then, and left for another at once', async (t) => {
  const { client, server, states } = await startConnected(t, { heartbeatMs: 1_000_000 });
  const heard = [];
  client.messages.on('chat', (data) => heard.push(data));
  await server.last.receive('disconnect', { reconnectAfterMs: 60_000 });
  await tick(59_000);
  assert.equal(client.state, 'connected');
  await server.last.receive('chat', 'late');
  assert.deepEqual(heard, ['late']);
  await server.last.end(1001, 'Server shutting down');
  assert.equal(states.at(-1), 'waiting 0');
  await tick(0);
  assert.equal(server.sockets.length, 2);
  await server.last.end();
  assert.equal(states.at(-1), 'waiting 1000');
});

test('X7 failures before a server that said that it would close do not count', async (t) => {
  const { server, states } = await start(t);
  for (const delay of [1000, 2000]) {
    await server.last.end();
    await tick(delay);
  }
  await server.last.admit();
  await server.last.receive('disconnect', { reconnectAfterMs: 1000 });
  await server.last.end(1001);
  await tick(0);
  await server.last.end();
  assert.equal(states.at(-1), 'waiting 1000');
});

test('X7 one that does not close when it said is left', async (t) => {
  const { client, server, states } = await startConnected(t, { heartbeatMs: 1_000_000 });
  await server.last.receive('disconnect', { reconnectAfterMs: 60_000 });
  await tick(64_999);
  assert.equal(client.state, 'connected');
  await tick(1);
  assert.equal(server.last.closed, true);
  assert.equal(states.at(-1), 'waiting 0');
});

test('close() ends it for good', async (t) => {
  const { client, server, states } = await startConnected(t);
  const [socket] = server.sockets;
  client.close();
  client.close();
  await settle();
  assert.deepEqual([socket.closed, socket.closeCode], [true, 1000]);
  assert.deepEqual(states, ['connecting', 'connected', 'closed']);
  await tick(100_000);
  assert.equal(server.sockets.length, 1);
});

test('close() while it connects, waits, or gets a token', async (t) => {
  const connecting = await start(t);
  connecting.client.close();
  await settle();
  assert.equal(connecting.server.last.closed, true);
  await connecting.end();

  const waiting = await start(t);
  await waiting.server.last.end();
  waiting.client.close();
  await tick(100_000);
  assert.equal(waiting.server.sockets.length, 1);
  assert.equal(waiting.states.at(-1), 'closed');
  await waiting.end();

  let give;
  const asking = await start(t, { token: () => new Promise((resolve) => { give = resolve; }) });
  asking.client.close();
  give('late');
  await settle();
  assert.equal(asking.server.sockets.length, 0);
  assert.deepEqual(asking.states, ['connecting', 'closed']);
});

test('an AbortSignal closes it', async (t) => {
  const controller = new AbortController();
  const { client, server, end } = await startConnected(t, { signal: controller.signal });
  controller.abort();
  await settle();
  assert.equal(client.state, 'closed');
  assert.equal(server.last.closed, true);
  await end();
  const { client: never, server: other } = await start(t, { signal: AbortSignal.abort() });
  assert.equal(never.state, 'closed');
  assert.equal(other.sockets.length, 0);
});

test('who closes it on hearing of the connection: all hear the same, in order', async (t) => {
  const { client, server, states } = await start(t);
  const [before, after] = [[], []];
  const changes = client.events('state');
  client.on('state', ({ state }) => before.push(state));
  client.on('state', ({ state }) => { if (state === 'connected') client.close(); });
  client.on('state', ({ state }) => after.push(state));
  await server.last.admit();
  const iterated = [];
  for await (const { state } of changes) iterated.push(state);
  assert.deepEqual(states, ['connecting', 'connected', 'closed']);
  for (const heard of [before, after, iterated]) assert.deepEqual(heard, ['connected', 'closed']);
});

test('the state is right at once when a message is lost', async (t) => {
  const { client, server } = await startConnected(t);
  let state;
  client.room('lobby').publish('chat').catch(() => { state = client.state; });
  await settle();
  await server.last.end();
  assert.equal(state, 'waiting');
});

test('ready() waits for the connection', async (t) => {
  const { client, server } = await start(t);
  const ready = client.ready();
  await server.last.end();
  await tick(1000);
  await server.last.admit();
  await ready;
  await client.ready();
  client.close();
  await assert.rejects(client.ready(), { code: 'closed' });
});

test('ready() ends with its signal, or the client', async (t) => {
  const { client } = await start(t);
  const controller = new AbortController();
  const [aborted, closed] = [client.ready({ signal: controller.signal }), client.ready()];
  controller.abort(new Error('enough'));
  await assert.rejects(aborted, /enough/);
  client.close();
  await assert.rejects(closed, { code: 'closed' });
});

test('M13 asks whether the connection lives, and leaves a dead one', async (t) => {
  const { server, states, errors } = await startConnected(t);
  const probe = { event: 'leave', data: { rooms: [] }, id: 'heartbeat' };
  await tick(24_999);
  assert.deepEqual(server.last.take(), []);
  await tick(1);
  assert.deepEqual(server.last.take(), [probe]);
  await server.last.receive('ack', { ok: true, rooms: {} }, 'heartbeat');
  await tick(25_000);
  assert.deepEqual(server.last.take(), [probe]);
  await server.last.receive('chat', 'anything will do');
  await tick(25_000);
  assert.deepEqual(server.last.take(), [probe]);
  assert.equal(states.at(-1), 'connected');
  const dead = server.last;
  await tick(25_000);
  assert.equal(dead.closed, true);
  assert.deepEqual(errors, ['timeout: nothing comes any more']);
  assert.match(states.at(-1), /^waiting/);
  assert.equal(dead.onmessage, null, 'what a dead connection still brings is not heard');
});

test('a server that does not reply gets heartbeats', async (t) => {
  const { server, states } = await startConnected(t, { acknowledges: false });
  for (let i = 0; i < 10; i++) await tick(25_000);
  assert.deepEqual(server.last.take(), Array(10).fill({ event: 'heartbeat' }));
  assert.equal(states.at(-1), 'connected');
});

test('what is no message is ignored', async (t) => {
  const { client, server } = await startConnected(t);
  for (const text of ['', 'no JSON', 'null', '[]', '{}', '{"event":1}', '{"event":"dropped"}', '{"event":"disconnect"}', '{"event":"error"}']) {
    await server.last.receiveText(text);
  }
  assert.equal(client.state, 'connected');
});

test('X2 X3 what the server says that it lost is told', async (t) => {
  const { client, server } = await startConnected(t);
  const dropped = [];
  client.on('dropped', (what) => dropped.push(what));
  await server.last.receive('dropped', { count: 3 });
  await server.last.receive('dropped', { count: null });
  assert.deepEqual(dropped, [{ count: 3 }, { count: null }]);
});

test('errors that the server reports are told', async (t) => {
  const { server, errors, states } = await startConnected(t);
  await server.last.receive('error', { message: 'Rate limit exceeded' });
  assert.deepEqual(errors, ['server: Rate limit exceeded']);
  assert.equal(states.at(-1), 'connected');
});

test('a URL that is none ends it', async (t) => {
  class Picky {
    constructor(url) { throw new SyntaxError(`bad url ${url}`); }
  }
  const { client, states } = await start(t, { WebSocket: Picky });
  assert.deepEqual(states, ['connecting', 'closed']);
  await assert.rejects(client.ready(), { code: 'unsupported', message: 'bad url ws://server/ws' });
});
