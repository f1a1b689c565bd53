// From nothing to messages, by the program and curl alone: one server, then two on one Redis.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { startRedis } from './support/redis.mjs';
import { launchProgram, runProgram, startServer } from './support/server.mjs';

const run = promisify(execFile);
const key = 'a-key-of-the-api-for-tests';

// A folder with a configuration that `config init` wrote, and an API with a key.
async function configured(t) {
  const folder = await mkdtemp(path.join(tmpdir(), 'wscast-'));
  t.after(() => rm(folder, { recursive: true }));
  const config = path.join(folder, 'wscast.toml');
  assert.equal((await runProgram('wscast', 'config', 'init', config)).code, 0);
  const commented = await readFile(config, 'utf8');
  assert.match(commented, /^#key = ""$/m);
  await writeFile(config, commented.replace(/^#key = ""$/m, `key = "${key}"`));
  assert.equal((await runProgram('wscast', 'config', 'check', config)).code, 0);
  assert.equal((await runProgram('wscast', 'doctor', '--config', config)).code, 0);
  return config;
}

async function serve(t, config, ...args) {
  const server = await startServer(t, 'wscast', 'serve', '--config', config, '--api-listen', '127.0.0.1:0', ...args);
  const [, api] = await server.said(/API at (http:\S+)/);
  return { url: server.url, api };
}

// A listener in the lobby as that user, whose token `wscast token` makes.
async function listen(t, config, url, user) {
  const { stdout: token } = await runProgram('wscast', 'token', '--config', config, '--user', user);
  const listener = launchProgram(t, 'wscast', 'listen', url, '--token', token.trim(), '--room', 'lobby', '--json', '--count', '1');
  await listener.logged(new RegExp(`listening at \\S+ as ${user} in lobby\n`));
  return listener;
}

async function publish(api) {
  const { stdout } = await run('curl', ['-fsS', '-H', `Authorization: Bearer ${key}`, `${api}/api/v1/publish`,
    '-d', '{"room":"lobby","event":"news","data":{"n":1}}']);
  return JSON.parse(stdout);
}

async function got(...listeners) {
  for (const listener of listeners) {
    assert.equal(await listener.endInput(), 0);
    const { event, data } = JSON.parse((await listener.said(/[^]*/))[0]);
    assert.deepEqual({ event, data }, { event: 'news', data: { n: 1 } });
  }
}

test('one server: a curl reaches both listeners in a room', async (t) => {
  const config = await configured(t);
  const { url, api } = await serve(t, config);
  const listeners = [await listen(t, config, url, 'alice'), await listen(t, config, url, 'bob')];
  assert.deepEqual(await publish(api), { accepted: 2, backplane: 'none' });
  await got(...listeners);
});

test('two servers on one Redis: a curl to the one reaches the listeners of both', async (t) => {
  const config = await configured(t);
  const redis = await startRedis(t);
  const one = await serve(t, config, '--redis', redis.url);
  const two = await serve(t, config, '--redis', redis.url);
  const listeners = [await listen(t, config, one.url, 'alice'), await listen(t, config, two.url, 'bob')];
  assert.deepEqual(await publish(one.api), { accepted: 1, backplane: 'ok' });
  await got(...listeners);
});
