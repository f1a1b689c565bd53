import { type Listener, Listeners } from './listeners.js';
import { type OnEnd, type StreamOptions, streamOf } from './stream.js';

/** What is known of a message beside its data. Members may be added. */
export interface Meta {
  event: string;
  /** Of a message of a room with a history: where it stands there. */
  room?: string;
  offset?: number;
  /** Null while the server does not know. */
  epoch?: string | null | undefined;
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
  readonly #onEnd: OnEnd;

  /** @internal */
  constructor(onEnd: OnEnd) {
    this.#onEnd = onEnd;
  }

  /** Calls `listener` for each message of this event; returns what ends that. */
  on<T = any>(event: string, listener: MessageListener<T>, options: { signal?: AbortSignal } = {}): () => void {
    return this.listeners.add(event, listener, options.signal);
  }

  /** Iterates over the messages of `event`, or over all, from now on until the client is closed. */
  iterate<T = any>(event: string = any, options?: StreamOptions): AsyncIterableIterator<Received<T>> {
    return streamOf((push) => this.listeners.add(event, (data: T, meta: Meta) => push({ ...meta, data })),
      this.#onEnd, options);
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<Received<any>> {
    return this.iterate();
  }

  /** @internal */
  listenersOf(event: string): Listener[] {
    return [...this.listeners.of(event), ...this.listeners.of(any)];
  }
}
