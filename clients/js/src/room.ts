import type { Position, Seen } from './history.js';
import type { Joins } from './joins.js';
import { Messages } from './messages.js';
import type { OnEnd } from './stream.js';

export type RoomState = 'out' | 'joining' | 'joined';

export interface WaitSignal {
  signal?: AbortSignal;
}

export interface PublishOptions extends WaitSignal {
  /** The sender receives it too. Default: false. */
  echo?: boolean;
  /** In a room with a history: a second message with this key, of up to 128 bytes, is not published. */
  key?: string;
  /** How long to wait for the reply. Default: the client's `replyTimeoutMs`. */
  timeoutMs?: number;
}

/** The reply to a publish, see docs/protocol.md, Publish. */
export interface Ack {
  ok: true;
  /** Absent in a room with a history. */
  delivered?: number;
  backplane: 'ok' | 'down' | 'unknown' | 'none';
  /** Where the message stands in the history of its room. */
  position?: Position;
  /** It was published before, with the same key. */
  repeated?: boolean;
}

/** What a room needs of its client. */
export type Publish = (room: Room, data: object, options: PublishOptions) => Promise<Ack | undefined>;

/**
 * A room of this client. Of a message in a room without a history the server does not say which room it
 * came from: while the client is in the room, or is joining it, its listeners get each message of
 * their event.
 */
export class Room extends Messages {
  /** @internal */
  current: RoomState = 'out';
  /**
   * Undefined where there is no history.
   * @internal
   */
  seen: Seen | undefined;
  readonly #joins: Joins;
  readonly #publish: Publish;

  /** @internal */
  constructor(readonly name: string, joins: Joins, publish: Publish, onEnd: OnEnd) {
    super(onEnd);
    this.#joins = joins;
    this.#publish = publish;
  }

  get state(): RoomState {
    return this.current;
  }

  /**
   * Resolves once the client is in the room, and after each reconnect joins it again by itself, until
   * `leave()`. Rejects if the server refuses; without a connection it waits for one.
   */
  join(options: WaitSignal = {}): Promise<void> {
    return this.#joins.join(this, options.signal);
  }

  /** Its listeners get nothing from now on. Resolves once the client is out. */
  leave(options: WaitSignal = {}): Promise<void> {
    return this.#joins.leave(this, options.signal);
  }

  /**
   * Sends to the other members. Resolves with the server's reply, or with undefined once it is sent if
   * the server does not reply; rejects if the server refuses, or there is no reply in time.
   */
  publish(event: string, data?: unknown, options: PublishOptions = {}): Promise<Ack | undefined> {
    return this.#publish(this, { room: this.name, event, data, echo: options.echo }, options);
  }
}
