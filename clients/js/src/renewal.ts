import type { Connection } from './connection.js';
import { errorOf, type WscastError } from './errors.js';
import { wordsOf } from './message.js';
import { expiryOf, type Tokens } from './tokens.js';

// How long before a token expires to renew it; of a short life half.
const leadMs = 30_000;
const againMs = 5_000;
// To the server this client's identity does not expire (protocol.md M5).
const unwanted = 'Already authenticated';
// The longest that timers can wait.
const longestMs = 2 ** 31 - 1;

/**
 * Sends a new token on the connection before the old one expires, or when the server says that it
 * has (protocol.md X4). A token says itself when it expires if it is a JSON Web Token.
 */
export class Renewal {
  #timer: ReturnType<typeof setTimeout> | undefined;
  #token: string | undefined;
  #busy = false;
  #stopped = false;

  constructor(
    readonly tokens: Tokens,
    readonly data: Record<string, unknown>,
    readonly timeoutMs: number,
    readonly report: (error: WscastError) => void,
  ) {}

  /** `time` is the server's, in `connected`: clocks differ. */
  start(connection: Connection, token: string | undefined, time: string): void {
    if (!this.tokens.renewable || !connection.acknowledges) return;
    this.#token = token;
    const leftMs = expiryOf(token) - Date.parse(time);
    const delay = leftMs - Math.min(leadMs, leftMs / 2);
    if (delay >= 0 && delay < longestMs) this.#schedule(connection, delay);
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  async renew(connection: Connection): Promise<void> {
    if (this.#busy || this.#stopped || !this.tokens.renewable || !connection.acknowledges) return;
    this.#busy = true;
    try {
      const token = await this.tokens.next();
      if (this.#stopped) return;
      if (token === this.#token) this.#schedule(connection, againMs);
      else await this.#send(connection, token);
    } catch (error) {
      this.report(errorOf(error));
      this.#schedule(connection, againMs);
    } finally {
      this.#busy = false;
    }
  }

  // One that is rejected ends the connection.
  async #send(connection: Connection, token: string | undefined): Promise<void> {
    const text = JSON.stringify({ event: 'authenticate', data: { ...this.data, token }, id: 'renew' });
    const reply = await connection.request('renew', text, { timeoutMs: this.timeoutMs });
    if (reply?.event === 'connected') {
      this.start(connection, token, (reply.data as { time: string }).time);
    } else if (reply && wordsOf(reply) !== unwanted) {
      this.#schedule(connection, againMs);
    }
  }

  #schedule(connection: Connection, delay: number): void {
    clearTimeout(this.#timer);
    if (!this.#stopped) this.#timer = setTimeout(() => this.renew(connection), delay);
  }
}
