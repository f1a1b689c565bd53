// The reference's servers and ours on one Redis: whoever sends, every client receives the same.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reference } from './support/peer.mjs';
import { markOf, mixtures, World } from './support/world.mjs';

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const data = { n: 1.5, text: 'wörld "😀"\n\u2028', list: [null, true, []], '': {} };
const message = JSON.stringify({ event: 'said', data });

async function receive(clients, expected = message) {
  for (const client of clients) assert.equal(await client.text(), expected);
}

// What was published: its text must be the reference's, but for the id of the server.
async function published(world, channel, rest) {
  const { channel: actual, text } = await world.tap.next();
  const { serverId } = JSON.parse(text);
  assert.match(serverId, uuid);
  assert.equal(actual, channel);
  assert.equal(text, JSON.stringify({ serverId, ...rest }));
  return serverId;
}

for (const [mixture, kinds] of Object.entries(mixtures)) {
  test(mixture, async (t) => {
    const world = await World.start(t, kinds);

    for (const [index, from] of world.servers.entries()) {
      const name = `${from.kind} (${index + 1})`;
      const others = world.servers.filter((server) => server !== from);
      const send = (destination, more = {}) => from.call('send', { destination, payload: { topic: 'said', data }, ...more });
      const quiet = (...clients) => world.quiet(clients.flat(), markOf(from));

      await t.test(`D8 ${name} sends to a room: its members everywhere, no one else`, async (t) => {
        const room = world.fresh('rööm');
        const inside = await world.clients(t, 'alice', [room, 'another']);
        const outside = await world.clients(t, 'alice', ['another']);
        await send(room);
        await receive(inside);
        await published(world, `ws:room:${room}`, { type: 'room', target: room, event: 'said', data });
        await quiet(inside, outside);
      });

      await t.test(`D9 ${name} sends to a room that only others have`, async (t) => {
        const room = world.fresh('room');
        const everywhere = await world.clients(t, 'alice');
        const members = everywhere.filter((_, i) => i !== index);
        for (const client of members) await client.enter(room);
        await send(room);
        await receive(members);
        await published(world, `ws:room:${room}`, { type: 'room', target: room, event: 'said', data });
        await quiet(everywhere);
      });

      await t.test(`D6 ${name} sends to everybody`, async (t) => {
        const clients = await world.clients(t, 'alice');
        for (const destination of [undefined, '']) {
          await send(destination);
          await receive(clients);
          await published(world, 'ws:broadcast', { type: 'broadcast', event: 'said', data });
        }
        await quiet(clients);
      });

      await t.test(`D7 ${name} sends to a client of its own`, async (t) => {
        const clients = await world.clients(t, 'alice');
        await send(clients[index].id);
        await receive([clients[index]]);
        const target = clients[index].id;
        await published(world, `ws:client:${target}`, { type: 'client', target, event: 'said', data });
        await quiet(clients);
      });

      await t.test(`D9 D13 ${name} sends to a client of another server, by the room of its id`, async (t) => {
        const clients = await world.clients(t, 'alice');
        for (const client of clients.filter((_, i) => i !== index)) {
          await send(client.id);
          await receive([client]);
          const target = client.id;
          await published(world, `ws:room:${target}`, { type: 'room', target, event: 'said', data });
        }
        await quiet(clients);
      });

      await t.test(`M8 ${name} sends to a room that was left`, async (t) => {
        const room = world.fresh('room');
        const clients = await world.clients(t, 'alice', [room]);
        for (const client of clients) {
          client.send('leave', { rooms: [room] });
          await client.settled();
        }
        await send(room);
        await published(world, `ws:room:${room}`, { type: 'room', target: room, event: 'said', data });
        await quiet(clients);
      });

      await t.test(`a client of ${name} makes it send`, async (t) => {
        const room = world.fresh('room');
        const clients = await world.clients(t, 'alice', [room]);
        clients[index].send('send', { destination: room, payload: { topic: 'said', data } });
        await receive(clients);
        await published(world, `ws:room:${room}`, { type: 'room', target: room, event: 'said', data });
        await quiet(clients);
      });

      await t.test(`D10 ${name} sends null, and nothing without topic or data`, async (t) => {
        const clients = await world.clients(t, 'alice');
        await from.call('send', { payload: { topic: 'said', data: null } });
        await receive(clients, '{"event":"said","data":null}');
        await published(world, 'ws:broadcast', { type: 'broadcast', event: 'said', data: null });
        for (const payload of [{ topic: 'said' }, { topic: '', data }, { data }]) await from.call('send', { payload });
        await quiet(clients);
      });

      await t.test(`D12 no other call of ${name} crosses servers`, async (t) => {
        const room = world.fresh('room');
        const user = world.fresh('user');
        const clients = await world.clients(t, user, [room]);
        const calls = [['sendToRoom', { room }], ['sendToRoom', { room, exclude: ['nobody'] }], ['sendToUser', { userId: user }],
          ['sendToClient', { clientId: clients[index].id }], ['broadcast', {}], ['broadcast', { exclude: ['nobody'] }]];
        for (const [call, to] of calls) await from.call(call, { ...to, event: 'said', data });
        for (const _ of calls) await receive([clients[index]]);
        await quiet(clients);
      });

      if (from.kind !== reference) {
        await t.test(`D12 R5 what ${name} excludes is excluded everywhere`, async (t) => {
          const room = world.fresh('room');
          const inside = await world.clients(t, 'alice', [room]);
          const outside = await world.clients(t, 'alice');
          const exclude = [...inside, ...outside].filter((_, i) => i % 2 === 0).map(({ id }) => id);
          const included = (clients) => clients.filter(({ id }) => !exclude.includes(id));
          await send(room, { exclude });
          await receive(included(inside));
          await published(world, `ws:room:${room}`, { type: 'room', target: room, event: 'said', data, exclude });
          await send(undefined, { exclude });
          await receive(included([...inside, ...outside]));
          await published(world, 'ws:broadcast', { type: 'broadcast', event: 'said', data, exclude });
          await quiet(inside, outside);
        });
      }

      await t.test(`many messages of ${name} arrive in order`, async (t) => {
        const room = world.fresh('room');
        const clients = await world.clients(t, 'alice', [room]);
        const count = 200;
        const texts = Array.from({ length: count }, (_, n) => JSON.stringify({ event: 'said', data: n }));
        for (let n = 0; n < count; ++n) {
          void from.call('send', { destination: n % 3 ? room : undefined, payload: { topic: 'said', data: n } });
        }
        for (const text of texts) await receive(clients, text);
        for (let n = 0; n < count; ++n) await world.tap.next();
        await quiet(clients);
      });

      await t.test(`M7 a message of ${name} behind the join of a client elsewhere is not missed`, async (t) => {
        const clients = await world.clients(t, 'alice');
        for (let round = 0; round < 20; ++round) {
          const room = world.fresh('room');
          for (const client of clients) await client.enter(room);
          await send(room);
          await receive(clients);
          await world.tap.next();
        }
        await quiet(clients);
      });

      assert.ok(others.length > 0);
    }
  });
}
