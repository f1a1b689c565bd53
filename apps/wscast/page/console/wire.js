// What @wscast/client is given to be overheard: each message is reported as it is on the wire, and what it says.
import {encryption} from '../client.js';

/**
 * Returns the options `WebSocket` and `encryption` of a client. Called are, each with the socket first: `made()`;
 * `opened()`, after which the client authenticates as soon as `authenticate()` of the socket is called;
 * `sent()` and `received()` with the frame and the text in it, which are the same unless it is encrypted;
 * `unreadable()` with a frame that cannot be decrypted.
 */
export function overheard(listener) {
  class Socket extends LoggedSocket {
    constructor(url) {
      super(url, listener);
    }
  }
  return {WebSocket: Socket, encryption: {begin: () => beginEncryption(listener)}};
}

export function messageIn(text) {
  try {
    const message = JSON.parse(text);
    return typeof message.event === 'string' ? message : undefined;
  } catch {
    return undefined;
  }
}

class LoggedSocket {
  says = new Map();  // What an encrypted frame says that is about to be sent.
  arrived = [];      // Encrypted frames, which are decrypted in this order.

  constructor(url, listener) {
    this.listener = listener;
    this.below = new WebSocket(url);
    this.below.onopen = () => {
      this.opened = true;
      listener.opened(this);
    };
    this.below.onmessage = ({data: frame}) => {
      if (!this.onmessage) return;
      if (this.sealed && messageIn(frame)?.event === 'encrypted') this.arrived.push(frame);
      else listener.received(this, frame, frame);
      this.onmessage({data: frame});
    };
    this.below.onclose = (end) => {
      this.end = end;
      this.onclose?.(end);
    };
    listener.made(this);
  }

  // The client does so when it hears that the socket is open.
  authenticate() {
    this.onopen?.({});
  }

  send(frame) {
    const text = this.says.get(frame) ?? frame;
    this.says.delete(frame);
    if (this.below.readyState !== WebSocket.OPEN) return;
    this.below.send(frame);
    this.listener.sent(this, frame, text);
  }

  // Past the client, but through its encryption.
  sendByHand(text) {
    (this.sealed ?? this).send(text);
  }

  close(code) {
    this.below.close(code);
  }
}

async function beginEncryption({received, unreadable}) {
  const keys = await encryption().begin();
  const {wrap, agree, seal, open} = keys;
  let socket;
  return Object.assign(keys, {
    wrap(logged, fail) {
      socket = logged;
      return socket.sealed = wrap.call(keys, logged, fail);
    },
    async agree(...theirs) {
      try {
        await agree.apply(keys, theirs);
        socket.encrypted = true;
      } catch (error) {
        socket.failed = 'The server’s keys are none that this page can use, so it disconnected.';
        throw error;
      }
    },
    async seal(text) {
      const frame = await seal.call(keys, text);
      socket.says.set(frame, text);
      return frame;
    },
    async open(data) {
      const frame = socket.arrived.shift();
      const text = await open.call(keys, data).catch((error) => {
        unreadable(socket, frame);
        throw error;
      });
      received(socket, frame, text);
      return text;
    },
  });
}
