import { onAbort } from './abort.js';
import { Connection, type Connected, type Dropped, type End } from './connection.js';
import { Ending } from './ending.js';
import { type ErrorCode, errorOf, WscastError } from './errors.js';
import { Joins } from './joins.js';
import { callEach, Listeners } from './listeners.js';
import { type Message, wordsOf } from './message.js';
import { Messages } from './messages.js';
import { type Options, type Settings, settingsOf } from './options.js';
import { Outbox } from './outbox.js';
import { Renewal } from './renewal.js';
import { Retry } from './retry.js';
import { type Ack, type PublishOptions, Room, type WaitSignal } from './room.js';
import { type StreamOptions, streamOf } from './stream.js';
import { Tokens } from './tokens.js';

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
}

export interface RequestOptions extends WaitSignal {
  /** How long to wait for the reply. Default: the client's `replyTimeoutMs`. */
  timeoutMs?: number;
}

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
  readonly #ending = new Ending();
  #state: State = 'connecting';
  /** The socket that is, connected or not yet. */
  #attempt: Connection | undefined;
  /** The same once it is connected. */
  #connection: Connection | undefined;
  #renewal: Renewal | undefined;
  #identity: Connected | undefined;
  #lastId = 0;
  #wake = () => {};
  #closed: WscastError | undefined;

  /** @internal */
  constructor(readonly url: string, options: Options) {
    const settings = settingsOf(options);
    const { minDelayMs, maxDelayMs } = settings;
    this.#settings = settings;
    this.#tokens = new Tokens(settings.token);
    this.#retry = new Retry(minDelayMs, maxDelayMs);
    this.#outbox = new Outbox(settings.outbox, settings.outboxTimeoutMs);
    this.#joins = new Joins(new Retry(minDelayMs, maxDelayMs), () => ++this.#lastId,
      (error) => this.#emit('error', error), () => this.#outbox.releaseAll());
    this.messages = new Messages(this.#ending);
    this.#listeners.add('end', () => this.#ending.end());
    this.#ending.add(onAbort(settings.signal, () => this.close()));
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
    return streamOf((push, finish) => {
      const ends = [this.#listeners.add(event, push), this.#ending.add(finish)];
      return () => ends.forEach((end) => end());
    }, options);
  }

  /** Resolves once the client is connected; rejects when it is closed instead. */
  async ready({ signal }: WaitSignal = {}): Promise<void> {
    if (this.#state === 'connected') return;
    if (this.#closed) throw this.#closed;
    for await (const { state } of this.events('state', { signal })) {
      if (state === 'connected') return;
    }
    throw this.#closed;
  }

  /** The same object for the same name. */
  room(name: string): Room {
    let room = this.#rooms.get(name);
    if (!room) this.#rooms.set(name, room = new Room(name, this.#roomOwner, this.#ending));
    return room;
  }

  /** Sends an event of your own server, and resolves with the data of its reply, if there are replies. */
  async request<T = any>(event: string, data?: unknown, options: RequestOptions = {}): Promise<T | undefined> {
    const reply = await this.#request(event, data, options);
    const refused = reply?.event === 'error' ||
      (reply?.event === 'ack' && (reply.data as { ok?: boolean } | undefined)?.ok === false);
    if (refused) throw new WscastError('refused', wordsOf(reply!));
    return reply?.data as T | undefined;
  }

  /** Sends an event of your own server, without a reply; resolves once it is sent. */
  async send(event: string, data?: unknown, { signal }: WaitSignal = {}): Promise<void> {
    const text = JSON.stringify({ event, data });
    await this.#inTurn(async (connection) => connection.send(text), signal);
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
    const { data = {}, encryption, connectTimeoutMs } = this.#settings;
    const [token, session] = await inTime(
      Promise.all([this.#tokens.next(), encryption?.begin()]), connectTimeoutMs, 'no token');
    return new Promise((resolve, reject) => {
      if (this.#closed) return reject(this.#closed);
      const renewal = new Renewal(this.#tokens, data, this.#settings.replyTimeoutMs,
        (error) => this.#emit('error', error));
      this.#renewal = renewal;
      try {
        const connection = this.#attempt = new Connection(this.url, { ...data, token }, session, this.#settings, {
          connected: (identity) => {
            renewal.start(connection, token, identity.time);
            this.#connected(connection, identity);
          },
          message: (message) => this.#dispatch(message),
          error: (words) => this.#report(words, connection),
          dropped: (count) => this.#emit('dropped', { count }),
          ended: (end) => {
            renewal.stop();
            this.#attempt = this.#connection = undefined;
            this.#joins.disconnected();
            resolve(this.#wait(end.error, this.#after(end)));
          },
        });
      } catch (cause) {  // The URL is none, or not allowed on this page.
        reject(new WscastError('unsupported', errorOf(cause).message, { cause }));
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
    this.#emit('error', error);
    this.#change({ state: 'waiting', error, delayMs: next });
    return next;
  }

  #after(end: End): number | WscastError {
    if (end.code !== 4003 || end.words === unsure) return this.#retry.after(end);
    this.#tokens.reject(end.words);
    if (this.#tokens.renewable) return this.#retry.after(end);
    return new WscastError('authentication', end.words || end.error.message, { closeCode: end.code });
  }

  #connected(connection: Connection, identity: Connected): void {
    this.#connection = connection;
    this.#identity = identity;
    this.#joins.connected(connection);
    this.#change({ state: 'connected' });
  }

  #report(words: string, connection: Connection): void {
    if (words === 'Token expired') void this.#renewal?.renew(connection);
    this.#emit('error', new WscastError('server', words));
  }

  /** A device that is online again does not wait. */
  async #pause(delay: number): Promise<void> {
    if (this.#closed) return;
    let timer;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      timer = setTimeout(resolve, delay);
      globalThis.addEventListener?.('online', this.#wake);
    });
    clearTimeout(timer);
    globalThis.removeEventListener?.('online', this.#wake);
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

  readonly #roomOwner = {
    join: async (room: Room, signal?: AbortSignal) => {
      if (this.#closed) throw this.#closed;
      await this.#joins.join(room, signal);
    },
    leave: (room: Room, signal?: AbortSignal) => this.#joins.leave(room, signal),
    publish: (data: object, options: PublishOptions) => this.request<Ack>('publish', data, options),
  };

  async #request(event: string, data: unknown, { signal, timeoutMs }: RequestOptions): Promise<Message | undefined> {
    const id = ++this.#lastId;
    const text = JSON.stringify({ event, data, id });
    const wait = { signal, timeoutMs: timeoutMs ?? this.#settings.replyTimeoutMs };
    return this.#inTurn((connection) => connection.request(id, text, wait), signal);
  }

  /** At once, or when the outbox is emptied. */
  #inTurn<T>(send: (connection: Connection) => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    if (this.#closed) throw this.#closed;
    signal?.throwIfAborted();
    if (this.#connection && this.#outbox.empty) return send(this.#connection);
    return this.#outbox.turn(() => send(this.#connection!), signal);
  }

  #dispatch(message: Message): void {
    const listeners = new Set(this.messages.listenersOf(message));
    for (const room of this.#joins.rooms) {
      for (const listener of room.listenersOf(message)) listeners.add(listener);
    }
    callEach(listeners, [message.data, { event: message.event }]);
  }

  #change(change: StateChange): void {
    this.#state = change.state;
    this.#emit('state', change);
  }

  #emit<Event extends keyof ClientEvents>(event: Event, what: ClientEvents[Event]): void {
    this.#listeners.emit(event, what);
  }
}

function inTime<T>(promise: Promise<T>, ms: number, words: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new WscastError('timeout', `${words} in ${ms} ms`)), ms);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
