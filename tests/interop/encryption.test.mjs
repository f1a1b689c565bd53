// Encryption beside the reference's own helper class: each end understands the other's, and clients with and
// without it are on the reference's servers and ours alike.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client, errorMessage } from '../web/support/client.mjs';
import { exact, patterns, reference, startClientCrypto, startServer } from './support/peer.mjs';
import { startRedis } from './support/redis.mjs';
import { SealedClient } from './support/sealed_client.mjs';
import { markOf, mixtures, World } from './support/world.mjs';

const data = { n: 1.5, text: 'wörld "😀"\n\u2028', list: [null, true, []], '': {} };
const message = JSON.stringify({ event: 'said', data });

async function receive(clients, expected = message) {
  for (const client of clients) assert.equal(await client.text(), expected);
}

// What was published must be the reference's text, in the clear, but for the id of the server.
async function published(world, channel, rest, serverId) {
  const { channel: actual, text } = await world.tap.next();
  assert.equal(actual, channel);
  assert.equal(text, JSON.stringify({ serverId: serverId ?? JSON.parse(text).serverId, ...rest }));
}

for (const [clients, ofServer] of [[reference, reference], [reference, exact], [exact, reference], [exact, exact]]) {
  const name = `a client with the cryptography of ${clients} on ${ofServer}`;

  test(`S1 S2 S3 S4 S5 S6 ${name} reads what it is sent`, async (t) => {
    const server = await startServer(t, ofServer, await startRedis(t), 'encrypted');
    const crypto = await startClientCrypto(t, clients);
    const client = await SealedClient.join(t, server.url, 'alice', crypto, ['room']);
    for (const [call, to] of [['sendToClient', { clientId: client.id }], ['sendToUser', { userId: 'alice' }],
      ['sendToRoom', { room: 'room' }], ['sendToRoom', { room: 'room', exclude: ['nobody'] }],
      ['broadcast', {}], ['broadcast', { exclude: ['nobody'] }]]) {
      for (const value of [data, null, '', 'x'.repeat(100_000)]) {
        await server.call(call, { ...to, event: 'said', data: value });
        await receive([client], JSON.stringify({ event: 'said', data: value }));
      }
    }
    client.sendRaw('no JSON');
    await receive([client], errorMessage('Invalid message format'));

    const another = await SealedClient.join(t, server.url, 'alice', crypto);
    assert.notEqual(another.serverPublicKey, client.serverPublicKey);
    assert.notEqual(another.salt, client.salt);
  });
}

for (const [clients, ofServer] of [[reference, exact], [reference, patterns], [exact, exact]]) {
  test(`S8 ${ofServer} reads what a client seals with the cryptography of ${clients}`, async (t) => {
    const server = await startServer(t, ofServer, await startRedis(t), 'encrypted');
    const client = await SealedClient.join(t, server.url, 'alice', await startClientCrypto(t, clients), ['room']);
    const plain = await Client.join(t, server.url, 'bob', ['room']);
    const both = [client, plain];
    for (let n = 0; n < 300; ++n) {  // The counter outgrows a byte.
      client.sendRaw(await client.sealed('send', { destination: 'room', payload: { topic: 'said', data: n } }));
      await receive(both, JSON.stringify({ event: 'said', data: n }));
    }
    const request = { destination: 'room', payload: { topic: 'said', data } };
    const sealed = await client.sealed('send', request);
    client.sendRaw(sealed);
    await receive(both);
    client.sendRaw(sealed);
    await receive([client], errorMessage('Decryption failed'));
    client.send('send', request);
    await receive(both);
    await client.settled();
    await plain.settled();
  });
}

for (const [mixture, kinds] of Object.entries(mixtures)) {
  test(`with and without encryption: ${mixture}`, async (t) => {
    const world = await World.start(t, kinds, 'encrypted');
    await world.addEmitters(t, mixture === 'all kinds' ? [reference, exact] : [reference]);
    const crypto = await startClientCrypto(t, reference);

    // On each server a client without encryption and one with it.
    const clients = async (t, user, rooms = []) => {
      const plain = await world.clients(t, user, rooms);
      const sealed = await Promise.all(world.servers.map(({ url }) => SealedClient.join(t, url, user, crypto, rooms)));
      return plain.flatMap((client, n) => [client, sealed[n]]);
    };
    const idsOf = (some) => some.map(({ id }) => id);
    const everyOther = (all) => all.filter((_, n) => n % 4 < 2);  // those of every other server
    const without = (all, some) => all.filter((client) => !some.includes(client));

    for (const [index, from] of world.servers.entries()) {
      const name = `${from.kind} (${index + 1})`;
      const send = (destination, more = {}) => from.call('send', { destination, payload: { topic: 'said', data }, ...more });
      const quiet = (...some) => world.quiet(some.flat(), markOf(from));
      const here = (all) => all.slice(index * 2, index * 2 + 2);

      await t.test(`E1 ${name} sends to a room: plain to the plain, sealed to the others`, async (t) => {
        const room = world.fresh('rööm');
        const inside = await clients(t, 'alice', [room]);
        const outside = await clients(t, 'alice');
        await send(room);
        await receive(inside);
        await published(world, `ws:room:${room}`, { type: 'room', target: room, event: 'said', data });
        await quiet(inside, outside);
      });

      await t.test(`E1 ${name} sends to everybody`, async (t) => {
        const all = await clients(t, 'alice');
        await send();
        await receive(all);
        await published(world, 'ws:broadcast', { type: 'broadcast', event: 'said', data });
        await quiet(all);
      });

      await t.test(`D7 D9 E1 ${name} sends to one client, wherever it is`, async (t) => {
        const all = await clients(t, 'alice');
        for (const client of all) {
          const target = client.id;
          await send(target);
          await receive([client]);
          const type = here(all).includes(client) ? 'client' : 'room';
          await published(world, `ws:${type}:${target}`, { type, target, event: 'said', data });
        }
        await quiet(all);
      });

      await t.test(`E1 each other call of ${name} reaches its own clients alone`, async (t) => {
        const room = world.fresh('room');
        const user = world.fresh('user');
        const all = await clients(t, user, [room]);
        const [plain, sealed] = here(all);
        for (const [call, to, receivers] of [
          ['sendToUser', { userId: user }, [plain, sealed]],
          ['sendToRoom', { room }, [plain, sealed]],
          ['sendToRoom', { room, exclude: [plain.id] }, [sealed]],
          ['sendToRoom', { room, exclude: [sealed.id] }, [plain]],
          ['broadcast', { exclude: [plain.id] }, [sealed]],
          ['broadcast', { exclude: [sealed.id] }, [plain]],
          ['broadcast', {}, [plain, sealed]],
          ['sendToClient', { clientId: sealed.id }, [sealed]],
        ]) {
          await from.call(call, { ...to, event: 'said', data });
          await receive(receivers);
        }
        await quiet(all);
      });

      if (from.kind !== reference) {
        await t.test(`E1 whom ${name} excludes is excluded everywhere`, async (t) => {
          const room = world.fresh('room');
          const inside = await clients(t, 'alice', [room]);
          const outside = await clients(t, 'alice');
          const exclude = idsOf([...everyOther(inside), ...everyOther(outside)]);
          const included = [inside, outside].map((all) => without(all, everyOther(all)));
          await send(room, { exclude });
          await receive(included[0]);
          await published(world, `ws:room:${room}`, { type: 'room', target: room, event: 'said', data, exclude });
          await send(undefined, { exclude });
          await receive(included.flat());
          await published(world, 'ws:broadcast', { type: 'broadcast', event: 'said', data, exclude });
          await quiet(inside, outside);
        });

        await t.test(`E6 many messages of ${name} reach those on wscast in order`, async (t) => {
          const room = world.fresh('room');
          const all = await clients(t, 'alice', [room]);
          const inOrder = all.filter((client, n) => !(client instanceof SealedClient) || kinds[n >> 1] !== reference);
          const count = 200;
          for (let n = 0; n < count; ++n) {
            void from.call('send', { destination: n % 3 ? room : undefined, payload: { topic: 'said', data: n } });
          }
          for (let n = 0; n < count; ++n) await receive(inOrder, JSON.stringify({ event: 'said', data: n }));
          for (let n = 0; n < count; ++n) await world.tap.next();
          await quiet(inOrder);
        });

        await t.test(`S8 a client of ${name} makes it send by a sealed message`, async (t) => {
          const room = world.fresh('room');
          const all = await clients(t, 'alice', [room]);
          const [, sealed] = here(all);
          sealed.sendRaw(await sealed.sealed('send', { destination: room, payload: { topic: 'said', data } }));
          await receive(all);
          await published(world, `ws:room:${room}`, { type: 'room', target: room, event: 'said', data });
          await quiet(all);
        });
      }
    }

    for (const from of world.emitters) {
      await t.test(`E1 R7 the emitter of ${from.kind} reaches both`, async (t) => {
        const room = world.fresh('room');
        const user = world.fresh('user');
        const all = await clients(t, user, [room]);
        const others = await clients(t, 'another');
        const sent = (channel, rest) => published(world, channel, rest, 'emitter');
        await from.call('toUser', { userId: user, event: 'said', data });
        await receive(all);
        await sent(`ws:user:${user}`, { type: 'user', target: user, event: 'said', data });
        const exclude = idsOf(everyOther(all));
        await from.call('toRoom', { room, event: 'said', data, exclude });
        await receive(without(all, everyOther(all)));
        await sent(`ws:room:${room}`, { type: 'room', target: room, event: 'said', data, exclude });
        for (const { id } of all) {
          await from.call('toClient', { clientId: id, event: 'said', data });
          await sent(`ws:client:${id}`, { type: 'client', target: id, event: 'said', data });
        }
        await receive(all);
        await from.call('broadcast', { event: 'said', data });
        await receive([...all, ...others]);
        await sent('ws:broadcast', { type: 'broadcast', event: 'said', data });
        await world.quiet([...all, ...others], (mark) => from.call('broadcast', mark));
      });
    }
  });
}
