// A Redis of the test's own, from Debian's package.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Redis from 'ioredis';
import { within } from '../../web/support/client.mjs';
import { cleanUp } from './clean_up.mjs';

const running = new Set();
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));

// Runs until test `t` is over: { port, url }. `more` are further arguments of redis-server; a
// PORT among them is its port, and no other is opened then.
export async function startRedis(t, ...more) {
  return startRedisAt(t, await freePort(), ...more);
}

// The same at a port that is known already.
export async function startRedisAt(t, port, ...more) {
  const folder = await mkdtemp(path.join(tmpdir(), 'wscast-redis-'));
  const args = more.map((arg) => (arg === 'PORT' ? String(port) : arg));
  const child = spawn('redis-server', ['--port', more.includes('PORT') ? '0' : String(port), '--bind', '127.0.0.1',
    '--save', '', '--dir', folder, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  running.add(child);
  const ended = once(child, 'exit').catch((error) => [error.message]);
  cleanUp(t, async () => {
    child.kill('SIGKILL');
    await ended;
    running.delete(child);
    await rm(folder, { recursive: true });
  });
  await within(new Promise((resolve, reject) => {
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      said += text;
      if (said.includes('Ready to accept connections')) resolve();
    });
    ended.then(([code]) => reject(new Error(`redis-server ended: ${code}\n${said}`)));
  }), 'redis-server was not ready');
  return { port, url: `redis://127.0.0.1:${port}` };
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

export function freePort() {
  return new Promise((resolve, reject) => {
    const probe = net.createServer().once('error', reject).listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}
