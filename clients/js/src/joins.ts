import type { Connection } from './connection.js';
import { errorOf, WscastError } from './errors.js';
import type { Entries, Entry } from './history.js';
import { type Message, wordsOf } from './message.js';
import type { Retry } from './retry.js';
import type { Room } from './room.js';
import { waitFor, type Waiting } from './waiting.js';

// A message may have 128 KiB, encrypted 96 KiB of text.
const batchBytes = 90_000;
const batchRooms = 1000;
// Before it is authenticated a client may send 64 KiB, its token included.
const firstBytes = 48_000;

// At most: a UTF-16 unit takes up to 3. With its position the name is there twice.
function bytesOf({ room: { name, seen } }: Want): number {
  return JSON.stringify([name, name, seen]).length * 3;
}

// Over the rate in five seconds in a row ends the connection (protocol.md O11): not each second.
const againMs = 2000;

// Results that another attempt may change.
const passing = ['unavailable', 'error'];

/** A room that the client wants to be in, from `join()` to `leave()`. */
interface Want {
  room: Room;
  /** Whether it was joined on any connection. */
  known: boolean;
  waits: Set<Waiting<void>>;
}

/** One message; there is never more than one without a reply. */
interface Join {
  wants: Want[];
  message: { data: object; id: string };
}

/** Joins rooms, many at a time, one message after the other; on a new connection all of them anew. */
export class Joins {
  readonly #wants = new Map<Room, Want>();
  #connection: Connection | undefined;
  /** What was sent and has no reply yet. */
  #sent: Join | undefined;
  /** That the client had, the last first. */
  #ids: string[] = [];
  #closed: WscastError | undefined;
  #leaves = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    readonly retry: Retry,
    readonly report: (error: WscastError) => void,
    /** Each room is joined, or refused, or will be tried again. */
    readonly settled: () => void,
    /** The client is in the room; `entry` is absent where there is no history. */
    readonly entered: (room: Room, entry: Entry | undefined) => void,
  ) {}

  async join(room: Room, signal?: AbortSignal): Promise<void> {
    if (this.#closed) throw this.#closed;
    if (room.current === 'joined') return;
    signal?.throwIfAborted();
    let want = this.#wants.get(room);
    if (!want) {
      want = { room, known: false, waits: new Set() };
      this.#wants.set(room, want);
      room.current = 'joining';
      // Those that are asked for in one go are joined in one go.
      queueMicrotask(() => this.#send());
    }
    const { waits } = want;
    return waitFor<void>((waiting) => {
      waits.add(waiting);
      return () => {
        waits.delete(waiting);
        if (signal?.aborted && waits.size === 0 && !want.known) this.leave(room).catch(() => {});
      };
    }, { signal });
  }

  async leave(room: Room, signal?: AbortSignal): Promise<void> {
    const { name } = room;
    this.#forget(room, new WscastError('left', 'the room was left', { room: name }));
    const id = `leave-${++this.#leaves}`;
    const text = JSON.stringify({ event: 'leave', data: { rooms: [name] }, id });
    try {
      const reply = await this.#connection?.request(id, text, { signal });
      if (reply?.event === 'error') throw new WscastError('refused', wordsOf(reply), { room: name });
    } catch (error) {
      if (errorOf(error).code !== 'lost') throw error;  // Who is not connected is in no room.
    }
  }

  /** The join that goes along with `authenticate` (protocol.md H5), if there are rooms to join. */
  begin(): object | undefined {
    this.#sent = this.#next(firstBytes);
    return this.#sent?.message;
  }

  connected(connection: Connection, id: string): void {
    this.#ids = [id, ...this.#ids].slice(0, 16);
    this.#connection = connection;
    const sent = this.#sent;
    if (!sent || !connection.positions) {
      this.#sent = undefined;
      return this.#send();
    }
    const rooms = sent.wants.filter((want) => this.#wants.get(want.room) !== want).map(({ room }) => room.name);
    if (rooms.length > 0) connection.send(JSON.stringify({ event: 'leave', data: { rooms } }));
    this.#expect(connection, sent);
  }

  disconnected(): void {
    this.#connection = undefined;
    this.#sent = undefined;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const { room } of this.#wants.values()) room.current = 'joining';
  }

  close(error: WscastError): void {
    this.#closed = error;
    for (const room of this.#wants.keys()) this.#forget(room, error);
  }

  #forget(room: Room, error: WscastError): void {
    const waits = this.#wants.get(room)?.waits ?? [];
    this.#wants.delete(room);
    room.current = 'out';
    room.seen = undefined;
    for (const { reject } of waits) reject(error);
  }

  #send(): void {
    const connection = this.#connection;
    if (!connection || this.#sent || this.#timer) return;
    const join = this.#sent = this.#next(batchBytes);
    if (!join) return this.settled();
    connection.send(JSON.stringify({ event: 'join', ...join.message }));
    if (connection.acknowledges) this.#expect(connection, join);
    else this.#handle(join);
  }

  // If the connection ends before the reply, the next one joins.
  #expect(connection: Connection, join: Join): void {
    // At once: messages may follow the reply that a promise would be too late for.
    connection.replies.set('join', { resolve: (reply) => this.#handle(join, reply), reject() {} });
  }

  #next(maxBytes: number): Join | undefined {
    const wants: Want[] = [];
    let bytes = 0;
    for (const want of this.#wants.values()) {
      if (want.room.current !== 'joining') continue;
      bytes += bytesOf(want);
      if (wants.length > 0 && (bytes > maxBytes || wants.length === batchRooms)) break;
      wants.push(want);
    }
    if (wants.length === 0) return undefined;
    const rooms = wants.map(({ room }) => room.name);
    const seen = wants.filter((want) => want.room.seen?.epoch)
      .map(({ room }) => [room.name, room.seen]);
    const recover = seen.length > 0 ? { ids: this.#ids, rooms: Object.fromEntries(seen) } : undefined;
    return { wants, message: { data: { rooms, recover }, id: 'join' } };
  }

  #handle({ wants }: Join, reply?: Message): void {
    this.#sent = undefined;
    const resultOf = resultsIn(reply);
    const positions = (reply?.data as { positions?: Entries } | undefined)?.positions ?? {};
    let again = false;
    for (const want of wants) {
      const { room, waits } = want;
      const { name } = room;
      if (this.#wants.get(room) !== want) continue;  // It was left meanwhile.
      const result = resultOf(name);
      if (result === 'joined') {
        want.known = true;
        room.current = 'joined';
        this.entered(room, own(positions, name));
        for (const { resolve } of waits) resolve();
      } else if (want.known && passing.includes(result) || result === 'Rate limit exceeded') {
        again = true;
      } else if (result !== unread) {
        const error = new WscastError('refused', result, { room: name });
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
  return (name) => own(rooms, name) ?? rest;
}

function own<T>(values: Record<string, T>, name: string): T | undefined {
  return Object.hasOwn(values, name) ? values[name] : undefined;
}
