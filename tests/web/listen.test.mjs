// `wscast listen`: a client in a terminal.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, test } from 'node:test';
import { Client } from './support/client.mjs';
import { written } from './support/files.mjs';
import { freePort } from './support/free_port.mjs';
import { launchProgram, runProgram, runProgramIn, startServer } from './support/server.mjs';
import { certificate } from './support/webhook.mjs';

const time = '\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z';

// A listener that is ready.
async function listen(t, url, ...args) {
  const listener = launchProgram(t, 'wscast', 'listen', url, ...args);
  await listener.logged(/listening at /);
  return listener;
}

const serve = (t, ...args) => startServer(t, 'wscast', 'serve', '--dev', ...args);

describe('what comes', () => {
  test('--room, --count: a line each, and an end with 0', async (t) => {
    const server = await serve(t);
    const listener = await listen(t, server.url, '--token', 'alice', '--room', 'lobby', '--room', 'a,b', '--count', '3');
    assert.match(listener.stderr, /listening at ws:\S+ as alice in lobby, a,b/);
    const bob = await Client.join(t, server.url, 'bob', ['lobby', 'a,b']);
    bob.publish('lobby', 'chat', { n: 1, text: 'wörld' });
    bob.publish('lobby', 'two words', null);
    bob.publish('a,b', 'end');
    assert.equal(await listener.endInput(), 0);
    const [lines] = await listener.said(/[^]*/);
    assert.match(lines, new RegExp(`^${time} chat {"n":1,"text":"wörld"}\n${time} "two words" null\n${time} end null\n$`));
  });

  test('--json: an object each', async (t) => {
    const server = await serve(t);
    const listener = await listen(t, server.url, '--token', 'alice', '--room', 'lobby', '--json', '--count', '1');
    const bob = await Client.join(t, server.url, 'bob', ['lobby']);
    bob.publish('lobby', 'chat', [1, 'x']);
    assert.equal(await listener.endInput(), 0);
    const { time: when, ...message } = JSON.parse((await listener.said(/[^]*/))[0]);
    assert.ok(Math.abs(Date.parse(when) - Date.now()) < 60_000);
    assert.deepEqual(message, { event: 'chat', data: [1, 'x'] });
  });

  for (const format of [[], ['--json']]) {
    test(`no peer reaches the terminal ${format}`, async (t) => {
      const server = await serve(t);
      const evil = '\u001b[2J\u009b31m\u007f\u202e\r\n';
      const listener = await listen(t, server.url, '--token', `al${evil}ice`, '--room', `x${evil}`, '--count', '1', ...format);
      const bob = await Client.join(t, server.url, 'bob', [`x${evil}`]);
      bob.sendRaw(`{"event":"publish","data":{"room":${JSON.stringify(`x${evil}`)},"event":${JSON.stringify(evil)},"data":"\u009b\u007f\u202e"}}`);
      assert.equal(await listener.endInput(), 0);
      const [line] = await listener.said(/[^]*/);
      assert.match(line, /^[ -~]+\n$/);
      assert.match(listener.stderr, /^[ -~\u202e]+\n$/);
    });
  }

  test('the path may be left out, and the URL may be of a Unix socket', async (t) => {
    const server = await serve(t);
    await listen(t, `ws://${server.address}`, '--token', 'alice');
    const socket = path.join(await mkdtemp(path.join(tmpdir(), 'wscast-')), 'socket');
    t.after(() => rm(path.dirname(socket), { recursive: true }));
    const local = await serve(t, '--listen', `unix:${socket}`);
    await listen(t, local.url, '--token', 'alice');
  });

  test('--max-message: a longer one ends the connection', async (t) => {
    const server = await serve(t);
    const listener = await listen(t, server.url, '--token', 'alice', '--room', 'lobby', '--max-message', '1KiB');
    const bob = await Client.join(t, server.url, 'bob', ['lobby']);
    bob.publish('lobby', 'chat', 'x'.repeat(2_000));
    await listener.logged(/connection lost: .*; trying again in \d+ms\n[^]*listening again at /);
  });
});

describe('the token', () => {
  const tokens = '{"secret-of-alice":{"userId":"alice","rooms":["lobby"]}}';

  test('--token, --token-file and WSCAST_TOKEN', async (t) => {
    const file = await written(t, 'token', 'secret-of-alice\n');
    const server = await startServer(t, 'wscast', 'serve', '--tokens', await written(t, 'tokens.json', tokens));
    const run = (environment, ...args) => runProgramIn(environment, 'wscast', 'listen', server.url, '--timeout', '50ms', ...args);
    assert.equal((await run({}, '--token', 'secret-of-alice')).code, 6);
    assert.equal((await run({ WSCAST_TOKEN: 'secret-of-alice' })).code, 6);
    assert.equal((await run({ WSCAST_TOKEN: 'wrong' }, '--token-file', file)).code, 6);
    assert.equal((await run({}, '--token-file', '/no/such/file')).code, 2);
    const { code, stderr } = await run({});
    assert.deepEqual({ code, stderr }, { code: 2, stderr: 'wscast: listen needs --token TOKEN, --token-file FILE, or WSCAST_TOKEN in the environment\n' });
  });

  test('one that is refused, or a room that is, ends it with 3', async (t) => {
    const server = await startServer(t, 'wscast', 'serve', '--tokens', await written(t, 'tokens.json', tokens));
    const wrong = await runProgram('wscast', 'listen', server.url, '--token', 'wrong');
    assert.deepEqual({ code: wrong.code, stdout: wrong.stdout }, { code: 3, stdout: '' });
    assert.match(wrong.stderr, /^wscast: the server refuses this client: closed with 4003 Authentication failed\n$/);
    const room = await runProgram('wscast', 'listen', server.url, '--token', 'secret-of-alice', '--room', 'lobby', '--room', 'vault');
    assert.deepEqual(room, { code: 3, stdout: '', stderr: 'wscast: the server refuses vault: not allowed\n' });
  });
});

describe('the connection', () => {
  test('one that is lost is made again, with the rooms', async (t) => {
    const where = ['--listen', `127.0.0.1:${await freePort()}`];
    const first = await serve(t, ...where);
    const listener = await listen(t, first.url, '--token', 'alice', '--room', 'lobby', '--count', '1');
    await first.stop();
    await listener.logged(/connection lost: closed with 1001 .*; trying again in \d+m?s\n/);
    const second = await serve(t, ...where);
    await listener.logged(/listening again at ws:\S+ as alice in lobby\n/);
    const bob = await Client.join(t, second.url, 'bob', ['lobby']);
    bob.publish('lobby', 'chat', 'after');
    assert.equal(await listener.endInput(), 0);
    assert.match((await listener.said(/[^]*/))[0], /chat "after"\n$/);
  });

  test('H5 what is lost in a room with history is said', async (t) => {
    const config = await written(t, 'wscast.toml', '[[rooms]]\nmatch = "orders"\njoin = true\npublish = true\nhistory = { size = 100, ttl = "10m" }\n');
    const where = ['--config', config, '--listen', `127.0.0.1:${await freePort()}`];
    const first = await serve(t, ...where);
    const listener = await listen(t, first.url, '--token', 'alice', '--room', 'orders', '--count', '2');
    const publish = async (server, data) => (await Client.join(t, server.url, 'bob', ['orders'])).publish('orders', 'order', data);
    await publish(first, 1);
    await listener.said(/\[orders\] order 1\n/);
    await first.stop();
    const second = await serve(t, ...where);
    await listener.logged(/orders: messages from 2 on are lost: epoch\n/);
    await listener.logged(/listening again at /);
    await publish(second, 2);
    assert.equal(await listener.endInput(), 0);
    assert.match((await listener.said(/[^]*/))[0], /\[orders\] order 2\n$/);
  });

  test('a token that is refused later ends it with 3', async (t) => {
    const where = ['--listen', `127.0.0.1:${await freePort()}`];
    const first = await serve(t, ...where);
    const listener = await listen(t, first.url, '--token', 'alice');
    await first.stop();
    await startServer(t, 'wscast', 'serve', '--tokens', await written(t, 'tokens.json', '{"other":{"userId":"bob"}}'), ...where);
    assert.equal(await listener.endInput(), 3);
  });

  for (const [url, code, words] of [
    ['ws://127.0.0.1:1/ws', 4, /^wscast: ws:\/\/127\.0\.0\.1:1\/ws: Connection refused\n$/],
    ['ws://no-such-host.invalid/ws', 4, /cannot be resolved\n$/],
    ['http://127.0.0.1:1/ws', 2, /is not a URL such as ws:/],
    ['ws://127.0.0.1:1/ws#x', 2, /is not a URL such as ws:/],
  ]) {
    test(`${url} ends with ${code}`, async () => {
      const result = await runProgram('wscast', 'listen', url, '--token', 'alice');
      assert.match(result.stderr, words);
      assert.deepEqual({ code: result.code, stdout: result.stdout }, { code, stdout: '' });
    });
  }

  test('a path without WebSocket ends it with 3', async (t) => {
    const server = await serve(t);
    const result = await runProgram('wscast', 'listen', `ws://${server.address}/other`, '--token', 'alice');
    assert.deepEqual(result, { code: 3, stdout: '', stderr: 'wscast: the server refuses this client: the server responded 404 to the upgrade\n' });
  });

  test('--timeout: 6 when nothing comes', async (t) => {
    const server = await serve(t);
    const result = await runProgram('wscast', 'listen', server.url, '--token', 'alice', '--timeout', '100ms');
    assert.match(result.stderr, /listening at .*\nwscast: nothing came within 100ms\n$/);
    assert.deepEqual({ code: result.code, stdout: result.stdout }, { code: 6, stdout: '' });
  });

  test('wss: the certificate must be of --ca-file, or of the system', async (t) => {
    const { cert, key, ca } = await certificate(t);
    const port = await freePort();
    await serve(t, '--listen-tls', `127.0.0.1:${port}`, '--tls-cert', cert, '--tls-key', key);
    const url = `wss://127.0.0.1:${port}/ws`;
    await listen(t, url, '--token', 'alice', '--ca-file', ca);
    const strange = await runProgram('wscast', 'listen', url, '--token', 'alice');
    assert.equal(strange.code, 4);
    assert.match(strange.stderr, /TLS: unable to get local issuer certificate\n$/);
    const missing = await runProgram('wscast', 'listen', url, '--token', 'alice', '--ca-file', '/no/such/file');
    assert.equal(missing.code, 2);
  });

  test('a server that requires encryption ends it with 3', async (t) => {
    const server = await serve(t, '--encryption', 'required');
    const { code, stderr } = await runProgram('wscast', 'listen', server.url, '--token', 'alice');
    assert.match(stderr, /closed with 4004 Encryption required\n$/);
    assert.equal(code, 3);
  });
});

for (const signal of ['SIGINT', 'SIGTERM']) {
  test(`${signal} ends it with 0, and tells the server`, async (t) => {
    const server = await serve(t, '--log-level', 'debug');
    const listener = await listen(t, server.url, '--token', 'alice');
    listener.signal(signal);
    assert.deepEqual(await listener.exit(), { code: 0, signal: null });
    await server.logged(/closed with 1000/);
  });

  test(`${signal} while it waits to connect again`, async (t) => {
    const server = await serve(t);
    const listener = await listen(t, server.url, '--token', 'alice');
    await server.stop();
    await listener.logged(/Connection refused; trying again/);
    listener.signal(signal);
    assert.deepEqual(await listener.exit(), { code: 0, signal: null });
  });
}
