// The package at the reference's own server: what that has works, and the client knows what it has not.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encryption } from '../../clients/js/dist/esm/encryption.js';
import { reference, startServer } from '../interop/support/peer.mjs';
import { startRedis } from '../interop/support/redis.mjs';
import { join, open, reached, within } from './support/clients.mjs';
import { Link } from './support/link.mjs';

async function serve(t, ...flags) {
  const server = await startServer(t, reference, await startRedis(t), ...flags);
  return { url: server.url, address: new URL(server.url).host, call: (...args) => server.call(...args) };
}

const toLobby = (data) => ({ destination: 'lobby', payload: { topic: 'chat', data } });

test('rooms, events, and publishes that wait for no reply', async (t) => {
  const server = await serve(t);
  const alice = await join(t, server.url, {}, 'lobby');
  const bob = await join(t, server.url, { token: 'bob' }, 'lobby');
  assert.deepEqual([alice.userId, bob.userId], ['alice', 'bob']);
  const heard = alice.room('lobby').iterate('chat');
  await bob.send('send', toLobby({ text: 'hi' }));
  assert.deepEqual((await heard.next()).value, { event: 'chat', data: { text: 'hi' } });
  assert.equal(await bob.room('lobby').publish('chat', 'an event like others to this server'), undefined);
  assert.equal(await bob.request('send', toLobby(2)), undefined);
  assert.equal((await heard.next()).value.data, 2);
  await alice.room('lobby').leave();
  await alice.send('send', { destination: alice.id, payload: { topic: 'mark', data: 1 } });
  for await (const { event } of alice.messages) {
    assert.equal(event, 'mark');
    break;
  }
});

test('a wrong token ends the client', async (t) => {
  const server = await serve(t);
  await assert.rejects(open(t, server.url, { token: undefined }).ready(), { code: 'authentication' });
});

test('a link that is cut: the rooms are joined again', async (t) => {
  const server = await serve(t);
  const link = await Link.to(t, server);
  const alice = await join(t, link.url, { heartbeatMs: 50 }, 'lobby');
  const heard = alice.room('lobby').iterate('chat');
  const gone = reached(alice, 'waiting');
  link.cut();
  await gone;
  await within(alice.ready(), 'she did not come back');
  await alice.send('send', toLobby('again'));
  assert.equal((await heard.next()).value.data, 'again');
});

test('encryption of what is received', async (t) => {
  const server = await serve(t, 'encrypted');
  await assert.rejects(open(t, server.url, { encryption: encryption() }).ready(), { code: 'encryption', message: /receiveOnly/ });
  const alice = await join(t, server.url, { encryption: encryption({ receiveOnly: true }) }, 'lobby');
  const heard = alice.room('lobby').iterate('chat');
  for (let n = 0; n < 20; n++) await server.call('send', toLobby(n));
  const came = new Set();
  for (let n = 0; n < 20; n++) came.add((await heard.next()).value.data);
  assert.equal(came.size, 20);
});
