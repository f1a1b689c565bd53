// npm's `ws` against examples/notify: a line of its input reaches all clients of a user.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client, connectedMessage, errorMessage } from './support/client.mjs';
import { startProgram } from './support/server.mjs';

function start(t) {
  return startProgram(t, 'notify', '127.0.0.1:0', 'key-a=alice', 'key-b=bob');
}

// Authenticates, and reads the greeting.
async function join(t, server, token, devices) {
  const client = await Client.join(t, server.url, token);
  assert.equal(await client.text(), `{"event":"welcome","data":{"devices":${devices}}}`);
  return client;
}

test('a token is worth the user it stands for, and no other is taken', async (t) => {
  const server = await start(t);
  const client = await Client.open(t, server.url);
  client.send('authenticate', { token: 'key-a' });
  assert.equal(connectedMessage.exec(await client.text())[2], 'alice');
  for (const data of [{ token: 'alice' }, { token: '' }, {}, 'key-a']) {
    const stranger = await Client.open(t, server.url);
    stranger.send('authenticate', data);
    assert.equal(await stranger.text(), errorMessage('Authentication failed'));
    assert.equal((await stranger.closed()).code, 4003);
  }
});

test('a line reaches every client of its user and no one else', async (t) => {
  const server = await start(t);
  const phone = await join(t, server, 'key-a', 1);
  const tablet = await join(t, server, 'key-a', 2);
  const bob = await join(t, server, 'key-b', 1);
  server.write('alice {"text":"dinner is ready"}\n');
  const message = '{"event":"notification","data": {"text":"dinner is ready"}}';
  assert.equal((await phone.text()), message);
  assert.equal((await tablet.text()), message);
  await server.said(/^alice: 2$/m);
  await bob.settled();
});

test('a line that is no notification is reported and the next one goes out', async (t) => {
  const server = await start(t);
  const bob = await join(t, server, 'key-b', 1);
  server.write('bob {"text":\nbob\n\ncarol 1\nbob 2\n');
  assert.deepEqual(JSON.parse(await bob.text()), { event: 'notification', data: 2 });
  await server.said(/^carol: 0$/m);
});

test('the end of its input ends the program, and its clients are notified', async (t) => {
  const server = await start(t);
  const bob = await join(t, server, 'key-b', 1);
  assert.equal(await server.endInput(), 0);
  assert.deepEqual(await bob.closed(), { code: 1001, reason: 'Server shutting down' });
});
