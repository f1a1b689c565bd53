// Servers and emitters, the reference's and ours, that are driven alike.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { within } from '../../web/support/client.mjs';
import { cleanUp } from './clean_up.mjs';

export const reference = 'the reference';
export const exact = 'wscast exact';
export const patterns = 'wscast patterns';

const folder = path.dirname(fileURLToPath(import.meta.url));
const running = new Set();
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));

const bun = path.join(folder, '../node_modules/@oven/bun-linux-x64/bin/bun');

function programIn(variable) {
  const program = process.env[variable];
  if (!program) throw new Error(`${variable} does not say where the program is`);
  return program;
}

function commandOf(kind, what, redis) {
  if (kind === reference) return [bun, path.join(folder, 'reference.mjs'), what, String(redis.port)];
  return [programIn('WSCAST_INTEROP_DRIVER'), what, redis.url, kind === patterns ? 'patterns' : 'exact'];
}

class Peer {
  #child;
  #ended;
  #waiting = new Map();
  #count = 0;
  #stopped = false;

  constructor(kind, command, cwd) {
    this.kind = kind;
    this.#child = spawn(command[0], command.slice(1), { cwd, stdio: ['pipe', 'pipe', 'inherit'] });
    running.add(this.#child);
    this.#ended = once(this.#child, 'exit').then(([code, signal]) => code ?? signal, (error) => error.message);
    this.#ended.then((code) => this.#fail(`${kind} ended: ${code}`));
    createInterface({ input: this.#child.stdout }).on('line', (line) => this.#take(line));
  }

  // Where a server listens.
  async ready() {
    const address = await within(new Promise((resolve, reject) => {
      this.#waiting.set('ready', { resolve: (said) => resolve(said.ready), reject });
    }), `${this.kind} did not start`);
    this.url = `ws://${address}/ws`;
  }

  // Makes a call of the reference's API, with its options; resolves when it has returned.
  call(name, options) {
    const n = ++this.#count;
    const answer = new Promise((resolve, reject) => this.#waiting.set(n, { resolve, reject }));
    // To `readline` U+2028 ends a line.
    const text = JSON.stringify({ n, call: name, with: options }).replaceAll('\u2028', '\\u2028');
    this.#child.stdin.write(`${text}\n`);
    return within(answer, `${this.kind} did not answer ${name}`);
  }

  async stop() {
    this.#stopped = true;
    this.#child.stdin.end();
    const code = await within(this.#ended, `${this.kind} did not end`);
    running.delete(this.#child);
    if (code !== 0) throw new Error(`${this.kind} ended with ${code}`);
  }

  #take(line) {
    if (!line.startsWith('{"')) return;  // the reference logs there
    const said = JSON.parse(line);
    const key = 'ready' in said ? 'ready' : said.n;
    const wait = this.#waiting.get(key);
    this.#waiting.delete(key);
    if (said.error) wait?.reject(new Error(said.error));
    else wait?.resolve(said);
  }

  #fail(words) {
    if (this.#stopped) return;
    for (const { reject } of this.#waiting.values()) reject(new Error(words));
    this.#waiting.clear();
  }
}

async function start(t, kind, command) {
  const scratch = await mkdtemp(path.join(tmpdir(), 'wscast-interop-'));
  const peer = new Peer(kind, command, scratch);
  cleanUp(t, async () => {
    await peer.stop();
    await rm(scratch, { recursive: true });
  });
  await peer.ready();
  return peer;
}

// Until test `t` is over: a server that lets any token in as the user of that name, into every
// room, and that makes of a client's message `send` a call of send() with its data. With the flag
// `encrypted` it encrypts for clients that bring a public key.
export function startServer(t, kind, redis, ...flags) {
  return start(t, kind, [...commandOf(kind, 'server', redis), ...flags]);
}

export function startEmitter(t, kind, redis) {
  return start(t, kind, commandOf(kind, 'emitter', redis));
}

// The cryptography of clients; support/client_crypto.mjs says what it can be asked.
export function startClientCrypto(t, kind) {
  return start(t, kind, kind === reference ? [bun, path.join(folder, 'client_crypto.mjs')]
    : [programIn('WSCAST_INTEROP_CLIENT_CRYPTO')]);
}
