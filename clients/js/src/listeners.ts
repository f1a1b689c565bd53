import { onAbort } from './abort.js';

export type Listener = (...values: any[]) => void;

/** Functions by the name of an event. One that is added twice is called once, as with EventTarget. */
export class Listeners {
  readonly #emitted: [event: string, value: unknown][] = [];
  readonly #byEvent = new Map<string, Set<Listener>>();

  /** Until the returned function is called, or `signal` is aborted. */
  add(event: string, listener: Listener, signal?: AbortSignal): () => void {
    const own = this.#byEvent.get(event) ?? new Set();
    this.#byEvent.set(event, own.add(listener));
    let ignore = () => {};
    const remove = () => {
      own.delete(listener);
      ignore();
      if (own.size === 0 && this.#byEvent.get(event) === own) this.#byEvent.delete(event);
    };
    ignore = onAbort(signal, remove);
    return remove;
  }

  of(event: string): Iterable<Listener> {
    return this.#byEvent.get(event) ?? [];
  }

  /** What a listener emits comes behind what it was called for: all see the same order. */
  emit(event: string, value?: unknown): void {
    this.#emitted.push([event, value]);
    if (this.#emitted.length > 1) return;
    for (let next; (next = this.#emitted[0]); this.#emitted.shift()) callEach(new Set(this.of(next[0])), next[1]);
  }
}

/** One that throws does not keep the others from being called; the runtime reports what it threw. */
export function callEach(listeners: Iterable<Listener>, ...values: unknown[]): void {
  for (const listener of listeners) {
    try {
      listener(...values);
    } catch (error) {
      queueMicrotask(() => { throw error; });
    }
  }
}
