import { onAbort } from './abort.js';
import { WscastError } from './errors.js';

interface Entry {
  release(): void;
  reject(error: unknown): void;
}

/** Messages that wait for a connection, in the order in which they came. */
export class Outbox {
  readonly #waiting = new Set<Entry>();

  constructor(readonly limit: number, readonly timeoutMs: number) {}

  get empty(): boolean {
    return this.#waiting.size === 0;
  }

  /** Calls `send` when it is this message's turn; if it rejects before, the message is never sent. */
  turn<T>(send: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    if (this.limit === 0) return Promise.reject(new WscastError('offline', 'there is no connection'));
    if (this.#waiting.size >= this.limit) {
      return Promise.reject(new WscastError('outbox', `${this.limit} messages wait already`));
    }
    return new Promise((resolve, reject) => {
      const end = () => {
        clearTimeout(timer);
        ignore();
        this.#waiting.delete(entry);
      };
      const entry = {
        release: () => { end(); resolve(send()); },
        reject: (error: unknown) => { end(); reject(error); },
      };
      const late = () => entry.reject(new WscastError('outbox', `no connection in ${this.timeoutMs} ms`));
      const timer = setTimeout(late, this.timeoutMs);
      let ignore = () => {};
      this.#waiting.add(entry);
      ignore = onAbort(signal, () => entry.reject(signal!.reason));
    });
  }

  releaseAll(): void {
    for (const entry of [...this.#waiting]) entry.release();
  }

  rejectAll(error: WscastError): void {
    for (const entry of [...this.#waiting]) entry.reject(error);
  }
}
