// `wscast emit` and `wscast serve --redis`, as an operator meets them, beside the reference.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Client, within } from '../web/support/client.mjs';
import { stats } from '../web/support/raw.mjs';
import { launchProgram, runProgram, runProgramIn, startServer as startProgram } from '../web/support/server.mjs';
import { reference, startServer } from './support/peer.mjs';
import { freePort } from '../web/support/free_port.mjs';
import { commands, startRedis, startRedisAt, Wiretap } from './support/redis.mjs';

const emit = (redis, ...args) => runProgram('wscast', 'emit', '--redis', redis.url, ...args);

// `wscast emit args...` with `input` to read, and `environment`.
async function emitting(input, environment, ...args) {
  const child = spawn(path.join(process.env.WSCAST_BIN_DIR, 'wscast'), ['emit', ...args],
    { env: { ...process.env, ...environment }, timeout: 20_000 });
  const said = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr']) child[stream].on('data', (text) => { said[stream] += text; });
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const [code] = await once(child, 'close');
  return { code, ...said };
}

async function assertRefused(args, line, environment = {}) {
  const { code, stdout, stderr } = await emitting('', environment, ...args);
  assert.match(stderr, /^wscast: [^\n]+\n$/, 'one line');
  assert.match(stderr, line);
  assert.deepEqual({ code, stdout }, { code: 2, stdout: '' });
}

// A certificate that signs itself, for the server and for its clients.
async function certificate(t) {
  const folder = await mkdtemp(path.join(tmpdir(), 'wscast-tls-'));
  t.after(() => rm(folder, { recursive: true }));
  const [file, key] = ['certificate.pem', 'key.pem'].map((name) => path.join(folder, name));
  await promisify(execFile)('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes',
    '-days', '2', '-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', file]);
  return { file, key };
}

const silence = { code: 0, stdout: '', stderr: '' };
const envelope = (rest) => JSON.stringify({ serverId: 'emitter', ...rest });

describe('wscast emit', () => {
  test('R6 R7 it publishes what the reference would, and says nothing', async (t) => {
    const redis = await startRedis(t);
    const tap = await Wiretap.on(t, redis);
    for (const [args, channel, rest] of [
      [['room', 'lobby', 'said', '{"n":1}'], 'ws:room:lobby', { type: 'room', target: 'lobby', event: 'said', data: { n: 1 } }],
      [['client', 'some-id', 'said', '"x"'], 'ws:client:some-id', { type: 'client', target: 'some-id', event: 'said', data: 'x' }],
      [['user', 'ünal', 'said', '1'], 'ws:user:ünal', { type: 'user', target: 'ünal', event: 'said', data: 1 }],
      [['broadcast', 'said', 'null'], 'ws:broadcast', { type: 'broadcast', event: 'said', data: null }],
      [['room', 'lobby', 'said', '1', '--exclude', 'a,b', '--exclude', 'c'], 'ws:room:lobby',
        { type: 'room', target: 'lobby', event: 'said', data: 1, exclude: ['a', 'b', 'c'] }],
      [['room', '--exclude', 'a', 'lobby', 'said', '1'], 'ws:room:lobby',
        { type: 'room', target: 'lobby', event: 'said', data: 1, exclude: ['a'] }],
    ]) {
      assert.deepEqual(await emit(redis, ...args), silence);
      assert.deepEqual(await tap.next(), { channel, text: envelope(rest) });
    }
  });

  test('D15 the JSON goes out as it was written', async (t) => {
    const redis = await startRedis(t);
    const tap = await Wiretap.on(t, redis);
    for (const json of ['[]', '[1,2]', '{}', '["a,b"]', '""', '"-"', '1e999', '{"a":1,"a":2}', ' [ 1 ] ', '12345678901234567890',
      '"\\ud800"', '-0', '-1.5', '[[1],[2]]']) {
      const args = json.startsWith('-') ? ['--', json] : [json];
      assert.deepEqual(await emit(redis, 'broadcast', 'said', ...args), silence, json);
      assert.equal((await tap.next()).text, `{"serverId":"emitter","type":"broadcast","event":"said","data":${json}}`);
    }
  });

  test('- reads one JSON text a line, in order', async (t) => {
    const redis = await startRedis(t);
    const tap = await Wiretap.on(t, redis);
    const count = 25_000;  // More than may be in flight.
    const lines = Array.from({ length: count }, (_, n) => `${n}\n${n % 1000 ? '' : '\n'}`).join('');
    assert.deepEqual(await emitting(lines, {}, '--redis', redis.url, 'room', 'lobby', 'said', '-'), silence);
    for (let n = 0; n < count; ++n) {
      assert.equal((await tap.next()).text, envelope({ type: 'room', target: 'lobby', event: 'said', data: n }));
    }
  });

  test('what is no JSON is not sent, the rest is: exit code 1, and the first of them', async (t) => {
    const redis = await startRedis(t);
    const tap = await Wiretap.on(t, redis);
    const { code, stdout, stderr } = await emitting('1\nnope\n2\n{\n3', {}, '--redis', redis.url, 'broadcast', 'said', '-');
    assert.deepEqual({ code, stdout }, { code: 1, stdout: '' });
    assert.equal(stderr, 'wscast: 2 of 5 not sent; first line 2: not valid JSON\n');
    for (const n of [1, 2, 3]) assert.equal(JSON.parse((await tap.next()).text).data, n);
    for (const json of ['nope', '', '{', '1 2', "{'a':1}"]) {
      const single = await emit(redis, 'broadcast', 'said', json);
      assert.deepEqual(single, { code: 1, stdout: '', stderr: 'wscast: not sent: not valid JSON\n' });
    }
  });

  for (const command of [[], ['room'], ['client'], ['user'], ['broadcast']]) {
    test(`emit ${command.join(' ')} --help helps`, async () => {
      const { code, stdout, stderr } = await runProgram('wscast', 'emit', ...command, '--help');
      assert.match(stdout, command.length ? /json JSON REQUIRED/ : /\n {2}broadcast +To every authenticated client/);
      assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
    });
  }

  test('a message over the limit is not sent', async (t) => {
    const redis = await startRedis(t);
    const long = `"${'x'.repeat(1024 * 1024)}"\n1\n`;
    const { code, stderr } = await emitting(long, {}, '--redis', redis.url, 'broadcast', 'said', '-');
    assert.match(stderr, /^wscast: 1 of 2 not sent; first line 1: the message is longer/);
    assert.equal(code, 1);
  });

  test('--redis-max-publish-bytes: a longer message is sent, one over that is not', async (t) => {
    const redis = await startRedis(t);
    const tap = await Wiretap.on(t, redis);
    const long = 'x'.repeat(10 * 1024 * 1024);  // Two of it are more than may be in flight by default.
    const lines = `"${long}"\n`.repeat(3);
    const args = ['--redis', redis.url, 'broadcast', 'said', '-'];
    assert.deepEqual(await emitting(lines, {}, '--redis-max-publish-bytes', '11MiB', ...args), silence);
    for (const _ of [1, 2, 3]) assert.equal(JSON.parse((await tap.next()).text).data, long);
    const { code, stderr } = await emitting('"12345678"', {}, '--redis-max-publish-bytes', '64', ...args);
    assert.match(stderr, /^wscast: 1 of 1 not sent|^wscast: not sent: line 1: the message is longer/);
    assert.equal(code, 1);
  });

  test('without the right to PUBLISH it says what Redis says', async (t) => {
    const redis = await startRedis(t, ...'--user mute on nopass ~* &* +@all -publish'.split(' '),
      ...'--user some on nopass ~* +@all resetchannels &ws:room:*'.split(' '));
    const as = (user, ...args) => runProgram('wscast', 'emit', '--redis', redis.url.replace('//', `//${user}:x@`), ...args, 'said', '1');
    for (const [user, ...to] of [['mute', 'broadcast'], ['mute', 'room', 'lobby'], ['some', 'broadcast'], ['some', 'user', 'alice']]) {
      const { code, stdout, stderr } = await as(user, ...to);
      assert.match(stderr, /^wscast: not sent: [^\n]*NOPERM [^\n]*\n$/);
      assert.deepEqual({ code, stdout }, { code: 1, stdout: '' });
    }
    assert.deepEqual(await as('some', 'room', 'lobby'), silence);
  });

  for (const wait of ['20s', 'forever']) {
    test(`--redis-wait ${wait}: it waits for a Redis that comes up later`, async (t) => {
      const port = await freePort();
      const sent = runProgram('wscast', 'emit', '--redis', `redis://127.0.0.1:${port}`, '--redis-wait', wait, 'broadcast', 'said', '1');
      await delay(300);  // It waits silently: there is nothing to see.
      await startRedisAt(t, port);
      assert.deepEqual(await sent, silence);
    });
  }

  test('-v prints to how many it was passed', async (t) => {
    const redis = await startRedis(t);
    assert.deepEqual(await emit(redis, '-v', 'broadcast', 'said', '1'), { ...silence, stdout: 'sent, receivers at least 0\n' });
    for (const _ of [1, 2]) await Wiretap.on(t, redis);
    assert.deepEqual(await emit(redis, 'broadcast', 'said', '1', '--verbose'), { ...silence, stdout: 'sent, receivers at least 2\n' });
  });

  test('H9 H10 --history writes the history of a room; -v prints the position', async (t) => {
    const redis = await startRedis(t);
    const tap = await Wiretap.on(t, redis);
    const store = commands(t, redis);
    const room = ['room', 'lobby', 'said'];
    assert.deepEqual(await emit(redis, ...room, '1', '--history'), silence);
    const epoch = await store.hget('ws:position:{lobby}', 'epoch');
    const kept = (data) => ({ type: 'room', target: 'lobby', event: 'said', data });
    const positioned = (data, offset) => ({ channel: 'ws:room:lobby', text: envelope({ ...kept(data), offset, epoch }) });
    assert.deepEqual(await tap.next(), positioned(1, 1));
    const [[id, [, text]]] = await store.xrange('ws:history:{lobby}', '-', '+');
    assert.deepEqual({ id, text }, { id: '1-0', text: envelope(kept(1)) });
    assert.ok(Math.abs(await store.pttl('ws:history:{lobby}') - 600_000) < 5_000, 'as in the configuration by default');

    const limits = ['--history', '--history-size', '1', '--history-ttl', '1h'];
    for (const said of ['sent', 'sent before']) {
      assert.deepEqual(await emit(redis, '-v', ...room, '2', ...limits, '--key', 'k'),
        { ...silence, stdout: `${said}, offset 2 in epoch ${epoch}\n` });
    }
    assert.deepEqual(await tap.next(), positioned(2, 2));
    const lines = Array.from({ length: 500 }, (_, n) => `${n + 3}\n`).join('');
    assert.deepEqual(await emitting(lines, {}, '--redis', redis.url, ...room, '-', ...limits), silence);
    for (let n = 3; n < 503; ++n) assert.deepEqual(await tap.next(), positioned(n, n));
    assert.ok(await store.xlen('ws:history:{lobby}') < 200, 'it keeps no more than it shall, by and large');

    assert.deepEqual(await emit(redis, 'room', 'hall', 'said', '1', ...limits), silence);
    assert.ok(Math.abs(await store.pttl('ws:history:{hall}') - 3_600_000) < 5_000);
    assert.equal((await tap.next()).channel, 'ws:room:hall');

    assert.deepEqual(await emit(redis, ...room, '503'), silence);
    assert.deepEqual(await tap.next(), { channel: 'ws:room:lobby', text: envelope(kept(503)) });
    assert.equal(await store.hget('ws:position:{lobby}', 'last'), '502', 'without the flag it is live');
  });

  test('WSCAST_REDIS says which Redis, unless --redis does; --redis-prefix stands before the channels', async (t) => {
    const redis = await startRedis(t);
    const tap = await Wiretap.on(t, redis);
    const args = ['--redis-prefix', 'p:', 'broadcast', 'said', '1'];
    assert.deepEqual(await emitting('', { WSCAST_REDIS: redis.url }, ...args), silence);
    assert.equal((await tap.next()).channel, 'p:ws:broadcast');
    assert.deepEqual(await emitting('', { WSCAST_REDIS: 'redis://127.0.0.1:1' }, '--redis', redis.url, ...args), silence);
    assert.equal((await tap.next()).channel, 'p:ws:broadcast');
  });

  for (const [args, line] of [
    [['--redis', 'http://x', 'broadcast', 'said', '1'], /--redis: /],
    [['--redis', 'redis://127.0.0.1:1', 'everybody', 'said', '1'], /not expected: .*everybody/],
    [['--redis', 'redis://127.0.0.1:1', 'room', 'lobby', 'said'], /JSON|json/],
    [['--redis', 'redis://127.0.0.1:1', 'broadcast', 'said', '1', 'more'], /more/],
    [['--redis', 'redis://127.0.0.1:1', 'user', 'x', 'said', '1', '--exclude', 'a'], /--exclude/],
    [['--redis', 'redis://127.0.0.1:1', 'user', 'x', 'said', '1', '--history'], /--history/],
    ...[['--history-size', '5'], ['--history-ttl', '5s'], ['--key', 'k']].map((flag) =>
      [['--redis', 'redis://127.0.0.1:1', 'room', 'x', 'said', '1', ...flag], new RegExp(`${flag[0]} requires --history`)]),
    ...[['--history-size', '0'], ['--history-size', '100001'], ['--key', ''], ['--key', 'k'.repeat(129)]].map((flag) =>
      [['--redis', 'redis://127.0.0.1:1', 'room', 'x', 'said', '1', '--history', ...flag], new RegExp(`${flag[0]}: `)]),
    ...['999ms', '721h'].map((ttl) =>
      [['--redis', 'redis://127.0.0.1:1', 'room', 'x', 'said', '1', '--history', '--history-ttl', ttl], /--history-ttl must be 1s to 720h/]),
    [['--redis', 'redis://127.0.0.1:1', 'room', 'x', 'said', '-', '--history', '--key', 'k'], /--key is for one message/],
    [['--redis', 'redis://127.0.0.1:1', '--redis-tls-ca-file', 'x', 'broadcast', 'said', '1'], /tls_ca_file/],
  ]) {
    test(`${args.join(' ')} is refused: exit code 2`, () => assertRefused(args, line));
  }

  test('R9 a wrong password is refused at once, and not shown', async (t) => {
    const redis = await startRedis(t, '--requirepass', 'right');
    const url = redis.url.replace('//', '//:wrong-one@');
    await assertRefused(['--redis', url, 'broadcast', 'said', '1'], /WRONGPASS/);
    const { stderr } = await emitting('', {}, '--redis', url, 'broadcast', 'said', '1');
    assert.doesNotMatch(stderr, /wrong-one/);
    await assertRefused(['--redis', redis.url, 'broadcast', 'said', '1'], /NOAUTH/);
    const right = redis.url.replace('//', '//:right@');
    assert.deepEqual(await emitting('', {}, '--redis', right, 'broadcast', 'said', '1'), silence);
  });
});

test('TLS: a server and an emitter trust the given CA, and show their certificate', async (t) => {
  const { file, key } = await certificate(t);
  const redis = await startRedis(t, '--tls-port', 'PORT', '--tls-cert-file', file, '--tls-key-file', key,
    '--tls-ca-cert-file', file, '--tls-auth-clients', 'yes');
  const url = redis.url.replace('redis:', 'rediss:');
  const all = ['--redis', url, '--redis-tls-ca-file', file, '--redis-tls-certificate-file', file, '--redis-tls-key-file', key];
  const server = await startProgram(t, 'wscast', 'serve', '--dev', ...all);
  const alice = await Client.join(t, server.url, 'alice');
  assert.deepEqual(await emitting('', {}, ...all, 'user', 'alice', 'said', '1'), silence);
  assert.equal(await alice.text(), '{"event":"said","data":1}');
  await assertRefused([...all.slice(0, 2), ...all.slice(4), 'broadcast', 'said', '1'], /certificate/);
  await assertRefused([...all.slice(0, 4), 'broadcast', 'said', '1'], /certificate|alert/);
});

describe('wscast serve --redis', () => {
  // A server of the Redis at `port`, which may not be there yet.
  const waiting = (t, port, wait) => launchProgram(t, 'wscast', 'serve', '--dev', '--listen', '127.0.0.1:0',
    '--redis', `redis://127.0.0.1:${port}`, '--redis-wait', wait);

  for (const subscribe of ['exact', 'patterns']) {
    test(`it is one with the reference and with wscast emit, ${subscribe}`, async (t) => {
      const redis = await startRedis(t);
      const theirs = await startServer(t, reference, redis);
      const ours = await startProgram(t, 'wscast', 'serve', '--dev', '--redis', redis.url, '--redis-subscribe', subscribe);
      const alice = await Client.join(t, ours.url, 'alice', ['lobby']);
      const bob = await Client.join(t, theirs.url, 'bob', ['lobby']);
      const ack = await alice.acknowledged('lobby', 'chat', 'hello');
      assert.deepEqual(ack, { ok: true, delivered: 0, backplane: 'ok' });
      assert.equal(await bob.text(), '{"event":"chat","data":"hello"}');
      bob.send('send', { destination: 'lobby', payload: { topic: 'chat', data: 'hi' } });
      for (const client of [alice, bob]) assert.equal(await client.text(), '{"event":"chat","data":"hi"}');
      assert.deepEqual(await emit(redis, 'room', 'lobby', 'chat', '"all"', '--exclude', bob.id), silence);
      assert.equal(await alice.text(), '{"event":"chat","data":"all"}');
      await bob.settled();
    });
  }

  test('WSCAST_REDIS and --redis-prefix: another prefix is another system', async (t) => {
    const redis = await startRedis(t);
    const start = (...args) => startProgram(t, 'wscast', 'serve', '--dev', '--redis', redis.url, ...args);
    const [one, two, other] = [await start('--redis-prefix', 'a:'), await start('--redis-prefix', 'a:'), await start()];
    const alice = await Client.join(t, one.url, 'alice', ['lobby']);
    const bob = await Client.join(t, two.url, 'bob', ['lobby']);
    const carol = await Client.join(t, other.url, 'carol', ['lobby']);
    alice.publish('lobby', 'chat', 1);
    assert.equal(await bob.text(), '{"event":"chat","data":1}');
    await carol.settled();
  });

  const longer = (size) => 'x'.repeat(size);

  test('a publish over --redis-max-publish-bytes is "message too big"; the start warns of it', async (t) => {
    const redis = await startRedis(t);
    const server = await startProgram(t, 'wscast', 'serve', '--dev', '--redis', redis.url, '--max-payload-length', '2MiB');
    const alice = await Client.join(t, server.url, 'alice', ['lobby']);
    const bob = await Client.join(t, server.url, 'bob', ['lobby']);
    assert.deepEqual(await alice.acknowledged('lobby', 'chat', longer(1024 * 1024), { echo: true }), { ok: false, error: 'message too big' });
    await bob.settled();
    assert.equal((await stats(server)).counters.publishes_too_big, 1);
    assert.equal((await alice.acknowledged('lobby', 'chat', 'short')).ok, true);
    assert.match(server.stderr, /warning --max-payload-length 2MiB .*--redis-max-publish-bytes 1MiB .*"message too big"/);
  });

  test('--redis-max-publish-bytes: a longer publish reaches other servers with the same flag', async (t) => {
    const redis = await startRedis(t);
    const size = 17 * 1024 * 1024;  // Over what a server receives, or has unsent, by default.
    const args = ['--redis', redis.url, '--max-payload-length', '20MiB', '--redis-max-publish-bytes', '21MiB',
      '--backpressure-limit', '64MiB'];
    const [one, two] = [await startProgram(t, 'wscast', 'serve', '--dev', ...args), await startProgram(t, 'wscast', 'serve', '--dev', ...args)];
    const alice = await Client.join(t, one.url, 'alice', ['lobby']);
    const bob = await Client.join(t, two.url, 'bob', ['lobby']);
    assert.deepEqual(await alice.acknowledged('lobby', 'chat', longer(size)), { ok: true, delivered: 0, backplane: 'ok' });
    assert.equal(JSON.parse(await bob.text()).data.length, size);
    await one.stop();
    assert.doesNotMatch(one.stderr, /--max-payload-length/);
  });

  test('what fits by default is not warned of', async (t) => {
    const redis = await startRedis(t);
    const server = await startProgram(t, 'wscast', 'serve', '--dev', '--redis', redis.url);
    const alone = await startProgram(t, 'wscast', 'serve', '--dev', '--max-payload-length', '2MiB');
    for (const each of [server, alone]) {
      await each.stop();
      assert.doesNotMatch(each.stderr, /warning/);
    }
  });

  for (const wait of ['20s', 'forever']) {
    test(`--redis-wait ${wait}: it waits for a Redis that comes up later`, async (t) => {
      const port = await freePort();
      const server = waiting(t, port, wait);
      await server.logged(/Connection refused/);
      await startRedisAt(t, port);
      await server.listening();
      await Client.join(t, server.url, 'alice');
    });
  }

  test('a file may hold the URL, and then no flag may', async (t) => {
    const redis = await startRedis(t);
    const folder = await mkdtemp(path.join(tmpdir(), 'wscast-'));
    t.after(() => rm(folder, { recursive: true }));
    const file = path.join(folder, 'url');
    await writeFile(file, `${redis.url}\n`);
    assert.equal((await runProgram('wscast', 'emit', '--redis-url-file', file, 'broadcast', 'said', '1')).code, 0);
    const both = await runProgram('wscast', 'emit', '--redis-url-file', file, '--redis', redis.url, 'broadcast', 'said', '1');
    assert.equal(both.stderr, 'wscast: redis.url and redis.url_file exclude each other\n');
  });

  test('WSCAST_REDIS_WAIT says how long, unless --redis-wait does', async () => {
    const redis = ['--redis', `redis://127.0.0.1:${await freePort()}`];
    const serve = (wait, ...args) => runProgramIn({ WSCAST_REDIS_WAIT: wait }, 'wscast', 'serve', '--dev', ...redis, ...args);
    assert.match((await serve('soon')).stderr, /^wscast: WSCAST_REDIS_WAIT: "soon" is not a duration/);
    assert.match((await serve('forever', '--redis-wait', '0')).stderr, /^wscast: --redis: .*Connection refused\n$/);
  });

  test('--redis-wait that is over ends with 2 and the reason', async () => {
    const url = `redis://127.0.0.1:${await freePort()}`;
    const { code, stdout, stderr } = await runProgram('wscast', 'serve', '--dev', '--redis', url, '--redis-wait', '300ms');
    assert.match(stderr, /\nwscast: --redis: .*Connection refused[^\n]*\n$/);
    assert.deepEqual({ code, stdout }, { code: 2, stdout: '' });
  });

  test('--redis-wait does not wait for a Redis that refuses the login', async (t) => {
    const redis = await startRedis(t, '--requirepass', 'secret');
    const { code, stderr } = await runProgram('wscast', 'serve', '--dev', '--redis', redis.url, '--redis-wait', 'forever');
    assert.match(stderr, /\nwscast: --redis: .*NOAUTH/);
    assert.equal(code, 2);
  });

  test('--redis-wait without --redis is not looked at', async (t) => {
    await startProgram(t, 'wscast', 'serve', '--dev', '--redis-wait', 'forever');
  });

  for (const signal of ['SIGINT', 'SIGTERM']) {
    test(`${signal} while it waits for Redis ends it at once with 0`, async (t) => {
      const server = waiting(t, await freePort(), 'forever');
      await server.logged(/Connection refused/);
      server.signal(signal);
      assert.deepEqual(await within(server.exit(), 'it did not end'), { code: 0, signal: null });
      assert.match(server.stderr, /info shutting down\n/);
    });
  }

  test('there is no third way to subscribe', async () => {
    const { code, stderr } = await runProgram('wscast', 'serve', '--dev', '--redis-subscribe', 'some');
    assert.equal(stderr, 'wscast: --redis-subscribe: "some" is not one of exact,patterns\n');
    assert.equal(code, 2);
  });

  test('--help says that a database number does not separate', async () => {
    const { stdout } = await runProgram('wscast', 'serve', '--help');
    assert.match(stdout.replace(/\s+/g, ' '), /database number does not separate Pub\/Sub/);
    assert.match(stdout, /WSCAST_REDIS/);
  });
});
