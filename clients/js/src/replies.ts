import { onAbort } from './abort.js';
import { WscastError } from './errors.js';
import type { Message } from './message.js';

export interface WaitOptions {
  signal?: AbortSignal | undefined;
  /** 0: as long as the connection lasts. */
  timeoutMs: number;
}

interface Waiting {
  resolve(reply: Message): void;
  reject(error: unknown): void;
}

/** The messages of one connection that wait for the reply with their id (protocol.md X1). */
export class Replies {
  readonly #waiting = new Map<unknown, Waiting>();

  wait(id: number | string, { signal, timeoutMs }: WaitOptions): Promise<Message> {
    return new Promise<Message>((resolve, reject) => {
      const end = () => {
        clearTimeout(timer);
        ignore();
        this.#waiting.delete(id);
      };
      const fail = (error: unknown) => {
        end();
        reject(error);
      };
      const timer = timeoutMs > 0
        ? setTimeout(() => fail(new WscastError('timeout', `no reply in ${timeoutMs} ms`)), timeoutMs)
        : undefined;
      let ignore = () => {};
      this.#waiting.set(id, { resolve: (reply) => { end(); resolve(reply); }, reject: fail });
      ignore = onAbort(signal, () => fail(signal!.reason));
    });
  }

  /** One that nobody waits for any more is ignored. */
  resolve(reply: Message): void {
    this.#waiting.get(reply.id)?.resolve(reply);
  }

  rejectAll(error: WscastError): void {
    for (const { reject } of [...this.#waiting.values()]) reject(error);
  }
}
