// The HTTP API over TLS.
import assert from 'node:assert/strict';
import { copyFile, writeFile } from 'node:fs/promises';
import https from 'node:https';
import net from 'node:net';
import { describe, test } from 'node:test';
import tls from 'node:tls';
import { Authority } from './support/authority.mjs';
import { runProgram, startServer } from './support/server.mjs';

const key = 'a-key-for-the-tests';

// A server whose API has the certificate `name` of a new authority.
async function serve(t, name = 'api') {
  const authority = await Authority.make(t);
  authority.issue(name);
  const config = authority.file('wscast.toml');
  await writeFile(config, `
[server]
listen = ["127.0.0.1:0"]
[auth]
dev = true
[api]
listen_tls = ["127.0.0.1:0"]
tls_cert = "${authority.file(`${name}.pem`)}"
tls_key = "${authority.file(`${name}.key`)}"
key = "${key}"
`);
  const server = await startServer(t, 'wscast', 'serve', '--config', config);
  const [, url] = await server.said(/API at (https:\S+)/);
  const port = Number(new URL(url).port);
  const get = (path, options = {}) => new Promise((resolve, reject) => {
    https.get(`${url}${path}`, { ca: authority.ca, headers: { authorization: `Bearer ${key}` }, ...options }, (response) => {
      let body = '';
      const { subject } = response.socket.getPeerCertificate();
      const protocol = response.socket.getProtocol();
      response.setEncoding('utf8').on('data', (text) => { body += text; });
      response.on('end', () => resolve({ status: response.statusCode, body, name: subject?.CN, protocol }));
    }).on('error', reject);
  });
  return { authority, server, port, get };
}

describe('the API over TLS', () => {
  test('calls, metrics and the admin page', async (t) => {
    const { get } = await serve(t);
    const stats = await get('/api/v1/stats');
    assert.deepEqual([stats.status, JSON.parse(stats.body).clients, stats.name, stats.protocol], [200, 0, 'api', 'TLSv1.3']);
    assert.match((await get('/metrics')).body, /^wscast_clients 0$/m);
    assert.match((await get('/admin')).body, /<!doctype html>/i);
    assert.equal((await get('/api/v1/stats', { headers: {} })).status, 401);
    assert.equal((await get('/api/v1/stats', { maxVersion: 'TLSv1.2' })).protocol, 'TLSv1.2');
  });

  test('several calls on one connection', async (t) => {
    const { get } = await serve(t);
    const agent = new https.Agent({ keepAlive: true, maxSockets: 1 });
    t.after(() => agent.destroy());
    for (let i = 0; i < 5; ++i) assert.equal((await get('/api/v1/rooms', { agent })).status, 200);
    const [sockets] = Object.values(agent.freeSockets);
    assert.equal(sockets.length, 1);
  });

  test('others than TLS 1.2 and 1.3 are refused', async (t) => {
    const { authority, port, get } = await serve(t);
    const ended = (socket) => new Promise((resolve) => socket.on('error', () => {}).on('close', resolve).resume());
    await ended(net.connect(port, '127.0.0.1', function send() { this.write('GET /metrics HTTP/1.1\r\n\r\n'); }));
    const old = tls.connect({ port, host: '127.0.0.1', ca: authority.ca, minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1',
      ciphers: 'DEFAULT:@SECLEVEL=0' });
    old.on('secureConnect', () => assert.fail('TLS 1.1 was accepted'));
    await ended(old);
    assert.equal((await get('/metrics')).status, 200);
  });

  test('who sends too much gets the response, and the end', async (t) => {
    const { authority, port } = await serve(t);
    const socket = tls.connect({ port, host: '127.0.0.1', ca: authority.ca });
    let text = '';
    socket.setEncoding('utf8').on('data', (part) => { text += part; }).on('error', () => {});
    socket.write(`POST /api/v1/publish HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${key}\r\nContent-Length: 3000000\r\n\r\n`);
    socket.write('x'.repeat(3_000_000));
    await new Promise((resolve) => socket.on('close', resolve));
    assert.match(text, /^HTTP\/1\.1 413 /);
  });

  test('SIGHUP reads the certificate again', async (t) => {
    const { authority, server, get } = await serve(t);
    authority.issue('next');
    for (const ending of ['pem', 'key']) await copyFile(authority.file(`next.${ending}`), authority.file(`api.${ending}`));
    server.survivedSignal('SIGHUP');
    await server.logged(/the certificate of the API was reloaded/);
    assert.equal((await get('/metrics')).name, 'next');
    await writeFile(authority.file('api.pem'), 'no certificate');
    server.survivedSignal('SIGHUP');
    await server.logged(/the API keeps its certificate: cannot use "\S+api\.pem" for the API: /);
    assert.equal((await get('/metrics')).name, 'next');
  });

  test('what is wrong with the files or options is one sentence', async (t) => {
    const authority = await Authority.make(t);
    authority.issue('one');
    authority.issue('two');
    const file = (name) => authority.file(name);
    const serveWith = (...args) => runProgram('wscast', 'serve', '--dev', '--listen', '127.0.0.1:0', ...args);
    const config = file('wscast.toml');
    await writeFile(config, `[api]\nkey = "${key}"\n`);
    const listen = ['--config', config, '--api-listen-tls', '127.0.0.1:0'];
    for (const [args, words] of [
      [listen, /--api-listen-tls needs api\.tls_cert and api\.tls_key/],
      [['--config', config, '--api-tls-cert', file('one.pem')], /--api-tls-cert needs api\.listen_tls/],
      [[...listen, '--api-tls-cert', file('none.pem'), '--api-tls-key', file('one.key')], /cannot use "\S+none\.pem" for the API: /],
      [[...listen, '--api-tls-cert', file('one.pem'), '--api-tls-key', file('two.key')], /cannot use "\S+two\.key" for the API: /],
    ]) {
      const { code, stderr } = await serveWith(...args);
      assert.equal(code, 2);
      assert.match(stderr, words);
    }
  });
});
