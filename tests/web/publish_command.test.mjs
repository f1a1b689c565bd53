// `wscast publish`: the HTTP API in a shell.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFile, truncate } from 'node:fs/promises';
import https from 'node:https';
import net from 'node:net';
import path from 'node:path';
import { describe, test } from 'node:test';
import { Client } from './support/client.mjs';
import { errorWords } from './support/error_lines.mjs';
import { written } from './support/files.mjs';
import { freePort } from './support/free_port.mjs';
import { launchRedis } from './support/redis.mjs';
import { runProgramIn, startServer } from './support/server.mjs';
import { certificate } from './support/webhook.mjs';

const key = 'a-key-of-the-api-for-tests';

async function serve(t, ...args) {
  const config = await written(t, 'wscast.toml', `[auth]\ndev = true\n[api]\nlisten = ["127.0.0.1:0"]\nkey = "${key}"\n
[[api.keys]]\nname = "reader"\nkey = "a-key-that-may-read-only"\nscopes = ["read"]\n`);
  const server = await startServer(t, 'wscast', 'serve', '--config', config, ...args);
  const [, api] = await server.said(/API at (http:\S+)/);
  return { server, api };
}

// All that it wrote to standard error.
let told = '';

async function publishIn(environment, ...args) {
  const result = await runProgramIn(environment, 'wscast', 'publish', ...args);
  told += result.stderr;
  return result;
}

const publish = (...args) => publishIn({ WSCAST_API_KEY: key }, ...args);

// With no key in the environment.
const publishWithout = (...args) => publishIn({}, ...args);

function sent(accepted, backplane = 'none') {
  return { code: 0, stdout: `${JSON.stringify({ accepted, backplane })}\n`, stderr: '' };
}

describe('a publish', () => {
  test('--room, --user, --client, --all, and --exclude', async (t) => {
    const { server, api } = await serve(t);
    const alice = await Client.join(t, server.url, 'alice', ['lobby']);
    const bob = await Client.join(t, server.url, 'bob', ['lobby']);
    const message = ['--event', 'news', '--data', '{"n": 1.50}'];
    const got = async (client) => assert.equal(await client.text(), '{"event":"news","data":{"n": 1.50}}');
    assert.deepEqual(await publish(api, '--room', 'lobby', ...message), sent(2));
    assert.deepEqual(await publish(`${api}/`, '--all', ...message), sent(2));
    for (let i = 0; i < 2; ++i) await Promise.all([got(alice), got(bob)]);
    assert.deepEqual(await publish(api, '--user', 'alice', ...message), sent(1));
    assert.deepEqual(await publish(api, '--client', alice.id, ...message), sent(1));
    assert.deepEqual(await publish(api, '--room', 'lobby', '--exclude', bob.id, ...message), sent(1));
    for (let i = 0; i < 3; ++i) await got(alice);
    await bob.settled();
  });

  test('--data: from a file, or standard input, or none', async (t) => {
    const { server, api } = await serve(t);
    const alice = await Client.join(t, server.url, 'alice');
    const file = await written(t, 'data', '["from a file"]');
    const to = ['--user', 'alice', '--event', 'news'];
    await publish(api, ...to, '--data', `@${file}`);
    assert.equal(await alice.text(), '{"event":"news","data":["from a file"]}');
    const input = '["from standard input"]';
    const { status } = spawnSync(path.join(process.env.WSCAST_BIN_DIR, 'wscast'), ['publish', api, ...to, '--key', key, '--data', '-'], { input });
    assert.equal(status, 0);
    assert.equal(await alice.text(), `{"event":"news","data":${input}}`);
    await publish(api, ...to);
    assert.equal(JSON.parse(await alice.text()).event, 'news');
  });

  test('--key and --key-file', async (t) => {
    const { api } = await serve(t);
    const message = ['--all', '--event', 'news'];
    assert.deepEqual(await publishWithout(api, ...message, '--key', key), sent(0));
    const file = await written(t, 'key', `${key}\n`);
    assert.deepEqual(await publishWithout(api, ...message, '--key-file', file), sent(0));
    const { code, stderr } = await publishWithout(api, ...message);
    assert.deepEqual({ code, stderr }, { code: 2, stderr: 'wscast: publish needs --key KEY, --key-file FILE, or WSCAST_API_KEY in the environment\n' });
  });

  test('--ca-file: by https', async (t) => {
    const { cert, key: certificateKey, ca } = await certificate(t);
    const server = https.createServer({ cert: await readFile(cert), key: await readFile(certificateKey) }, (request, response) => {
      response.end(JSON.stringify({ accepted: 7, backplane: 'none', for: request.url }));
    });
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    t.after(() => server.close());
    const url = `https://127.0.0.1:${server.address().port}`;
    const { code, stdout } = await publish(url, '--all', '--event', 'x', '--ca-file', ca);
    assert.deepEqual({ code, ...JSON.parse(stdout) }, { code: 0, accepted: 7, backplane: 'none', for: '/api/v1/publish' });
    assert.equal((await publish(url, '--all', '--event', 'x')).code, 4);
  });
});

describe('an end with', () => {
  test('2: arguments that cannot be used', async (t) => {
    const long = await written(t, 'long', '');
    await truncate(long, 64 * 1024 * 1024 + 1);
    for (const [args, words] of [
      [['--event', 'x'], /needs one of --room ROOM, --user USER, --client ID and --all/],
      [['--all', '--room', 'x', '--event', 'x'], /needs one of/],
      [['--all'], /needs --event EVENT/],
      [['--all', '--event', 'x', '--data', '{'], /--data: it is not JSON/],
      [['--all', '--event', 'x', '--data', '@/no/such/file'], /--data: \/no\/such\/file cannot be opened/],
      [['--all', '--event', 'x', '--data', `@${long}`], /long is longer than 64 MiB/],
      [['--all', '--event', 'x', '--key-file', '/no/such/file'], /\/no\/such\/file/],
      [['--all', '--event', 'x', '--key', 'a\nb'], /the key has a line end/],
    ]) {
      const { code, stdout, stderr } = await publish('http://127.0.0.1:1', ...args);
      assert.match(stderr, /^wscast: [^\n]+\n$/);
      assert.match(stderr, words);
      assert.deepEqual({ code, stdout }, { code: 2, stdout: '' });
    }
    assert.match((await publish('127.0.0.1:1', '--all', '--event', 'x')).stderr, /is not a URL such as http:/);
  });

  test('3: what the server refuses', async (t) => {
    const { server, api } = await serve(t);
    const message = ['--all', '--event', 'news'];
    for (const [args, words] of [
      [[api, ...message, '--key', 'wrong'], /responded 401/],
      [[api, ...message, '--key', 'a-key-that-may-read-only'], /responded 403/],
      [[api, '--all', '--event', 'connected'], /responded 400: .*event/],
      [[`http://${server.address}`, ...message], /responded 404/],
    ]) {
      const { code, stdout, stderr } = await publish(...args);
      assert.match(stderr, words);
      assert.deepEqual({ code, stdout }, { code: 3, stdout: '' });
    }
  });

  test('4: nobody is there, or does not answer within --timeout', async (t) => {
    const message = ['--all', '--event', 'news'];
    const gone = await publish(`http://127.0.0.1:${await freePort()}`, ...message);
    assert.equal(gone.code, 4);
    assert.match(gone.stderr, /^wscast: http:\S+: Connection refused\n$/);
    const mute = net.createServer();
    await new Promise((resolve) => mute.listen(0, '127.0.0.1', resolve));
    const sockets = [];
    mute.on('connection', (socket) => sockets.push(socket));
    t.after(() => { sockets.forEach((socket) => socket.destroy()); mute.close(); });
    const late = await publish(`http://127.0.0.1:${mute.address().port}`, ...message, '--timeout', '100ms');
    assert.equal(late.code, 4);
    assert.match(late.stderr, /timed out/);
  });

  test('5: it did not go to the other servers', async (t) => {
    const redis = await launchRedis(await freePort());
    const { server, api } = await serve(t, '--redis', redis.url).finally(() => t.after(redis.end));
    const alice = await Client.join(t, server.url, 'alice', ['lobby']);
    assert.deepEqual(await publish(api, '--room', 'lobby', '--event', 'news'), sent(1, 'ok'));
    await redis.end();
    await server.logged(/lost|Connection refused/);
    const { code, stdout, stderr } = await publish(api, '--room', 'lobby', '--event', 'more');
    assert.deepEqual({ code, ...JSON.parse(stdout) }, { code: 5, local: 1, backplane: 'down' });
    assert.equal(stderr, 'wscast: not sent to other servers: Redis is down\n');
    for (const event of ['news', 'more']) assert.equal(JSON.parse(await alice.text()).event, event);
  });
});

test('nothing in a response reaches the terminal', async (t) => {
  const server = net.createServer((socket) => {
    const body = '{"accepted":1,"backplane":"none","x":"\u009b\u007f"}';
    socket.on('error', () => {});
    socket.once('data', () => socket.end(`HTTP/1.1 200 OK\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const { stdout } = await publish(`http://127.0.0.1:${server.address().port}`, '--all', '--event', 'x');
  assert.match(stdout, /^[ -~]+\n$/);
});

test('each error line of it is seen by a test above', async () => {
  const words = [...await errorWords('publish_command.cpp'), ...await errorWords('api_client.cpp')];
  assert.ok(words.length > 8);
  assert.deepEqual(words.filter((each) => !told.includes(each)), []);
});
