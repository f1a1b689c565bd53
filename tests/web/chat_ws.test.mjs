// npm's `ws` against examples/chat: an application that uses every hook.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Client, connectedMessage, errorMessage } from './support/client.mjs';
import { startServer } from './support/server.mjs';

const passwords = { ada: 'lovelace', alan: 'turing', grace: 'hopper' };

async function logIn(t, server, name, rooms = []) {
  const client = await Client.open(t, server.url);
  client.send('authenticate', { name, password: passwords[name] });
  const [, id, userId] = connectedMessage.exec(await client.text());
  assert.equal(userId, name);
  client.id = id;
  if (rooms.length > 0) await client.enter(...rooms);
  return client;
}

async function next(client, event) {
  const message = JSON.parse(await client.text());
  assert.equal(message.event, event, JSON.stringify(message));
  return message.data;
}

// Ada and Alan in `general`, both having received what there was to receive.
async function two(t, server) {
  const ada = await logIn(t, server, 'ada', ['general']);
  const alan = await logIn(t, server, 'alan', ['general']);
  assert.deepEqual(await next(ada, 'came'), { name: 'alan' });
  return [ada, alan];
}

for (const shards of [1, 3]) {
  describe(`chat with ${shards} shard(s)`, () => {
    const chat = (t) => startServer(t, 'chat', '--shards', String(shards));

    test('M17 a login answered from another thread lets the client in', async (t) => {
      const [ada, alan] = await two(t, await chat(t));
      await ada.settled();
      await alan.settled();
    });

    for (const [what, data] of [
      ['a wrong password', { name: 'ada', password: 'turing' }],
      ['a login that is not one', { name: 'ada', password: 5 }],
      ['no password', { name: 'ada' }],
      ['no data', undefined],
    ]) {
      test(`O4 ${what} is refused with 4003`, async (t) => {
        const client = await Client.open(t, (await chat(t)).url);
        client.send('authenticate', data);
        assert.equal(await client.text(), errorMessage('Authentication failed'));
        assert.deepEqual(await client.closed(), { code: 4003, reason: 'Authentication failed' });
      });
    }

    test('D8 what is said reaches everybody in the room, the sender too', async (t) => {
      const [ada, alan] = await two(t, await chat(t));
      for (const [number, text] of ['hello', 'wörld "😀"\n', ''].entries()) {
        ada.send('say', { room: 'general', text });
        const expected = { room: 'general', number: number + 1, from: 'ada', text };
        assert.deepEqual(await next(ada, 'said'), expected);
        assert.deepEqual(await next(alan, 'said'), expected);
      }
    });

    test('M7 a room that the hook leaves out is not joined', async (t) => {
      const server = await chat(t);
      const grace = await logIn(t, server, 'grace', ['staff', 'nowhere']);
      const ada = await logIn(t, server, 'ada', ['staff', 'nowhere', 'random']);
      assert.deepEqual(await next(grace, 'came'), { name: 'ada' });
      ada.send('say', { room: 'staff', text: 'not a member' });
      grace.send('say', { room: 'staff', text: 'for staff' });
      assert.equal((await next(grace, 'said')).text, 'for staff');
      ada.send('who', { room: 'staff' });
      ada.send('who', { room: 'nowhere' });
      ada.send('who', { room: 'random' });
      assert.deepEqual(await next(ada, 'who'), { room: 'random', names: ['ada'] });
    });

    test('who comes later reads what was said, and no more than the last 50', async (t) => {
      const server = await chat(t);
      const [ada, alan] = await two(t, server);
      for (let number = 1; number <= 60; ++number) {
        const sender = number % 2 ? ada : alan;
        sender.send('say', { room: 'general', text: `message ${number}` });
        for (const member of [ada, alan]) assert.equal((await next(member, 'said')).number, number);
      }
      const grace = await logIn(t, server, 'grace');
      grace.send('history', { room: 'general' });
      grace.send('join', { rooms: ['general'] });
      grace.send('history', { room: 'general' });
      const { room, messages } = await next(grace, 'history');
      assert.equal(room, 'general');
      assert.deepEqual(messages.map(({ number }) => number), Array.from({ length: 50 }, (_, i) => i + 11));
      assert.deepEqual(messages.at(-1), { room: 'general', number: 60, from: 'alan', text: 'message 60' });
    });

    test('the history and every member have each message of all under one number', async (t) => {
      const server = await chat(t);
      const [ada, alan] = await two(t, server);
      for (let i = 0; i < 20; ++i) {
        ada.send('say', { room: 'general', text: `ada ${i}` });
        alan.send('say', { room: 'general', text: `alan ${i}` });
      }
      const heard = [[], []];
      for (let number = 1; number <= 40; ++number) {
        for (const [i, member] of [ada, alan].entries()) heard[i].push(await next(member, 'said'));
      }
      ada.send('history', { room: 'general' });
      const { messages } = await next(ada, 'history');
      for (const said of heard) {
        assert.deepEqual(said.sort((one, other) => one.number - other.number), messages);
      }
      assert.deepEqual(messages.map(({ number }) => number), Array.from({ length: 40 }, (_, i) => i + 1));
    });

    test('D2 a whisper reaches each client of its user and no one else', async (t) => {
      const server = await chat(t);
      const [ada, alan] = await two(t, server);
      const window = await logIn(t, server, 'alan');
      assert.deepEqual(await next(ada, 'came'), { name: 'alan' });
      assert.deepEqual(await next(alan, 'came'), { name: 'alan' });
      ada.send('whisper', { to: 'alan', text: 'psst' });
      ada.send('whisper', { to: 'nobody', text: 'psst' });
      for (const client of [alan, window]) {
        assert.deepEqual(await next(client, 'whispered'), { from: 'ada', text: 'psst' });
      }
      for (const client of [ada, alan, window]) await client.settled();
    });

    test('O16 everybody receives who left once the last client of them has', async (t) => {
      const server = await chat(t);
      const [ada, alan] = await two(t, server);
      const window = await logIn(t, server, 'alan');
      assert.deepEqual(await next(ada, 'came'), { name: 'alan' });
      const stranger = await Client.open(t, server.url);
      stranger.socket.terminate();
      window.socket.close();
      await window.closed();
      ada.send('who', { room: 'general' });
      assert.deepEqual(await next(ada, 'who'), { room: 'general', names: ['ada', 'alan'] });
      alan.socket.terminate();
      assert.deepEqual(await next(ada, 'left'), { name: 'alan' });
      ada.send('who', { room: 'general' });
      assert.deepEqual(await next(ada, 'who'), { room: 'general', names: ['ada'] });
    });

    test('a moderator closes all clients of a user, another person cannot', async (t) => {
      const server = await chat(t);
      const [ada, alan] = await two(t, server);
      const grace = await logIn(t, server, 'grace', ['general']);
      alan.send('kick', { name: 'ada' });
      for (const client of [ada, alan]) assert.deepEqual(await next(client, 'came'), { name: 'grace' });
      await alan.settled();
      await ada.settled();
      grace.send('kick', { name: 'ada' });
      assert.deepEqual(await ada.closed(), { code: 4100, reason: 'Kicked by a moderator' });
      for (const client of [alan, grace]) assert.deepEqual(await next(client, 'left'), { name: 'ada' });
      const again = await logIn(t, server, 'ada');
      await again.settled();
    });

    test('O8 SIGINT closes everybody with 1001, and the program ends with 0', async (t) => {
      const server = await chat(t);
      const clients = await two(t, server);
      assert.equal(await server.stop(), 0);
      for (const client of clients) {
        assert.deepEqual(await client.closed(), { code: 1001, reason: 'Server shutting down' });
      }
    });
  });
}
