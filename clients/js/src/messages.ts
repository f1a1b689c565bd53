import type { Ending } from './ending.js';
import { Listeners } from './listeners.js';
import type { Message } from './message.js';
import { type StreamOptions, streamOf } from './stream.js';

/** What is known of a message beside its data. Members may be added. */
export interface Meta {
  event: string;
}

export interface Received<T = unknown> extends Meta {
  data: T;
}

export type MessageListener<T> = (data: T, meta: Meta) => void;

// No event has this name (protocol.md M2).
const any = '';

/** Messages as they arrive, by listeners or iterators. */
export class Messages {
  /** @internal */
  readonly listeners = new Listeners();
  readonly #ending: Ending;

  /** @internal */
  constructor(ending: Ending) {
    this.#ending = ending;
  }

  /** Calls `listener` for each message of this event; returns what ends that. */
  on<T = any>(event: string, listener: MessageListener<T>, options: { signal?: AbortSignal } = {}): () => void {
    return this.listeners.add(event, listener, options.signal);
  }

  /** Iterates over the messages of `event`, or over all, from now on until the client is closed. */
  iterate<T = any>(event: string = any, options?: StreamOptions): AsyncIterableIterator<Received<T>> {
    return streamOf((push, finish) => {
      const ends = [
        this.listeners.add(event, (data: T, meta: Meta) => push({ ...meta, data })),
        this.#ending.add(finish),
      ];
      return () => ends.forEach((end) => end());
    }, options);
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<Received<any>> {
    return this.iterate();
  }

  /** @internal */
  *listenersOf({ event }: Message): Iterable<(...values: any[]) => void> {
    yield* this.listeners.of(event);
    yield* this.listeners.of(any);
  }
}
