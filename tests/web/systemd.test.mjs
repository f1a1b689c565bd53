// What `wscast serve` tells systemd (sd_notify(3)), on a socket of the test's.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import readline from 'node:readline';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Client, within } from './support/client.mjs';
import { launchProgram } from './support/server.mjs';

const receiver = fileURLToPath(new URL('support/notify_socket.py', import.meta.url));

async function temporaryFolder(t) {
  const folder = await mkdtemp(path.join(tmpdir(), 'wscast-'));
  t.after(() => rm(folder, { recursive: true }));
  return folder;
}

// The flags of a certificate, so that there is something to reload.
async function certificate(t) {
  const folder = await temporaryFolder(t);
  const [key, file] = ['key.pem', 'certificate.pem'].map((name) => path.join(folder, name));
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes',
    '-days', '2', '-subj', '/CN=localhost', '-keyout', key, '-out', file], { stdio: 'pipe' });
  return ['--listen-tls', '127.0.0.1:0', '--tls-cert', file, '--tls-key', key];
}

// Answers with a function that awaits the next datagram.
async function notifySocket(t) {
  const folder = await temporaryFolder(t);
  const socket = path.join(folder, 'notify');
  const child = spawn('python3', [receiver, socket], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => child.kill());
  const lines = readline.createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const line = async () => (await within(lines.next(), 'systemd was told nothing')).value;
  assert.equal(await line(), 'ready');
  process.env.NOTIFY_SOCKET = socket;
  t.after(() => delete process.env.NOTIFY_SOCKET);
  return async () => JSON.parse(await line());
}

test('systemd is told of the start, of clients, of a reload and of a drain', async (t) => {
  const next = await notifySocket(t);
  process.env.WATCHDOG_USEC = '400000';
  t.after(() => delete process.env.WATCHDOG_USEC);
  const server = launchProgram(t, 'wscast', 'serve', '--dev', '--listen', '127.0.0.1:0',
    '--drain-delay', '300ms', '--drain-time', '500ms', ...await certificate(t));
  const skipTo = async (wanted) => {
    const end = Date.now() + 20_000;
    for (let said = await next(); said !== wanted; said = await next()) {
      assert.ok(Date.now() < end, `never came: ${wanted}`);
      assert.match(said, /^(WATCHDOG=1|STATUS=\d+ clients?)$/, `before ${wanted}`);
    }
  };
  assert.equal(await next(), 'STATUS=Starting');
  assert.equal(await next(), 'READY=1');
  await server.listening();  // before it is ready, so nothing is waited for
  await skipTo('STATUS=0 clients');
  await skipTo('WATCHDOG=1');
  await Client.join(t, server.url, 'alice');
  await skipTo('STATUS=1 client');
  server.survivedSignal('SIGHUP');
  let reload = await next();
  for (let n = 0; n < 100 && reload === 'WATCHDOG=1'; ++n) reload = await next();
  assert.match(reload, /^RELOADING=1\nMONOTONIC_USEC=\d+$/);
  await skipTo('READY=1');
  server.signal('SIGTERM');
  await skipTo('STOPPING=1\nSTATUS=Draining\nEXTEND_TIMEOUT_USEC=10800000');
  await skipTo('WATCHDOG=1');  // it is watched as long as it runs
  assert.deepEqual(await server.exit(), { code: 0, signal: null });
});
