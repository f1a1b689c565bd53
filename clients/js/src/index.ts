import { Client } from './client.js';
import type { Options } from './options.js';

/** Begins to connect to a server, such as `wss://example.org/ws`, and stays connected until `close()`. */
export function connect(url: string, options: Options = {}): Client {
  return new Client(url, options);
}

export type { Client, ClientEvents, RequestOptions, State, StateChange } from './client.js';
export type { Dropped } from './connection.js';
export type { Gap, Position } from './history.js';
export { type ErrorCode, WscastError } from './errors.js';
export type { MessageListener, Messages, Meta, Received } from './messages.js';
export type { Options, Token, WebSocketConstructor, WebSocketLike } from './options.js';
export type { Ack, PublishOptions, Room, RoomState, WaitSignal } from './room.js';
export type { StreamOptions } from './stream.js';
