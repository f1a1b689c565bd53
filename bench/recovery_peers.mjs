// The clients of bench/recovery, by what each server has its users take. After a cut they come back by
// themselves, after any time up to `awayMs`.
import { io } from 'socket.io-client';
import WebSocket from 'ws';
import { connect } from '../clients/js/dist/esm/index.js';
import { cut } from './cut_websocket.mjs';

/**
 * A client of one room. `handlers.connecting()` is called as it begins to connect, `message(data)` for each message,
 * `gap(from, to)` when it is told that some are lost, with null for what it is not told. `joined` resolves once it
 * is in the room for the first time.
 */
class WscastClient {
  #client;
  #socket;

  constructor({ url, name, room, awayMs }, handlers) {
    const began = (socket) => {
      this.#socket = socket;
      handlers.connecting();
    };
    class Socket extends WebSocket {
      constructor(address) {
        super(address, { perMessageDeflate: false });
        began(this);
      }
    }
    this.#client = connect(url, { token: name, WebSocket: Socket, minDelayMs: awayMs, maxDelayMs: awayMs });
    this.#client.on('gap', ({ from, to }) => handlers.gap(from, to));
    this.#client.on('dropped', () => handlers.gap(null, null));
    this.#client.room(room).on('news', (data) => handlers.message(data));
    this.joined = this.#client.room(room).join();
  }

  get connected() {
    return this.#client.state === 'connected';
  }

  cut(silent) {
    cut(this.#socket, silent);
  }
}

class SocketIoClient {
  #socket;

  constructor({ url, room, awayMs }, handlers) {
    this.#socket = io(url, {
      transports: ['websocket'], forceNew: true, randomizationFactor: 1, reconnectionDelay: awayMs / 2,
      reconnectionDelayMax: awayMs,
    });
    this.#socket.io.on('reconnect_attempt', () => handlers.connecting());
    this.#socket.on('news', (data) => handlers.message(data));
    handlers.connecting();
    let known = false;
    this.joined = new Promise((resolve) => {
      this.#socket.on('connect', () => {
        if (this.#socket.recovered) return;
        if (known) handlers.gap(null, null);
        known = true;
        this.#socket.emit('join', room, resolve);
      });
    });
  }

  get connected() {
    return this.#socket.connected;
  }

  cut(silent) {
    cut(this.#socket.io.engine.transport.ws, silent);
  }
}

/** Publishes from a connection that is never cut; `publish` resolves once the server has the message. */
class WscastPublisher {
  #client;

  constructor(url) {
    this.#client = connect(url, { token: 'publisher', WebSocket });
  }

  async join(rooms) {
    for (const room of rooms) await this.#client.room(room).join();
  }

  async publish(room, data) {
    const { position } = await this.#client.room(room).publish('news', data);
    if (position && position.offset !== data.n) throw new Error(`message ${data.n} has offset ${position.offset}`);
  }
}

class SocketIoPublisher {
  #socket;

  constructor(url) {
    this.#socket = io(url, { transports: ['websocket'] });
  }

  async join() {}

  publish(room, data) {
    return this.#socket.timeout(10_000).emitWithAck('publish', room, data);
  }
}

export const peers = {
  wscast: { Client: WscastClient, Publisher: WscastPublisher },
  'socket.io': { Client: SocketIoClient, Publisher: SocketIoPublisher },
};
