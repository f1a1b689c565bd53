import { WscastError } from './errors.js';
import type { Token } from './options.js';

/** Where tokens come from. One that the server rejected is never sent again (protocol.md O4). */
export class Tokens {
  #last: string | undefined;
  #rejected: { token: string | undefined; words: string } | undefined;

  /** Whether there may be another one. */
  readonly renewable: boolean;

  constructor(readonly source: Token | undefined) {
    this.renewable = typeof source === 'function';
  }

  async next(): Promise<string | undefined> {
    const { source } = this;
    const token = typeof source === 'function' ? await source() : source;
    if (this.#rejected && this.#rejected.token === token) {
      throw new WscastError('authentication', this.#rejected.words, { closeCode: 4003 });
    }
    this.#last = token;
    return token;
  }

  /** The server rejected the last one. */
  reject(words: string): void {
    this.#rejected = { token: this.#last, words };
  }
}

/** When a JSON Web Token expires, in ms since 1970; NaN for any other token. */
export function expiryOf(token: string | undefined): number {
  try {
    const claims = token!.split('.')[1]!.replace(/-/g, '+').replace(/_/g, '/');
    return JSON.parse(atob(claims)).exp * 1000;
  } catch {
    return NaN;
  }
}
