/**
 * Tells the server that the client lives, and finds a dead connection: `heartbeat` has no reply
 * (protocol.md M3), but `leave` of no room has one (X1), and counts as a message too (M13). If
 * nothing at all arrived from one beat to the next, the connection is dead.
 */
export class Heartbeat {
  #timer: ReturnType<typeof setInterval> | undefined;
  #heard = true;

  constructor(
    readonly connection: { readonly acknowledges: boolean; send(text: string): void },
    readonly intervalMs: number,
    readonly dead: () => void,
  ) {}

  start(): void {
    this.#timer = setInterval(() => this.#beat(), this.intervalMs);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Something arrived. */
  heard(): void {
    this.#heard = true;
  }

  #beat(): void {
    if (!this.connection.acknowledges) this.connection.send('{"event":"heartbeat"}');
    else if (!this.#heard) this.dead();
    else {
      this.#heard = false;
      this.connection.send('{"event":"leave","data":{"rooms":[]},"id":"heartbeat"}');
    }
  }
}
