import type { End } from './connection.js';
import type { WscastError } from './errors.js';
import type { Settings } from './options.js';

// A connection that lasted so long ends a run of failures.
const steadyMs = 10_000;

// What would end the next connection, too: the client is at fault, or its configuration.
const hopeless = [4004, 4010];
// Broken frames, too many messages, too many connections of the user: so soon nothing will be better.
const unhurried = [1002, 1007, 4009, 4011];

/** When to connect again (docs/protocol.md, How a connection ends). */
export class Retry {
  #failures = 0;

  constructor(readonly settings: Settings) {}

  /** The delay before the next connection; or the error, if there shall be none. */
  after({ announced, connectedMs, error }: End): number | WscastError {
    const { closeCode = 0 } = error;
    if (hopeless.includes(closeCode)) return error;
    if (announced || connectedMs >= steadyMs) this.reset();
    if (announced) return 0;
    if (unhurried.includes(closeCode)) return Math.random() * this.settings.maxDelayMs;
    return this.delay();
  }

  /** Anything up to the longest, so that clients that were cut off together come back one by one. */
  delay(): number {
    const { minDelayMs, maxDelayMs } = this.settings;
    return Math.random() * Math.min(maxDelayMs, minDelayMs * 2 ** this.#failures++);
  }

  reset(): void {
    this.#failures = 0;
  }
}
