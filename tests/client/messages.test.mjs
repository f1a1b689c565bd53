// What a client receives, at a server without a network: listeners, iterators, signals.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settle, startConnected, tick } from './support/fake_server.mjs';

async function join(client, server, ...names) {
  const joins = names.map((name) => client.room(name).join());
  await settle();
  await server.last.joinAll();
  await Promise.all(joins);
}

test('D15 listeners get the data of their event, in order', async (t) => {
  const { client, server } = await startConnected(t);
  const heard = [];
  client.messages.on('chat', (data, meta) => heard.push([data, meta]));
  client.messages.on('news', (data) => heard.push(data));
  await server.last.receive('chat', { n: 1 });
  await server.last.receive('other', { n: 2 });
  await server.last.receive('news');
  await server.last.receive('chat', null);
  assert.deepEqual(heard, [[{ n: 1 }, { event: 'chat' }], undefined, [null, { event: 'chat' }]]);
});

test('a listener ends by what on() returns, or by its signal', async (t) => {
  const { client, server } = await startConnected(t);
  const heard = [];
  const controller = new AbortController();
  const off = client.messages.on('chat', (n) => heard.push(['off', n]));
  client.messages.on('chat', (n) => heard.push(['signal', n]), { signal: controller.signal });
  client.messages.on('chat', (n) => heard.push(['never', n]), { signal: AbortSignal.abort() });
  await server.last.receive('chat', 1);
  off();
  off();
  await server.last.receive('chat', 2);
  controller.abort();
  await server.last.receive('chat', 3);
  assert.deepEqual(heard, [['off', 1], ['signal', 1], ['signal', 2]]);
});

test('a room\'s listeners are called while the client is in it', async (t) => {
  const { client, server } = await startConnected(t);
  const room = client.room('lobby');
  const heard = [];
  room.on('chat', (n) => heard.push(n));
  await server.last.receive('chat', 1);
  const joined = room.join();
  await server.last.receive('chat', 2);
  await server.last.joinAll();
  await joined;
  await server.last.receive('chat', 3);
  room.leave().catch(() => {});
  await server.last.receive('chat', 4);
  assert.deepEqual(heard, [2, 3]);
});

test('one function hears a message once, in how many rooms it may listen', async (t) => {
  const { client, server } = await startConnected(t);
  const heard = [];
  const listener = (n) => heard.push(n);
  for (const messages of [client.room('a'), client.room('b'), client.messages]) messages.on('chat', listener);
  await join(client, server, 'a', 'b');
  await server.last.receive('chat', 1);
  await server.last.receive('chat', 2);
  assert.deepEqual(heard, [1, 2]);
});

test('a listener that throws does not keep the others from hearing', async (t) => {
  const { client, server } = await startConnected(t);
  const thrown = [];
  t.mock.method(globalThis, 'queueMicrotask', (action) => {
    try { action(); } catch (error) { thrown.push(error.message); }
  });
  const heard = [];
  client.messages.on('chat', () => { throw new Error('of the listener'); });
  client.messages.on('chat', (n) => heard.push(n));
  await server.last.receive('chat', 1);
  assert.deepEqual([heard, thrown, client.state], [[1], ['of the listener'], 'connected']);
});

test('an iterator has all from its beginning on, and ends with the client', async (t) => {
  const { client, server } = await startConnected(t);
  await server.last.receive('chat', 0);
  const [chat, all] = [client.messages.iterate('chat'), client.messages[Symbol.asyncIterator]()];
  const next = chat.next();
  await server.last.receive('chat', 1);
  await server.last.receive('news', 2);
  await server.last.receive('chat', 3);
  client.close();
  assert.deepEqual(await next, { value: { event: 'chat', data: 1 }, done: false });
  const heard = [];
  for await (const { data } of chat) heard.push(data);
  assert.deepEqual(heard, [3]);
  for await (const { event, data } of all) heard.push(`${event} ${data}`);
  assert.deepEqual(heard, [3, 'chat 1', 'news 2', 'chat 3']);
  for await (const message of client.messages) assert.fail(`${message} behind the end`);
  for await (const change of client.events('state')) assert.fail(`${change} behind the end`);
});

test('who waits when the client ends is told', async (t) => {
  const { client } = await startConnected(t);
  const waiting = client.messages.iterate().next();
  client.close();
  assert.deepEqual(await waiting, { value: undefined, done: true });
});

test('an iterator ends by break, and by its signal', async (t) => {
  const { client, server } = await startConnected(t);
  const room = client.room('lobby');
  await join(client, server, 'lobby');
  const iterator = room.iterate('chat');
  await server.last.receive('chat', 1);
  await server.last.receive('chat', 2);
  for await (const { data } of iterator) {
    assert.equal(data, 1);
    break;
  }
  assert.deepEqual(await iterator.next(), { value: undefined, done: true });

  const controller = new AbortController();
  const aborted = room.iterate('chat', { signal: controller.signal });
  await server.last.receive('chat', 3);
  controller.abort(new Error('enough'));
  assert.equal((await aborted.next()).value.data, 3);
  await assert.rejects(aborted.next(), /enough/);
  assert.deepEqual(await aborted.next(), { value: undefined, done: true });
  const never = room.iterate('chat', { signal: AbortSignal.abort(new Error('before')) });
  await assert.rejects(never.next(), /before/);
  assert.deepEqual([...room.listeners.of('chat')], [], 'nothing is left behind');
});

test('an iterator that is not read fails, rather than grow', async (t) => {
  const { client, server } = await startConnected(t);
  const iterator = client.messages.iterate('chat', { limit: 2 });
  for (const n of [1, 2, 3, 4]) await server.last.receive('chat', n);
  assert.equal((await iterator.next()).value.data, 1);
  assert.equal((await iterator.next()).value.data, 2);
  await assert.rejects(iterator.next(), { code: 'overflow' });
});

test('the state by iteration', async (t) => {
  const { client, server } = await startConnected(t);
  const changes = client.events('state');
  await server.last.end();
  await tick(1000);
  await server.last.admit();
  client.close();
  const states = [];
  for await (const { state } of changes) states.push(state);
  assert.deepEqual(states, ['waiting', 'connecting', 'connected', 'closed']);
});

test('many iterators are no leak that Node.js warns of', async (t) => {
  const { client } = await startConnected(t);
  const warnings = [];
  const warn = ({ message }) => warnings.push(message);
  process.on('warning', warn);
  t.after(() => process.off('warning', warn));
  for (let i = 0; i < 50; i++) client.messages.iterate(`event-${i}`);
  await settle();
  assert.deepEqual(warnings, []);
});
