import type { Ending } from './ending.js';
import { Messages } from './messages.js';

export type RoomState = 'out' | 'joining' | 'joined';

export interface WaitSignal {
  signal?: AbortSignal;
}

export interface PublishOptions extends WaitSignal {
  /** The sender receives it too. Default: false. */
  echo?: boolean;
  /** How long to wait for the reply. Default: the client's `replyTimeoutMs`. */
  timeoutMs?: number;
}

/** The reply to a publish, see docs/protocol.md, Publish. */
export interface Ack {
  ok: true;
  delivered: number;
  backplane: 'ok' | 'down' | 'unknown' | 'none';
}

/** What a room needs of its client. */
export interface RoomOwner {
  join(room: Room, signal?: AbortSignal): Promise<void>;
  leave(room: Room, signal?: AbortSignal): Promise<void>;
  publish(data: object, options: PublishOptions): Promise<Ack | undefined>;
}

/**
 * A room of this client. The server does not say which room a message came from: while the client
 * is in the room, or is joining it, its listeners get each message of their event.
 */
export class Room extends Messages {
  /** @internal */
  current: RoomState = 'out';
  readonly #owner: RoomOwner;

  /** @internal */
  constructor(readonly name: string, owner: RoomOwner, ending: Ending) {
    super(ending);
    this.#owner = owner;
  }

  get state(): RoomState {
    return this.current;
  }

  /**
   * Resolves once the client is in the room, and after each reconnect joins it again by itself, until
   * `leave()`. Rejects if the server refuses; without a connection it waits for one.
   */
  join(options: WaitSignal = {}): Promise<void> {
    return this.#owner.join(this, options.signal);
  }

  /** Its listeners get nothing from now on. Resolves once the client is out. */
  leave(options: WaitSignal = {}): Promise<void> {
    return this.#owner.leave(this, options.signal);
  }

  /**
   * Sends to the other members. Resolves with the server's reply, or with undefined once it is sent if
   * the server does not reply; rejects if the server refuses, or there is no reply in time.
   */
  publish(event: string, data?: unknown, options: PublishOptions = {}): Promise<Ack | undefined> {
    return this.#owner.publish({ room: this.name, event, data, echo: options.echo }, options);
  }
}
