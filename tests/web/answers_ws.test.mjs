// Rule X1 of docs/protocol.md over real sockets: who gives a message an id has it answered.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Client } from './support/client.mjs';
import { startServer } from './support/server.mjs';

function app(t, ...more) {
  return startServer(t, 'bench-app', '--shards', '2', ...more);
}

async function answer(client) {
  return JSON.parse(await client.text());
}

function errorWithId(message, id) {
  return { event: 'error', data: { message }, id };
}

describe('messages with an id', () => {
  test('X1 M7 M8 join and leave are answered with what became of each room', async (t) => {
    const server = await app(t);
    const ada = await Client.join(t, server.url, 'ada');
    const alan = await Client.join(t, server.url, 'alan');
    ada.send('join', { rooms: ['lobby', 'ws:x', alan.id, 'lobby'] }, 1);
    assert.deepEqual(await answer(ada), {
      event: 'ack',
      data: { ok: false, rooms: { lobby: 'joined', 'ws:x': 'invalid name', [alan.id]: 'not allowed' } },
      id: 1,
    });
    alan.send('pub', { room: 'lobby' });
    assert.deepEqual(await answer(ada), { event: 'bench', data: { room: 'lobby' } });
    ada.send('leave', { rooms: ['lobby', 'never'] }, { deep: [2] });
    assert.deepEqual(await answer(ada), {
      event: 'ack', data: { ok: true, rooms: { lobby: 'left', never: 'left' } }, id: { deep: [2] },
    });
    ada.sendRaw('{"event":"join","data":{"rooms":["\\ud800","\\u0061"]},"id":"\\u0069d"}');
    assert.equal(await ada.text(), '{"event":"ack","data":{"ok":false,' +
      '"rooms":{"\\ud800":"invalid name","\\u0061":"joined"}},"id":"\\u0069d"}');
  });

  test('X1 M10 rooms that are none are reported with an id, and not without', async (t) => {
    const server = await app(t);
    const ada = await Client.join(t, server.url, 'ada');
    for (const data of [undefined, null, {}, { rooms: null }, { rooms: 'lobby' }, { rooms: {} }]) {
      ada.send('join', data);
      ada.send('leave', data);
      ada.send('join', data, 7);
      assert.deepEqual(await answer(ada),
        { event: 'ack', data: { ok: false, rooms: {}, error: 'Invalid rooms' }, id: 7 });
    }
    await ada.settled();
  });

  test('X1 M6 what is refused before authentication has its id, and so has connected', async (t) => {
    const server = await app(t);
    const ada = await Client.open(t, server.url);
    ada.send('join', { rooms: ['lobby'] }, 1);
    assert.deepEqual(await answer(ada), errorWithId('Not authenticated', 1));
    ada.send('heartbeat', null, 2);
    ada.send('authenticate', { token: 'ada' }, 3);
    const connected = await answer(ada);
    assert.deepEqual([connected.event, connected.data.userId, connected.id], ['connected', 'ada', 3]);
    assert.deepEqual(Object.keys(connected), ['event', 'data', 'id']);
    ada.send('authenticate', { token: 'ada' }, null);
    assert.deepEqual(await answer(ada), errorWithId('Already authenticated', null));
  });

  test('X1 O4 the error before the close has the id', async (t) => {
    const server = await startServer(t, 'wscast', 'serve', '--dev');
    const nobody = await Client.open(t, server.url);
    nobody.send('authenticate', {}, 'who');
    assert.deepEqual(await answer(nobody), errorWithId('Authentication failed', 'who'));
    assert.deepEqual(await nobody.closed(), { code: 4003, reason: 'Authentication failed' });
  });

  test('X1 O11 of a burst of joins over the rate each is answered', async (t) => {
    const server = await startServer(t, 'wscast', 'serve', '--dev', '--join-rate', '20');
    const ada = await Client.join(t, server.url, 'ada');
    for (let id = 0; id < 200; ++id) ada.send('join', { rooms: [`room ${id}`] }, id);
    const joined = [];
    const refused = [];
    for (let i = 0; i < 200; ++i) {
      const { event, data, id } = await answer(ada);
      if (event === 'ack') {
        assert.deepEqual(data, { ok: true, rooms: { [`room ${id}`]: 'joined' } });
        joined.push(id);
      } else {
        assert.deepEqual({ event, data }, { event: 'error', data: { message: 'Rate limit exceeded' } });
        refused.push(id);
      }
    }
    assert.equal(new Set([...joined, ...refused]).size, 200);
    assert.ok(joined.length >= 20 && refused.length > 0, `${joined.length} joined`);
    await ada.settled();
  });

  test('X1 O11 a join of many rooms passes and is made up for', async (t) => {
    const server = await startServer(t, 'wscast', 'serve', '--dev', '--join-rate', '1');
    const ada = await Client.join(t, server.url, 'ada');
    const rooms = Array.from({ length: 900 }, (_, i) => `room ${i}`);
    ada.send('join', { rooms }, 1);
    const { data } = await answer(ada);
    assert.deepEqual(data, { ok: true, rooms: Object.fromEntries(rooms.map((room) => [room, 'joined'])) });
    ada.send('join', { rooms: ['one more'] }, 2);
    assert.deepEqual(await answer(ada), errorWithId('Rate limit exceeded', 2));
  });
});
