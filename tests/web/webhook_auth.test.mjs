// A backend of Node.js that decides who clients are, and which rooms they may join.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { Client, connectedMessage, errorMessage } from './support/client.mjs';
import { Backend, Driver, certificate, otherSecret, reply, secret, verified } from './support/webhook.mjs';

function start(t, what, backend, options = {}) {
  const driver = new Driver(t);
  driver.do('client', options);
  driver.do(what, { url: backend.url, secrets: [secret], ...options });
  return driver;
}

const answering = (t, answer, more) => Backend.start(t, { answer: (_, response) => answer(response), ...more });

describe('authentication webhook', () => {
  test('is asked by a signed request, and accepts', async (t) => {
    const backend = await Backend.start(t);
    const driver = start(t, 'auth', backend, { secrets: [secret, otherSecret] });
    const n = driver.do('authenticate', { data: { token: 'x', more: [1, null] } });
    const { request, response, body } = await backend.next();
    assert.equal(request.method, 'POST');
    assert.deepEqual(verified(body, request.headers, secret, otherSecret),
      { clientId: 'a-client', data: { token: 'x', more: [1, null] } });
    reply(response, 200, { userId: 'alice', metadata: { team: 7 }, rooms: ['lobby', 'team-*'], expiresIn: 90, more: 1 });
    assert.deepEqual(await driver.said(n),
      { userId: 'alice', metadata: '{"team":7}', rooms: ['lobby', 'team-*'], expiresInMs: 90_000 });
  });

  for (const status of [401, 403]) {
    test(`${status} rejects`, async (t) => {
      const backend = await answering(t, (response) => reply(response, status, 'no'));
      assert.deepEqual(await start(t, 'auth', backend).ask('authenticate', { data: {} }), { rejected: true });
    });
  }

  for (const [what, answer, why] of [
    ['an error', (response) => reply(response, 500), 'status 500'],
    ['no content', (response) => reply(response, 204), 'status 204'],
    ['not found', (response) => reply(response, 404), 'status 404'],
    ['a redirect', (response) => reply(response, 302, '', { Location: '/login' }), 'status 302'],
    ['HTML', (response) => reply(response, 200, '<html>'), 'the response is not JSON'],
    ['nothing', (response) => reply(response, 200), 'the response is not JSON'],
    ['another type', (response) => reply(response, 200, { userId: 7 }), 'userId is not a string'],
    ['a huge answer', (response) => reply(response, 200, { userId: 'a', more: 'x'.repeat(70_000) }), 'the body of the response is over 64KiB'],
    ['no answer', () => {}, 'Connection timed out'],
    ['a reset', (response) => response.socket.resetAndDestroy(), 'Connection reset by peer'],
    ['half an answer', (response) => { response.writeHead(200, { 'Content-Length': 90 }); response.write('{', () => response.destroy()); },
      'the response was truncated'],
  ]) {
    test(`${what} is a failure`, async (t) => {
      const backend = await answering(t, answer);
      const driver = start(t, 'auth', backend, { timeout: 500 });
      assert.deepEqual(await driver.ask('authenticate', { data: {} }), { failed: `${backend.url}: ${why}` });
      assert.equal((await driver.ask('auth failures')).failures, 1);
    });
  }

  test('a certificate that does not hold is a failure', async (t) => {
    const made = await certificate(t, 'DNS:elsewhere.example');
    const backend = await answering(t, (response) => reply(response, 200, { userId: 'a' }),
      { tls: { cert: await readFile(made.cert), key: await readFile(made.key) } });
    assert.match((await start(t, 'auth', backend).ask('authenticate', { data: {} })).failed, /SSL certificate problem/);
    assert.match((await start(t, 'auth', backend, { ca_file: made.ca }).ask('authenticate', { data: {} })).failed, /name/);
  });

  test('a backend that fails again and again is spared for a while, with one line each way', async (t) => {
    let status = 500;
    let asked = 0;
    const backend = await answering(t, (response) => { ++asked; reply(response, status, { userId: 'alice' }); });
    const driver = start(t, 'auth', backend, { failures: 3, open_for: 400 });
    for (let n = 0; n < 3; ++n) assert.match((await driver.ask('authenticate', { data: {} })).failed, /status 500/);
    for (let n = 0; n < 5; ++n) {
      assert.equal((await driver.ask('authenticate', { data: {} })).failed,
        `${backend.url}: not asked, it failed several times in a row`);
    }
    assert.equal(asked, 3);
    status = 200;
    for (const late = Date.now() + 10_000; !(await driver.ask('authenticate', { data: {} })).userId;) assert.ok(Date.now() < late);
    assert.equal(asked, 4);
    const last = await driver.ask('authenticate', { data: {} });
    assert.equal(last.userId, 'alice', JSON.stringify(last));
    await driver.logged(/works again/);
    const lines = driver.stderr.split('\n').filter((line) => /(warning|info) authentication webhook/.test(line));
    assert.equal(lines.length, 2, driver.stderr);
    assert.match(lines[0], /3 failures in a row, no requests for 400ms: http:\S+: status 500$/);
  });

  test('wrong options are refused', async (t) => {
    const driver = new Driver(t);
    driver.do('client');
    assert.equal((await driver.ask('auth', { url: 'x', timeout: 0, failures: 0 })).invalid,
      'secrets: there must be one. url: must begin with https:// or http:// and be a URL without a fragment. ' +
      'timeout: must be 1ms to 1m. breaker.failures: must be at least 1.');
  });

  test('clients get what it decides', async (t) => {
    const answers = {
      good: (response) => reply(response, 200, { userId: 'alice', rooms: ['team-*'] }),
      bad: (response) => reply(response, 401),
      down: (response) => response.destroy(),
    };
    const bodies = [];
    const backend = await Backend.start(t, {
      answer: (request, response, body) => {
        bodies.push(verified(body, request.headers));
        answers[bodies.at(-1).data.token](response);
      },
    });
    const driver = new Driver(t);
    driver.do('client');
    const { address } = await driver.ask('serve', { url: backend.url, secrets: [secret] });
    const come = async (token) => {
      const client = await Client.open(t, `ws://${address}/ws`);
      client.send('authenticate', { token });
      return client;
    };

    const alice = await come('good');
    const text = await alice.text();
    assert.equal(connectedMessage.exec(text)[2], 'alice');
    alice.send('join', { rooms: ['team-1', 'other'] }, 1);
    assert.deepEqual(JSON.parse(await alice.text()).data.rooms, { 'team-1': 'joined', other: 'not allowed' });
    assert.deepEqual(bodies, [{ clientId: connectedMessage.exec(text)[1], remoteAddress: '127.0.0.1', data: { token: 'good' } }]);

    const bad = await come('bad');
    assert.equal(await bad.text(), errorMessage('Authentication failed'));
    assert.deepEqual(await bad.closed(), { code: 4003, reason: 'Authentication failed' });
    const unlucky = await come('down');
    assert.equal(await unlucky.text(), errorMessage('Authentication error'));
    assert.deepEqual(await unlucky.closed(), { code: 4003, reason: 'Authentication failed' });
  });
});

describe('rooms webhook', () => {
  test('is asked by a signed request, and allows rooms that were asked for', async (t) => {
    const backend = await Backend.start(t);
    const driver = start(t, 'rooms', backend);
    const n = driver.do('allowed', { rooms: ['a', 'b', 'c'] });
    const { request, response, body } = await backend.next();
    assert.deepEqual(verified(body, request.headers),
      { clientId: 'a-client', userId: 'alice', metadata: { team: 7 }, rooms: ['a', 'b', 'c'] });
    reply(response, 200, { rooms: ['c', 'a', 'other'] });
    assert.deepEqual(await driver.said(n), { rooms: ['c', 'a'] });
    assert.equal((await driver.ask('rooms failures')).failures, 0);
  });

  for (const [what, answer] of [
    ['an error', (response) => reply(response, 500, { rooms: ['a'] })],
    ['a rejection', (response) => reply(response, 403, { rooms: ['a'] })],
    ['not JSON', (response) => reply(response, 200, 'yes')],
    ['another type', (response) => reply(response, 200, { rooms: 'a' })],
    ['a reset', (response) => response.destroy()],
  ]) {
    test(`${what} allows none and is counted`, async (t) => {
      const backend = await answering(t, answer);
      const driver = start(t, 'rooms', backend);
      assert.deepEqual(await driver.ask('allowed', { rooms: ['a'] }), { rooms: [] });
      assert.equal((await driver.ask('rooms failures')).failures, 1);
    });
  }
});
