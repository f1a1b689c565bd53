import type { EncryptionSession } from './encryption.js';
import { WscastError } from './errors.js';
import { Heartbeat } from './heartbeat.js';
import type { Entries, Gap, Seen } from './history.js';
import { type Message, parseMessage, wordsOf } from './message.js';
import type { Settings, WebSocketLike } from './options.js';
import { type Patience, waitFor } from './waiting.js';

/** The data of `connected`. */
export interface Connected {
  id: string;
  userId?: string;
  time: string;
  /** Of the rooms that the client is in; absent if the server does not know positions (protocol.md H4). */
  positions?: Entries;
}

/** The data of `dropped`: how many messages are missing here, or null when nobody knows (protocol.md X2). */
export interface Dropped {
  count: number | null;
}

interface Announcement {
  reconnectAfterMs?: number;
}

/** How a connection ended. */
export interface End {
  /** Its `closeCode` is 1006 if there was no close frame, and undefined if the client ended it. */
  error: WscastError;
  /** The last error that the server reported; empty if none. */
  words: string;
  /** Whether the server had said that it would close (protocol.md X7). */
  announced: boolean;
  /** How long the client was connected; 0 if it never was. */
  connectedMs: number;
}

export interface ConnectionHandlers {
  /** Returns the members of `authenticate`. */
  authenticate(): object;
  connected(identity: Connected): void;
  message(message: Message): void;
  error(words: string): void;
  dropped(what: Dropped): void;
  gap(gap: Gap & { position: Seen | null }): void;
  ended(end: End): void;
}

// How long after the time that it said the server may take to close.
const announcedGraceMs = 5_000;

/** One WebSocket, from its opening to its end; `handlers.ended` is called once. */
export class Connection {
  /** Whether the server replies to messages with an id: the reference does not (protocol.md X1). */
  acknowledges = false;
  /** Whether it tells positions, and marks what it says itself (protocol.md H4). */
  positions = false;
  /** What waits for the reply with this id, and is settled as that comes (protocol.md X1). */
  readonly replies = new Map<unknown, { resolve(reply: Message): void; reject(error: unknown): void }>();
  readonly #socket: WebSocketLike;
  readonly #heartbeat: Heartbeat;
  #connectedAt: number | undefined;
  #deadline: ReturnType<typeof setTimeout> | undefined;
  #words = '';
  #announced = false;
  #ended = false;

  constructor(
    url: string,
    session: EncryptionSession | undefined,
    settings: Settings,
    readonly handlers: ConnectionHandlers,
  ) {
    const { connectTimeoutMs } = settings;
    const fail = (error: WscastError) => this.fail(error);
    const lose = (message: string) => fail(new WscastError('timeout', message));
    this.#heartbeat = new Heartbeat(this, settings.heartbeatMs, () => lose('nothing comes any more'));
    const socket = new settings.WebSocket(url);
    this.#socket = session?.wrap(socket, fail) ?? socket;
    this.#deadline = setTimeout(() => lose(`no connection in ${connectTimeoutMs} ms`), connectTimeoutMs);
    this.#socket.onopen = () => {
      this.send(JSON.stringify({ event: 'authenticate', ...handlers.authenticate(), id: 'authenticate' }));
    };
    this.#socket.onmessage = ({ data: text }) => {
      this.#heartbeat.heard();
      const message = parseMessage(text);
      if (message) this.#take(message);
    };
    this.#socket.onerror = () => {};  // `onclose` follows.
    this.#socket.onclose = ({ code: closeCode, reason }) => {
      const message = `the connection ended: ${closeCode} ${reason || this.#words}`.trim();
      this.#end(new WscastError('connection', message, { closeCode }));
    };
  }

  /** In the order of the calls. */
  send(text: string): void {
    this.#socket.send(text);
  }

  /** Sends a message with this id; undefined at once where the server does not reply. */
  async request(id: number | string, text: string, wait: Patience): Promise<Message | undefined> {
    const reply = this.acknowledges ? waitFor<Message>((waiting) => {
      this.replies.set(id, waiting);
      return () => this.replies.delete(id);
    }, wait) : undefined;
    this.send(text);
    return reply;
  }

  /** Closes once all is sent; what arrives from now on is ignored. */
  close(error: WscastError): void {
    this.#socket.close(1000);
    this.#end(error);
  }

  /** Ends without waiting for the other side. */
  fail(error: WscastError): void {
    if (this.#ended) return;
    if (this.#socket.terminate) this.#socket.terminate();
    else this.#socket.close();
    this.#end(error);
  }

  #take(message: Message): void {
    const { event, data, id } = message;
    const { handlers, positions } = this;
    // What somebody publishes may be called like something that the server says (protocol.md H4).
    if (positions && id === undefined && !message.server) return handlers.message(message);
    if (event === 'error') this.#words = wordsOf(message);
    if (this.#connectedAt === undefined) {
      if (event === 'connected') this.#connect(message);
      else if (event === 'error') handlers.error(this.#words);
    } else if (id !== undefined) this.replies.get(id)?.resolve(message);
    else if (event === 'error') handlers.error(this.#words);
    else if (event === 'dropped') handlers.dropped({ count: (data as Dropped | undefined)?.count ?? null });
    else if (event === 'disconnect') this.#announce(data as Announcement | undefined);
    else if (event === 'gap' && positions) handlers.gap(data as Gap & { position: Seen | null });
    else handlers.message(message);
  }

  #connect({ data, id }: Message): void {
    clearTimeout(this.#deadline);
    this.acknowledges = id !== undefined;
    this.#connectedAt = Date.now();
    this.#heartbeat.start();
    const identity = (data ?? {}) as Connected;
    this.positions = !!identity.positions;
    this.handlers.connected(identity);
  }

  // Nothing is lost by staying: the server delivers until it closes.
  #announce({ reconnectAfterMs = 0 }: Announcement = {}): void {
    this.#announced = true;
    const words = 'the server did not close';
    clearTimeout(this.#deadline);
    this.#deadline = setTimeout(() => this.fail(new WscastError('connection', words)),
      reconnectAfterMs + announcedGraceMs);
  }

  #end(error: WscastError): void {
    if (this.#ended) return;
    this.#ended = true;
    clearTimeout(this.#deadline);
    this.#heartbeat.stop();
    this.#socket.onopen = this.#socket.onmessage = this.#socket.onclose = null;
    const lost = new WscastError('lost', 'the connection ended before the reply', { cause: error });
    for (const { reject } of this.replies.values()) reject(lost);
    const connectedMs = this.#connectedAt === undefined ? 0 : Date.now() - this.#connectedAt;
    this.handlers.ended({ error, words: this.#words, announced: this.#announced, connectedMs });
  }
}
