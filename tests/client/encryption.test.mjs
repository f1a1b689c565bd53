// `@wscast/client/encryption`: at a server without a network, and at `wscast serve --encryption`.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { encryption } from '../../clients/js/dist/esm/encryption.js';
import { SealedSocket } from '../../clients/js/dist/esm/sealed_socket.js';
import { runProgram, startServer } from '../web/support/server.mjs';
import { join, open, reached, within } from './support/clients.mjs';
import { now, settle, start } from './support/fake_server.mjs';
import { fileOf } from './support/files.mjs';

const serve = (t, mode, ...flags) => startServer(t, 'wscast', 'serve', '--dev', '--encryption', mode, ...flags);

// A scheme that hides nothing. `open` may take as long as the test wants.
function fakeEncryption({ receiveOnly = false, open = async () => {} } = {}) {
  return {
    begin: async () => ({
      publicKey: 'my key',
      receiveOnly,
      wrap(socket, fail) { return new SealedSocket(socket, this, fail); },
      agree: async (key, salt) => assert.deepEqual([key, salt], ['server key', 'salt']),
      seal: async (text) => JSON.stringify({ event: 'encrypted', data: text }),
      open: async (text) => { await open(text); return text; },
    }),
  };
}

const keys = { serverPublicKey: 'server key', salt: 'salt' };
const sealed = (socket, event, data, id) => socket.receive('encrypted', JSON.stringify({ event, data, id }));

test('S4 S5 sends its key, and everything else encrypted', async (t) => {
  const { client, server } = await start(t, { encryption: fakeEncryption() });
  await server.last.open();
  assert.deepEqual(server.last.take()[0].data, { token: 'alice', publicKey: 'my key' });
  await server.last.receive('connected', { id: 'c', time: now(), ...keys }, 'authenticate');
  assert.equal(client.state, 'connected');
  const published = client.room('lobby').publish('chat', 1);
  await settle();
  const [{ event, data }] = server.last.take();
  const { id } = JSON.parse(data);
  assert.deepEqual([event, JSON.parse(data).event], ['encrypted', 'publish']);
  await sealed(server.last, 'ack', { ok: true }, id);
  assert.deepEqual(await published, { ok: true });
});

test('messages stay in order, however long each takes; so does the end', async (t) => {
  const release = {};
  const slow = (text) => new Promise((resolve) => { release[JSON.parse(text).data] = resolve; });
  const { client, server } = await start(t, { encryption: fakeEncryption({ open: slow }) });
  await server.last.admit(keys);
  const heard = [];
  client.messages.on('chat', (n) => heard.push(n));
  client.on('state', ({ state }) => heard.push(state));
  for (const n of [1, 2]) await sealed(server.last, 'chat', n);
  await server.last.end();
  assert.deepEqual(heard, []);
  release[1]();
  await settle();
  assert.deepEqual(heard, [1]);
  release[2]();
  await settle();
  assert.deepEqual(heard, [1, 2, 'waiting']);
});

test('a server that does not encrypt, or decrypt, ends the client', async (t) => {
  for (const [connected, acknowledges, words] of [
    [{}, true, 'the server does not encrypt'],
    [{ serverPublicKey: 'server key' }, true, 'the server does not encrypt'],
    [keys, false, 'the server does not decrypt: see receiveOnly'],
  ]) {
    const { client, server, end } = await start(t, { encryption: fakeEncryption() });
    await server.last.admit({ acknowledges, ...connected });
    assert.equal(client.state, 'closed');
    assert.equal(server.last.closed, true);
    await assert.rejects(client.ready(), { code: 'encryption', message: words });
    await end();
  }
});

test('receiveOnly sends in the clear', async (t) => {
  const { client, server } = await start(t, { encryption: fakeEncryption({ receiveOnly: true }) });
  await server.last.admit({ acknowledges: false, ...keys });
  await client.send('mine', 1);
  assert.deepEqual(server.last.take(), [{ event: 'mine', data: 1 }]);
});

test('what comes in the clear, or cannot be decrypted, ends the connection', async (t) => {
  for (const spoil of [
    (socket) => socket.receive('chat', 'forged'),
    (socket) => socket.receive('disconnect', { reconnectAfterMs: 0 }),
    (socket) => socket.receive('encrypted', 'throw'),
  ]) {
    const open = async (text) => { if (text === 'throw') throw new Error('a wrong tag'); };
    const { client, server, states, errors, end } = await start(t, { encryption: fakeEncryption({ open }) });
    const heard = [];
    client.messages.on('chat', (data) => heard.push(data));
    await server.last.admit(keys);
    await spoil(server.last);
    await sealed(server.last, 'chat', 'behind it');
    assert.deepEqual([heard, states.at(-1), errors.length], [[], 'waiting 1000', 1]);
    await end();
  }
});

test('S6 S8 encrypted clients and a plain one in a room', async (t) => {
  const server = await serve(t, 'optional');
  const frames = [];
  class Recorded extends WebSocket {
    send(text) { frames.push(text); super.send(text); }
    set onmessage(handler) { super.onmessage = handler && ((event) => { frames.push(event.data); handler(event); }); }
  }
  const alice = await join(t, server.url, { encryption: encryption(), WebSocket: Recorded }, 'lobby');
  const bob = await join(t, server.url, { encryption: encryption() }, 'lobby');
  const carol = await join(t, server.url, {}, 'lobby');
  const heard = [alice, bob, carol].map((client) => client.room('lobby').iterate('chat'));
  for (const sender of [alice, bob, carol]) {
    const ack = await sender.room('lobby').publish('chat', 'für alle 😀', { echo: true });
    assert.equal(ack.delivered, 2);
    for (const messages of heard) assert.equal((await messages.next()).value.data, 'für alle 😀');
  }
  const [authenticate, connected, ...rest] = frames.map((frame) => JSON.parse(frame).event);
  assert.deepEqual([authenticate, connected], ['authenticate', 'connected']);
  assert.deepEqual([...new Set(rest)], ['encrypted']);
  assert.ok(rest.length >= 7);
  assert.ok(frames.every((frame) => !frame.includes('alle')));
});

test('O6 a server that requires encryption has no plain client', async (t) => {
  const server = await serve(t, 'required');
  const plain = open(t, server.url);
  await assert.rejects(plain.ready(), { closeCode: 4004 });
  await join(t, server.url, { encryption: encryption() }, 'lobby');
});

test('a server without encryption has no encrypted client', async (t) => {
  const server = await serve(t, 'off');
  await assert.rejects(open(t, server.url, { encryption: encryption() }).ready(),
    { code: 'encryption', message: 'the server does not encrypt' });
});

test('E6 long and short messages arrive in order, also behind a restart', async (t) => {
  const server = await serve(t, 'required');
  const alice = await join(t, server.url, { encryption: encryption() }, 'lobby');
  const bob = await join(t, server.url, { encryption: encryption() }, 'lobby');
  for (let restarts = 0; restarts < 2; restarts++) {
    const heard = alice.room('lobby').iterate('chat');
    const sent = Array.from({ length: 200 }, (_, n) =>
      bob.room('lobby').publish('chat', { n, filler: 'x'.repeat(n % 3 ? 10 : 20_000) }));
    for (let n = 0; n < 200; n++) assert.equal((await heard.next()).value.data.n, n);
    await Promise.all(sent);
    if (restarts > 0) break;
    const gone = [alice, bob].map((client) => reached(client, 'waiting'));
    await server.kill();
    await Promise.all(gone);
    await serve(t, 'required', '--listen', server.address);
    await within(Promise.all([alice, bob].map((client) => client.room('lobby').join())), 'they did not come back');
  }
});

test('X4 an encrypted client renews its token', async (t) => {
  const secret = fileOf(t, randomBytes(48).toString('base64'));
  const server = await startServer(t, 'wscast', 'serve', '--encryption', 'required', '--jwt-secret-file', secret);
  let [made, asked] = [0, () => {}];
  const third = new Promise((resolve) => { asked = resolve; });
  const token = async () => {
    if (++made === 4) asked();
    const args = ['--secret-file', secret, '--user', 'alice', '--expires-in', '2s'];
    return (await runProgram('wscast', 'token', ...args)).stdout.trim();
  };
  const alice = await join(t, server.url, { token, encryption: encryption() });
  const states = [];
  alice.on('state', ({ state }) => states.push(state));
  await within(third, 'tokens were not renewed');
  await alice.room('ws-default').publish('chat').catch(({ message }) => assert.equal(message, 'not allowed'));
  assert.deepEqual(states, []);
});

test('what was sent before close() arrives', async (t) => {
  const server = await serve(t, 'required');
  const bob = await join(t, server.url, { encryption: encryption() }, 'lobby');
  const heard = bob.room('lobby').iterate('chat');
  const alice = await join(t, server.url, { encryption: encryption() }, 'lobby');
  alice.room('lobby').publish('chat', 'last words').catch(() => {});
  alice.close();
  assert.equal((await heard.next()).value.data, 'last words');
});
