import { WscastError } from './errors.js';
import { waitFor } from './waiting.js';

interface Entry {
  release(): void;
  reject(error: unknown): void;
}

/** Messages that wait for a connection, in the order of their numbers. */
export class Outbox {
  readonly #waiting = new Map<number, Entry>();

  constructor(readonly limit: number, readonly timeoutMs: number) {}

  get empty(): boolean {
    return this.#waiting.size === 0;
  }

  /** Calls `send` when it is this message's turn; if it rejects before, the message is never sent. */
  async turn<T>(number: number, send: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    const { limit, timeoutMs } = this;
    if (limit === 0) throw new WscastError('offline', 'there is no connection');
    if (this.#waiting.size >= limit) throw new WscastError('outbox', `${limit} messages wait already`);
    return waitFor((waiting) => {
      this.#waiting.set(number, { ...waiting, release: () => waiting.resolve(send()) });
      return () => this.#waiting.delete(number);
    }, { signal, timeoutMs, code: 'outbox', missing: 'connection' });
  }

  releaseAll(): void {
    for (const [, entry] of [...this.#waiting].sort(([a], [b]) => a - b)) entry.release();
  }

  rejectAll(error: WscastError): void {
    for (const entry of this.#waiting.values()) entry.reject(error);
  }
}
