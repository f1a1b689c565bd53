import { onAbort } from './abort.js';
import { Connection, type Connected, type Dropped, type End } from './connection.js';
import type { EncryptionSession } from './encryption.js';
import { type ErrorCode, errorOf, WscastError } from './errors.js';
import { enter, type Entry, type Gap, seenOf, skip } from './history.js';
import { Joins } from './joins.js';
import { callEach, Listeners } from './listeners.js';
import { type Message, wordsOf } from './message.js';
import { Messages, type Meta } from './messages.js';
import { type Options, type Settings, settingsOf } from './options.js';
import { Outbox } from './outbox.js';
import { Renewal } from './renewal.js';
import { Retry } from './retry.js';
import { type Ack, type PublishOptions, Room, type WaitSignal } from './room.js';
import { type StreamOptions, streamOf } from './stream.js';
import { Tokens } from './tokens.js';
import { waitFor } from './waiting.js';

/** - `waiting`: there is no connection, and a delay before the next. - `closed`: there will be none. */
export type State = 'connecting' | 'connected' | 'waiting' | 'closed';

export interface StateChange {
  state: State;
  /** Why the connection ended, or could not be made. */
  error?: WscastError;
  /** `waiting`: how long. */
  delayMs?: number;
}

/** The events of a client itself, for `client.on()`. */
export interface ClientEvents {
  state: StateChange;
  /** What went wrong, and nobody waits for: words of the server, a connection that ended, a room that is lost. */
  error: WscastError;
  /** Messages are missing here: fetch again what you show. */
  dropped: Dropped;
  /** The same in a room with a history, whose other messages come all. */
  gap: Gap;
}

export interface RequestOptions extends WaitSignal {
  /** How long to wait for the reply. Default: the client's `replyTimeoutMs`. */
  timeoutMs?: number;
}

// The server remembers the key of a message for 5 minutes (protocol.md H10).
const keyMs = 240_000;

// Errors that another attempt would meet, too.
const hopeless: ErrorCode[] = ['authentication', 'unsupported'];

/** The server closes with 4003 also when its backend cannot say who this is; that passes. */
const unsure = 'Authentication error';

/** A client that stays connected until `close()`; `connect()` makes one. */
export class Client {
  /** All messages that are not the protocol's own, whichever way they came. */
  readonly messages: Messages;
  readonly #settings: Settings;
  readonly #tokens: Tokens;
  readonly #retry: Retry;
  readonly #outbox: Outbox;
  readonly #joins: Joins;
  readonly #rooms = new Map<string, Room>();
  readonly #listeners = new Listeners();
  #ended = false;
  #state: State = 'connecting';
  /** The socket that is, connected or not yet. */
  #attempt: Connection | undefined;
  /** The same once it is connected. */
  #connection: Connection | undefined;
  #identity: Connected | undefined;
  #lastId = 0;
  #wake = () => {};
  #closed: WscastError | undefined;

  /** @internal */
  constructor(readonly url: string, options: Options) {
    const settings = settingsOf(options);
    this.#settings = settings;
    this.#tokens = new Tokens(settings.token);
    this.#retry = new Retry(settings);
    this.#outbox = new Outbox(settings.outbox, settings.outboxTimeoutMs);
    this.#joins = new Joins(new Retry(settings), this.#report, () => this.#outbox.releaseAll(), this.#enter);
    this.messages = new Messages(this.#onEnd);
    this.#onEnd(() => { this.#ended = true; });
    this.#onEnd(onAbort(settings.signal, () => this.close()));
    // Not before the caller has its listeners.
    queueMicrotask(() => this.#run());
  }

  get state(): State {
    return this.#state;
  }

  /** Of the connection that is, or was last. */
  get id(): string | undefined {
    return this.#identity?.id;
  }

  get userId(): string | undefined {
    return this.#identity?.userId;
  }

  /** Returns what ends it. */
  on<Event extends keyof ClientEvents>(
    event: Event,
    listener: (what: ClientEvents[Event]) => void,
    options: WaitSignal = {},
  ): () => void {
    return this.#listeners.add(event, listener, options.signal);
  }

  /** The same by iteration, which ends when the client is closed. */
  events<Event extends keyof ClientEvents>(
    event: Event,
    options?: StreamOptions,
  ): AsyncIterableIterator<ClientEvents[Event]> {
    return streamOf((push) => this.#listeners.add(event, push), this.#onEnd, options);
  }

  /** Resolves once the client is connected; rejects when it is closed instead. */
  async ready({ signal }: WaitSignal = {}): Promise<void> {
    if (this.#state === 'connected') return;
    for await (const { state } of this.events('state', { signal })) {
      if (state === 'connected') return;
    }
    throw this.#closed;
  }

  /** The same object for the same name. */
  room(name: string): Room {
    let room = this.#rooms.get(name);
    if (!room) this.#rooms.set(name, room = new Room(name, this.#joins, this.#publish, this.#onEnd));
    return room;
  }

  /** Sends an event of your own server, and resolves with the data of its reply, if there are replies. */
  request<T = any>(event: string, data?: unknown, options: RequestOptions = {}): Promise<T | undefined> {
    return this.#request(event, data, options);
  }

  /** Sends an event of your own server, without a reply; resolves once it is sent. */
  async send(event: string, data?: unknown, { signal }: WaitSignal = {}): Promise<void> {
    const text = JSON.stringify({ event, data });
    await this.#inTurn(++this.#lastId, async (connection) => connection.send(text), signal);
  }

  /** Ends the client for good; what waits is rejected. */
  close(): void {
    this.#finish(new WscastError('closed', 'the client is closed'));
  }

  // Connections, one after the other.

  async #run(): Promise<void> {
    while (!this.#closed) {
      this.#change({ state: 'connecting' });
      let delay: number;
      try {
        delay = await this.#connect();
      } catch (thrown) {
        const error = errorOf(thrown);
        delay = this.#wait(error, hopeless.includes(error.code) ? error : this.#retry.delay());
      }
      await this.#pause(delay);
    }
  }

  /** Resolves when the connection has ended, with the delay before the next. */
  async #connect(): Promise<number> {
    const { data = {}, encryption, connectTimeoutMs, positions } = this.#settings;
    const [token, session] = await waitFor<[string | undefined, EncryptionSession | undefined]>((waiting) => {
      Promise.all([this.#tokens.next(), encryption?.begin()]).then(waiting.resolve, waiting.reject);
      return () => {};
    }, { timeoutMs: connectTimeoutMs, missing: 'token' });
    if (this.#closed) throw this.#closed;
    return new Promise((resolve) => {
      const renewal = new Renewal(this.#tokens, data, this.#settings.replyTimeoutMs, this.#report);
      try {
        const connection = this.#attempt = new Connection(this.url, session, this.#settings, {
          authenticate: () => {
            // Nothing is encrypted yet: the rooms of a client that encrypts would be in the clear.
            const join = session && !session.receiveOnly ? undefined : this.#joins.begin();
            const ext = positions ? { positions: 1, join } : undefined;
            return { data: { ...data, token, publicKey: session?.publicKey }, ext };
          },
          connected: (identity) => {
            this.#connection = connection;
            this.#identity = identity;
            renewal.start(connection, token, identity.time);
            for (const [name, entry] of Object.entries(identity.positions ?? {})) {
              const room = this.room(name);
              if (room.current !== 'joining') this.#enter(room, entry);  // Else the reply to its join tells.
            }
            this.#joins.connected(connection, identity.id);
            this.#change({ state: 'connected' });
          },
          message: (message) => this.#dispatch(message),
          error: (words) => {
            if (words === 'Token expired') void renewal.renew(connection);
            this.#report(new WscastError('server', words));
          },
          dropped: (what) => this.#emit('dropped', what),
          gap: ({ position, ...gap }) => {
            const room = this.room(gap.room);
            if (room.seen) room.seen = seenOf(position);
            this.#emit('gap', gap);
          },
          ended: (end) => {
            renewal.stop();
            this.#attempt = this.#connection = undefined;
            this.#joins.disconnected();
            resolve(this.#wait(end.error, this.#after(end)));
          },
        });
      } catch (cause) {  // The URL is none, or not allowed on this page.
        throw new WscastError('unsupported', errorOf(cause).message, { cause });
      }
    });
  }

  /** There is no connection, and `next` is the delay before one, or the error if there will be none. */
  #wait(error: WscastError, next: number | WscastError): number {
    if (this.#closed) return 0;
    if (typeof next !== 'number') {
      this.#finish(next);
      return 0;
    }
    this.#report(error);
    this.#change({ state: 'waiting', error, delayMs: next });
    return next;
  }

  #after(end: End): number | WscastError {
    const { words, error } = end;
    const { closeCode } = error;
    if (closeCode === 4003 && words !== unsure) {
      this.#tokens.reject(words);
      if (!this.#tokens.renewable) return new WscastError('authentication', words || error.message, { closeCode });
    }
    return this.#retry.after(end);
  }

  readonly #enter = (room: Room, entry: Entry | undefined): void => {
    const gap = enter(room, entry);
    if (gap) this.#emit('gap', gap);
  };

  readonly #onEnd = (action: () => void): (() => void) => {
    if (this.#ended) action();
    return this.#listeners.add('end', action);
  };

  readonly #report = (error: WscastError): void => this.#emit('error', error);

  /** A device that is online again does not wait. */
  async #pause(delay: number): Promise<void> {
    if (this.#closed) return;
    await waitFor<unknown>(({ resolve }) => {
      const timer = setTimeout(resolve, delay);
      globalThis.addEventListener?.('online', resolve);
      this.#wake = () => resolve(undefined);
      return () => {
        clearTimeout(timer);
        globalThis.removeEventListener?.('online', resolve);
      };
    }, {});
  }

  #finish(error: WscastError): void {
    if (this.#closed) return;
    this.#closed = error;
    this.#attempt?.close(error);
    this.#outbox.rejectAll(error);
    this.#joins.close(error);
    this.#wake();
    this.#change({ state: 'closed', error });
    this.#listeners.emit('end');  // Behind what is told just now.
  }

  // Messages.

  readonly #publish = async (room: Room, data: object, options: PublishOptions) => {
    const repeats = room.seen !== undefined && this.#settings.outbox > 0;
    const key = options.key ?? (repeats ? `${Math.random()}${Math.random()}` : undefined);
    const ack = await this.#request<Ack>('publish', { ...data, key }, options, repeats);
    if (ack?.position && !options.echo) skip(room, ack.position);
    return ack;
  };

  /** `repeats`: one that is lost is sent again, since the server will not publish it twice. */
  async #request<T>(
    event: string, data: unknown, { signal, timeoutMs }: RequestOptions, repeats = false,
  ): Promise<T | undefined> {
    const id = ++this.#lastId;
    const text = JSON.stringify({ event, data, id });
    const wait = { signal, timeoutMs: timeoutMs ?? this.#settings.replyTimeoutMs };
    let sentAt: number | undefined;
    const send = async (connection: Connection): Promise<T | undefined> => {
      sentAt ??= Date.now();
      try {
        return resultOf<T>(await connection.request(id, text, wait));
      } catch (error) {
        if (!repeats || errorOf(error).code !== 'lost') throw error;
        return this.#inTurn(id, async (next) => {
          if (Date.now() - sentAt! > keyMs) throw error;
          return send(next);
        }, signal).catch(() => {
          signal?.throwIfAborted();
          throw error;
        });
      }
    };
    return this.#inTurn(id, send, signal);
  }

  /** At once, or when the outbox is emptied. */
  async #inTurn<T>(
    number: number, send: (connection: Connection) => Promise<T>, signal: AbortSignal | undefined,
  ): Promise<T> {
    if (this.#closed) throw this.#closed;
    signal?.throwIfAborted();
    if (this.#connection && this.#outbox.empty) return send(this.#connection);
    return this.#outbox.turn(number, () => send(this.#connection!), signal);
  }

  #dispatch({ event, data, room: name, offset }: Message): void {
    let meta: Meta = { event };
    let rooms: Iterable<Room> = this.#rooms.values();
    if (offset !== undefined) {
      const room = this.room(name!);
      const { seen } = room;
      if (seen) {
        // The reply to its join says where it goes on.
        if (room.current === 'joining' || offset <= seen.offset!) return;
        seen.offset = offset;
      }
      meta = { event, room: name!, offset, epoch: seen?.epoch };
      rooms = [room];
    }
    const sources: Messages[] = [this.messages];
    for (const room of rooms) {
      if (room.current !== 'out') sources.push(room);
    }
    callEach(new Set(sources.flatMap((source) => source.listenersOf(event))), data, meta);
  }

  #change(change: StateChange): void {
    this.#state = change.state;
    this.#emit('state', change);
  }

  #emit<Event extends keyof ClientEvents>(event: Event, what: ClientEvents[Event]): void {
    this.#listeners.emit(event, what);
  }
}

/** The data of a reply that does not say no. */
function resultOf<T>(reply: Message | undefined): T | undefined {
  const refused = reply?.event === 'error' ||
    (reply?.event === 'ack' && (reply.data as { ok?: boolean } | undefined)?.ok === false);
  if (refused) throw new WscastError('refused', wordsOf(reply!));
  return reply?.data as T | undefined;
}
