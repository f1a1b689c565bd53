// The program's HTTP client against servers of Node.js.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import net from 'node:net';
import { describe, test } from 'node:test';
import { Backend, Driver, certificate, reply } from './support/webhook.mjs';

function start(t, options = {}) {
  const driver = new Driver(t);
  driver.do('client', options);
  return driver;
}

// A server that sends `text` to each connection once that has sent something, and then `end`s it.
async function rawServer(t, text, end = (socket) => socket.end()) {
  const server = net.createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => socket.write(text, () => end(socket)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return `http://127.0.0.1:${server.address().port}/hook`;
}

async function tlsOptions(made) {
  return { cert: await readFile(made.cert), key: await readFile(made.key) };
}

describe('HTTP client', () => {
  test('sends what it is given, and a connection is used again', async (t) => {
    const backend = await Backend.start(t);
    const driver = start(t);
    for (const body of [undefined, '', 'x'.repeat(2_000_000)]) {
      const n = driver.do('request', { url: `${backend.url}?a=b`, body, headers: ['X-One: 1'], timeout: 10_000 });
      const { request, response, body: came } = await backend.next();
      assert.equal(request.method, body === undefined ? 'GET' : 'POST');
      assert.equal(request.url, '/hook?a=b');
      assert.equal(request.headers['x-one'], '1');
      assert.equal(request.headers.expect, undefined);
      assert.equal(came, body ?? '');
      reply(response, 200, 'fine');
      assert.deepEqual(await driver.said(n), { status: 200, body: 'fine' });
    }
    assert.equal(backend.connections, 1);
  });

  test('a connection that the server has closed is no failure', async (t) => {
    const backend = await Backend.start(t, { answer: (_, response) => reply(response, 204) });
    const driver = start(t);
    assert.deepEqual(await driver.ask('request', { url: backend.url, body: '{}' }), { status: 204, body: '' });
    await backend.stop();
    await backend.listen();
    assert.deepEqual(await driver.ask('request', { url: backend.url, body: '{}' }), { status: 204, body: '' });
  });

  test('as many as allowed are under way, others wait, and one more fails at once', async (t) => {
    const backend = await Backend.start(t);
    const driver = start(t, { max_under_way: 2, max_waiting: 3 });
    const under_way = [1, 2].map(() => driver.do('request', { url: backend.url }));
    const first = [await backend.next(), await backend.next()];
    const waiting = [1, 2, 3].map(() => driver.do('request', { url: backend.url }));
    const { error, cancelled } = await driver.ask('request', { url: backend.url });
    assert.equal(error, `${backend.url}: too many requests wait`);
    assert.equal(cancelled, false);
    assert.equal(backend.waiting, 0);
    for (const { response } of first) reply(response, 200);
    for (const _ of waiting) reply((await backend.next()).response, 200);
    for (const n of [...under_way, ...waiting]) assert.equal((await driver.said(n)).status, 200);
  });

  test('the time limit includes waiting', async (t) => {
    const backend = await Backend.start(t);
    const driver = start(t, { max_under_way: 1 });
    const under_way = driver.do('request', { url: backend.url, timeout: 600 });
    await backend.next();
    const waits = await driver.ask('request', { url: backend.url, timeout: 50 });
    assert.equal(waits.error, `${backend.url}: timed out while it waited for other requests`);
    assert.equal((await driver.said(under_way)).error, `${backend.url}: Connection timed out`);
  });

  test('at the end each request gets its result, once', async (t) => {
    const backend = await Backend.start(t);
    const driver = start(t, { max_under_way: 1 });
    const requests = [1, 2, 3].map(() => driver.do('request', { url: backend.url }));
    await backend.next();
    assert.equal((await driver.ask('end client')).ended, true);
    for (const n of requests) {
      assert.deepEqual(await driver.said(n), { error: `${backend.url}: cancelled, the program ends`, cancelled: true });
    }
    await driver.end();
  });

  test('it ends while a name is looked up', async (t) => {
    const driver = start(t);
    driver.do('request', { url: 'http://nowhere.invalid/' });
    assert.equal((await driver.ask('end client')).ended, true);
  });

  test('other statuses are responses, and redirects are not followed', async (t) => {
    const backend = await Backend.start(t, {
      answer: (request, response) => reply(response, Number(request.url.slice(1)), 'said', { Location: '/200' }),
    });
    const driver = start(t);
    for (const status of [200, 301, 307, 404, 500]) {
      const said = await driver.ask('request', { url: backend.url.replace('hook', status) });
      assert.deepEqual(said, { status, body: 'said' });
    }
  });

  test('Retry-After is read as seconds or as a date', async (t) => {
    const backend = await Backend.start(t);
    const driver = start(t);
    for (const [header, least, most] of [['7', 7, 7], [new Date(Date.now() + 60_000).toUTCString(), 55, 61],
      ['-5'], ['soon'], [new Date(0).toUTCString()]]) {
      const n = driver.do('request', { url: backend.url });
      reply((await backend.next()).response, 503, '', { 'Retry-After': header });
      const { retryAfter } = await driver.said(n);
      if (least === undefined) assert.equal(retryAfter, undefined, header);
      else assert.ok(retryAfter >= least && retryAfter <= most, `${header}: ${retryAfter}`);
    }
  });

  test('a body up to its limit is read, a longer one is not', async (t) => {
    const backend = await Backend.start(t, { answer: (request, response) => reply(response, 200, 'x'.repeat(request.url.slice(1))) });
    const driver = start(t);
    const ask = (bytes) => driver.ask('request', { url: backend.url.replace('hook', bytes), max_response_bytes: 1_024 });
    assert.equal((await ask(1_024)).body.length, 1_024);
    assert.match((await ask(1_025)).error, /: the body of the response is over 1KiB$/);
    assert.match((await ask(50_000_000)).error, /: the body of the response is over 1KiB$/);
  });

  const head = 'HTTP/1.1 200 OK\r\n';
  for (const [what, text, error, end] of [
    ['a head that is too long', `${head}${'X: y\r\n'.repeat(10_000)}\r\n`, 'the head of the response is over 32KiB'],
    ['endless interim responses', 'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(10_000), 'the head of the response is over 32KiB'],
    ['half an answer', `${head}Content-Length: 9\r\n\r\nok`, 'the response was truncated'],
    ['half a chunk', `${head}Transfer-Encoding: chunked\r\n\r\n9\r\nok`, 'the response was truncated'],
    ['half a head', 'HTTP/1.1 200', 'no HTTP response'],
    ['another protocol', 'SSH-2.0-OpenSSH\r\n', 'no HTTP response'],
    ['a connection that ends', '', 'no HTTP response'],
    ['a reset', '', 'Connection reset by peer', (socket) => socket.resetAndDestroy()],
    ['a response that stops', `${head}Content-Length: 9\r\n\r\nok`, 'Connection timed out', () => {}],
  ]) {
    test(`${what}: ${error}`, async (t) => {
      const url = await rawServer(t, text, end);
      const driver = start(t);
      const said = await driver.ask('request', { url, body: '{}', timeout: 1_000 });
      assert.deepEqual(said, { error: `${url}: ${error}`, cancelled: false });
    });
  }

  test('nobody listens, or the name is unknown', async (t) => {
    const backend = await Backend.start(t);
    await backend.stop();
    const driver = start(t);
    assert.equal((await driver.ask('request', { url: backend.url })).error, `${backend.url}: Connection refused`);
    assert.equal((await driver.ask('request', { url: 'http://nowhere.invalid/' })).error,
      'http://nowhere.invalid/: the host name cannot be resolved');
  });

  test('only http and https', async (t) => {
    const driver = start(t);
    for (const url of ['file:///etc/passwd', 'ftp://127.0.0.1/', 'gopher://127.0.0.1/', 'nonsense:', '']) {
      const { error, body } = await driver.ask('request', { url });
      assert.ok(error, url);
      assert.equal(body, undefined);
    }
  });

  test('what is secret in a URL is sent, and in no error', async (t) => {
    const backend = await Backend.start(t);
    const driver = start(t);
    const url = backend.url.replace('127', 'user:pass%20word@127') + '?token=hidden';
    const n = driver.do('request', { url });
    const { request, response } = await backend.next();
    assert.equal(request.headers.authorization, `Basic ${Buffer.from('user:pass word').toString('base64')}`);
    assert.equal(request.url, '/hook?token=hidden');
    response.destroy();
    assert.equal((await driver.said(n)).error, `${backend.url}: no HTTP response`);
  });

  test('proxies of the environment are ignored', async (t) => {
    process.env.http_proxy = 'http://127.0.0.1:1';
    t.after(() => { delete process.env.http_proxy; });
    const backend = await Backend.start(t, { answer: (_, response) => reply(response, 200) });
    assert.equal((await start(t).ask('request', { url: backend.url })).status, 200);
  });

  test('a certificate of one\'s own CA is accepted with its file, and not without', async (t) => {
    const made = await certificate(t);
    const backend = await Backend.start(t, { tls: await tlsOptions(made), answer: (_, response) => reply(response, 200) });
    const trusting = start(t, { ca_file: made.ca });
    assert.equal((await trusting.ask('request', { url: backend.url })).status, 200);
    assert.equal((await trusting.ask('request', { url: backend.url })).status, 200);
    assert.equal(backend.connections, 1);
    const { error } = await start(t).ask('request', { url: backend.url });
    assert.match(error, /: SSL certificate problem: (self[- ]signed certificate|unable to get local issuer)/);
  });

  test('a certificate for another name is not accepted', async (t) => {
    const made = await certificate(t, 'DNS:elsewhere.example');
    const backend = await Backend.start(t, { tls: await tlsOptions(made) });
    const { error } = await start(t, { ca_file: made.ca }).ask('request', { url: backend.url });
    assert.match(error, /^https:\S+ SSL: (no alternative certificate subject name matches|certificate subject name)/);
    assert.equal(backend.waiting, 0);
  });

  test('wrong options are refused', async (t) => {
    const driver = new Driver(t);
    assert.equal((await driver.ask('client', { max_under_way: 0, ca_file: '/no/ca.pem' })).invalid,
      'max_under_way: must be 1 to 10000. ca_file: /no/ca.pem cannot be read.');
  });
});
