// Starts one of our programs for a test and ends it again.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

const startMs = 20_000;  // a sanitizer build on a busy machine
const stopMs = 20_000;
const stderrCharsMax = 4_000;
const running = new Set();

process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));

// A running program. It must live until `stop()`: a program that ends earlier fails the test `t`
// that it was started for, even if that test has not noticed.
class Server {
  #child;
  #exited;
  #stderr = '';
  #stopped = false;

  constructor(program, args) {
    const binaries = process.env.WSCAST_BIN_DIR;
    if (!binaries) throw new Error('WSCAST_BIN_DIR does not say where the programs are');
    this.name = [program, ...args].join(' ');
    this.#child = spawn(path.join(binaries, program), [...args, '--listen', '127.0.0.1:0']);
    this.#exited = this.#watchExit();
    this.#child.stderr.setEncoding('utf8').on('data', (text) => {
      this.#stderr = (this.#stderr + text).slice(-stderrCharsMax);
    });
  }

  async #watchExit() {
    running.add(this.#child);
    try {
      const [code, signal] = await once(this.#child, 'exit');
      return { code, signal };
    } catch (error) {
      return { code: null, signal: error.message };
    } finally {
      running.delete(this.#child);
    }
  }

  // The address of the line `listening on HOST:PORT`.
  async listening() {
    const found = this.#readAddress();
    const address = await Promise.race([found, this.#exited.then(() => undefined)]);
    if (address === undefined) throw await this.#diedEarly();
    this.address = address;
    this.pageUrl = `http://${address}/`;
    this.url = `ws://${address}/ws`;
  }

  #readAddress() {
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(this.#failure('said no address')), startMs);
      let said = '';
      this.#child.stdout.setEncoding('utf8').on('data', (text) => {
        said += text;
        const line = /listening on (\S+:\d+)\s/.exec(said);
        if (line) resolve(line[1]);
        if (line) clearTimeout(late);
      });
      this.#exited.then(() => clearTimeout(late));
    });
  }

  // Ends the program as an operator does; answers with its exit code.
  async stop() {
    if (!this.#stopped && !running.has(this.#child)) throw await this.#diedEarly();
    this.#stopped = true;
    this.#child.kill('SIGTERM');
    const late = setTimeout(() => this.#child.kill('SIGKILL'), stopMs);
    const { code, signal } = await this.#exited;
    clearTimeout(late);
    if (signal) throw this.#failure(`ended by ${signal}`);
    return code;
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

// Runs `program args... --listen 127.0.0.1:0` until test `t` is over.
export async function startServer(t, program, ...args) {
  const server = new Server(program, args);
  await server.listening();
  t.after(() => server.cleanUp());
  return server;
}
