// A Redis of the test's own, from Debian's package.
import Redis from 'ioredis';
import { within } from '../../web/support/client.mjs';
import { freePort } from '../../web/support/free_port.mjs';
import { launchRedis } from '../../web/support/redis.mjs';
import { cleanUp } from './clean_up.mjs';

// Runs until test `t` is over: { port, url }. `more`: see launchRedis().
export async function startRedis(t, ...more) {
  return startRedisAt(t, await freePort(), ...more);
}

// The same at a port that is known already.
export async function startRedisAt(t, port, ...more) {
  const redis = await launchRedis(port, ...more);
  cleanUp(t, redis.end);
  return redis;
}

// All that is published on `redis`, as it came, one by one: { channel, text }.
export class Wiretap {
  #arrived = [];
  #waiting = [];
  #client;

  static async on(t, redis) {
    const tap = new Wiretap();
    tap.#client = new Redis(redis.port, '127.0.0.1');
    cleanUp(t, () => tap.#client.disconnect());
    tap.#client.on('pmessage', (_, channel, text) => {
      if (channel.includes('ws:probe:') || channel.includes('ws:server:')) return;
      const wait = tap.#waiting.shift();
      if (wait) wait({ channel, text });
      else tap.#arrived.push({ channel, text });
    });
    await tap.#client.psubscribe('*');
    return tap;
  }

  next() {
    const arrived = this.#arrived.shift();
    if (arrived) return Promise.resolve(arrived);
    return within(new Promise((resolve) => this.#waiting.push(resolve)), 'nothing was published');
  }
}

// A connection to say anything on `redis`, until test `t` is over.
export function commands(t, redis) {
  const client = new Redis(redis.port, '127.0.0.1');
  cleanUp(t, () => client.disconnect());
  return client;
}

