// Each flag of `wscast serve`, by what it does to those who connect.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { Client, connectedMessage, errorMessage, refusal } from './support/client.mjs';
import { exchange, gone, muteSocket, stats, upgradeRequest } from './support/raw.mjs';
import { SealedClient } from './support/sealed_client.mjs';
import { runProgram, startServer } from './support/server.mjs';

const numbers = Array.from({ length: 3_000 }, (_, i) => i * i * 7919 % 10_007).join(',');

// How much compression has saved after a client that offers it was sent `text`.
async function savedBytes(t, server, text) {
  const client = await Client.open(t, server.url, [], { perMessageDeflate: { threshold: 0 } });
  client.send('authenticate', { token: 'alice' });
  assert.match(await client.text(), connectedMessage);
  client.send('join', { rooms: ['lobby'] }, text);
  assert.equal(JSON.parse(await client.text()).id, text);
  return (await stats(server)).counters.compression_saved_bytes;
}

const soonMs = 4_000;  // less than any default that a flag under test replaces

// What is started with `args`, and what must then hold. The first argument is the flag.
const flags = [
  [['--path', '/live/feed'], 'clients come to that path alone', async (t, server) => {
    await Client.join(t, server.url, 'alice');
    assert.equal((await refusal(t, `ws://${server.address}/ws`)).statusCode, 404);
  }],
  [['--shards', '3'], 'so many threads serve', async (t, server) => {
    assert.equal((await stats(server)).shards.length, 3);
  }],
  [['--io', 'epoll'], 'many clients get a message without io_uring', async (t, server) => {
    const clients = [];
    for (let i = 0; i < 20; ++i) clients.push(await Client.join(t, server.url, `user-${i}`, ['lobby']));
    clients[0].send('publish', { room: 'lobby', event: 'n', data: 1 });
    for (const client of clients.slice(1)) assert.equal(await client.text(), '{"event":"n","data":1}');
    assert.equal((await stats(server)).counters.batched_sends, 0);
  }],
  [['--allow-origin', 'https://a.example,https://b.example'], 'other pages are refused', async (t, server) => {
    for (const origin of ['https://a.example', 'https://b.example']) await Client.open(t, server.url, [], { origin });
    await Client.open(t, server.url);
    for (const origin of ['https://c.example', 'http://a.example', 'https://a.example:8443', 'https://a.example.c.example',
      'https://www.a.example', 'https://a.example/', 'https://A.example', 'https://a.example, https://b.example', 'null']) {
      assert.equal((await refusal(t, server.url, { origin })).statusCode, 403, origin);
    }
  }],
  [['--encryption', 'required'], 'who sends no key is closed with 4004', async (t, server) => {
    const plain = await Client.open(t, server.url);
    plain.send('authenticate', { token: 'alice' });
    assert.equal(await plain.text(), errorMessage('Encryption handshake failed'));
    assert.deepEqual(await plain.closed(), { code: 4004, reason: 'Encryption required' });
    await (await SealedClient.join(t, server.url, 'alice')).settled();
  }],
  [['--encryption', 'optional'], 'who sends a key is encrypted, who sends none is not', async (t, server) => {
    await (await SealedClient.join(t, server.url, 'alice')).settled();
    await (await Client.join(t, server.url, 'bob')).settled();
  }],
  [['--encryption', 'off'], 'who sends a key is not encrypted', async (t, server) => {
    const client = await Client.open(t, server.url);
    client.send('authenticate', { token: 'alice', publicKey: 'key' });
    assert.match(await client.text(), connectedMessage);
  }],

  [['--trusted-proxy', '127.0.0.1', '--max-connections-per-address', '1'], 'each client counts for itself', async (t, server) => {
    const from = (address) => ({ headers: { 'X-Forwarded-For': address } });
    await Client.open(t, server.url, [], from('192.0.2.1'));
    await Client.open(t, server.url, [], from('192.0.2.2'));
    assert.equal((await refusal(t, server.url, from('192.0.2.1'))).statusCode, 503);
  }],
  [['--trusted-proxy', '127.0.0.2,192.0.2.0/24', '--max-connections-per-address', '1'], 'others are not believed', async (t, server) => {
    const from = (address) => ({ headers: { 'X-Forwarded-For': address } });
    await Client.open(t, server.url, [], from('192.0.2.1'));
    assert.equal((await refusal(t, server.url, from('192.0.2.2'))).statusCode, 503);
    await Client.open(t, server.url, [], { ...from('198.51.100.1'), localAddress: '127.0.0.2' });
  }],
  [['--proxy-protocol', '--trusted-proxy', '127.0.0.1'], 'a connection without the header is closed', async (t, server) => {
    assert.equal(await exchange(t, server, upgradeRequest(server)), '');
    const answer = await exchange(t, server, `PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\nGET /health HTTP/1.1\r\nHost: x\r\n\r\n`);
    assert.match(answer, /^HTTP\/1\.1 200 /);
  }],

  [['--auth-timeout', '300ms'], 'a stranger is closed with 4001', async (t, server) => {
    const stranger = await Client.open(t, server.url);
    assert.deepEqual(await soon(stranger.closed()), { code: 4001, reason: 'Authentication timeout' });
  }],
  [['--heartbeat-timeout', '400ms', '--heartbeat-interval', '100ms'], 'a silent client is closed with 4002',
    silentIsClosed],
  [['--heartbeat-interval', '100ms', '--heartbeat-timeout', '400ms'], 'silent clients are looked for as often',
    silentIsClosed],
  [['--idle-timeout', '600ms', '--no-send-pings'], 'a connection that brings no byte is cut', async (t, server) => {
    const idle = await Client.join(t, server.url, 'idle');
    const busy = await Client.join(t, server.url, 'busy');
    const beat = setInterval(() => busy.send('heartbeat'), 100);
    t.after(() => clearInterval(beat));
    assert.equal((await soon(idle.closed())).code, 1006);
    await busy.settled();
  }],
  [['--send-pings', '--idle-timeout', '1s'], 'pings keep a live client', async (t, server) => {
    const client = await Client.join(t, server.url, 'alice');
    await soon(once(client.socket, 'ping'));
    await delay(2_000);
    await client.settled();
  }],
  [['--no-send-pings', '--idle-timeout', '1s'], 'there are no pings', async (t, server) => {
    const client = await Client.join(t, server.url, 'alice');
    client.socket.on('ping', () => assert.fail('a ping came'));
    assert.equal((await soon(client.closed())).code, 1006);
  }],
  [['--head-timeout', '200ms'], 'a request that never ends is answered 408', async (t, server) => {
    assert.match(await soon(exchange(t, server, 'GET / HTTP/1.1\r\nHost: x\r\n')), /^HTTP\/1\.1 408 /);
  }],
  [['--message-timeout', '200ms'], 'a message that never ends closes with 1008', async (t, server) => {
    const client = await Client.join(t, server.url, 'alice');
    client.sendRaw('{"event":', { fin: false });
    assert.equal((await soon(client.closed())).code, 1008);
  }],
  [['--close-timeout', '200ms', '--auth-timeout', '100ms'], 'who does not answer a close is cut off', async (t, server) => {
    const mute = await muteSocket(t, server);
    await soon(gone(mute));
    assert.equal((await stats(server)).counters.close_timeouts, 1);
  }],
  [['--drain-timeout', '300ms', '--close-timeout', '200ms', '--auth-timeout', '100ms'],
    'who takes the last bytes too slowly is cut off', async (t, server) => {
      const mute = await muteSocket(t, server);
      await soon(gone(mute));
    }],

  [['--max-payload-length', '64'], 'a longer message closes with 1009', async (t, server) => {
    const client = await Client.open(t, server.url);
    client.sendRaw('x'.repeat(64));
    assert.equal(await client.text(), errorMessage('Invalid message format'));
    client.sendRaw('x'.repeat(65));
    assert.equal((await client.closed()).code, 1009);
  }],
  [['--backpressure-limit', '1KiB', '--send-buffer', '4KiB', '--message-rate', '0'],
    'what a slow client cannot take is dropped, and it stays', async (t, server) => {
      const { slow } = await flood(t, server);
      const { counters } = await stats(server);
      assert.ok(counters.dropped_backpressure > 0, 'nothing was dropped');
      assert.equal(counters.closed_slow_consumer, 0);
      slow.socket.resume();
    }],
  [['--close-on-backpressure-limit', '--backpressure-limit', '1KiB', '--send-buffer', '4KiB', '--message-rate', '0'],
    'a slow client is closed', async (t, server) => {
      const { slow } = await flood(t, server);
      slow.socket.resume();
      assert.ok([4008, 1006].includes((await slow.closed()).code));
      assert.equal((await stats(server)).counters.closed_slow_consumer, 1);
    }],
  [['--notify-dropped', '--backpressure-limit', '1KiB', '--send-buffer', '4KiB', '--message-rate', '0'],
    'a slow client is told how many messages it lost', async (t, server) => {
      const { slow, accepted } = await flood(t, server);
      slow.socket.resume();
      let lost = 0;
      for (let got = 0; got + lost < 250;) {
        const { event, data } = JSON.parse(await slow.text());
        if (event === 'dropped') lost += data.count;
        else ++got;
      }
      assert.equal(lost, 250 - accepted);
    }],
  [['--no-notify-dropped', '--backpressure-limit', '1KiB', '--send-buffer', '4KiB', '--message-rate', '0'],
    'a slow client is not told', async (t, server) => {
      const { slow, accepted } = await flood(t, server);
      slow.socket.resume();
      for (let got = 0; got < accepted; ++got) assert.equal(JSON.parse(await slow.text()).event, 'chat');
      await slow.settled();
      assert.equal((await stats(server)).counters.dropped_notices, 0);
    }],
  [['--send-buffer', '4KiB', '--backpressure-limit', '0', '--message-rate', '0'], 'the kernel holds less', async (t, server) => {
    const roomy = await startServer(t, 'wscast', 'serve', '--dev', '--send-buffer', '2MiB',
      '--backpressure-limit', '0', '--message-rate', '0');
    const [less, more] = [await flood(t, server), await flood(t, roomy)];
    for (const { slow } of [less, more]) slow.socket.terminate();
    assert.ok(less.accepted < more.accepted, `${less.accepted} of 4 KiB, ${more.accepted} of 2 MiB`);
  }],
  [['--per-message-deflate'], 'who offers compression gets it', async (t, server) => {
    const text = 'x'.repeat(2_000);
    const plain = await startServer(t, 'wscast', 'serve', '--dev');
    assert.equal(await savedBytes(t, plain, text), 0);
    assert.ok(await savedBytes(t, server, text) > 1_900);
    assert.equal((await stats(server)).counters.deflate_connections, 1);
  }],
  [['--deflate-threshold', '1KiB', '--per-message-deflate'], 'shorter messages stay as they are', async (t, server) => {
    assert.equal(await savedBytes(t, server, 'x'.repeat(900)), 0);
    assert.ok(await savedBytes(t, server, 'x'.repeat(1_024)) > 900);
  }],
  [['--deflate-level', '1', '--per-message-deflate'], 'fast compression saves less', async (t, server) => {
    const small = await startServer(t, 'wscast', 'serve', '--dev', '--per-message-deflate', '--deflate-level', '9');
    assert.ok(await savedBytes(t, server, numbers) < await savedBytes(t, small, numbers));
  }],
  [['--deflate-memory-level', '1', '--per-message-deflate'], 'little memory saves less', async (t, server) => {
    const large = await startServer(t, 'wscast', 'serve', '--dev', '--per-message-deflate');
    assert.ok(await savedBytes(t, server, numbers) < await savedBytes(t, large, numbers));
  }],
  [['--deflate-max-window-bits', '9', '--per-message-deflate'], 'a small window saves less', async (t, server) => {
    const large = await startServer(t, 'wscast', 'serve', '--dev', '--per-message-deflate');
    const repeated = numbers.slice(0, 2_000).repeat(5);
    assert.ok(await savedBytes(t, server, repeated) < await savedBytes(t, large, repeated));
  }],
  [['--deflate-max-inflated-before-auth', '1KiB', '--per-message-deflate'], 'a longer message of a stranger is not inflated',
    async (t, server) => {
      const stranger = await Client.open(t, server.url, [], { perMessageDeflate: { threshold: 0 } });
      stranger.sendRaw('x'.repeat(1_024));
      assert.equal(await stranger.text(), errorMessage('Invalid message format'));
      stranger.sendRaw('x'.repeat(1_025));
      assert.equal((await soon(stranger.closed())).code, 1009);
    }],
  [['--max-inbox-bytes', '150', '--max-payload-length', '150', '--shards', '2'], 'what would wait for another shard is refused', async (t, server) => {
    const [alice] = [await Client.join(t, server.url, 'alice', ['lobby']), await Client.join(t, server.url, 'bob', ['lobby'])];
    assert.deepEqual(await alice.acknowledged('lobby', 'chat', 1), { ok: false, error: 'overloaded' });
  }],
  [['--default-rooms', 'a,b'], 'every client is in these and in no other', async (t, server) => {
    const [alice, bob] = [await Client.join(t, server.url, 'alice'), await Client.join(t, server.url, 'bob')];
    for (const room of ['a', 'b']) {
      assert.equal((await alice.acknowledged(room, 'chat', room)).delivered, 1);
      assert.equal(await bob.text(), JSON.stringify({ event: 'chat', data: room }));
    }
    assert.equal((await alice.acknowledged('ws-default', 'chat', 1)).error, 'not a member');
  }],
  [['--default-rooms', ''], 'there may be none', async (t, server) => {
    const alice = await Client.join(t, server.url, 'alice');
    assert.equal((await alice.acknowledged('ws-default', 'chat', 1)).error, 'not a member');
    assert.equal((await alice.acknowledged(alice.id, 'chat', 1)).ok, true);
  }],

  [['--message-rate', '5'], 'what is over is dropped and reported', async (t, server) => {
    const client = await Client.join(t, server.url, 'alice');
    for (let n = 0; n < 20; ++n) client.send('anything', n);
    assert.equal(await client.text(), errorMessage('Rate limit exceeded'));
    assert.ok((await stats(server)).counters.rate_limited >= 10);
  }],
  [['--message-rate', '0'], 'there may be no limit', async (t, server) => {
    const client = await Client.join(t, server.url, 'alice');
    for (let n = 0; n < 5_000; ++n) client.send('anything', n);
    await client.settled();
  }],
  [['--join-rate', '3'], 'more joins are dropped and reported, other messages are not', async (t, server) => {
    const client = await Client.join(t, server.url, 'alice');
    for (let n = 0; n < 10; ++n) client.send('join', { rooms: [`room-${n}`] });
    assert.equal(await client.text(), errorMessage('Rate limit exceeded'));
    for (let n = 0; n < 10; ++n) client.send('anything', n);
    assert.equal((await client.acknowledged('room-0', 'chat', 1)).ok, true);
    assert.equal((await client.acknowledged('room-9', 'chat', 1)).error, 'not a member');
  }],
  [['--max-connections', '2'], 'the third is answered 503', async (t, server) => {
    for (const user of ['alice', 'bob']) await Client.join(t, server.url, user);
    await assertFull(t, server);
  }],
  [['--max-unauthenticated-connections', '1'], 'a second stranger is answered 503', async (t, server) => {
    const first = await Client.open(t, server.url);
    await assertFull(t, server);
    first.send('authenticate', { token: 'alice' });
    assert.match(await first.text(), connectedMessage);
    await Client.open(t, server.url);
  }],
  [['--max-failed-authentications-per-address', '2'], 'it is answered 429 after so many', async (t, server) => {
    for (let n = 0; n < 2; ++n) {
      const client = await Client.open(t, server.url);
      client.send('authenticate', {});
      assert.deepEqual(await client.closed(), { code: 4003, reason: 'Authentication failed' });
    }
    const response = await refusal(t, server.url);
    assert.equal(response.statusCode, 429);
    assert.match(response.headers['retry-after'], /^([1-9]|[1-5]\d|60)$/);
  }],
  [['--max-connections-per-address', '1'], 'a second one from there is answered 503', async (t, server) => {
    await Client.join(t, server.url, 'alice');
    await assertFull(t, server);
  }],
  [['--max-rooms-per-join', '2'], 'more rooms in one join are not joined', async (t, server) => {
    const client = await Client.join(t, server.url, 'alice');
    await client.enter('a', 'b');
    client.send('join', { rooms: ['c', 'd', 'e'] });
    assert.equal(await client.text(), errorMessage('Too many rooms'));
    assert.equal((await client.acknowledged('e', 'chat', 1)).error, 'not a member');
  }],
  [['--max-rooms-per-client', '5'], 'more rooms are not joined', async (t, server) => {
    const client = await Client.join(t, server.url, 'alice');
    client.send('join', { rooms: ['a', 'b', 'c', 'd', 'e', 'f'] });
    assert.equal(await client.text(), errorMessage('Too many rooms'));
    assert.equal((await client.acknowledged('a', 'chat', 1)).ok, true);
    assert.equal((await client.acknowledged('f', 'chat', 1)).error, 'not a member');
  }],
  [['--max-json-depth', '3'], 'a deeper message is no message', async (t, server) => {
    const client = await Client.join(t, server.url, 'alice');
    client.sendRaw('{"event":"x","data":[[1]]}');
    client.sendRaw('{"event":"x","data":[[[1]]]}');
    assert.equal(await client.text(), errorMessage('Invalid message format'));
    await client.settled();
  }],
  [['--max-messages-before-auth', '2'], 'one more closes with 4010', async (t, server) => {
    const stranger = await Client.open(t, server.url);
    for (let n = 0; n < 2; ++n) {
      stranger.send('anything');
      assert.equal(await stranger.text(), errorMessage('Not authenticated'));
    }
    stranger.send('anything');
    assert.equal((await stranger.closed()).code, 4010);
  }],
  [['--max-bytes-before-auth', '100'], 'more closes with 4010', async (t, server) => {
    const stranger = await Client.open(t, server.url);
    stranger.send('anything', 'x'.repeat(100));
    assert.equal((await stranger.closed()).code, 4010);
  }],
  [['--max-head-bytes', '512'], 'a longer head is answered 431', async (t, server) => {
    await Client.open(t, server.url);
    assert.match(await exchange(t, server, upgradeRequest(server, `X: ${'x'.repeat(600)}`)), /^HTTP\/1\.1 431 /);
  }],
  [['--max-head-fields', '12'], 'more fields are answered 431', async (t, server) => {
    await Client.open(t, server.url);
    const fields = Array.from({ length: 12 }, (_, n) => `X-${n}: 1`);
    assert.match(await exchange(t, server, upgradeRequest(server, ...fields)), /^HTTP\/1\.1 431 /);
  }],

  [['--log-level', 'debug'], 'each client leaves a line', async (t, server) => {
    const client = await Client.join(t, server.url, 'alice');
    client.socket.close();
    await client.closed();
    await server.stop();
    assert.match(server.stderr, new RegExp(`debug \\[wscast\\] client ${client.id} opened`));
    assert.match(server.stderr, new RegExp(`debug \\[wscast\\] client ${client.id} of user "alice" at 127.0.0.1 closed`));
  }],
  [['--log-level', 'debug'], 'what clients say takes no line of its own', async (t, server) => {
    const evil = 'x\n2026-01-01T00:00:00.000 error \u001b[31mforged \u009b"\\';
    const client = await Client.join(t, server.url, 'alice', [evil]);
    assert.equal((await client.acknowledged(`not ${evil}`, evil, evil)).error, 'not a member');
    client.send(evil, { [evil]: evil }, evil);
    client.sendRaw(evil);
    assert.equal(await client.text(), errorMessage('Invalid message format'));
    await refusal(t, `ws://${server.address}/%0aforged`, { origin: 'forged' });
    client.socket.close(4000, evil);
    await client.closed();
    await server.stop();
    for (const line of server.stderr.trimEnd().split('\n')) assert.match(line, /^\d{4}-\S+ (info|debug) [ -~]*$/);
    assert.ok(server.stderr.includes('closed with 4000 "x\\x0a2026-'), server.stderr);
  }],
  [['--log-level', 'warn'], 'a good run says nothing', async (t, server) => {
    await Client.join(t, server.url, 'alice');
    await server.stop();
    assert.equal(server.stderr, '');
  }],
  [['--log-format', 'json', '--log-level', 'debug'], 'each line is an object', async (t, server) => {
    const client = await Client.join(t, server.url, 'alice');
    await client.acknowledged('"quoted"\n\u0007', 'chat', 1);
    await server.stop();
    const lines = server.stderr.trimEnd().split('\n').map((line) => JSON.parse(line));
    for (const { time, level, event, message } of lines) {
      assert.match(event, /^[a-z_]+$/);
      assert.ok(Math.abs(Date.parse(time) - Date.now()) < 60_000, time);
      assert.match(level, /^(debug|info)$/);
      assert.equal(typeof message, 'string');
    }
    assert.ok(lines.some(({ level, message }) => level === 'debug' && message.endsWith('refused: not a member')));
    assert.ok(lines.some(({ event, message }) => event === 'shutting_down' && message === 'shutting down'));
  }],
  [['--log-format', 'logfmt'], 'each line is pairs of name and value', async (t, server) => {
    await server.stop();
    for (const line of server.stderr.trimEnd().split('\n')) {
      assert.match(line, /^time=\d{4}-\d\d-\d\dT\S+ level=info event=[a-z_]+ message="([^"\\]|\\.)*"$/);
    }
    assert.match(server.stderr, / event=listening message="\[wscast\] listening on 127\.0\.0\.1:\d+"\n/);
  }],
  [['--log-format', 'text'], 'each line is a time, a level and words', async (t, server) => {
    await server.stop();
    for (const line of server.stderr.trimEnd().split('\n')) {
      assert.match(line, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3} info \S/);
    }
  }],
];

describe('wscast serve', () => {
  for (const [args, what, check] of flags) {
    test(`${args.join(' ')}: ${what}`, async (t) => {
      await check(t, await startServer(t, 'wscast', 'serve', '--dev', ...args));
    });
  }
});

// Where each flag that is not in the table above is tested.
const elsewhere = {
  '': ['--help', '--version'],
  serve: ['--help', '--dev', '--tokens', '--console', '--listen', '--dual-stack', '--unix-mode', '--unix-group',
    '--drain-delay', '--drain-time'],
  health: ['--help', '--url', '--timeout'],
  emit: [],
  token: ['--help', '--config'],
  config: ['--help'],
  rules: ['--help'],
  completion: ['--help'],
  man: ['--help'],
  listen: ['--help'],
  publish: ['--help'],
  trace: ['--help'],
  bench: ['--help'],
  doctor: ['--help', '--dev'],
};

// And those in tests/interop/emit.test.mjs.
const redisFlags = ['--redis', '--redis-url-file', '--redis-prefix', '--redis-max-publish-bytes', '--redis-wait', '--redis-tls-ca-file', '--redis-tls-certificate-file', '--redis-tls-key-file'];
// And those in tls.test.mjs.
const withTls = {
  serve: ['--listen-tls', '--tls-cert', '--tls-key', '--tls-min-version', '--tls-self-signed', '--tls-handshake-timeout', '--tls-max-handshakes', '--tls-reload-interval'],
  health: ['--ca-file'],
};
// And those in jwt.test.mjs.
const withJwt = {
  serve: ['--jwt-secret-file', '--jwt-key-file', '--jwt-jwks-file', '--jwt-issuer', '--jwt-audience'],
  token: ['--secret-file', '--key', '--algorithm', '--kid', '--user', '--expires-in', '--rooms', '--issuer', '--audience', '--metadata', '--claim'],
};
// And those in webhook_events.test.mjs.
const withWebhook = { serve: ['--webhook-url', '--webhook-secret-file'] };
// And those in a file of the command's own.
const withOwn = {
  listen: ['--token', '--token-file', '--room', '--ca-file', '--json', '--count', '--timeout', '--max-message'],
  publish: ['--room', '--user', '--client', '--all', '--exclude', '--event', '--data', '--key', '--key-file', '--ca-file', '--timeout'],
  trace: ['--room', '--user', '--client', '--messages', '--duration', '--json', '--key', '--key-file', '--ca-file', '--timeout'],
  bench: ['--clients', '--size', '--rate', '--in-flight', '--duration', '--warm-up', '--room', '--publishers', '--publish-event', '--redis',
    '--token', '--token-file', '--authenticate-data', '--encrypted', '--deflate', '--ca-file', '--insecure', '--protocol', '--pid', '--json',
    '--on-request'],
  doctor: ['--json', '--config', '--redis', '--redis-subscribe', '--tokens', '--max-connections', '--listen-tls', '--tls-cert', '--tls-key'],
};
const ownFiles = { listen: 'listen.test.mjs', publish: 'publish_command.test.mjs', trace: 'trace.test.mjs', bench: 'bench.test.mjs', doctor: 'doctor.test.mjs' };
const withRedis = {
  serve: [...redisFlags, '--redis-subscribe'],
  emit: [...redisFlags, '--help', '--verbose'],
};
// Of `wscast emit room`, in the same file.
const ofRoom = ['--exclude', '--history', '--history-size', '--history-ttl', '--key'];

describe('each flag has a test', () => {
  const flagsIn = (help) => [...help.matchAll(/^ {2}(-\S+)/gm)].flatMap(([, names]) => names.match(/--[a-z-]+/g));

  test('of each command', async () => {
    const { stdout } = await runProgram('wscast', '--help');
    const commands = [...stdout.split('Subcommands:')[1].matchAll(/^ {2}(\S+)/gm)].map(([, name]) => name);
    assert.deepEqual(new Set(['', ...commands]), new Set(Object.keys(elsewhere)));
  });

  for (const [command, others] of Object.entries(elsewhere)) {
    test(`wscast ${command}`, async () => {
      const { stdout } = await runProgram('wscast', ...(command ? [command] : []), '--help');
      const inInterop = withRedis[command] ?? [];
      const inTls = withTls[command] ?? [];
      const inJwt = withJwt[command] ?? [];
      const inWebhook = withWebhook[command] ?? [];
      const inOwn = withOwn[command] ?? [];
      const tested = new Set([...others, ...inInterop, ...inTls, ...inJwt, ...inWebhook, ...inOwn, ...(command === 'serve' ? flags.map(([[flag]]) => flag) : [])]);
      const known = new Set(flagsIn(stdout));
      // Of serve, whose flags doctor has, the others are tried by unit_app, which sets each option of the table.
      if (command === 'serve' || command === 'doctor') assert.deepEqual([...tested].filter((flag) => !known.has(flag)), []);
      else assert.deepEqual(known, tested);
      for (const [file, its] of [['cli.test.mjs', others], ['../interop/emit.test.mjs', inInterop], ['tls.test.mjs', inTls],
        ['jwt.test.mjs', inJwt], ['webhook_events.test.mjs', inWebhook], [ownFiles[command] ?? 'flags.test.mjs', inOwn]]) {
        const tests = await readFile(new URL(file, import.meta.url), 'utf8');
        assert.deepEqual(its.filter((flag) => !tests.includes(`'${flag}'`)), [], `in ${file}`);
      }
    });
  }

  test('wscast emit room', async () => {
    const { stdout } = await runProgram('wscast', 'emit', 'room', '--help');
    const own = flagsIn(stdout);
    assert.deepEqual(new Set(own), new Set(['--help', ...ofRoom]));
    const tests = await readFile(new URL('../interop/emit.test.mjs', import.meta.url), 'utf8');
    assert.deepEqual(ofRoom.filter((flag) => !tests.includes(`'${flag}'`)), []);
  });
});

function soon(promise) {
  const late = delay(soonMs, undefined, { ref: false }).then(() => Promise.reject(new Error(`not within ${soonMs} ms`)));
  return Promise.race([promise, late]);
}

async function silentIsClosed(t, server) {
  const silent = await Client.join(t, server.url, 'silent');
  const alive = await Client.join(t, server.url, 'alive');
  const beat = setInterval(() => alive.send('heartbeat'), 50);
  t.after(() => clearInterval(beat));
  assert.deepEqual(await soon(silent.closed()), { code: 4002, reason: 'Heartbeat timeout' });
  await alive.settled();
}

// Publishes some 16 MB to a client that does not read; `accepted` messages were taken for it.
async function flood(t, server) {
  const slow = await Client.join(t, server.url, 'slow', ['lobby']);
  const sender = await Client.join(t, server.url, 'sender', ['lobby']);
  slow.socket.pause();
  let accepted = 0;
  for (let n = 0; n < 250; ++n) {
    const ack = await sender.acknowledged('lobby', 'chat', 'x'.repeat(64 * 1024));
    accepted += ack.delivered;
  }
  return { slow, accepted };
}

async function assertFull(t, server) {
  const response = await refusal(t, server.url);
  assert.equal(response.statusCode, 503);
  assert.match(response.headers['retry-after'], /^\d+$/);
}
