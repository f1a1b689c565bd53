// Tokens, at a server without a network: asked for, rejected, renewed.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WscastError } from '../../clients/js/dist/esm/index.js';
import { now, settle, start, startConnected, tick } from './support/fake_server.mjs';

const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

// A JSON Web Token, as far as the client reads it.
const jwt = (claims) => `${part({ alg: 'HS256' })}.${part(claims)}.c2lnbmF0dXJl`;

const inSeconds = (seconds) => Math.floor(Date.now() / 1000) + seconds;

// The tokens that were sent.
const tokensOf = (server) => server.sockets.flatMap(({ sent }) => sent)
  .filter(({ event }) => event === 'authenticate').map(({ data }) => data.token);

async function reject(server, words = 'Authentication failed', code = 4003) {
  await server.last.receive('error', { message: words }, 'authenticate');
  await server.last.end(code, words === 'Authentication error' ? 'Authentication failed' : words);
}

test('a function gives a token for each connection', async (t) => {
  let count = 0;
  const { server } = await start(t, { token: async () => `token-${++count}` });
  await server.last.admit();
  await server.last.end();
  await tick(1000);
  await server.last.open();
  assert.deepEqual(server.last.take()[0].data, { token: 'token-2' });
});

test('without a token none is sent', async (t) => {
  const { server } = await start(t, { token: undefined });
  await server.last.open();
  assert.deepEqual(server.last.take()[0].data, {});
});

test('O4 a token that is rejected ends the client', async (t) => {
  const { client, server, states } = await start(t);
  await server.last.open();
  await reject(server);
  assert.deepEqual(states, ['connecting', 'closed']);
  await assert.rejects(client.ready(), { code: 'authentication', message: 'Authentication failed', closeCode: 4003 });
  await tick(100_000);
  assert.equal(server.sockets.length, 1);
});

test('O4 a rejected token is not sent again; another one is', async (t) => {
  const given = ['old', 'new', 'new'];
  const { server, states } = await start(t, { token: () => given.shift() });
  await server.last.open();
  await reject(server);
  assert.equal(states.at(-1), 'waiting 1000');
  await tick(1000);
  await server.last.open();
  await reject(server);
  await tick(2000);
  assert.equal(states.at(-1), 'closed');
  assert.deepEqual(tokensOf(server), ['old', 'new']);
});

test('O5 a server that cannot ask its backend may be asked again', async (t) => {
  const { server, states } = await start(t);
  await server.last.open();
  await reject(server, 'Authentication error');
  assert.equal(states.at(-1), 'waiting 1000');
  await tick(1000);
  await server.last.open();
  assert.deepEqual(tokensOf(server), ['alice', 'alice']);
});

test('X9 a user that is revoked later has another token, or is closed', async (t) => {
  const { client, server } = await startConnected(t);
  await server.last.receive('error', { message: 'User revoked' });
  await server.last.end(4003, 'User revoked');
  assert.equal(client.state, 'closed');
  await assert.rejects(client.ready(), { code: 'authentication', message: 'User revoked' });
});

test('a token that cannot be had is asked for again; one that takes too long, too', async (t) => {
  const given = [() => { throw new Error('no network'); }, () => new Promise(() => {}), () => 'alice'];
  const { server, states, errors } = await start(t, { token: () => given.shift()() });
  assert.deepEqual(errors, ['connection: no network']);
  assert.equal(states.at(-1), 'waiting 1000');
  await tick(1000);
  await tick(15_000);
  assert.equal(errors.at(-1), 'timeout: no token in 15000 ms');
  await tick(2000);
  await server.last.admit();
  assert.equal(states.at(-1), 'connected');
});

test('a function that gives up ends the client', async (t) => {
  const { client, states } = await start(t, { token: () => { throw new WscastError('authentication', 'logged out'); } });
  assert.deepEqual(states, ['connecting', 'closed']);
  await assert.rejects(client.ready(), { code: 'authentication', message: 'logged out' });
});

test('X4 a token is renewed before it expires, by the server\'s clock', async (t) => {
  let lasts = 3600;
  const { client, server, states } = await start(t, { token: () => jwt({ exp: inSeconds(lasts) }) });
  // The server's clock is 10 minutes ahead: 50 minutes are left.
  await server.last.admit({ time: new Date(Date.now() + 600_000).toISOString() });
  lasts = 7200;
  await tick(0);
  while (Date.now() < 2_950_000) {
    await tick(20_000);
    await server.last.receive('chat');
  }
  const before = server.last.take().filter(({ event }) => event === 'authenticate');
  assert.deepEqual(before, []);
  await tick(20_000);
  const [renewal] = server.last.take().filter(({ event }) => event === 'authenticate');
  assert.equal(renewal.id, 'renew');
  assert.ok(JSON.parse(atob(renewal.data.token.split('.')[1])).exp > 3600);
  await server.last.receive('connected', { id: 'client-1', time: now() }, 'renew');
  assert.deepEqual(states, ['connecting', 'connected'], 'nothing was noticed');
  assert.equal(client.id, 'client-1');
});

test('X4 a token that says nothing is renewed when the server says that it expired', async (t) => {
  let count = 0;
  const { server, states } = await start(t, { data: { device: 1 }, token: () => `token-${++count}` });
  await server.last.admit();
  await server.last.receive('error', { message: 'Token expired' });
  await server.last.receive('error', { message: 'Token expired' });
  assert.deepEqual(server.last.take(),
    [{ event: 'authenticate', data: { device: 1, token: 'token-2' }, id: 'renew' }]);
  await server.last.receive('connected', { id: 'client-1', time: now() }, 'renew');
  assert.deepEqual(states, ['connecting', 'connected']);
});

test('X4 a renewal that fails is tried again', async (t) => {
  const given = [() => 'old', () => { throw new Error('no network'); }, () => 'old', () => 'new'];
  const { server, errors } = await start(t, { token: () => given.shift()() });
  await server.last.admit();
  await server.last.receive('error', { message: 'Token expired' });
  assert.deepEqual(errors, ['server: Token expired', 'connection: no network']);
  await tick(5000);
  assert.deepEqual(server.last.take(), [], 'the old one would be rejected');
  await tick(5000);
  assert.deepEqual(server.last.take().map(({ data }) => data.token), ['new']);
});

test('X4 O11 a renewal over the rate comes again', async (t) => {
  let count = 0;
  const { server } = await start(t, { token: () => `token-${++count}` });
  await server.last.admit();
  await server.last.receive('error', { message: 'Token expired' });
  server.last.take();
  await server.last.receive('error', { message: 'Rate limit exceeded' }, 'renew');
  await tick(5000);
  assert.deepEqual(server.last.take().map(({ data }) => data.token), ['token-3']);
});

test('X4 a renewed token that is rejected is not sent again', async (t) => {
  const given = ['old', 'bad', 'bad'];
  const { client, server } = await start(t, { token: () => given.shift() });
  await server.last.admit();
  await server.last.receive('error', { message: 'Token expired' });
  await server.last.receive('error', { message: 'Authentication failed' }, 'renew');
  await server.last.end(4003, 'Authentication failed');
  await tick(1000);
  assert.equal(client.state, 'closed');
  assert.equal(server.sockets.length, 1);
});

test('X4 M5 a server whose tokens do not expire is not asked twice', async (t) => {
  const same = jwt({ exp: 60 });
  const { server, end } = await start(t, { token: () => same });
  await server.last.admit();
  await tick(20_000);
  await tick(10_000);
  assert.equal(server.last.take().filter(({ event }) => event === 'authenticate').length, 0, 'it is the same token');
  await end();

  let count = 60;
  const other = await start(t, { token: () => jwt({ exp: inSeconds(count++) }) });
  await other.server.last.admit();
  await tick(30_000);
  await other.server.last.receive('error', { message: 'Already authenticated' }, 'renew');
  for (let i = 0; i < 6; i++) {
    await tick(20_000);
    await other.server.last.receive('chat');
  }
  assert.equal(other.server.last.take().filter(({ event }) => event === 'authenticate').length, 1);
  assert.deepEqual(other.errors, []);
  assert.equal(other.states.at(-1), 'connected');
});

test('X4 O5 a renewal that the server cannot decide ends the connection, not the client', async (t) => {
  let token = 'old';
  const { server, states } = await start(t, { token: () => token });
  await server.last.admit();
  token = 'new';
  await server.last.receive('error', { message: 'Token expired' });
  await server.last.receive('error', { message: 'Authentication error' }, 'renew');
  await server.last.end(4003, 'Authentication failed');
  await tick(1000);
  await server.last.admit();
  assert.equal(states.at(-1), 'connected');
});

test('X4 a token that is given as text cannot be renewed', async (t) => {
  const { client, server } = await startConnected(t);
  await server.last.receive('error', { message: 'Token expired' });
  assert.deepEqual(server.last.take(), []);
  await server.last.end(4003, 'Token expired');
  await assert.rejects(client.ready(), { code: 'authentication', message: 'Token expired' });
});

test('a token that only looks like a JSON Web Token does no harm', async (t) => {
  for (const token of ['a.b.c', 'a..', `a.${part({ exp: 'soon' })}.`, `a.${part(null)}.c`, '...', jwt({ exp: 1e300 }), jwt({ exp: -1 })]) {
    const { server, states, end } = await start(t, { token: () => token });
    await server.last.admit();
    await settle();
    assert.deepEqual(states, ['connecting', 'connected']);
    await end();
  }
});
