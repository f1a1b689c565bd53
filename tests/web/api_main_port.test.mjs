// The HTTP API on the port of clients: what is served there, and what hostile clients get.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import tls from 'node:tls';
import { Authority } from './support/authority.mjs';
import { openAdmin } from './support/admin.mjs';
import { startBrowser } from './support/browser.mjs';
import { Client, within } from './support/client.mjs';
import { runProgram, startServer } from './support/server.mjs';

const key = 'key-for-everything';
const bearer = { authorization: `Bearer ${key}` };

async function written(t, content) {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'wscast-'));
  t.after(() => rm(folder, { recursive: true }));
  const file = path.join(folder, 'wscast.toml');
  await writeFile(file, content);
  return file;
}

const configuration = ({ server = 'listen = ["127.0.0.1:0"]', api = '', more = '' } = {}) => `
[server]
${server}
[auth]
dev = true
[api]
main_port = true
key = "${key}"
${api}
${more}
`;

async function serve(t, options = {}, ...flags) {
  const file = await written(t, configuration(options));
  const server = await startServer(t, 'wscast', 'serve', '--config', file, ...flags);
  return { server, file, host: `http://${server.address}` };
}

// { status, headers, body, socket } of a request that keeps its connection if `agent` does.
function ask(url, { method = 'GET', headers = bearer, body, agent, ...options } = {}) {
  return new Promise((resolve, reject) => {
    const client = url.startsWith('https:') ? https : http;
    const request = client.request(url, { method, headers, agent: agent ?? false, ...options }, (response) => {
      let text = '';
      const { socket } = response;
      response.setEncoding('utf8').on('data', (part) => { text += part; });
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, body: text, socket }));
    });
    request.on('error', reject).end(body);
  });
}

const publish = (host, body, options) => ask(`${host}/api/v1/publish`,
  { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body), ...options });

const head = (length, ...fields) => [`POST /api/v1/publish HTTP/1.1`, 'Host: x', `Authorization: Bearer ${key}`,
  `Content-Length: ${length}`, ...fields, '', ''].join('\r\n');
const message = '{"room":"lobby","event":"e"}';

// A connection whose text is read as it comes.
class Raw {
  static async open(t, address, options) {
    const raw = new this();
    const at = address.startsWith('unix:') ? { path: address.slice(5) }
      : { host: address.slice(0, address.lastIndexOf(':')), port: Number(address.slice(address.lastIndexOf(':') + 1)) };
    raw.socket = options ? tls.connect({ ...at, ...options }) : net.connect(at);
    raw.socket.setEncoding('utf8').on('data', (part) => { raw.text += part; raw.socket.emit('text'); });
    raw.socket.on('error', () => {});
    raw.closed = new Promise((resolve) => raw.socket.once('close', resolve));
    t.after(() => raw.socket.destroy());
    await within(new Promise((resolve) => raw.socket.once(options ? 'secureConnect' : 'connect', resolve)), 'no connection');
    return raw;
  }

  text = '';

  write(text) {
    this.socket.write(text);
  }

  // Resolves when `pattern` has come, with its match.
  async got(pattern) {
    const found = new Promise((resolve) => {
      const look = () => {
        const match = pattern.exec(this.text);
        if (!match) return;
        this.socket.off('text', look);
        resolve(match);
      };
      this.socket.on('text', look);
      look();
    });
    return within(found, `no ${pattern} in ${this.text}`);
  }

  // All that came until the server ended the connection.
  async end() {
    await within(this.closed, 'the connection was not ended');
    return this.text;
  }
}

const responses = (text) => text.match(/HTTP\/1\.1 \d+/g)?.map((line) => line.slice(9)) ?? [];

async function exchange(t, address, ...pieces) {
  const raw = await Raw.open(t, address);
  for (const piece of pieces) raw.write(piece);
  return raw.end();
}

async function connectionsOf(host) {
  return JSON.parse((await ask(`${host}/api/v1/stats`)).body).connections;
}

// Its own connection is one.
async function onlyOneLeft(host) {
  for (let i = 0; i < 200; ++i) {
    if (await connectionsOf(host) === 1) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.fail('connections are left');
}

describe('beside WebSockets', () => {
  test('calls, metrics and the admin page', async (t) => {
    const { server, host } = await serve(t);
    await server.said(new RegExp(`API at ${host}\nadmin page at ${host}/admin\n`));
    const alice = await Client.join(t, server.url, 'alice', ['lobby']);
    assert.equal((await publish(host, message)).body, '{"accepted":1,"backplane":"none"}');
    assert.equal(await alice.text(), '{"event":"e","data":null}');
    assert.match((await ask(`${host}/metrics`)).body, /^wscast_clients_authenticated 1$/m);
    assert.match((await ask(`${host}/admin`, { headers: {} })).body, /<!doctype html>/i);
    assert.equal((await ask(`${host}/api/v1/rooms`, { headers: {} })).status, 401);
    assert.equal((await ask(`${host}/api/openapi.json`, { headers: {} })).status, 200);
    assert.equal((await ask(`${host}/api/v2`)).status, 404);
    const preflight = await ask(`${host}/api/v1/rooms`, { headers: { ...bearer, origin: 'https://evil.example' } });
    assert.equal(preflight.status, 403);
    await alice.settled();
    assert.equal((await ask(`${host}/health`)).body, 'ok\n');
    assert.match((await ask(`${host}/`)).body, /<!doctype html>/i, 'the console');
    assert.equal((await ask(`${host}/apis`)).headers['content-type'], 'text/plain; charset=utf-8');
  });

  test('without the option these paths get 404', async (t) => {
    const server = await startServer(t, 'wscast', 'serve', '--dev', '--listen', '127.0.0.1:0');
    for (const target of ['/api/v1/rooms', '/api/openapi.json', '/metrics', '/admin', '/admin/app.js']) {
      const { status, body } = await ask(`http://${server.address}${target}`);
      assert.deepEqual([status, body], [404, 'Nothing is served here\n'], target);
    }
  });

  test('without the admin page that alone gets 404', async (t) => {
    const { host } = await serve(t, { api: 'admin = false' });
    assert.equal((await ask(`${host}/admin`)).body, 'Nothing is served here\n');
    assert.equal((await ask(`${host}/metrics`)).status, 200);
  });

  test('the listener of its own goes on', async (t) => {
    const { server, host } = await serve(t, { api: 'listen = ["127.0.0.1:0"]' });
    const [, own] = await server.said(/API at (http:\S+)/);
    assert.notEqual(own, host);
    for (const at of [own, host]) assert.equal((await ask(`${at}/api/v1/rooms`)).status, 200);
    assert.equal((await ask(`${own}/health`)).status, 404);
  });

  test('the option is validated', async (t) => {
    const faults = async (content) => (await runProgram('wscast', 'config', 'check', await written(t, content))).stderr;
    assert.match(await faults('[auth]\ndev = true\n[api]\nmain_port = true\n'), /api\.main_port needs api\.key_file or \[\[api\.keys\]\]/);
    for (const taken of ['/api', '/api/ws', '/metrics', '/admin/x']) {
      assert.match(await faults(configuration({ server: `path = "${taken}"` })), /server\.path: \S+ is a path of the HTTP API, with api\.main_port/);
    }
    assert.equal(await faults(configuration({ server: 'path = "/admin"', api: 'admin = false' })), '');
  });

  test('SIGHUP brings other keys, but no other main_port', async (t) => {
    const { server, host, file } = await serve(t);
    await writeFile(file, configuration().replace('main_port = true', 'main_port = false').replace(key, 'another-key-of-the-test'));
    server.survivedSignal('SIGHUP');
    await server.logged(/api\.main_port has changed, but changes at the next start only/);
    await server.logged(/reloaded, options that changed/);
    assert.equal((await ask(`${host}/api/v1/rooms`)).status, 401);
    assert.equal((await ask(`${host}/api/v1/rooms`, { headers: { authorization: 'Bearer another-key-of-the-test' } })).status, 200);
  });
});

describe('one connection', () => {
  test('is kept, and has requests for either side', async (t) => {
    const { server, host } = await serve(t);
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    t.after(() => agent.destroy());
    const ports = new Set();
    for (let i = 0; i < 20; ++i) {
      const { status, socket } = await publish(host, message, { agent });
      assert.equal(status, 200);
      ports.add(socket.localPort);
    }
    assert.equal(ports.size, 1);
    assert.equal(JSON.parse((await ask(`${host}/api/v1/stats`, { agent })).body).counters.connections_accepted, 1);
    const health = await ask(`${host}/health`, { agent });
    assert.deepEqual([health.status, health.body, ports.has(health.socket.localPort)], [200, 'ok\n', true]);
    // A proxy may keep one connection for what several clients ask.
    const raw = await Raw.open(t, server.address);
    raw.write('GET /api/openapi.json HTTP/1.1\r\nHost: x\r\n\r\n');
    await raw.got(/HTTP\/1\.1 200 [^]*}$/);
    raw.write('GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n' +
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n');
    await raw.got(/HTTP\/1\.1 101 /);
  });

  test('pipelined requests are responded to in order', async (t) => {
    const { server } = await serve(t);
    const post = (room) => head(27 + room.length, 'X: y') + `{"room":"${room}","event":"e"}` .padEnd(27 + room.length);
    const wrong = 'GET /api/v1/nothing HTTP/1.1\r\nHost: x\r\n\r\n';
    const text = await exchange(t, server.address, post('a') + post('b') + 'GET /api/openapi.json HTTP/1.1\r\nHost: x\r\n\r\n' +
      post('c') + wrong);
    assert.deepEqual(responses(text), ['200', '200', '200', '200', '404']);
    const mixed = await exchange(t, server.address, post('a') + 'GET /health HTTP/1.1\r\nHost: x\r\n\r\n' + post('b'));
    assert.deepEqual(responses(mixed), ['200', '200']);
    assert.match(mixed, /\r\n\r\nok\n$/);
  });

  test('a body in pieces, in chunks and with 100-continue', async (t) => {
    const { server } = await serve(t);
    const raw = await Raw.open(t, server.address);
    raw.write(head(message.length));
    for (const byte of message) raw.write(byte);
    await raw.got(/"accepted":0,"backplane":"none"}$/);
    raw.write(head(0).replace(/Content-Length: 0/, 'Transfer-Encoding: chunked'));
    raw.write(`5\r\n${message.slice(0, 5)}\r\n`);
    raw.write(`${(message.length - 5).toString(16)}\r\n${message.slice(5)}\r\n0\r\n\r\n`);
    await raw.got(/(accepted[^]*){2}}$/);
    raw.write(head(message.length, 'Expect: 100-continue', 'Connection: close'));
    await raw.got(/HTTP\/1\.1 100 Continue\r\n\r\n$/);
    raw.write(message);
    assert.deepEqual(responses(await raw.end()), ['200', '200', '100', '200']);
  });

  test('a body of the longest size, and one more', async (t) => {
    const { server, host } = await serve(t, { api: 'max_body_bytes = "300KiB"' });
    const alice = await Client.join(t, server.url, 'alice', ['lobby']);
    const body = (size) => `{"room":"lobby","event":"e","data":"${'x'.repeat(size - 38)}"}`;
    assert.equal(body(100).length, 100);
    const { status } = await publish(host, body(300 * 1024));
    assert.equal(status, 200);
    assert.ok((await alice.text()).length > 300_000);
    assert.equal((await publish(host, body(300 * 1024 + 1))).status, 413);
    assert.match(await exchange(t, server.address, head(3_000_000), 'x'.repeat(3_000_000)), /^HTTP\/1\.1 413 /);
    // A response that is longer than what the kernel takes at once.
    const raw = await Raw.open(t, server.address);
    raw.socket.pause();
    raw.write('GET /admin HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(300) + 'GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n');
    raw.socket.resume();
    assert.equal(responses(await raw.end()).length, 301);
  });
});

describe('hostile clients', () => {
  test('a slow head, a slow body and no further request', async (t) => {
    const { server, host } = await serve(t, { api: 'request_timeout = "1s"', more: '[timeouts]\nhead_timeout = "1s"' });
    assert.match(await exchange(t, server.address, 'POST /api/v1/publish HTTP/1.1\r\nHost'), /^HTTP\/1\.1 408 /);
    assert.equal(await exchange(t, server.address, head(100), '{'), '');
    const kept = await exchange(t, server.address, head(message.length), message);
    assert.deepEqual(responses(kept), ['200'], 'and then the end, without a 408');
    await onlyOneLeft(host);
  });

  test('who ends its side gets the response', async (t) => {
    const { server, host } = await serve(t);
    for (const [bytes, expected] of [[head(message.length) + message, ['200']], [head(message.length) + message.slice(1), []]]) {
      const raw = await Raw.open(t, server.address);
      raw.socket.allowHalfOpen = true;
      raw.socket.end(bytes);
      assert.deepEqual(responses(await raw.end()), expected);
    }
    await onlyOneLeft(host);
  });

  test('who leaves is gone', async (t) => {
    const { server, host } = await serve(t);
    for (const bytes of [head(100), head(100) + '{', head(message.length) + message]) {
      for (let i = 0; i < 20; ++i) {
        const raw = await Raw.open(t, server.address);
        raw.write(bytes);
        if (i % 2 === 0) raw.socket.resetAndDestroy();
        else raw.socket.destroy();
      }
    }
    await onlyOneLeft(host);
    assert.equal((await publish(host, message)).status, 200);
  });

  test('a request that two could read differently', async (t) => {
    const { server } = await serve(t);
    for (const bytes of [head(5, 'Transfer-Encoding: chunked') + '0\r\n\r\n', head('1, 1'), head(1, 'Content-Length: 2'),
      'GARBAGE\r\n\r\n', head(2, 'X: a\r\n b')]) {
      assert.match(await exchange(t, server.address, bytes), /^HTTP\/1\.1 400 /, bytes);
    }
    assert.match(await exchange(t, server.address, head(2, `X: ${'x'.repeat(9000)}`)), /^HTTP\/1\.1 431 /, 'of the API');
    assert.match(await exchange(t, server.address, head(2, `X: ${'x'.repeat(17_000)}`)), /^HTTP\/1\.1 431 /);
  });

  test('more than the API takes get 503, and WebSockets go on', async (t) => {
    const { server, host } = await serve(t, { api: 'max_connections = 20\nrequest_timeout = "4s"' });
    const alice = await Client.join(t, server.url, 'alice', ['lobby']);
    const slow = await Promise.all(Array.from({ length: 100 }, () => Raw.open(t, server.address)));
    for (const raw of slow) raw.write(head(100));
    const texts = await Promise.all(slow.map((raw) => raw.end()));
    assert.deepEqual(new Set(texts.map((text) => text.slice(0, 13))), new Set(['', 'HTTP/1.1 503 ']));
    assert.equal(texts.filter((text) => text === '').length, 20);
    await server.logged(/connections to the API refused, over its max_connections: 1$/m);
    assert.match((await ask(`${host}/metrics`)).body, /^wscast_api_connections_refused_total 80$/m);
    assert.equal((await publish(host, message)).status, 200);
    assert.equal(await alice.text(), '{"event":"e","data":null}');
    await alice.settled();
  });

  test('what is handed over counts against the limits of the server', async (t) => {
    const { server, host } = await serve(t, { api: 'request_timeout = "3s"', more: '[limits]\nmax_connections_per_address = 3' });
    const waiting = [];
    for (let i = 0; i < 3; ++i) waiting.push(await Raw.open(t, server.address));
    for (const raw of waiting) raw.write(head(100));
    assert.equal((await ask(`${host}/api/v1/rooms`)).body, 'Too many connections\n');
    for (const raw of waiting) await raw.end();
    await onlyOneLeft(host);
  });

  test('a shutdown does not wait for them', async (t) => {
    const { server } = await serve(t, { api: 'request_timeout = "60s"' });
    const body = await Raw.open(t, server.address);
    body.write(head(100));
    const idle = await Raw.open(t, server.address);
    idle.write(head(message.length) + message);
    await idle.got(/}$/);
    const begin = Date.now();
    assert.equal(await server.stop(), 0);
    assert.ok(Date.now() - begin < 4000);
    assert.equal(await body.end(), '');
  });
});

describe('behind a proxy', () => {
  const call = (room, ...fields) => [`POST /api/v1/rooms/${room}/join HTTP/1.1`, 'Host: x', `Authorization: Bearer ${key}`,
    'Content-Length: 14', ...fields, '', '{"user":"none"}'.slice(0, 14)].join('\r\n');
  const join = (room, ...fields) => call(room, ...fields).replace('Content-Length: 14', 'Content-Length: 15') + '}';

  test('each call is logged with its client', async (t) => {
    const { server } = await serve(t, { more: '[proxy]\ntrusted = ["127.0.0.1"]' });
    const raw = await Raw.open(t, server.address);
    for (const client of ['192.0.2.1', '2001:db8::7']) {
      raw.write(join('r', `X-Forwarded-For: 198.51.100.1, ${client}`));
      await server.logged(new RegExp(`api: key "api\\.key" POST /api/v1/rooms/r/join \\{"user":"none"\\}: 200, from ${client}\n`));
    }
  });

  test('who is not trusted cannot say who it is', async (t) => {
    const { server } = await serve(t);
    const raw = await Raw.open(t, server.address);
    raw.write(join('r', 'X-Forwarded-For: 192.0.2.1'));
    await server.logged(/rooms\/r\/join .*: 200, from 127\.0\.0\.1\n/);
  });

  test('the PROXY protocol', async (t) => {
    const { server } = await serve(t, { more: '[proxy]\ntrusted = ["127.0.0.1"]\nprotocol = true' });
    const raw = await Raw.open(t, server.address);
    raw.write('PROXY TCP4 192.0.2.1 192.0.2.9 1 2\r\n' + join('one'));
    await server.logged(/rooms\/one\/join .*: 200, from 192\.0\.2\.1\n/);
    raw.write(join('two', 'X-Forwarded-For: 192.0.2.7'));
    await server.logged(/rooms\/two\/join .*: 200, from 192\.0\.2\.1\n/);
  });

  test('a Unix socket', async (t) => {
    const folder = path.dirname(await written(t, ''));
    const { server } = await serve(t, { more: '[proxy]\ntrusted = ["unix"]' }, '--listen', `unix:${folder}/wscast.sock`);
    const raw = await Raw.open(t, server.address);
    raw.write(join('one', 'X-Forwarded-For: 192.0.2.1'));
    await server.logged(/rooms\/one\/join .*: 200, from 192\.0\.2\.1\n/);
    raw.write(join('two'));
    await server.logged(/rooms\/two\/join .*: 200\n/);
  });
});

describe('over TLS', () => {
  async function serveTls(t) {
    const authority = await Authority.make(t);
    authority.issue('main');
    const { server } = await serve(t, {
      api: 'request_timeout = "2s"',
      more: `[tls]\ncertificates = ["${authority.file('main.pem')}"]\nkeys = ["${authority.file('main.key')}"]`,
    }, '--listen-tls', '127.0.0.1:0');
    const [, host, address] = await server.said(/API at (https:\/\/(\S+))\nadmin page at https:/);
    return { server, host, address, options: { ca: authority.ca } };
  }

  test('calls, kept connections and WebSockets', async (t) => {
    const { host, address, options } = await serveTls(t);
    const alice = await Client.open(t, `wss://${address}/ws`, [], options);
    alice.send('authenticate', { token: 'alice' });
    await alice.text();
    const agent = new https.Agent({ keepAlive: true, maxSockets: 1, ...options });
    t.after(() => agent.destroy());
    const ports = new Set();
    for (let i = 0; i < 10; ++i) {
      const { status, socket } = await publish(host, { all: true, event: `e${i}`, data: 'x'.repeat(i * 20_000) }, { agent });
      assert.equal(status, 200);
      ports.add(socket.localPort);
      assert.equal(JSON.parse(await alice.text()).event, `e${i}`);
    }
    assert.equal(ports.size, 1);
    const health = await ask(`${host}/health`, { agent });
    assert.deepEqual([health.body, ports.has(health.socket.localPort)], ['ok\n', true]);
    for (const maxVersion of ['TLSv1.2', 'TLSv1.3']) {
      assert.match((await ask(`${host}/metrics`, { ...options, maxVersion })).body, /^wscast_clients_authenticated 1$/m);
      assert.match((await ask(`${host}/admin`, { ...options, maxVersion })).body, /<!doctype html>/i);
    }
  });

  test('pipelining, bodies at the limit, slow bodies and ends', async (t) => {
    const { address, options } = await serveTls(t);
    const one = head(message.length) + message;
    const raw = await Raw.open(t, address, options);
    raw.write(one + one + 'GET /health HTTP/1.1\r\nHost: x\r\n\r\n');
    assert.deepEqual(responses(await raw.end()), ['200', '200', '200']);
    const big = await Raw.open(t, address, options);
    big.write(head(3_000_000));
    big.write('x'.repeat(3_000_000));
    assert.deepEqual(responses(await big.end()), ['413']);
    const slow = await Raw.open(t, address, options);
    slow.write(head(100) + '{');
    assert.equal(await slow.end(), '');
    const half = await Raw.open(t, address, { ...options, allowHalfOpen: true });
    half.socket.end(one);
    await half.got(/HTTP\/1\.1 200 /);
    const garbage = await Raw.open(t, address);
    garbage.write(one);
    assert.doesNotMatch(await garbage.end(), /HTTP/);
  });

  test('many at once', async (t) => {
    const { host, options } = await serveTls(t);
    const agent = new https.Agent({ keepAlive: true, maxSockets: 20, ...options });
    t.after(() => agent.destroy());
    const all = await Promise.all(Array.from({ length: 400 }, (_, i) => publish(host, { all: true, event: 'e', data: 'x'.repeat(i * 100) }, { agent })));
    assert.deepEqual(new Set(all.map(({ status }) => status)), new Set([200]));
  });
});

describe('in a browser', () => {
  let browser;
  before(async () => { browser = await startBrowser(); });
  after(() => browser?.close());

  test('the admin page and the console have one origin', async (t) => {
    const { server, host } = await serve(t);
    const alice = await Client.join(t, server.url, 'alice', ['lobby']);
    const tab = await openAdmin(t, browser, { page: `${host}/admin` }, { view: '#rooms' });
    await tab.getByText('lobby').first().waitFor();
    await tab.goto(`${host}/`);
    assert.match(await tab.title(), /wscast/i);
    assert.equal(await tab.evaluate(async () => (await fetch('/health')).text()), 'ok\n');
    await tab.goto(`${host}/admin`);
    await alice.settled();
  });
});
