import type { Encryption } from './encryption.js';
import { WscastError } from './errors.js';

/** What the client uses of a WebSocket; that of browsers and of npm's `ws` are some. */
export interface WebSocketLike {
  onopen: ((event: any) => void) | null;
  onmessage: ((event: any) => void) | null;
  onerror: ((event: any) => void) | null;
  onclose: ((event: any) => void) | null;
  send(text: string): void;
  close(code?: number, reason?: string): void;
  /** Of npm's `ws`: closes without waiting for the other side. */
  terminate?(): void;
}

export type WebSocketConstructor = new (url: string) => WebSocketLike;

/** A token, or what returns one. A function is called anew for each connection. */
export type Token = string | (() => string | Promise<string>);

export interface Options {
  token?: Token;
  /** Further members of the data of `authenticate`, for a server that wants more than a token. */
  data?: Record<string, unknown>;
  /** Default: the global one. */
  WebSocket?: WebSocketConstructor;
  /** Of `@wscast/client/encryption`. */
  encryption?: Encryption;
  /** Closes the client. */
  signal?: AbortSignal;
  /** Asks for the positions of messages, in rooms that have a history. Default: true. */
  positions?: boolean;
  /** How many messages may wait for a connection. Default: 0, what is sent offline is rejected. */
  outbox?: number;
  /** How long a message may wait there. Default: 60 s. */
  outboxTimeoutMs?: number;
  /** How long to wait for a reply; 0: as long as the connection lasts. Default: 10 s. */
  replyTimeoutMs?: number;
  /** How long a token, and then the connection, may take. Default: 15 s. */
  connectTimeoutMs?: number;
  /** How often to ask whether the connection lives. Default: 25 s; the server wants to hear a client every 90 s. */
  heartbeatMs?: number;
  /** The longest delay before the first attempt to connect again, doubled by each failure. Default: 1 s. */
  minDelayMs?: number;
  /** The longest of these delays. Default: 30 s. */
  maxDelayMs?: number;
}

export type Settings = Options & Required<Omit<Options, 'token' | 'data' | 'encryption' | 'signal'>>;

export function settingsOf({
  WebSocket = (globalThis as { WebSocket?: WebSocketConstructor }).WebSocket,
  positions = true,
  outbox = 0,
  outboxTimeoutMs = 60_000,
  replyTimeoutMs = 10_000,
  connectTimeoutMs = 15_000,
  heartbeatMs = 25_000,
  minDelayMs = 1000,
  maxDelayMs = 30_000,
  ...others
}: Options): Settings {
  if (!WebSocket) {
    throw new WscastError('unsupported',
      "there is no global WebSocket: pass one, as with npm's ws: connect(url, { WebSocket })");
  }
  return {
    WebSocket, positions, outbox, outboxTimeoutMs, replyTimeoutMs, connectTimeoutMs, heartbeatMs, minDelayMs, maxDelayMs,
    ...others,
  };
}
