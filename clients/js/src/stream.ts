import { onAbort } from './abort.js';
import { WscastError } from './errors.js';

/** Calls `action` when there will be no more, or at once if that is so. Returns what undoes that. */
export type OnEnd = (action: () => void) => () => void;

export interface StreamOptions {
  /** Ends the iteration, which then throws the signal's reason. */
  signal?: AbortSignal | undefined;
  /** How many values may wait to be read; beyond that the iteration throws `overflow`. Default: 1,000. */
  limit?: number | undefined;
}

/**
 * An iterator over what `subscribe` passes to its argument, from now on, until the end. What
 * `subscribe` returns undoes it.
 */
export function streamOf<T>(
  subscribe: (push: (value: T) => void) => () => void,
  onEnd: OnEnd,
  { signal, limit = 1000 }: StreamOptions = {},
): AsyncIterableIterator<T> {
  const waiting: T[] = [];
  const readers: ((result: IteratorResult<T> | Promise<IteratorResult<T>>) => void)[] = [];
  const done: Promise<IteratorResult<T>> = Promise.resolve({ value: undefined, done: true });
  /** What there is to read behind all that waits, once it has ended. */
  let last: Promise<IteratorResult<T>> | undefined;

  // An error is thrown once.
  function takeLast(): Promise<IteratorResult<T>> {
    const result = last!;
    last = done;
    return result;
  }

  function end(): void {
    last ??= done;
    for (const undo of undoes) undo();
    for (const read of readers.splice(0)) read(takeLast());
  }

  function fail(error: unknown): void {
    if (last) return;
    last = Promise.reject(error);
    last.catch(() => {});  // It may never be read.
    end();
  }

  function push(value: T): void {
    const read = readers.shift();
    if (read) read({ value, done: false });
    else if (waiting.length < limit) waiting.push(value);
    else fail(new WscastError('overflow', `more than ${limit} wait to be read`));
  }

  const undoes = [subscribe(push)];
  undoes.push(onEnd(end), onAbort(signal, () => fail(signal!.reason)));
  if (last) end();

  return {
    next: () => new Promise((read) => {
      if (waiting.length > 0) read({ value: waiting.shift()!, done: false });
      else if (last) read(takeLast());
      else readers.push(read);
    }),
    return: () => {
      waiting.length = 0;
      last = done;
      end();
      return done;
    },
    [Symbol.asyncIterator]() { return this; },
  };
}
