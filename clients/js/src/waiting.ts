import { onAbort } from './abort.js';
import { type ErrorCode, WscastError } from './errors.js';

/** What settles a promise, from outside and once. */
export interface Waiting<T> {
  resolve(value: T | PromiseLike<T>): void;
  reject(error: unknown): void;
}

export interface Patience {
  /** Rejects with its reason. */
  signal?: AbortSignal | undefined;
  /** Rejects after so long; 0: never. Default: 0. */
  timeoutMs?: number;
  code?: ErrorCode;
  /** What did not come in time. */
  missing?: string;
}

/**
 * A promise that whoever gets `waiting` settles, or the signal, or time. `begin` returns what to
 * call when it is settled, before anyone sees that.
 */
export function waitFor<T>(
  begin: (waiting: Waiting<T>) => () => void,
  { signal, timeoutMs = 0, code = 'timeout', missing = 'reply' }: Patience,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const ending = <Value>(settle: (value: Value) => void) => (value: Value) => {
      clearTimeout(timer);
      ignore();
      end();
      settle(value);
    };
    const waiting = { resolve: ending(resolve), reject: ending(reject) };
    const late = () => waiting.reject(new WscastError(code, `no ${missing} in ${timeoutMs} ms`));
    const timer = timeoutMs > 0 ? setTimeout(late, timeoutMs) : undefined;
    let ignore = () => {};
    const end = begin(waiting);
    ignore = onAbort(signal, () => waiting.reject(signal!.reason));
  });
}
