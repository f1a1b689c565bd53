// `wscast trace`, and the calls of the HTTP API under it. Several servers: interop/trace.test.mjs.
import assert from 'node:assert/strict';
import http from 'node:http';
import { describe, test } from 'node:test';
import { Client } from './support/client.mjs';
import { written } from './support/files.mjs';
import { freePort } from './support/free_port.mjs';
import { launchProgram, runProgramIn, startServer } from './support/server.mjs';

const key = 'a-key-of-the-api-for-tests';

async function serve(t, ...args) {
  const config = await written(t, 'wscast.toml', `[auth]\ndev = true\n[api]\nlisten = ["127.0.0.1:0"]\nkey = "${key}"\n
[[api.keys]]\nname = "reader"\nkey = "a-key-that-may-read-only"\nscopes = ["read", "publish"]\n`);
  const server = await startServer(t, 'wscast', 'serve', '--config', config, ...args);
  const [, api] = await server.said(/API at (http:\S+)/);
  const call = async (method, target, body, by = key) => {
    const response = await fetch(`${api}/api/v1/${target}`, { method, headers: { authorization: `Bearer ${by}` }, body: body && JSON.stringify(body) });
    return { status: response.status, body: await response.json() };
  };
  return { server, api, get: (target, by) => call('GET', target, undefined, by), post: (target, body, by) => call('POST', target, body, by) };
}

// A trace that is ready.
async function trace(t, api, ...args) {
  const tracer = launchProgram(t, 'wscast', 'trace', api, '--key', key, ...args);
  await tracer.logged(/following messages/);
  return tracer;
}

const lines = async (tracer) => (await tracer.said(/[^]*/))[0].trimEnd().split('\n');
const run = (environment, ...args) => runProgramIn(environment, 'wscast', 'trace', ...args);
const publish = { event: 'chat', data: 1 };

describe('wscast trace', () => {
  test('--room, --messages: ends after them, and forgets the trace', async (t) => {
    const { server, api, post } = await serve(t);
    const alice = await Client.join(t, server.url, 'alice', ['lobby']);
    const tracer = await trace(t, api, '--room', 'lobby', '--messages', '2');
    for (let i = 0; i < 3; ++i) await post('publish', { room: 'lobby', ...publish });
    assert.equal(await tracer.endInput(), 0);
    const shown = await lines(tracer);
    assert.equal(shown.filter((line) => line.includes(` written   to client ${alice.id}`)).length, 2);
    assert.match(tracer.stderr, /messages followed: 2/);
  });

  test('--user, --client, --json', async (t) => {
    const { server, api, post } = await serve(t);
    const alice = await Client.join(t, server.url, 'alice', ['lobby']);
    for (const which of [['--user', 'alice'], ['--client', alice.id]]) {
      const tracer = await trace(t, api, ...which, '--messages', '1', '--json');
      await post('publish', { all: true, ...publish });
      assert.equal(await tracer.endInput(), 0);
      const steps = (await lines(tracer)).map((line) => JSON.parse(line));
      assert.deepEqual([...new Set(steps.map(({ step }) => step))], ['published', 'delivered', 'written']);
      const [first] = steps;
      assert.deepEqual(Object.keys(first), ['time', 'message', 'step', 'serverId', 'event', 'bytes']);
      assert.ok(Math.abs(first.time / 1_000 - Date.now()) < 60_000);
      assert.deepEqual(steps.filter(({ client }) => client).map(({ client }) => client), [alice.id]);
    }
  });

  test('who does not get it is named, with the reason', async (t) => {
    const { server, api, post } = await serve(t, '--backpressure-limit', '64KiB');
    const slow = await Client.join(t, server.url, 'slow', ['lobby']);
    slow.socket.pause();
    const data = 'x'.repeat(100_000);
    const dropped = async () => (await (await post('publish', { room: 'lobby', event: 'fill', data }), (await fetch(`${api}/api/v1/clients/${slow.id}`,
      { headers: { authorization: `Bearer ${key}` } })).json())).droppedMessages;
    while (await dropped() === 0);
    const tracer = await trace(t, api, '--room', 'lobby', '--messages', '1');
    await post('publish', { room: 'lobby', event: 'lost', data });
    assert.equal(await tracer.endInput(), 0);
    assert.ok((await lines(tracer)).some((line) => line.endsWith(
      ` dropped   for client ${slow.id}: it reads too slowly: more than backpressure_limit waits for it`)));
  });

  test('--duration: ends when nothing came', async (t) => {
    const { api } = await serve(t);
    const tracer = await trace(t, api, '--room', 'lobby', '--duration', '1s');
    assert.equal(await tracer.endInput(), 0);
    assert.match(tracer.stderr, /messages followed: 0/);
  });

  test('a first SIGINT ends it, and the trace with it', async (t) => {
    const { api, post, get } = await serve(t);
    assert.equal((await post('traces', { id: 'kept', room: 'lobby' })).status, 200);
    for (let i = 0; i < 8; ++i) {
      const tracer = await trace(t, api, '--room', 'lobby');
      assert.equal(await tracer.stop(), 0);
    }
    assert.equal((await get('traces/kept')).body.running, 1);
  });

  test('--key-file; no peer reaches the terminal', async (t) => {
    const { server, api, post } = await serve(t);
    await Client.join(t, server.url, 'alice', ['lobby']);
    const file = await written(t, 'key', key);
    for (const format of [[], ['--json']]) {
      const tracer = launchProgram(t, 'wscast', 'trace', api, '--key-file', file, '--room', 'lobby', '--messages', '1', ...format);
      await tracer.logged(/following messages/);
      await post('publish', { room: 'lobby', event: 'e\u001b[2J\u009b31m\r\n', data: 1 });
      assert.equal(await tracer.endInput(), 0);
      assert.doesNotMatch((await tracer.said(/[^]*/))[0], /[\u001b\u009b\r]/);
    }
  });

  test('exit codes', async (t) => {
    const { api } = await serve(t);
    const none = await run({}, api, '--room', 'lobby');
    assert.equal(none.code, 2);
    assert.match(none.stderr, /trace needs --key KEY, --key-file FILE, or WSCAST_API_KEY/);
    for (const wrong of [[], ['--room', 'a', '--user', 'b'], ['--room', 'a', '--messages', '0'], ['--room', 'a', '--duration', '11m'], ['--room', 'a', '--duration', '999ms']]) {
      assert.equal((await run({ WSCAST_API_KEY: key }, api, ...wrong)).code, 2, wrong.join(' '));
    }
    const refused = await run({ WSCAST_API_KEY: 'a-key-that-may-read-only' }, api, '--room', 'lobby');
    assert.deepEqual([refused.code, refused.stdout], [3, '']);
    const nobody = `http://127.0.0.1:${await freePort()}`;
    assert.equal((await run({ WSCAST_API_KEY: key }, nobody, '--room', 'lobby', '--timeout', '2s')).code, 4);
  });

  test('a server that is none: --ca-file is for https, the response must be that of a trace', async (t) => {
    const server = http.createServer((request, response) => response.end('{}')).listen(0, '127.0.0.1');
    t.after(() => server.close());
    await new Promise((resolve) => server.once('listening', resolve));
    const result = await run({ WSCAST_API_KEY: key }, `http://127.0.0.1:${server.address().port}`, '--room', 'lobby', '--ca-file', '');
    assert.deepEqual([result.code, result.stdout], [3, '']);
    assert.match(result.stderr, /not that of a trace/);
  });
});

describe('the calls', () => {
  test('what is out of its limits is refused, and changes nothing', async (t) => {
    const { post, get } = await serve(t);
    const good = { id: 'x', room: 'lobby' };
    for (const wrong of [{ ...good, id: 'a b' }, { ...good, id: '' }, { id: 'x' }, { ...good, user: 'alice' }, { ...good, messages: 0 },
      { ...good, messages: 1_001 }, { ...good, seconds: 0 }, { ...good, seconds: 601 }, { ...good, seconds: 2 ** 40 }, { ...good, more: 1 }]) {
      assert.equal((await post('traces', wrong)).status, 400, JSON.stringify(wrong));
    }
    assert.equal((await get('traces/x')).status, 404);
    assert.equal((await post('traces/x/stop')).status, 404);
  });

  test('nine traces are one too many', async (t) => {
    const { post } = await serve(t);
    for (let i = 0; i < 8; ++i) assert.equal((await post('traces', { id: `t${i}`, room: 'lobby' })).status, 200);
    assert.equal((await post('traces', { id: 't8', room: 'lobby' })).status, 429);
    assert.equal((await post('traces/t0/stop')).status, 200);
    assert.equal((await post('traces', { id: 't8', room: 'lobby' })).status, 200);
  });

  test('to start and to stop one takes the scope admin', async (t) => {
    const { post, get } = await serve(t);
    const reader = 'a-key-that-may-read-only';
    assert.equal((await post('traces', { id: 'x', room: 'lobby' }, reader)).status, 403);
    assert.equal((await post('traces', { id: 'x', room: 'lobby' })).status, 200);
    assert.equal((await get('traces/x', reader)).status, 200);
    assert.equal((await post('traces/x/stop', undefined, reader)).status, 403);
  });
});
