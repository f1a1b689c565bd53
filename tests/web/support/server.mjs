// Starts one of our programs for a test and ends it again.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { freePort } from './free_port.mjs';

const startMs = 20_000;  // a sanitizer build on a busy machine
const stopMs = 20_000;
const stderrCharsMax = 100_000;
const running = new Set();

process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));

function binary(program) {
  const binaries = process.env.WSCAST_BIN_DIR;
  if (!binaries) throw new Error('WSCAST_BIN_DIR does not say where the programs are');
  return path.join(binaries, program);
}

// A running program. It must live until `stop()`: a program that ends earlier fails the test `t`
// that it was started for, even if that test has not noticed.
class Server {
  #child;
  #exited;
  #stderr = '';
  #stdout = '';
  #stopped = false;

  constructor(program, args) {
    this.name = [program, ...args].join(' ');
    this.path = args.includes('--path') ? args[args.indexOf('--path') + 1] : '/ws';
    this.#child = spawn(binary(program), args);
    this.#exited = this.#watchExit();
    this.#child.stderr.setEncoding('utf8').on('data', (text) => {
      this.#stderr = (this.#stderr + text).slice(-stderrCharsMax);
    });
    this.#child.stdout.setEncoding('utf8').on('data', (text) => { this.#stdout += text; });
  }

  async #watchExit() {
    running.add(this.#child);
    try {
      const [code, signal] = await once(this.#child, 'close');  // Then all that it said is here.
      return { code, signal };
    } catch (error) {
      return { code: null, signal: error.message };
    } finally {
      running.delete(this.#child);
    }
  }

  // The address of the first line `listening on ADDRESS`.
  async listening() {
    const [, address] = await this.said(/listening on (\S+)\s/);
    this.address = address;
    this.pageUrl = `http://${address}/`;
    this.url = address.startsWith('unix:') ? `ws+unix:${address.slice(5)}:${this.path}` : `ws://${address}${this.path}`;
  }

  // The match of `pattern` in all that the program has printed, once there is one.
  said(pattern) {
    return this.#found(pattern, this.#child.stdout, () => this.#stdout);
  }

  // The same of what it wrote to standard error.
  logged(pattern) {
    return this.#found(pattern, this.#child.stderr, () => this.#stderr);
  }

  async #found(pattern, stream, text) {
    const found = new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(this.#failure(`did not say ${pattern}`)), startMs);
      const look = () => {
        const match = pattern.exec(text());
        if (!match) return;
        stream.off('data', look);
        clearTimeout(late);
        resolve(match);
      };
      stream.on('data', look);
      this.#exited.then(() => clearTimeout(late));
      look();
    });
    const match = await Promise.race([found, this.#exited.then(() => undefined)]);
    if (match === undefined) throw await this.#diedEarly();
    return match;
  }

  // Gives the program text to read.
  write(text) {
    this.#child.stdin.write(text);
  }

  // Ends the program's input, and waits for it to end of that; answers with its exit code.
  async endInput() {
    this.#stopped = true;
    this.#child.stdin.end();
    return (await this.#exited).code;
  }

  // Ends the program as Ctrl-C does; answers with its exit code. (SIGTERM gives clients time.)
  async stop() {
    if (!this.#stopped && !running.has(this.#child)) throw await this.#diedEarly();
    this.#stopped = true;
    this.#child.kill('SIGINT');
    const late = setTimeout(() => this.#child.kill('SIGKILL'), stopMs);
    const { code, signal } = await this.#exited;
    clearTimeout(late);
    if (signal) throw this.#failure(`ended by ${signal}`);
    return code;
  }

  get pid() {
    return this.#child.pid;
  }

  // All that it wrote to standard error, as far as it is kept.
  get stderr() {
    return this.#stderr;
  }

  // Nobody reads what it writes any longer.
  closeOutput() {
    this.#child.stdout.destroy();
    this.#child.stderr.destroy();
  }

  // Sends a signal that it survives.
  ignoredSignal(name) {
    this.#child.kill(name);
  }

  // Sends a signal that it acts on and lives on.
  survivedSignal(name) {
    this.#child.kill(name);
  }

  // Sends a signal that will end it; `exit()` tells how.
  signal(name) {
    this.#stopped = true;
    this.#child.kill(name);
  }

  // { code, signal }, once it has ended.
  exit() {
    return this.#exited;
  }

  // As if the machine lost power: no close frames, no exit code.
  async kill() {
    this.#stopped = true;
    this.#child.kill('SIGKILL');
    await this.#exited;
  }

  async cleanUp() {
    if (this.#stopped) return;
    const code = await this.stop();
    if (code !== 0) throw this.#failure(`exit code ${code}`);
  }

  async #diedEarly() {
    const { code, signal } = await this.#exited;
    return this.#failure(`ended early: ${signal ?? `exit code ${code}`}`);
  }

  #failure(what) {
    return new Error(`${this.name}: ${what}\n${this.#stderr}`);
  }
}

// Runs `program args...` to its end: { code, stdout, stderr }.
export function runProgram(program, ...args) {
  return runProgramIn({}, program, ...args);
}

// The same with these variables more in its environment.
export async function runProgramIn(environment, program, ...args) {
  const child = spawn(binary(program), args,
    { timeout: startMs, killSignal: 'SIGKILL', env: { ...process.env, ...environment } });
  const said = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr']) {
    child[stream].setEncoding('utf8').on('data', (text) => { said[stream] += text; });
  }
  const [code] = await once(child, 'close');
  return { code, ...said };
}

// Runs `program args...` until test `t` is over, at a port of its own unless they say where: another may
// be started there when it has ended.
export async function startServer(t, program, ...args) {
  const where = args.includes('--listen') ? [] : ['--listen', `127.0.0.1:${await freePort()}`];
  return startProgram(t, program, ...args, ...where);
}

// Runs `program args...` until test `t` is over, without waiting until it listens.
export function launchProgram(t, program, ...args) {
  const server = new Server(program, args);
  t.after(() => server.cleanUp());
  return server;
}

// Runs `program args...` until test `t` is over; the arguments must make it listen somewhere.
export async function startProgram(t, program, ...args) {
  const server = new Server(program, args);
  await server.listening();
  t.after(() => server.cleanUp());
  return server;
}
