// `wscast bench`: what it measures, and what it says when it cannot.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { written } from './support/files.mjs';
import { freePort } from './support/free_port.mjs';
import { startRedis } from './support/redis.mjs';
import { launchProgram, runProgram, startProgram, startServer } from './support/server.mjs';
import { certificate } from './support/webhook.mjs';

const short = ['--duration', '300ms', '--warm-up', '50ms'];
const few = ['--clients', '20', ...short];

const serve = (t, ...args) => startServer(t, 'wscast', 'serve', '--dev', '--shards', '1', '--message-rate', '0', ...args);
const counters = async (server) => (await (await fetch(`${server.pageUrl}stats`)).json()).counters;

// Runs it to its end: it must succeed, and say nothing on standard error.
async function bench(...args) {
  const { code, stdout, stderr } = await runProgram('wscast', 'bench', ...args);
  assert.deepEqual({ code, stderr }, { code: 0, stderr: '' }, args.join(' '));
  return stdout;
}

const measured = async (...args) => JSON.parse(await bench(...args, '--json'));

async function assertFails(code, line, ...args) {
  const result = await runProgram('wscast', 'bench', ...args);
  assert.match(result.stderr, /^wscast: [^\n]+\n$/);
  assert.match(result.stderr, line);
  assert.deepEqual({ code: result.code, stdout: result.stdout }, { code, stdout: '' });
}

// What holds of every load that ran.
function assertMeasured(result) {
  assert.ok(result.messages > 0 && result.messagesPerSecond > 0, JSON.stringify(result));
  const { p50, p99, p999, max } = result.latencyUs;
  assert.ok(p50 > 0 && p50 <= p99 && p99 <= p999 && p999 <= max, JSON.stringify(result));
  assert.ok(result.generatorCpu > 0);
}

describe('each mode', () => {
  test('fanout: everybody but the sender receives each message', async (t) => {
    const server = await serve(t);
    const result = await measured('fanout', server.url, ...few, '--pid', server.pid);
    assertMeasured(result);
    assert.deepEqual(Object.keys(result), ['mode', 'url', 'clients', 'size', 'inFlight', 'seconds', 'messages', 'messagesPerSecond',
      'published', 'lost', 'notices', 'latencyUs', 'serverCpuUsPerMessage', 'serverCpu', 'serverBytesPerConnection', 'generatorCpu',
      'generatorWaited', 'sentLate', 'generatorWasLimit'].filter((key) => key in result));
    assert.ok(result.serverCpuUsPerMessage > 0 && result.serverCpu > 0);
    assert.deepEqual({ mode: result.mode, clients: result.clients, size: result.size, lost: result.lost, messages: result.messages },
      { mode: 'fanout', clients: 20, size: 64, lost: 0, messages: 19 * result.published });
  });

  test('fanout --in-flight, --publishers, --size, --room', async (t) => {
    const server = await serve(t);
    const result = await measured('fanout', server.url, ...few, '--in-flight', '7', '--publishers', '3', '--size', '2000', '--room', 'ä"b');
    assertMeasured(result);
    assert.deepEqual([result.inFlight, result.size, result.messages], [7, 2000, 19 * result.published]);
  });

  for (const event of ['pub', 'pubx']) {
    test(`fanout --publish-event ${event}: learns whether the sender receives, too`, async (t) => {
      const server = await startProgram(t, 'bench-app', '--listen', '127.0.0.1:0');
      const result = await measured('fanout', server.url, ...few, '--publish-event', event);
      assert.equal(result.messages, (event === 'pub' ? 20 : 19) * result.published);
    });
  }

  test('echo, by rooms, by an event of the server, and raw', async (t) => {
    const program = await serve(t);
    const application = await startProgram(t, 'bench-app', '--listen', '127.0.0.1:0');
    const echo = await startProgram(t, 'echo', '--listen', '127.0.0.1:0');
    for (const args of [[program.url], [application.url, '--publish-event', 'echo'], [echo.url, '--protocol', 'raw']]) {
      const result = await measured('echo', ...args, ...few, '--in-flight', '3');
      assertMeasured(result);
      assert.equal(result.inFlight, 3);
    }
  });

  test('connect: connections with their authentication', async (t) => {
    const server = await serve(t);
    const result = await measured('connect', server.url, ...short, '--clients', '5', '--pid', server.pid);
    assertMeasured(result);
    assert.ok(result.serverCpuUsPerMessage > 0);
    assert.ok((await counters(server)).authentications >= result.messages);
    const paced = await measured('connect', server.url, '--duration', '1s', '--warm-up', '0', '--rate', '50');
    assert.ok(paced.messages >= 30 && paced.messages <= 50, paced.messages);
  });

  test('idle: memory of a connection', async (t) => {
    const server = await serve(t);
    const result = await measured('idle', server.url, '--clients', '500', ...short, '--pid', server.pid);
    assert.deepEqual([result.mode, result.clients], ['idle', 500]);
    assert.ok(result.serverBytesPerConnection > 200 && result.serverBytesPerConnection < 20_000, JSON.stringify(result));
    assert.match(await bench('idle', server.url, '--clients', '10', ...short), /^idle at \S+ with 10 clients, 0\.\d s\n$/);
  });

  test('idle --on-request: clients stay until standard input ends', async (t) => {
    const server = await serve(t);
    const running = launchProgram(t, 'wscast', 'bench', 'idle', server.url, '--clients', '10', '--on-request', '--json');
    await running.said(/^{"ready":true}\n$/);
    assert.equal((await (await fetch(`${server.pageUrl}stats`)).json()).authenticated, 10);
    assert.equal(await running.endInput(), 0);
    await running.said(/^{"ready":true}\n{"mode":"idle",.*}\n$/);
  });

  test('redis: to a room, to a client, and encrypted', async (t) => {
    const redis = await startRedis(t);
    const server = await serve(t, '--redis', redis.url, '--encryption', 'optional');
    for (const args of [['--clients', '10'], ['--clients', '1'], ['--clients', '5', '--encrypted', '--in-flight', '1']]) {
      const result = await measured('redis', server.url, '--redis', redis.url, ...short, ...args);
      assertMeasured(result);
      assert.equal(result.messages, result.clients * result.published);
    }
  });

  test('encrypted, deflate, tls', async (t) => {
    const server = await serve(t, '--encryption', 'required', '--per-message-deflate');
    assertMeasured(await measured('encrypted', server.url, ...few));
    assertMeasured(await measured('connect', server.url, ...few, '--encrypted'));
    assertMeasured(await measured('echo', server.url, ...few, '--encrypted', '--deflate'));
    const other = await serve(t, '--per-message-deflate', '--listen-tls', '127.0.0.1:0', '--tls-self-signed');
    assertMeasured(await measured('deflate', other.url, ...few, '--size', '1000'));
    const [, address] = await other.said(/listening on (\S+) \(TLS\)/);
    assertMeasured(await measured('tls', `wss://${address}`, '--insecure', ...few));
    await assertFails(4, /self-signed certificate \(--insecure accepts any\)\n$/, 'tls', `wss://${address}`, ...few);
  });

  test('tls: the certificate must be of --ca-file, or of the system', async (t) => {
    const { cert, key, ca } = await certificate(t);
    const port = await freePort();
    await serve(t, '--listen-tls', `127.0.0.1:${port}`, '--tls-cert', cert, '--tls-key', key);
    assertMeasured(await measured('tls', `wss://127.0.0.1:${port}`, '--ca-file', ca, ...few));
    await assertFails(2, /\/no\/such\/file/, 'tls', `wss://127.0.0.1:${port}`, '--ca-file', '/no/such/file', ...few);
  });
});

describe('a given rate', () => {
  test('messages are due evenly, and all arrive', async (t) => {
    const server = await serve(t);
    for (const mode of ['fanout', 'echo']) {
      const result = await measured(mode, server.url, '--clients', '5', '--duration', '1s', '--warm-up', '0', '--rate', '100');
      assertMeasured(result);
      assert.equal(result.rate, 100);
      assert.equal(result.published, 100);
      assert.deepEqual([result.messages, result.lost], [result.published * (mode === 'echo' ? 1 : 4), 0]);
    }
  });

  // A load that waits for the server would have sent one message meanwhile, which is not one in a hundred.
  test('a pause of the server delays each message that was due in it', async (t) => {
    const server = await serve(t);
    const running = launchProgram(t, 'wscast', 'bench', 'fanout', server.url, '--clients', '5', '--duration', '3s',
      '--warm-up', '0', '--rate', '100', '--json', '--on-request');
    await running.said(/ready/);
    running.write('\n');
    server.survivedSignal('SIGSTOP');
    await delay(1_000);
    server.survivedSignal('SIGCONT');
    const [line] = await running.said(/{"mode".*\n/);
    assert.equal(await running.endInput(), 0);
    const { latencyUs, messages, published, lost } = JSON.parse(line);
    assert.deepEqual({ published, messages, lost }, { published: 300, messages: 1_200, lost: 0 });
    assert.ok(latencyUs.p99 > 800_000, line);
    assert.ok(latencyUs.max > 900_000, line);
  });

  test('a generator that falls behind says that it was the limit', async (t) => {
    const server = await serve(t);
    for (const format of [[], ['--json']]) {
      const running = launchProgram(t, 'wscast', 'bench', 'fanout', server.url, '--clients', '5', '--duration', '2s',
        '--warm-up', '0', '--rate', '100', '--on-request', ...format);
      await running.said(/ready/);
      const { messages_received: before } = await counters(server);
      running.write('\n');
      while ((await counters(server)).messages_received < before + 3);
      running.survivedSignal('SIGSTOP');
      await delay(500);
      running.survivedSignal('SIGCONT');
      await running.said(format.length > 0 ? /"sentLate":0\.[0-9]+,"generatorWasLimit":true/
        : /The load generator was the limit: \d+ % of the messages were sent over 10 ms late\./);
      assert.equal(await running.endInput(), 0);
    }
  });
});

describe('what it prints', () => {
  test('a table for people', async (t) => {
    const server = await serve(t);
    const text = await bench('fanout', server.url, ...few, '--pid', server.pid);
    assert.match(text, new RegExp('^fanout at ws:\\S+ in a room of 20, 64 bytes, 1 in flight, 0\\.\\d s\n'
      + ' {2}messages {12}[\\d,]+, [\\d,]+ a second\n'
      + ' {2}latency {13}p50 \\d.*, p99 \\d.*, p99\\.9 \\d.*, max \\d.*\n'
      + ' {2}server CPU {10}\\d+\\.\\d\\d us a message, \\d+ % of a core\n'
      + '( {2}server memory {7}[\\d,]+ bytes a connection\n)?'
      + ' {2}load generator {6}\\d+ % of a core\n'));
  });

  test('--on-request: a result for each line, until standard input ends', async (t) => {
    const server = await serve(t);
    const running = launchProgram(t, 'wscast', 'bench', 'echo', server.url, ...few, '--json', '--on-request');
    await running.said(/^{"ready":true}\n$/);
    running.write('\n');
    await running.said(/^{"ready":true}\n{.*}\n$/);
    running.write('\n\n');
    await running.said(/^{"ready":true}\n({.*}\n){3}$/);
    assert.equal(await running.endInput(), 0);
  });

  test('--on-request: a signal ends it while it waits', async (t) => {
    const server = await serve(t);
    const running = launchProgram(t, 'wscast', 'bench', 'echo', server.url, ...few, '--on-request');
    await running.said(/^ready\n$/);
    assert.equal(await running.stop(), 0);
  });

  test('on a terminal it draws how far it is', async (t) => {
    const server = await serve(t);
    const wscast = path.join(process.env.WSCAST_BIN_DIR, 'wscast');
    const child = spawn('script', ['-qefc', `${wscast} bench fanout ${server.url} --clients 5 --duration 1s`, '/dev/null']);
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (piece) => { text += piece; });
    const [code] = await once(child, 'close');
    assert.equal(code, 0, text);
    assert.match(text, /\r\x1b\[Kmeasuring {4}\[#+ *\] +\d+ %/);
    assert.match(text, /\r\x1b\[Kfanout at /);
  });

  test('a first SIGINT ends it, with what was measured until then', async (t) => {
    const server = await serve(t);
    const running = launchProgram(t, 'wscast', 'bench', 'fanout', server.url, '--clients', '5', '--duration', '1m', '--warm-up', '0',
      '--on-request', '--json');
    await running.said(/ready/);
    running.write('\n');
    while ((await counters(server)).messages_received < 500);
    assert.equal(await running.stop(), 0);
    const [line] = await running.said(/{"mode".*\n/);
    assertMeasured(JSON.parse(line));
  });
});

describe('who may', () => {
  const tokens = '{"secret-of-alice":{"userId":"alice","rooms":["lobby"]}}';

  test('--token, --token-file and WSCAST_TOKEN; what is refused ends it with 3', async (t) => {
    const server = await startServer(t, 'wscast', 'serve', '--tokens', await written(t, 'tokens.json', tokens));
    assertMeasured(await measured('fanout', server.url, ...few, '--token', 'secret-of-alice', '--room', 'lobby'));
    const token = await written(t, 'token', 'secret-of-alice\n');
    assertMeasured(await measured('connect', server.url, ...few, '--token-file', token));
    await assertFails(3, /the server refuses this client: closed with 4003 Authentication failed\n$/, 'fanout', server.url, ...few);
    await assertFails(3, /the server refuses room vault: not allowed\n$/, 'fanout', server.url, ...few,
      '--token', 'secret-of-alice', '--room', 'vault');
  });

  test('--authenticate-data reaches the server', async (t) => {
    const server = await startProgram(t, 'bench-app', '--listen', '127.0.0.1:0');
    assertMeasured(await measured('fanout', server.url, ...few, '--publish-event', 'pub', '--authenticate-data', '{"userId":"bob"}'));
    await assertFails(3, /the server refuses a client: .*Authentication failed/, 'fanout', server.url, ...few, '--publish-event', 'pub',
      '--authenticate-data', '{"token":""}');
  });

  test('a server without what the clients ask for', async (t) => {
    const server = await serve(t);
    await assertFails(3, /the server does not accept permessage-deflate \(wscast serve: --per-message-deflate\)/, 'deflate', server.url, ...few);
    await assertFails(3, /the server does not encrypt \(wscast serve: --encryption\)/, 'encrypted', server.url, ...few);
    const strict = await serve(t, '--encryption', 'required');
    await assertFails(3, /the server refuses this client: closed with 4004/, 'fanout', strict.url, ...few);
  });

  test('a client that sends more than the server allows', async (t) => {
    const server = await startServer(t, 'wscast', 'serve', '--dev', '--message-rate', '20');
    await assertFails(3, /the server says: .*Rate limit exceeded.* \(--rate sends less; wscast serve --message-rate 0 allows any\)/,
      'fanout', server.url, '--clients', '3', '--publishers', '1', '--duration', '2s');
  });
});

describe('what stands in the way', () => {
  test('nobody listens', async () => {
    const port = await freePort();
    await assertFails(4, new RegExp(`ws://127\\.0\\.0\\.1:${port}/ws: Connection refused\n$`), 'fanout', `ws://127.0.0.1:${port}`);
  });

  test('a Redis that is not there, or not the one of the server', async (t) => {
    const server = await serve(t);
    const none = `redis://127.0.0.1:${await freePort()}`;
    await assertFails(4, /Redis at 127\.0\.0\.1:\d+: Connection refused\n$/, 'redis', server.url, '--redis', none, ...few);
    const redis = await startRedis(t);
    await assertFails(1, /nobody receives what is published on Redis: does the server use this one\?/, 'redis', server.url, '--redis', redis.url, ...few);
    await assertFails(2, /--redis: bench redis needs a single Redis without TLS/, 'redis', server.url, '--redis', 'rediss://127.0.0.1', ...few);
  });

  test('an event that nobody forwards', async (t) => {
    const server = await startProgram(t, 'bench-app', '--listen', '127.0.0.1:0');
    await assertFails(1, /nobody receives what a client sends by "publish" to room bench: --publish-event names the event/, 'fanout', server.url, ...few);
    await assertFails(1, /the server does not send back what "news" sends/, 'echo', server.url, ...few, '--publish-event', 'news');
  });

  test('fewer descriptors than clients', async () => {
    const wscast = path.join(process.env.WSCAST_BIN_DIR, 'wscast');
    const child = spawn('sh', ['-c', `ulimit -n 64; exec ${wscast} bench fanout ws://127.0.0.1:1 --clients 100`]);
    let text = '';
    child.stderr.setEncoding('utf8').on('data', (piece) => { text += piece; });
    const [code] = await once(child, 'close');
    assert.deepEqual({ code, text }, { code: 2, text: 'wscast: --clients: 100 connections need more descriptors than the 64 that this process may open (ulimit -n)\n' });
  });

  test('a server that ends', async (t) => {
    const server = await serve(t);
    const running = launchProgram(t, 'wscast', 'bench', 'fanout', server.url, '--clients', '5', '--duration', '1m', '--warm-up', '0', '--on-request');
    await running.said(/ready/);
    running.write('\n');
    await server.kill();
    const { code } = await running.exit();
    running.signal('SIGTERM');  // It has ended, as it is to.
    assert.equal(code, 1);
    assert.match(running.stderr, /^wscast: the server has ended a connection: [^\n]+\n$/);
  });

  test('arguments that do not fit', async () => {
    for (const [line, ...args] of [
      [/mode: dance not in/, 'dance'], [/mode is required/],
      [/"http:\/\/h\/ws" is not a URL such as ws:/, 'fanout', 'http://h'],
      [/--pid: there is no process 4194305/, 'fanout', 'ws://127.0.0.1:1', '--pid', '4194305'],
      [/a fan-out needs --clients 2 or more/, 'fanout', '--clients', '1'],
      [/--authenticate-data: it is not a JSON object/, 'echo', '--authenticate-data', '1'],
      [/bench redis needs --redis URL/, 'redis'],
    ]) await assertFails(2, line, ...args);
  });
});
