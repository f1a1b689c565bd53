import type { EncryptionSession } from './encryption.js';
import { errorOf, WscastError } from './errors.js';
import { type Message, parseMessage } from './message.js';
import type { WebSocketLike } from './options.js';

/**
 * A WebSocket whose messages are encrypted from `connected` on (protocol.md section 4). What is
 * received and what is sent stays in order, however long each message takes.
 */
export class SealedSocket implements WebSocketLike {
  onopen: WebSocketLike['onopen'] = null;
  onmessage: WebSocketLike['onmessage'] = null;
  onerror: WebSocketLike['onerror'] = null;
  onclose: WebSocketLike['onclose'] = null;
  #agreed = false;
  #inbound: Promise<void> = Promise.resolve();
  #outbound: Promise<void> = Promise.resolve();

  /** `fail` is called when the connection cannot go on. */
  constructor(
    readonly socket: WebSocketLike,
    readonly session: EncryptionSession,
    readonly fail: (error: WscastError) => void,
  ) {
    const inOrder = (step: () => void | Promise<void>) => {
      this.#inbound = this.#inbound.then(step).catch((error) => fail(errorOf(error)));
    };
    socket.onopen = (event) => this.onopen?.(event);
    socket.onmessage = ({ data }) => inOrder(() => this.#receive(data));
    socket.onerror = (event) => this.onerror?.(event);
    socket.onclose = (event) => inOrder(() => this.onclose?.(event));
    this.terminate = socket.terminate && (() => socket.terminate!());
  }

  terminate: (() => void) | undefined;

  send(text: string): void {
    const { socket, session } = this;
    if (!this.#agreed || session.receiveOnly) return socket.send(text);
    this.#outbound = this.#outbound
      .then(async () => socket.send(await session.seal(text)))
      .catch((error) => this.fail(errorOf(error)));
  }

  /** Once all is sent. */
  close(code?: number): void {
    this.#outbound.then(() => this.socket.close(code));
  }

  async #receive(text: unknown): Promise<void> {
    const message = parseMessage(text);
    if (!message || !this.onmessage) return;
    let data = text;
    if (this.#agreed) data = await this.#open(message);
    else if (message.event === 'connected') await this.#agree(message);
    this.onmessage?.({ data });
  }

  async #agree({ data, id }: Message): Promise<void> {
    const { serverPublicKey, salt } = (data ?? {}) as { serverPublicKey?: string; salt?: string };
    if (!serverPublicKey || !salt) throw unfit('the server does not encrypt');
    if (!this.session.receiveOnly && id === undefined) throw unfit('the server does not decrypt: see receiveOnly');
    await this.session.agree(serverPublicKey, salt);
    this.#agreed = true;
  }

  #open({ event, data }: Message): Promise<string> {
    if (event !== 'encrypted') throw new WscastError('encryption', 'a message came unencrypted');
    return this.session.open(data as { iv: string; ct: string });
  }
}

// The next connection to this server would be no better.
function unfit(words: string): WscastError {
  return new WscastError('encryption', words, { closeCode: 4004 });
}
