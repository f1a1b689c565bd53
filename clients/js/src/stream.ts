import { onAbort } from './abort.js';
import { WscastError } from './errors.js';

export interface StreamOptions {
  /** Ends the iteration, which then throws the signal's reason. */
  signal?: AbortSignal | undefined;
  /** How many values may wait to be read; beyond that the iteration throws `overflow`. Default: 1,000. */
  limit?: number | undefined;
}

/**
 * An iterator over what `subscribe` passes to its argument, from now on. `subscribe` gets `finish`
 * too, which ends the iteration behind what waits, and returns what undoes it.
 */
export function streamOf<T>(
  subscribe: (push: (value: T) => void, finish: () => void) => () => void,
  { signal, limit = 1000 }: StreamOptions = {},
): AsyncIterableIterator<T> {
  const waiting: T[] = [];
  const readers: { resolve(result: IteratorResult<T>): void; reject(error: unknown): void }[] = [];
  const done = { value: undefined, done: true } as const;
  let ended = false;
  let failure: { error: unknown } | undefined;

  function end(): void {
    ended = true;
    unsubscribe();
    ignore();
    for (const { resolve, reject } of readers.splice(0)) {
      if (failure) reject(failure.error);
      else resolve(done);
      failure = undefined;
    }
  }

  function fail(error: unknown): void {
    if (ended) return;
    failure = { error };
    end();
  }

  function push(value: T): void {
    const reader = readers.shift();
    if (reader) reader.resolve({ value, done: false });
    else if (waiting.length < limit) waiting.push(value);
    else fail(new WscastError('overflow', `more than ${limit} wait to be read`));
  }

  let unsubscribe = () => {};
  let ignore = () => {};
  unsubscribe = subscribe(push, end);
  ignore = onAbort(signal, () => fail(signal!.reason));
  if (ended) end();

  return {
    next: () => new Promise((resolve, reject) => {
      if (waiting.length > 0) resolve({ value: waiting.shift()!, done: false });
      else if (failure) {
        reject(failure.error);
        failure = undefined;
      } else if (ended) resolve(done);
      else readers.push({ resolve, reject });
    }),
    return: () => {
      waiting.length = 0;
      failure = undefined;
      end();
      return Promise.resolve(done);
    },
    [Symbol.asyncIterator]() { return this; },
  };
}
