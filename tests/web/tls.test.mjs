// npm's `ws` over wss, against `wscast serve --listen-tls`.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { rename } from 'node:fs/promises';
import https from 'node:https';
import net from 'node:net';
import { describe, test } from 'node:test';
import tls from 'node:tls';
import { Authority } from './support/authority.mjs';
import { Client, within } from './support/client.mjs';
import { gone, stats } from './support/raw.mjs';
import { runProgram, startServer } from './support/server.mjs';

// Issues one, and answers the flags for it.
function certificate(authority, name, host) {
  authority.issue(name, host);
  return ['--tls-cert', authority.file(`${name}.pem`), '--tls-key', authority.file(`${name}.key`)];
}

async function serve(t, ...args) {
  const server = await startServer(t, 'wscast', 'serve', '--dev', '--listen-tls', '127.0.0.1:0', ...args);
  const [, secure] = await server.said(/listening on (\S+) \(TLS\)/);
  server.secure = secure;
  server.port = Number(secure.split(':')[1]);
  server.wss = `wss://${secure}/ws`;
  return server;
}

async function join(t, url, token, options) {
  const client = await Client.open(t, url, [], options);
  client.send('authenticate', { token });
  assert.match(await client.text(), /^{"event":"connected"/);
  return client;
}

// The subject of the certificate that a new connection gets, which must verify.
async function presented(authority, server, servername = 'localhost', more = {}) {
  const socket = tls.connect({ host: '127.0.0.1', port: server.port, ca: authority.ca, servername, ...more });
  try {
    await within(once(socket, 'secureConnect'), 'no handshake');
    return socket.getPeerCertificate().subject.CN;
  } finally {
    socket.destroy();
  }
}

async function until(condition) {
  for (const late = Date.now() + 20_000; !await condition();) assert.ok(Date.now() < late, 'it never came');
}

describe('wscast serve --listen-tls', () => {
  test('clients come by wss, beside others that come by ws', async (t) => {
    const authority = await Authority.make(t);
    const server = await serve(t, ...certificate(authority, 'server'));
    await server.said(new RegExp(`open https://${server.secure}/`));
    const alice = await join(t, `wss://localhost:${server.port}/ws`, 'alice', { ca: authority.ca });
    const bob = await join(t, server.url, 'bob');
    alice.publish('ws-default', 'chat', { text: 'x'.repeat(100_000) });
    assert.equal(JSON.parse(await bob.text()).data.text.length, 100_000);
    bob.publish('ws-default', 'chat', { text: 'y'.repeat(100_000) });
    assert.equal(JSON.parse(await alice.text()).data.text.length, 100_000);
    assert.equal(await server.stop(), 0);
    assert.deepEqual(await alice.closed(), { code: 1001, reason: 'Server shutting down' });
  });

  test('SIGHUP reloads, a bad certificate is refused with one line, and nobody is disconnected', async (t) => {
    const authority = await Authority.make(t);
    const server = await serve(t, ...certificate(authority, 'server'), '--tls-reload-interval', '0');
    const alice = await join(t, server.wss, 'alice', { ca: authority.ca });
    assert.equal(await presented(authority, server), 'server');
    certificate(authority, 'renewed');
    await rename(authority.file('renewed.pem'), authority.file('server.pem'));
    server.survivedSignal('SIGHUP');
    await server.logged(/certificates not reloaded, TLS at \S+ keeps its own: the key in \S+server.key is not that of/);
    assert.equal(await presented(authority, server), 'server');
    await rename(authority.file('renewed.key'), authority.file('server.key'));
    server.survivedSignal('SIGHUP');
    await server.logged(/certificates reloaded, TLS at \S+ presents localhost until 20/);
    assert.equal(await presented(authority, server), 'renewed');
    await alice.settled();
  });

  test('changed files are noticed', async (t) => {
    const authority = await Authority.make(t);
    const server = await serve(t, ...certificate(authority, 'server'), '--tls-reload-interval', '20ms');
    certificate(authority, 'renewed');
    await rename(authority.file('renewed.pem'), authority.file('server.pem'));
    await rename(authority.file('renewed.key'), authority.file('server.key'));
    await until(async () => await presented(authority, server) === 'renewed');
  });

  test('several certificates, chosen by the name of the host', async (t) => {
    const authority = await Authority.make(t);
    const server = await serve(t, ...certificate(authority, 'one', 'one.test'), ...certificate(authority, 'two', '*.two.test'));
    assert.equal(await presented(authority, server, 'one.test'), 'one');
    assert.equal(await presented(authority, server, 'a.two.test'), 'two');
  });

  test('--tls-min-version 1.3 refuses TLS 1.2', async (t) => {
    const authority = await Authority.make(t);
    const server = await serve(t, ...certificate(authority, 'server'), '--tls-min-version', '1.3');
    assert.equal(await presented(authority, server), 'server');
    await assert.rejects(presented(authority, server, 'localhost', { maxVersion: 'TLSv1.2' }), /protocol version/);
  });

  test('--tls-self-signed makes a certificate for localhost', async (t) => {
    const server = await serve(t, '--tls-self-signed', '--tls-max-handshakes', '100');
    await assert.rejects(Client.open(t, server.wss), /self-signed/);
    const alice = await join(t, server.wss, 'alice', { rejectUnauthorized: false });
    await alice.settled();
    const response = await within(new Promise((resolve, reject) => {
      https.get(`https://${server.secure}/`, { rejectUnauthorized: false }, resolve).on('error', reject);
    }), 'no page');
    assert.equal(response.statusCode, 200);
    response.resume();
  });

  test('--tls-handshake-timeout ends a connection that says nothing', async (t) => {
    const server = await serve(t, '--tls-self-signed', '--tls-handshake-timeout', '100ms');
    const silent = net.connect(server.port, '127.0.0.1').on('error', () => {});
    await within(gone(silent), 'it was not closed');
  });

  test('--tls-max-handshakes closes those beyond it', async (t) => {
    const server = await serve(t, '--tls-self-signed', '--tls-max-handshakes', '1');
    const begin = () => {
      const socket = net.connect(server.port, '127.0.0.1').on('error', () => {});
      t.after(() => socket.destroy());
      socket.write(Buffer.from([0x16, 3, 1, 2, 0, 1]));
      return socket;
    };
    const both = [begin(), begin()];
    await within(Promise.race(both.map(gone)), 'none was closed');
    assert.equal((await stats(server)).counters.tls_handshakes_refused, 1);
  });

  test('wscast health asks by https, and --ca-file says whom it trusts', async (t) => {
    const authority = await Authority.make(t);
    const server = await serve(t, ...certificate(authority, 'server'));
    const url = `https://localhost:${server.port}/ready`;
    const healthy = await runProgram('wscast', 'health', '--url', url, '--ca-file', authority.file('ca.pem'));
    assert.deepEqual({ code: healthy.code, stdout: healthy.stdout }, { code: 0, stdout: 'ready\n' });
    const { code, stderr } = await runProgram('wscast', 'health', '--url', url);
    assert.equal(code, 1);
    assert.match(stderr, /certificate/);
  });
});
