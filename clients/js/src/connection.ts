import type { EncryptionSession } from './encryption.js';
import { errorOf, WscastError } from './errors.js';
import { Heartbeat } from './heartbeat.js';
import { type Message, parseMessage, wordsOf } from './message.js';
import type { Settings, WebSocketLike } from './options.js';
import { Replies, type WaitOptions } from './replies.js';

/** The data of `connected`. */
export interface Connected {
  id: string;
  userId?: string;
  time: string;
  serverPublicKey?: string;
  salt?: string;
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
  /** 1006 if there was no close frame. */
  code: number;
  error: WscastError;
  /** The last error that the server reported; empty if none. */
  words: string;
  /** Whether the server had said that it would close (protocol.md X7). */
  announced: boolean;
  /** How long the client was connected; 0 if it never was. */
  connectedMs: number;
}

export interface ConnectionHandlers {
  connected(identity: Connected): void;
  message(message: Message): void;
  error(words: string): void;
  dropped(count: Dropped['count']): void;
  ended(end: End): void;
}

// How long after the time that it said the server may take to close.
const announcedGraceMs = 5_000;

/** One WebSocket, from its opening to its end; `handlers.ended` is called once. */
export class Connection {
  /** Whether the server replies to messages with an id: the reference does not (protocol.md X1). */
  acknowledges = false;
  readonly #socket: WebSocketLike;
  readonly #replies = new Replies();
  readonly #heartbeat: Heartbeat;
  #inbound: Promise<void> = Promise.resolve();
  #outbound: Promise<void> = Promise.resolve();
  #connectedAt: number | undefined;
  #deadline: ReturnType<typeof setTimeout> | undefined;
  #words = '';
  #announced = false;
  #ended = false;

  constructor(
    url: string,
    readonly data: Record<string, unknown>,
    readonly session: EncryptionSession | undefined,
    settings: Settings,
    readonly handlers: ConnectionHandlers,
  ) {
    const { connectTimeoutMs } = settings;
    const lose = (message: string) => this.fail(new WscastError('timeout', message));
    this.#heartbeat = new Heartbeat(this, settings.heartbeatMs, () => lose('nothing comes any more'));
    this.#socket = new settings.WebSocket(url);
    this.#deadline = setTimeout(() => lose(`not connected in ${connectTimeoutMs} ms`), connectTimeoutMs);
    this.#socket.onopen = () => this.#authenticate();
    this.#socket.onmessage = ({ data: text }) => this.#receive(text);
    this.#socket.onerror = () => {};  // `onclose` follows.
    this.#socket.onclose = ({ code, reason }) => this.#inOrder(() => {
      const message = `the connection ended: ${code} ${reason || this.#words}`.trim();
      this.#end(code, new WscastError('connection', message, { closeCode: code }));
    });
  }

  /** In the order of the calls. */
  send(text: string): void {
    const { session } = this;
    if (!session || session.receiveOnly || this.#connectedAt === undefined) {
      this.#socket.send(text);
      return;
    }
    this.#outbound = this.#outbound
      .then(async () => this.#socket.send(await session.seal(text)))
      .catch((error) => this.fail(errorOf(error)));
  }

  /** Sends a message with this id; undefined at once where the server does not reply. */
  async request(id: number | string, text: string, wait: WaitOptions): Promise<Message | undefined> {
    const reply = this.acknowledges ? this.#replies.wait(id, wait) : undefined;
    this.send(text);
    return reply;
  }

  /** Closes once all is sent; what arrives from now on is ignored. */
  close(error: WscastError): void {
    this.#outbound.then(() => this.#socket.close(1000));
    this.#end(1000, error);
  }

  /** Ends without waiting for the other side. */
  fail(error: WscastError, code = 1006): void {
    if (this.#ended) return;
    if (this.#socket.terminate) this.#socket.terminate();
    else this.#socket.close();
    this.#end(code, error);
  }

  #authenticate(): void {
    const data = { ...this.data, publicKey: this.session?.publicKey };
    this.send(JSON.stringify({ event: 'authenticate', data, id: 'authenticate' }));
  }

  #receive(text: unknown): void {
    this.#heartbeat.heard();
    const message = parseMessage(text);
    if (message) this.#inOrder(() => this.#open(message));
  }

  // One after the other; at once if there is nothing to decrypt.
  #inOrder(step: () => void | Promise<void>): void {
    const guarded = () => { if (!this.#ended) return step(); };
    if (!this.session) guarded();
    else this.#inbound = this.#inbound.then(guarded).catch((error) => this.fail(errorOf(error)));
  }

  #open(message: Message): void | Promise<void> {
    if (!this.session) return this.#take(message);
    if (this.#connectedAt === undefined) {
      return message.event === 'connected' ? this.#agree(this.session, message) : this.#take(message);
    }
    return this.#decrypt(this.session, message);
  }

  async #agree(session: EncryptionSession, message: Message): Promise<void> {
    const refuse = (words: string) => this.fail(new WscastError('encryption', words), 4004);
    const keys = message.data as Connected;
    if (!keys.serverPublicKey || !keys.salt) return refuse('the server does not encrypt');
    if (!session.receiveOnly && message.id === undefined) {
      return refuse('the server does not decrypt: see receiveOnly');
    }
    await session.agree(keys.serverPublicKey, keys.salt);
    if (!this.#ended) this.#take(message);
  }

  async #decrypt(session: EncryptionSession, { event, data }: Message): Promise<void> {
    if (event !== 'encrypted') throw new WscastError('encryption', 'a message came unencrypted');
    const message = parseMessage(await session.open(data as { iv: string; ct: string }));
    if (message && !this.#ended) this.#take(message);
  }

  #take(message: Message): void {
    const { event, data, id } = message;
    if (event === 'error') this.#words = wordsOf(message);
    if (this.#connectedAt === undefined) {
      if (event === 'connected') this.#connect(message);
      else if (event === 'error') this.handlers.error(this.#words);
    } else if (id !== undefined) this.#replies.resolve(message);
    else if (event === 'error') this.handlers.error(this.#words);
    else if (event === 'dropped') this.handlers.dropped((data as Dropped | undefined)?.count ?? null);
    else if (event === 'disconnect') this.#announce(data as Announcement | undefined);
    else this.handlers.message(message);
  }

  #connect({ data, id }: Message): void {
    clearTimeout(this.#deadline);
    this.acknowledges = id !== undefined;
    this.#connectedAt = Date.now();
    this.#heartbeat.start();
    this.handlers.connected((data ?? {}) as Connected);
  }

  // Nothing is lost by staying: the server delivers until it closes.
  #announce({ reconnectAfterMs = 0 }: Announcement = {}): void {
    this.#announced = true;
    const words = 'the server did not close when it said';
    clearTimeout(this.#deadline);
    this.#deadline = setTimeout(() => this.fail(new WscastError('connection', words)),
      reconnectAfterMs + announcedGraceMs);
  }

  #end(code: number, error: WscastError): void {
    if (this.#ended) return;
    this.#ended = true;
    clearTimeout(this.#deadline);
    this.#heartbeat.stop();
    this.#socket.onopen = this.#socket.onmessage = this.#socket.onclose = null;
    this.#replies.rejectAll(new WscastError('lost', 'the connection ended before the reply', { cause: error }));
    const connectedMs = this.#connectedAt === undefined ? 0 : Date.now() - this.#connectedAt;
    this.handlers.ended({ code, error, words: this.#words, announced: this.#announced, connectedMs });
  }
}
