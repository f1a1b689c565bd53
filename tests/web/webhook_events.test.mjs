// Events that the program sends to a backend of Node.js, signatures verified by npm's
// `standardwebhooks`.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, test } from 'node:test';
import { Webhook } from 'standardwebhooks';
import { Client } from './support/client.mjs';
import { runProgram, startServer } from './support/server.mjs';
import { Backend, Driver, certificate, otherSecret, reply, secret, verified } from './support/webhook.mjs';

const quick = { max_delay: 5, first_retry: 20, longest_retry: 100, timeout: 10_000 };

function start(t, backend, options = {}) {
  const driver = new Driver(t);
  driver.do('events', { url: backend.url, secrets: [secret], ...quick, ...options });
  return driver;
}

// Accepts requests until `count` events have come, and returns them.
async function receive(backend, count) {
  const events = [];
  while (events.length < count) {
    const { request, response, body } = await backend.next();
    events.push(...verified(body, request.headers).events);
    reply(response, 204);
  }
  return events;
}

// The `data` of each client's messages, in the order they came.
function byClient(events) {
  const clients = {};
  for (const { clientId, data } of events) (clients[clientId] ??= []).push(data);
  return clients;
}

describe('webhook events', () => {
  test('each event has its shape, and the request is signed', async (t) => {
    const backend = await Backend.start(t);
    const driver = start(t, backend, { max_delay: 200, types: ['connected', 'disconnected', 'message', 'publish',
      'joined', 'left', 'room_occupied', 'room_vacated'] });
    const alice = { client: 'c1', user: 'alice' };
    driver.do('push', { type: 'connected', ...alice, address: '192.0.2.1' });
    driver.do('push', { type: 'room_occupied', room: 'lobby' });
    driver.do('push', { type: 'joined', ...alice, room: 'lobby' });
    driver.do('push', { type: 'message', ...alice, event: 'said "é"', data: { a: [1] } });
    driver.do('push', { type: 'message', client: 'c1', event: 'nothing' });
    driver.do('push', { type: 'publish', ...alice, data: { room: 'lobby', event: 'chat', data: 1 } });
    driver.do('push', { type: 'left', ...alice, room: 'lobby' });
    driver.do('push', { type: 'room_vacated', room: 'lobby' });
    driver.do('push', { type: 'disconnected', ...alice });
    const { request, response, body } = await backend.next();
    reply(response, 200, 'thanks');
    assert.equal(request.method, 'POST');
    assert.equal(request.headers['content-type'], 'application/json');
    assert.match(request.headers['webhook-id'], /^msg_[0-9a-f]{20}_1$/);
    assert.ok(Math.abs(Number(request.headers['webhook-timestamp']) - Date.now() / 1000) < 30);
    const { events } = verified(body, request.headers);
    for (const { id, timestamp } of events) {
      assert.match(id, /^evt_[0-9a-f]{20}_\d+$/);
      assert.ok(Math.abs(Date.parse(timestamp) - Date.now()) < 30_000, timestamp);
    }
    assert.equal(new Set(events.map(({ id }) => id)).size, 9);
    const who = { clientId: 'c1', userId: 'alice' };
    assert.deepEqual(events.map(({ id, timestamp, ...rest }) => rest), [
      { type: 'connected', ...who, remoteAddress: '192.0.2.1' },
      { type: 'room_occupied', room: 'lobby' },
      { type: 'joined', ...who, room: 'lobby' },
      { type: 'message', ...who, event: 'said "é"', data: { a: [1] } },
      { type: 'message', clientId: 'c1', event: 'nothing' },
      { type: 'publish', ...who, data: { room: 'lobby', event: 'chat', data: 1 } },
      { type: 'left', ...who, room: 'lobby' },
      { type: 'room_vacated', room: 'lobby' },
      { type: 'disconnected', ...who },
    ]);
  });

  test('two secrets sign for receivers that have either', async (t) => {
    const backend = await Backend.start(t);
    const driver = start(t, backend, { secrets: [secret, otherSecret] });
    driver.do('push', { type: 'room_occupied', room: 'lobby' });
    const { request, response, body } = await backend.next();
    reply(response, 200);
    verified(body, request.headers, secret, otherSecret);
    assert.throws(() => new Webhook('whsec_bm90IHRoZSBzZWNyZXQgYXQgYWxsIG5vcGU=').verify(body, request.headers));
    assert.throws(() => new Webhook(secret).verify(`${body} `, request.headers));
  });

  test('only the selected types are sent, by default all but publish', async (t) => {
    const backend = await Backend.start(t);
    const driver = start(t, backend, { types: ['left'] });
    driver.do('push', { type: 'joined', client: 'a', room: 'x' });
    driver.do('push', { type: 'left', client: 'a', room: 'x' });
    assert.deepEqual((await receive(backend, 1)).map(({ type }) => type), ['left']);
    const usual = start(t, backend);
    usual.do('push', { type: 'publish', client: 'a', data: 1 });
    usual.do('push', { type: 'message', client: 'a', event: 'x' });
    assert.deepEqual((await receive(backend, 1)).map(({ type }) => type), ['message']);
    await usual.ask('stop');  // Which awaits the reply to what was sent.
    assert.equal((await usual.ask('counts')).pending, 0);
  });

  test('a backend that was down gets everything afterwards, in order for each client', async (t) => {
    const backend = await Backend.start(t);
    const driver = start(t, backend, { max_batch_events: 7 });
    const send = (from, to) => {
      for (let n = from; n < to; ++n) driver.do('push', { type: 'message', client: `c${n % 5}`, event: 'n', data: n });
    };
    send(0, 50);
    const events = await receive(backend, 50);
    await backend.stop();
    send(50, 300);
    await driver.logged(/warning webhook: events wait, http:\S+: Connection refused/);
    send(300, 400);
    const { failures, pending } = await driver.ask('counts');
    assert.ok(failures > 0);
    assert.equal(pending, 350);
    await backend.listen();
    events.push(...await receive(backend, 350));
    for (const [client, numbers] of Object.entries(byClient(events))) {
      assert.deepEqual(numbers, Array.from({ length: 80 }, (_, i) => i * 5 + Number(client[1])));
    }
    await driver.logged(/info webhook: http:\S+ accepts events again/);
    assert.equal(driver.stderr.match(/events wait/g).length, 1);
    assert.equal(new Set(events.map(({ id }) => id)).size, 400);
  });

  test('an attempt whose answer is lost is repeated, with the same id and body', async (t) => {
    const backend = await Backend.start(t);
    const driver = start(t, backend);
    driver.do('push', { type: 'message', client: 'a', event: 'x', data: 1 });
    const first = await backend.next();
    verified(first.body, first.request.headers);
    first.response.destroy();
    const second = await backend.next();
    verified(second.body, second.request.headers);
    assert.equal(second.body, first.body);
    assert.equal(second.request.headers['webhook-id'], first.request.headers['webhook-id']);
    reply(second.response, 200);
    driver.do('push', { type: 'message', client: 'a', event: 'x', data: 2 });
    const [{ data }] = await receive(backend, 1);
    assert.equal(data, 2);
  });

  test('one request at a time, and what comes meanwhile is in the next one', async (t) => {
    const backend = await Backend.start(t);
    const driver = start(t, backend);
    driver.do('push', { type: 'message', client: 'a', event: 'x', data: 0 });
    const { response } = await backend.next();
    for (let n = 1; n <= 20; ++n) driver.do('push', { type: 'message', client: 'a', event: 'x', data: n });
    assert.equal((await driver.ask('counts')).pending, 21);
    assert.equal(backend.waiting, 0);
    reply(response, 202);
    const { request, response: next, body } = await backend.next();
    assert.deepEqual(verified(body, request.headers).events.map(({ data }) => data), Array.from({ length: 20 }, (_, i) => i + 1));
    reply(next, 200);
  });

  for (const [what, answer, line] of [
    ['an error', (response) => reply(response, 500, 'x'.repeat(1_000)), /status 500$/m],
    ['not found', (response) => reply(response, 404), /status 404$/m],
    ['a redirect', (response) => reply(response, 302, '', { Location: '/elsewhere' }), /status 302$/m],
    ['a huge answer', (response) => reply(response, 200, 'x'.repeat(1_000_000)), /the body of the response is over 64KiB$/m],
    ['half an answer', (response) => { response.writeHead(200, { 'Content-Length': 9 }); response.write('x', () => response.destroy()); },
      /the response was truncated$/m],
    ['a reset', (response) => response.socket.resetAndDestroy(), /Connection reset by peer$/m],
    ['no answer', () => {}, /Connection timed out$/m],
  ]) {
    test(`${what} is one line, and the events come again`, async (t) => {
      const backend = await Backend.start(t);
      const driver = start(t, backend, { timeout: 300 });
      driver.do('push', { type: 'message', client: 'a', event: 'x', data: 1 });
      for (let times = 0; times < 3; ++times) answer((await backend.next()).response);
      assert.deepEqual((await receive(backend, 1)).map(({ data }) => data), [1]);
      await driver.logged(/accepts events again/);
      const lines = driver.stderr.split('\n').filter((each) => each.includes('webhook'));
      assert.equal(lines.length, 2, driver.stderr);
      assert.match(lines[0], line);
    });
  }

  async function secure(t, host) {
    const made = await certificate(t, host);
    const tls = { cert: await readFile(made.cert), key: await readFile(made.key) };
    return [made, await Backend.start(t, { tls })];
  }

  test('a backend whose certificate is for another name gets no events', async (t) => {
    const [made, backend] = await secure(t, 'DNS:elsewhere.example');
    const driver = start(t, backend, { ca_file: made.ca });
    driver.do('push', { type: 'room_occupied', room: 'x' });
    await driver.logged(/warning webhook: events wait, https:\S+ SSL: .*name.*/);
    assert.equal(backend.waiting, 0);
  });

  test('a backend of an unknown CA gets none until its file is given', async (t) => {
    const [made, backend] = await secure(t);
    const driver = start(t, backend);
    driver.do('push', { type: 'room_occupied', room: 'x' });
    await driver.logged(/warning webhook: events wait, https:\S+ SSL certificate problem: .*/);
    assert.equal(backend.waiting, 0);
    driver.do('reload', { url: backend.url, secrets: [secret], ...quick, ca_file: made.ca });
    assert.equal((await receive(backend, 1))[0].room, 'x');
  });

  test('Retry-After is honoured, up to the longest wait', async (t) => {
    const backend = await Backend.start(t);
    const driver = start(t, backend, { longest_retry: 1_500 });
    driver.do('push', { type: 'message', client: 'a', event: 'x', data: 1 });
    for (const [status, asked, least] of [[503, '1', 990], [429, '3600', 1_490], [500, '3600', 0]]) {
      reply((await backend.next()).response, status, '', { 'Retry-After': asked });
      const since = process.hrtime.bigint();
      const again = await backend.next();
      const waited = Number(process.hrtime.bigint() - since) / 1e6;
      assert.ok(waited >= least && waited < least + 1_000, `${status} ${asked}: ${waited} ms`);
      reply(again.response, 500);
    }
    await receive(backend, 1);
  });

  test('410 switches it off with one line, until the next reload', async (t) => {
    const backend = await Backend.start(t);
    const driver = start(t, backend);
    for (let n = 0; n < 3; ++n) driver.do('push', { type: 'message', client: 'a', event: 'x', data: n });
    reply((await backend.next()).response, 410);
    await driver.logged(/error webhook: http:\S+: status 410 \(gone\): no events are sent until the next reload/);
    for (let n = 3; n < 10; ++n) driver.do('push', { type: 'message', client: 'a', event: 'x', data: n });
    assert.equal((await driver.ask('counts')).lostGone, 10);
    driver.do('reload', { url: `${backend.url}/new`, secrets: [otherSecret], ...quick });
    driver.do('push', { type: 'message', client: 'a', event: 'x', data: 10 });
    const { request, response, body } = await backend.next();
    reply(response, 200);
    assert.equal(request.url, '/hook/new');
    const { events, lost } = verified(body, request.headers, otherSecret);
    assert.deepEqual([events.map(({ data }) => data), lost], [[10], 10]);
    assert.equal(driver.stderr.match(/error webhook/g).length, 1);
  });

  test('over the bound the oldest are lost, counted, logged and told', async (t) => {
    const backend = await Backend.start(t);
    const driver = start(t, backend, { max_queue_events: 10, max_batch_events: 1 });
    driver.do('push', { type: 'message', client: 'a', event: 'x', data: 0 });
    const { response } = await backend.next();
    for (let n = 1; n <= 30; ++n) driver.do('push', { type: 'message', client: 'a', event: 'x', data: n });
    assert.equal((await driver.ask('counts')).lostFull, 20);
    reply(response, 200);
    await driver.logged(/warning webhook: 20 events lost, they were over max_queue_events/);
    const next = await backend.next();
    reply(next.response, 200);
    const { events: [{ data }], lost } = verified(next.body, next.request.headers);
    assert.deepEqual([data, lost], [21, 20]);
    assert.deepEqual((await receive(backend, 9)).map(({ data: each }) => each), [22, 23, 24, 25, 26, 27, 28, 29, 30]);
  });

  test('at the end the rest is sent', async (t) => {
    const backend = await Backend.start(t);
    const driver = start(t, backend, { max_delay: 60_000, max_batch_events: 4 });
    for (let n = 0; n < 10; ++n) driver.do('push', { type: 'message', client: 'a', event: 'x', data: n });
    const stopped = driver.do('stop');
    assert.deepEqual((await receive(backend, 10)).map(({ data }) => data), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    assert.equal((await driver.said(stopped)).stopped, true);
    await driver.end();
  });

  test('at the end what cannot be sent in time is logged', async (t) => {
    const backend = await Backend.start(t);
    const driver = start(t, backend, { drain_time: 200 });
    for (let n = 0; n < 10; ++n) driver.do('push', { type: 'message', client: 'a', event: 'x', data: n });
    await backend.next();
    assert.equal((await driver.ask('stop')).stopped, true);
    await driver.logged(/warning webhook: the program ends, 10 events were not delivered to http:\S+$/m);
    await driver.end();
  });

  test('wrong options are refused, without the secret', async (t) => {
    const driver = new Driver(t);
    const { invalid } = await driver.ask('events', { url: 'ftp://x', secrets: ['whsec_c2VjcmV0'] });
    assert.equal(invalid, 'url: must begin with https:// or http:// and be a URL without a fragment. ' +
      'secrets: a webhook secret must have 24 to 64 bytes, this one has 6.');
  });
});

async function secretFile(t, text) {
  const folder = await mkdtemp(path.join(tmpdir(), 'wscast-secret-'));
  t.after(() => rm(folder, { recursive: true }));
  const file = path.join(folder, 'secret');
  await writeFile(file, text);
  return file;
}

async function serve(t, backend) {
  return startServer(t, 'wscast', 'serve', '--dev', '--webhook-url', backend.url,
    '--webhook-secret-file', await secretFile(t, `${secret}\n`));
}

describe('wscast serve --webhook-url', () => {
  test('sends what clients do, and at the end the rest', async (t) => {
    const backend = await Backend.start(t);
    const server = await serve(t, backend);
    const alice = await Client.join(t, server.url, 'alice', ['lobby']);
    alice.send('said', { text: 'hi' }, 7);
    alice.sendRaw('{"event":"raw","data":{"n":1e2,"t":"\\ud800"}}');
    alice.publish('lobby', 'chat', 'not sent');
    await alice.settled();
    const stranger = await Client.open(t, server.url);
    stranger.socket.close();
    alice.socket.close();
    const events = (await receive(backend, 8)).map(({ id, timestamp, ...rest }) => rest);
    const who = { clientId: alice.id, userId: 'alice' };
    assert.deepEqual(events.filter(({ clientId }) => clientId), [
      { type: 'connected', ...who, remoteAddress: '127.0.0.1' },
      { type: 'joined', ...who, room: 'lobby' },
      { type: 'message', ...who, event: 'said', data: { text: 'hi' }, messageId: 7 },
      { type: 'message', ...who, event: 'raw', data: { n: 100, t: '\ud800' } },
      { type: 'left', ...who, room: 'lobby' },
      { type: 'disconnected', ...who },
    ]);
    assert.deepEqual(events.filter(({ clientId }) => !clientId),
      [{ type: 'room_occupied', room: 'lobby' }, { type: 'room_vacated', room: 'lobby' }]);
    const bob = await Client.join(t, server.url, 'bob');
    assert.equal((await receive(backend, 1))[0].userId, 'bob');
    server.signal('SIGINT');
    assert.deepEqual((await receive(backend, 1)).map(({ type, clientId }) => [type, clientId]), [['disconnected', bob.id]]);
    assert.equal((await server.exit()).code, 0);
  });

  test('goes on while the backend is away, and tells it later', async (t) => {
    const backend = await Backend.start(t);
    const server = await serve(t, backend);
    const clients = await Promise.all(['alice', 'bob'].map((user) => Client.join(t, server.url, user)));
    await receive(backend, 2);
    await backend.stop();
    for (let n = 0; n < 100; ++n) clients[n % 2].send('n', n);
    for (const client of clients) await client.settled();
    await server.logged(/webhook: events wait, http:\S+: Connection refused/);
    await backend.listen();
    const numbers = byClient(await receive(backend, 100));
    for (const [index, client] of clients.entries()) {
      assert.deepEqual(numbers[client.id], Array.from({ length: 50 }, (_, i) => 2 * i + index));
    }
  });

  test('a wrong value is one line', async (t) => {
    const file = await secretFile(t, 'whsec_c2VjcmV0\n');
    for (const [args, line] of [
      [['--webhook-url', 'http://127.0.0.1:1/', '--webhook-secret-file', file], /^wscast: \S+secret: a webhook secret must have 24 to 64 bytes, this one has 6\n$/],
      [['--webhook-url', 'http://127.0.0.1:1/', '--webhook-secret-file', '/no/file'], /^wscast: \/no\/file: cannot be read\n$/],
      [['--webhook-url', 'ws://x/', '--webhook-secret-file', await secretFile(t, secret)], /^wscast: --webhook-url: must begin with https:/],
    ]) {
      const { code, stderr } = await runProgram('wscast', 'serve', '--dev', '--listen', '127.0.0.1:0', ...args);
      assert.equal(code, 2);
      assert.match(stderr, line);
    }
  });
});
