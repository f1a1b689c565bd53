import type { End } from './connection.js';
import { WscastError } from './errors.js';

// A connection that lasted so long ends a run of failures.
const steadyMs = 10_000;

// What would end the next connection, too: the client is at fault, or its configuration.
const hopeless = [4004, 4010];
// Broken frames, too many messages, too many connections of the user: so soon nothing will be better.
const unhurried = [1002, 1007, 4009, 4011];

/** When to connect again (docs/protocol.md, How a connection ends). */
export class Retry {
  #failures = 0;

  constructor(readonly minDelayMs: number, readonly maxDelayMs: number) {}

  /** The delay before the next connection; or the error, if there shall be none. */
  after({ code, announced, connectedMs, error }: End): number | WscastError {
    if (hopeless.includes(code)) return error;
    if (announced) {
      this.#failures = 0;
      return 0;
    }
    if (connectedMs >= steadyMs) this.#failures = 0;
    if (unhurried.includes(code)) return Math.random() * this.maxDelayMs;
    return this.delay();
  }

  /** Anything up to the longest, so that clients that were cut off together come back one by one. */
  delay(): number {
    return Math.random() * Math.min(this.maxDelayMs, this.minDelayMs * 2 ** this.#failures++);
  }

  reset(): void {
    this.#failures = 0;
  }
}
