import { onAbort } from './abort.js';
import type { Connection } from './connection.js';
import { errorOf, WscastError } from './errors.js';
import { type Message, wordsOf } from './message.js';
import type { Retry } from './retry.js';
import type { Room } from './room.js';

// A message may have 128 KiB, encrypted 96 KiB of text; a UTF-16 unit takes at most 6 bytes in JSON.
const batchBytes = 90_000;
const bytesOf = (name: string) => name.length * 6 + 3;
const batchRooms = 1000;

// Over the rate in five seconds in a row ends the connection (protocol.md O11): not each second.
const againMs = 2000;

// Results that another attempt may change.
const passing = ['unavailable', 'error', 'Rate limit exceeded'];

/** A room that the client wants to be in, from `join()` to `leave()`. */
interface Want {
  room: Room;
  /** Whether it was joined on any connection. */
  known: boolean;
  waits: Set<{ resolve(): void; reject(error: unknown): void }>;
}

/** Joins rooms, many at a time, one message after the other; on a new connection all of them anew. */
export class Joins {
  readonly #wants = new Map<Room, Want>();
  #connection: Connection | undefined;
  #busy = false;
  #scheduled = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    readonly retry: Retry,
    readonly nextId: () => number,
    readonly report: (error: WscastError) => void,
    /** Each room is joined, or refused, or will be tried again. */
    readonly settled: () => void,
  ) {}

  get rooms(): Iterable<Room> {
    return this.#wants.keys();
  }

  join(room: Room, signal?: AbortSignal): Promise<void> {
    if (room.current === 'joined') return Promise.resolve();
    if (signal?.aborted) return Promise.reject(signal.reason);
    const want = this.#wants.get(room) ?? this.#add(room);
    return new Promise((resolve, reject) => {
      const end = () => { want.waits.delete(wait); ignore(); };
      const wait = {
        resolve: () => { end(); resolve(); },
        reject: (error: unknown) => { end(); reject(error); },
      };
      want.waits.add(wait);
      const ignore = onAbort(signal, () => {
        wait.reject(signal!.reason);
        if (want.waits.size === 0 && !want.known) this.leave(room).catch(() => {});
      });
    });
  }

  async leave(room: Room, signal?: AbortSignal): Promise<void> {
    const { name } = room;
    this.#forget(room, new WscastError('left', 'the room was left', { room: name }));
    const id = this.nextId();
    const text = JSON.stringify({ event: 'leave', data: { rooms: [name] }, id });
    try {
      const reply = await this.#connection?.request(id, text, { signal, timeoutMs: 0 });
      if (reply?.event === 'error') throw new WscastError('refused', wordsOf(reply), { room: name });
    } catch (error) {
      if (errorOf(error).code !== 'lost') throw error;  // Who is not connected is in no room.
    }
  }

  connected(connection: Connection): void {
    this.#connection = connection;
    this.#send();
  }

  disconnected(): void {
    this.#connection = undefined;
    this.#busy = false;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const { room } of this.#wants.values()) room.current = 'joining';
  }

  close(error: WscastError): void {
    for (const room of [...this.#wants.keys()]) this.#forget(room, error);
  }

  #add(room: Room): Want {
    const want = { room, known: false, waits: new Set<never>() };
    this.#wants.set(room, want);
    room.current = 'joining';
    this.#schedule();
    return want;
  }

  #forget(room: Room, error: WscastError): void {
    const waits = this.#wants.get(room)?.waits ?? [];
    this.#wants.delete(room);
    room.current = 'out';
    for (const { reject } of [...waits]) reject(error);
  }

  // Those that are asked for in one go are joined in one go.
  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      this.#send();
    });
  }

  #send(): void {
    const connection = this.#connection;
    if (!connection || this.#busy || this.#timer) return;
    const batch = this.#batch();
    if (batch.length === 0) return this.settled();
    this.#busy = true;
    const id = this.nextId();
    const rooms = batch.map(({ room }) => room.name);
    const text = JSON.stringify({ event: 'join', data: { rooms }, id });
    const sent = connection.request(id, text, { timeoutMs: 0 });
    if (!connection.acknowledges) return this.#handle(batch);
    sent.then((reply) => {
      if (this.#connection === connection) this.#handle(batch, reply);
    }, () => {});  // Lost: the next connection joins.
  }

  #batch(): Want[] {
    const batch: Want[] = [];
    let bytes = 0;
    for (const want of this.#wants.values()) {
      if (want.room.current !== 'joining') continue;
      bytes += bytesOf(want.room.name);
      if (batch.length > 0 && (bytes > batchBytes || batch.length === batchRooms)) break;
      batch.push(want);
    }
    return batch;
  }

  #handle(batch: Want[], reply?: Message): void {
    this.#busy = false;
    const resultOf = resultsIn(reply);
    let again = false;
    for (const want of batch) {
      const { room, waits } = want;
      if (this.#wants.get(room) !== want) continue;  // It was left meanwhile.
      const result = resultOf(room.name);
      if (result === 'joined') {
        want.known = true;
        room.current = 'joined';
        for (const { resolve } of [...waits]) resolve();
      } else if (want.known && passing.includes(result) || result === 'Rate limit exceeded') {
        again = true;
      } else if (result !== unread) {
        const error = new WscastError('refused', result, { room: room.name });
        if (waits.size === 0) this.report(error);
        this.#forget(room, error);
      }
    }
    if (again) this.#sendLater();
    else {
      this.retry.reset();
      this.#send();
    }
  }

  #sendLater(): void {
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#send();
    }, againMs + this.retry.delay());
    this.settled();
  }
}

// More rooms than one message may have: the rest was not read.
const unread = 'Too many rooms';

/** What became of each room of a `join`; without a reply the server is believed to have joined them. */
function resultsIn(reply: Message | undefined): (name: string) => string {
  if (!reply) return () => 'joined';
  if (reply.event === 'error') return () => wordsOf(reply);
  const { rooms = {}, error } = (reply.data ?? {}) as { rooms?: Record<string, string>; error?: string };
  const some = Object.keys(rooms).length > 0;
  const rest = error === unread && !some ? 'too many rooms' : error ?? 'refused';
  return (name) => Object.hasOwn(rooms, name) ? rooms[name]! : rest;
}
