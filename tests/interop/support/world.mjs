// Servers of several kinds on one Redis, and clients that are spread over them.
import assert from 'node:assert/strict';
import { Client } from '../../web/support/client.mjs';
import { exact, patterns, reference, startEmitter, startServer } from './peer.mjs';
import { startRedis, Wiretap } from './redis.mjs';

// The first shows that the tests are right about the reference.
export const mixtures = {
  'references alone': [reference, reference],
  'all kinds': [reference, exact, exact, patterns],
};

export class World {
  #marks = 0;
  #names = 0;

  // `flags` are the servers'.
  static async start(t, kinds, ...flags) {
    const world = new World();
    world.redis = await startRedis(t);
    world.tap = await Wiretap.on(t, world.redis);
    world.servers = await Promise.all(kinds.map((kind) => startServer(t, kind, world.redis, ...flags)));
    return world;
  }

  async addEmitters(t, kinds) {
    this.emitters = await Promise.all(kinds.map((kind) => startEmitter(t, kind, this.redis)));
  }

  // A name that no other test of this world uses.
  fresh(word) {
    return `${word}-${++this.#names}`;
  }

  // One client for each server, in its order.
  clients(t, user, rooms = []) {
    return Promise.all(this.servers.map(({ url }) => Client.join(t, url, user, rooms)));
  }

  // Each of `clients` has received nothing but what was read. `mark` publishes a broadcast by the
  // way of whatever came before, which it cannot overtake.
  async quiet(clients, mark) {
    const text = JSON.stringify({ event: 'mark', data: ++this.#marks });
    await mark({ event: 'mark', data: this.#marks });
    for (const client of clients) assert.equal(await client.text(), text);
    const { text: envelope } = await this.tap.next();
    assert.equal(JSON.parse(envelope).event, 'mark', envelope);
  }
}

export function markOf(server) {
  return ({ event, data }) => server.call('send', { payload: { topic: event, data } });
}
