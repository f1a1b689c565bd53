// The package at `wscast serve`: tokens, rooms, publishes, iterators.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { runProgram, startServer } from '../web/support/server.mjs';
import { Backend, reply, secret as webhookSecret } from '../web/support/webhook.mjs';
import { join, open, reached, within } from './support/clients.mjs';
import { fileOf } from './support/files.mjs';

const serve = (t, ...flags) => startServer(t, 'wscast', 'serve', ...flags);
const serveDev = (t, ...flags) => serve(t, '--dev', ...flags);

test('X1 two clients in a room', async (t) => {
  const server = await serveDev(t);
  const alice = await join(t, server.url, { token: 'alice' }, 'lobby');
  const bob = await join(t, server.url, { token: () => 'bob' }, 'lobby');
  assert.deepEqual([alice.userId, bob.userId], ['alice', 'bob']);
  const heard = alice.room('lobby').iterate('chat');
  assert.deepEqual(await bob.room('lobby').publish('chat', { text: 'hi' }), { ok: true, delivered: 1, backplane: 'none' });
  assert.deepEqual((await heard.next()).value, { event: 'chat', data: { text: 'hi' } });
  await alice.room('lobby').publish('chat', 'to myself too', { echo: true });
  assert.deepEqual((await heard.next()).value.data, 'to myself too');
});

test('X1 what the server rejects', async (t) => {
  const server = await serveDev(t);
  const alice = await join(t, server.url);
  await assert.rejects(alice.room('elsewhere').publish('chat'), { code: 'refused', message: 'not a member' });
  await assert.rejects(alice.room('ws-default').publish('connected'), { code: 'refused', message: 'reserved event' });
  await assert.rejects(alice.room('ws:x').join(), { code: 'refused', message: 'invalid name', room: 'ws:x' });
  await assert.rejects(alice.room('').join(), { code: 'refused', message: 'invalid name' });
});

test('M8 who left hears no more', async (t) => {
  const server = await serveDev(t);
  const [alice, bob] = [await join(t, server.url, {}, 'lobby'), await join(t, server.url, {}, 'lobby')];
  const lobby = bob.room('lobby');
  assert.equal((await lobby.publish('chat')).delivered, 1);
  await alice.room('lobby').leave();
  assert.equal((await lobby.publish('chat')).delivered, 0);
  await alice.room('lobby').join();
  assert.equal((await lobby.publish('chat')).delivered, 1);
});

test('a thousand rooms', async (t) => {
  const server = await serveDev(t, '--join-rate', '100000');
  const rooms = Array.from({ length: 990 }, (_, i) => `room-${i}`);
  const alice = await join(t, server.url, {}, ...rooms);
  const bob = await join(t, server.url, {}, 'room-989');
  assert.equal((await bob.room('room-989').publish('chat')).delivered, 1);
  const refused = await Promise.allSettled(Array.from({ length: 20 }, (_, i) => alice.room(`more-${i}`).join()));
  assert.deepEqual(new Set(refused.filter(({ status }) => status === 'rejected').map(({ reason }) => reason.message)),
    new Set(['too many rooms']));
});

test('O4 a wrong token ends the client', async (t) => {
  const server = await serve(t, '--tokens', fileOf(t, '{"right":{"userId":"alice","rooms":["lobby"]}}'));
  const right = await join(t, server.url, { token: 'right' }, 'lobby');
  await assert.rejects(right.room('kitchen').join(), { code: 'refused', message: 'not allowed' });
  const wrong = open(t, server.url, { token: 'wrong' });
  await assert.rejects(wrong.ready(), { code: 'authentication', message: 'Authentication failed', closeCode: 4003 });
  const given = ['wrong', 'right'];
  const corrected = open(t, server.url, { token: () => given.shift() });
  await within(corrected.ready(), 'the second token was not tried');
});

test('X4 a JSON Web Token is renewed before it expires', async (t) => {
  const secret = fileOf(t, randomBytes(48).toString('base64'));
  const server = await serve(t, '--jwt-secret-file', secret, '--expiry-grace', '0s');
  let [made, asked] = [0, () => {}];
  const third = new Promise((resolve) => { asked = resolve; });
  const token = async () => {
    if (++made === 4) asked();
    const { stdout } = await runProgram('wscast', 'token', '--secret-file', secret, '--user', 'alice', '--expires-in', '2s');
    return stdout.trim();
  };
  const alice = await join(t, server.url, { token });
  const [id, states] = [alice.id, []];
  alice.on('state', ({ state }) => states.push(state));
  await within(third, 'tokens were not renewed');
  await alice.room('ws-default').publish('chat');
  assert.deepEqual([alice.id, states], [id, []]);
});

test('X4 a token of any kind is renewed when the server says that it expired', async (t) => {
  const accepted = [];
  let renewed;
  const twice = new Promise((resolve) => { renewed = resolve; });
  const backend = await Backend.start(t, { answer: (_, response, body) => {
    const { token } = JSON.parse(body).data;
    reply(response, 200, { userId: 'alice', expiresIn: 1 });
    if (accepted.push(token) === 3) renewed();
  } });
  const server = await serve(t, '--auth-webhook-url', backend.url, '--auth-webhook-secret-file', fileOf(t, webhookSecret));
  let made = 0;
  const alice = await join(t, server.url, { token: () => `token-${++made}` });
  const states = [];
  alice.on('state', ({ state }) => states.push(state));
  await within(twice, 'tokens were not renewed');
  await alice.room('ws-default').publish('chat');
  assert.deepEqual([accepted.slice(0, 3), states], [['token-1', 'token-2', 'token-3'], []]);
});

test('O5 a backend that fails is no reason to end', async (t) => {
  let good = false;
  const backend = await Backend.start(t, { answer: (_, response) => {
    if (good) reply(response, 200, { userId: 'alice' });
    else reply(response, 500);
    good = true;
  } });
  const server = await serve(t, '--auth-webhook-url', backend.url, '--auth-webhook-secret-file', fileOf(t, webhookSecret));
  await join(t, server.url);
  assert.ok(good);
});

test('X6 one client too many waits until there is room', async (t) => {
  const server = await serveDev(t, '--max-clients-per-user', '1');
  const first = await join(t, server.url);
  const second = open(t, server.url);
  const { error } = await reached(second, 'waiting');
  assert.equal(error.closeCode, 4011);
  first.close();
  await within(second.ready(), 'there was room');
});

test('O3 a client that only listens stays connected', async (t) => {
  const server = await serveDev(t, '--heartbeat-timeout', '2s', '--heartbeat-interval', '100ms');
  const alice = await join(t, server.url, { heartbeatMs: 100 }, 'lobby');
  const quiet = await join(t, server.url, { heartbeatMs: 1_000_000 });
  const { error } = await reached(quiet, 'waiting');
  assert.equal(error.closeCode, 4002);
  assert.equal(alice.state, 'connected');
});

test('iterators, signals, and the end', async (t) => {
  const server = await serveDev(t);
  const controller = new AbortController();
  const alice = await join(t, server.url, { signal: controller.signal }, 'lobby');
  const bob = await join(t, server.url, {}, 'lobby');
  const states = alice.events('state');
  const heard = (async () => {
    const all = [];
    for await (const { event, data } of alice.room('lobby')) {
      all.push(`${event} ${data}`);
      if (data === 99) controller.abort();
    }
    return all;
  })();
  for (let n = 0; n < 100; n++) await bob.room('lobby').publish(n % 2 ? 'odd' : 'even', n);
  assert.deepEqual(await heard, Array.from({ length: 100 }, (_, n) => `${n % 2 ? 'odd' : 'even'} ${n}`));
  assert.equal((await states.next()).value.state, 'closed');
  assert.deepEqual(await states.next(), { value: undefined, done: true });
});

test('what was sent before close() arrives', async (t) => {
  const server = await serveDev(t);
  const bob = await join(t, server.url, {}, 'lobby');
  const heard = bob.room('lobby').iterate('chat');
  const alice = await join(t, server.url, {}, 'lobby');
  alice.room('lobby').publish('chat', 'last words').catch(() => {});
  alice.close();
  assert.equal((await heard.next()).value.data, 'last words');
});
