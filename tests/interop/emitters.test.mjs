// The reference's emitter and ours, on the reference's servers and ours.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exact, reference } from './support/peer.mjs';
import { mixtures, World } from './support/world.mjs';

const data = { n: 1.5, text: 'wörld "😀"\n\u2028', list: [null, true, []], '': {} };
const message = JSON.stringify({ event: 'said', data });

async function receive(clients, expected = message) {
  for (const client of clients) assert.equal(await client.text(), expected);
}

// What the emitters publish is the same, to the letter.
async function published(world, channel, rest) {
  const envelope = JSON.stringify({ serverId: 'emitter', ...rest });
  assert.deepEqual(await world.tap.next(), { channel, text: envelope });
}

for (const [mixture, kinds] of Object.entries(mixtures)) {
  test(mixture, async (t) => {
    const world = await World.start(t, kinds);
    await world.addEmitters(t, mixture === 'all kinds' ? [reference, exact] : [reference]);

    for (const from of world.emitters) {
      const name = `the emitter of ${from.kind}`;
      const quiet = (...clients) => world.quiet(clients.flat(), (mark) => from.call('broadcast', mark));

      await t.test(`R6 R7 ${name} to a client, wherever it is`, async (t) => {
        const clients = await world.clients(t, 'alice');
        for (const client of clients) {
          const target = client.id;
          await from.call('toClient', { clientId: target, event: 'said', data });
          await receive([client]);
          await published(world, `ws:client:${target}`, { type: 'client', target, event: 'said', data });
        }
        await quiet(clients);
      });

      await t.test(`R6 R7 ${name} to each client of a user`, async (t) => {
        const target = world.fresh('üser');
        const clients = [...await world.clients(t, target), ...await world.clients(t, target)];
        const others = await world.clients(t, 'another');
        await from.call('toUser', { userId: target, event: 'said', data });
        await receive(clients);
        await published(world, `ws:user:${target}`, { type: 'user', target, event: 'said', data });
        await quiet(clients, others);
      });

      await t.test(`R6 R7 ${name} to a room`, async (t) => {
        const target = world.fresh('room');
        const inside = await world.clients(t, 'alice', [target]);
        const outside = await world.clients(t, 'alice');
        await from.call('toRoom', { room: target, event: 'said', data });
        await receive(inside);
        await published(world, `ws:room:${target}`, { type: 'room', target, event: 'said', data });
        await quiet(inside, outside);
      });

      await t.test(`R5 R7 ${name} to a room but for some`, async (t) => {
        const target = world.fresh('room');
        const [one, two] = [await world.clients(t, 'alice', [target]), await world.clients(t, 'bob', [target])];
        const exclude = [...one.map(({ id }) => id), 'nobody'];
        await from.call('toRoom', { room: target, event: 'said', data, exclude });
        await receive(two);
        await published(world, `ws:room:${target}`, { type: 'room', target, event: 'said', data, exclude });
        await quiet(one, two);
      });

      await t.test(`R7 ${name} keeps an empty exclude`, async (t) => {
        const target = world.fresh('room');
        const clients = await world.clients(t, 'alice', [target]);
        await from.call('toRoom', { room: target, event: 'said', data, exclude: [] });
        await receive(clients);
        await published(world, `ws:room:${target}`, { type: 'room', target, event: 'said', data, exclude: [] });
        await quiet(clients);
      });

      await t.test(`R6 R7 ${name} to everybody`, async (t) => {
        const clients = await world.clients(t, 'alice');
        await from.call('broadcast', { event: 'said', data });
        await receive(clients);
        await published(world, 'ws:broadcast', { type: 'broadcast', event: 'said', data });
        await quiet(clients);
      });

      await t.test(`D15 ${name} without data`, async (t) => {
        const clients = await world.clients(t, 'alice');
        await from.call('broadcast', { event: 'said' });
        await receive(clients, '{"event":"said"}');
        await published(world, 'ws:broadcast', { type: 'broadcast', event: 'said' });
        await quiet(clients);
      });

      await t.test(`what ${name} says arrives in order`, async (t) => {
        const room = world.fresh('room');
        const clients = await world.clients(t, 'alice', [room]);
        const count = 500;
        for (let n = 0; n < count; ++n) {
          if (n % 3) void from.call('toRoom', { room, event: 'said', data: n });
          else void from.call('broadcast', { event: 'said', data: n });
        }
        for (let n = 0; n < count; ++n) await receive(clients, JSON.stringify({ event: 'said', data: n }));
        for (let n = 0; n < count; ++n) await world.tap.next();
        await quiet(clients);
      });
    }
  });
}
