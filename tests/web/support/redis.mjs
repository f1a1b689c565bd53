// A Redis of the test's own, from Debian's package.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { within } from './client.mjs';
import { freePort } from './free_port.mjs';

const running = new Set();
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));

// Runs until `end()`: { port, url, end }. `more` are further arguments of redis-server; a PORT among
// them is its port, and no other is opened then.
export async function launchRedis(port, ...more) {
  const folder = await mkdtemp(path.join(tmpdir(), 'wscast-redis-'));
  const args = more.map((arg) => (arg === 'PORT' ? String(port) : arg));
  const child = spawn('redis-server', ['--port', more.includes('PORT') ? '0' : String(port), '--bind', '127.0.0.1',
    '--save', '', '--dir', folder, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  running.add(child);
  const ended = once(child, 'exit').catch((error) => [error.message]);
  const end = async () => {
    child.kill('SIGKILL');
    await ended;
    running.delete(child);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await within(new Promise((resolve, reject) => {
      let said = '';
      child.stdout.setEncoding('utf8').on('data', (text) => {
        said += text;
        if (said.includes('Ready to accept connections')) resolve();
      });
      ended.then(([code]) => reject(new Error(`redis-server ended: ${code}\n${said}`)));
    }), 'redis-server was not ready');
  } catch (error) {
    await end();
    throw error;
  }
  return { port, url: `redis://127.0.0.1:${port}`, end };
}

// Runs until test `t` is over. Others may take the port meanwhile, or that of a Cluster's bus: then another is tried.
export async function startRedis(t, ...more) {
  for (let left = 10; ; --left) {
    try {
      const redis = await launchRedis(await freePort(), ...more);
      t.after(redis.end);
      return redis;
    } catch (error) {
      if (left === 0 || !error.message.includes('Address already in use')) throw error;
    }
  }
}
