import { WscastError } from './errors.js';
import type { Token } from './options.js';

/** Where tokens come from. One that the server rejected is never sent again (protocol.md O4). */
export class Tokens {
  #last: string | undefined;
  #rejected: { token: string | undefined; words: string } | undefined;

  constructor(readonly source: Token | undefined) {}

  /** Whether there may be another one. */
  get renewable(): boolean {
    return typeof this.source === 'function';
  }

  async next(): Promise<string | undefined> {
    const token = typeof this.source === 'function' ? await this.source() : this.source;
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

/** When a JSON Web Token expires, in ms since 1970; undefined for any other token. */
export function expiryOf(token: string): number | undefined {
  try {
    const claims = token.split('.')[1]!.replace(/-/g, '+').replace(/_/g, '/');
    const { exp } = JSON.parse(atob(claims));
    return typeof exp === 'number' ? exp * 1000 : undefined;
  } catch {
    return undefined;
  }
}
