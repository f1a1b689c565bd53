// Runs a configuration of deploy/ in front of a `wscast serve` of the test's own.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as delay } from 'node:timers/promises';

const deploy = fileURLToPath(new URL('../../../deploy', import.meta.url));
const startMs = 20_000;
const stopMs = 5_000;
const running = new Set();
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));

// A folder that goes with test `t`, with a certificate for `localhost`.
export function certificate(t) {
  const folder = mkdtempSync(path.join(tmpdir(), 'wscast-proxy-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const file = (name) => path.join(folder, name);
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes',
    '-days', '2', '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost',
    '-keyout', file('key.pem'), '-out', file('certificate.pem')], { stdio: 'pipe' });
  const [certificate, key] = ['certificate.pem', 'key.pem'].map((name) => readFileSync(file(name), 'utf8'));
  writeFileSync(file('both.pem'), certificate + key);
  return { file, ca: certificate };
}

// Each text of `replacements` must stand in the configuration: it is replaced wherever it does.
export function configured(name, certificate, replacements) {
  let text = readFileSync(path.join(deploy, name), 'utf8');
  for (const [from, to] of replacements) {
    assert.ok(text.includes(from), `deploy/${name} has no "${from}"`);
    text = text.replaceAll(from, to);
  }
  const copy = certificate.file(name);
  writeFileSync(copy, text);
  return copy;
}

// Runs a proxy until test `t` is over; returns when it accepts connections.
export async function runProxy(t, port, program, args, environment = {}) {
  const child = spawn(program, args, { env: { ...process.env, ...environment } });
  running.add(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => { output = (output + text).slice(-20_000); });
  }
  let ended;
  const exit = new Promise((resolve) => child.once('error', resolve).once('exit', resolve)).then((how) => {
    running.delete(child);
    ended = `${program} ended early (${how}):\n${output}`;
  });
  t.after(async () => {
    child.kill('SIGTERM');
    const late = setTimeout(() => child.kill('SIGKILL'), stopMs);
    await exit;
    clearTimeout(late);
  });
  for (const end = Date.now() + startMs; !(await accepts(port)); await delay(20)) {
    if (ended) throw new Error(ended);
    if (Date.now() > end) throw new Error(`${program} does not listen:\n${output}`);
  }
}

async function accepts(port) {
  const socket = net.connect(port, '127.0.0.1');
  const accepted = await new Promise((resolve) => {
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
  });
  socket.destroy();
  return accepted;
}
