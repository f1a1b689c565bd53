// A backend that receives what the program POSTs, and the driver of the program's parts that do.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import http from 'node:http';
import https from 'node:https';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Webhook } from 'standardwebhooks';
import { within } from './client.mjs';
import { launchProgram } from './server.mjs';

export const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
export const otherSecret = 'whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=';

// A queue that is awaited.
class Arrivals {
  #arrived = [];
  #waiting = [];

  add(one) {
    const wait = this.#waiting.shift();
    if (wait) wait(one);
    else this.#arrived.push(one);
  }

  next(words) {
    if (this.#arrived.length > 0) return Promise.resolve(this.#arrived.shift());
    return within(new Promise((resolve) => this.#waiting.push(resolve)), words);
  }

  get length() {
    return this.#arrived.length;
  }
}

// An HTTP server of the test's. Each request is passed to `answer(request, response, body)`; without
// one it waits in requests().
export class Backend {
  #server;
  #sockets = new Set();
  #arrivals = new Arrivals();
  port = 0;
  connections = 0;
  answer;

  constructor(options) {
    this.options = options;
  }

  // Listens until test `t` is over; with `tls`, the options of https.
  static async start(t, { tls, answer } = {}) {
    const backend = new Backend(tls);
    backend.answer = answer;
    t.after(() => backend.stop());
    await backend.listen();
    return backend;
  }

  // At the port that it had before, if any.
  async listen() {
    this.#server = this.options ? https.createServer(this.options) : http.createServer();
    this.#server.on('request', (request, response) => this.#take(request, response));
    this.#server.on('connection', (socket) => {
      ++this.connections;
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket)).on('error', () => {});
    });
    this.#server.listen(this.port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.port = this.#server.address().port;
  }

  // Goes away: new connections are refused, open ones are reset.
  async stop() {
    if (!this.#server) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    this.#server = undefined;
    await closed;
  }

  get url() {
    return `${this.options ? 'https' : 'http'}://127.0.0.1:${this.port}/hook`;
  }

  // The next request: { request, response, body }. Whoever takes it answers it.
  next() {
    return this.#arrivals.next('no request came');
  }

  get waiting() {
    return this.#arrivals.length;
  }

  async #take(request, response) {
    const chunks = [];
    try {
      for await (const chunk of request) chunks.push(chunk);
    } catch {
      return;  // The connection was reset.
    }
    const body = Buffer.concat(chunks).toString();
    if (this.answer) this.answer(request, response, body);
    else this.#arrivals.add({ request, response, body });
  }
}

// The JSON of a body whose signature holds.
export function verified(body, headers, ...secrets) {
  for (const each of secrets.length > 0 ? secrets : [secret]) new Webhook(each).verify(body, headers);
  return JSON.parse(body);
}

export function reply(response, status, body = '', headers = {}) {
  response.writeHead(status, headers);
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
}

// The parts of the program, in a process of their own until test `t` is over.
export class Driver {
  #program;
  #number = 0;

  constructor(t) {
    this.#program = launchProgram(t, 'webhook_driver');
  }

  do(what, options = {}) {
    const n = ++this.#number;
    this.#program.write(`${JSON.stringify({ do: what, n, ...options })}\n`);
    return n;
  }

  // Does it and resolves with what the driver says about it.
  async ask(what, options) {
    return this.said(this.do(what, options));
  }

  // What the driver says about command `n`, without `n`.
  async said(n) {
    const [line] = await this.#program.said(new RegExp(`^\\{.*"n":${n}[,}].*$`, 'm'));
    const { n: _, ...said } = JSON.parse(line);
    return said;
  }

  printed(pattern) {
    return this.#program.said(pattern);
  }

  logged(pattern) {
    return this.#program.logged(pattern);
  }

  get stderr() {
    return this.#program.stderr;
  }

  // Ends it as its user would; fails if that does not work.
  async end() {
    assert.equal(await this.#program.endInput(), 0);
  }
}

// A certificate for `host` and the authority that issued it, in a folder of their own.
export async function certificate(t, host = 'IP:127.0.0.1') {
  const folder = await mkdtemp(path.join(tmpdir(), 'wscast-webhook-'));
  t.after(() => rm(folder, { recursive: true }));
  const openssl = (...args) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  openssl('req', '-x509', ...key, '-days', '2', '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=test authority');
  openssl('req', ...key, '-keyout', 'key.pem', '-out', 'csr', '-subj', '/CN=backend', '-addext', `subjectAltName=${host}`);
  openssl('x509', '-req', '-in', 'csr', '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2',
    '-copy_extensions', 'copy', '-out', 'cert.pem');
  return { cert: path.join(folder, 'cert.pem'), key: path.join(folder, 'key.pem'), ca: path.join(folder, 'ca.pem') };
}
