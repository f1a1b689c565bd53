// One npm `ws` connection whose messages are read one by one, in the order they came.
import assert from 'node:assert/strict';
import WebSocket from 'ws';

const waitMs = 20_000;

export const connectedMessage = new RegExp(
  '^{"event":"connected","data":{"id":"' +
  '([0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12})",' +
  '"userId":"([^"]*)","time":"(\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z)"}}$');

export class Client {
  #socket;
  #arrived = [];
  #waiting = [];
  #closed;

  constructor(socket) {
    this.#socket = socket;
    socket.on('message', (bytes, binary) => this.#take({ bytes, binary }));
    socket.on('error', () => {});  // told again by 'close'
    this.#closed = new Promise((resolve) => {
      socket.on('close', (code, reason) => {
        resolve({ code, reason: reason.toString() });
        for (const wait of this.#waiting.splice(0)) wait.reject(new Error(`closed with ${code}`));
      });
    });
  }

  // Opens a connection that ends with test `t`.
  static async open(t, url, protocols = [], options = {}) {
    const socket = new WebSocket(url, protocols, { perMessageDeflate: false, ...options });
    t.after(() => socket.terminate());
    const client = new this(socket);
    await within(new Promise((resolve, reject) => {
      socket.once('open', resolve).once('error', reject);
    }), `no connection to ${url}`);
    return client;
  }

  // Opens and authenticates; `id` is then the client id that the server gave.
  static async join(t, url, token, rooms = []) {
    const client = await Client.open(t, url);
    client.send('authenticate', { token });
    const text = await client.text();
    assert.match(text, connectedMessage);
    client.id = connectedMessage.exec(text)[1];
    if (rooms.length > 0) await client.enter(...rooms);
    return client;
  }

  get socket() {
    return this.#socket;
  }

  send(event, data, id) {
    this.#socket.send(JSON.stringify({ event, data, id }));
  }

  // Publishes and answers the data of the ack, which must be the next message.
  async acknowledged(room, event, data, more = {}) {
    this.send('publish', { room, event, data, ...more }, 'ack please');
    const { event: answer, data: result, id } = JSON.parse(await this.text());
    assert.deepEqual({ answer, id }, { answer: 'ack', id: 'ack please' });
    return result;
  }

  sendRaw(message, options) {
    this.#socket.send(message, options);
  }

  publish(room, event, data) {
    this.send('publish', { room, event, data });
  }

  // `join` has no reply, but a client's messages are handled in order: once a later one is answered
  // the client is in the rooms.
  async enter(...rooms) {
    this.send('join', { rooms });
    await this.settled();
  }

  // Resolves when the server has handled all that this client sent; fails if anything else than the
  // answer to a second `authenticate` (M5) comes first.
  async settled() {
    this.send('authenticate', { token: 'again' });
    assert.equal(await this.text(), errorMessage('Already authenticated'));
  }

  // The next message, whole: { bytes, binary }.
  message() {
    const arrived = this.#arrived.shift();
    if (arrived) return Promise.resolve(arrived);
    if (this.#socket.readyState === WebSocket.CLOSED) {
      return Promise.reject(new Error('the connection is closed'));
    }
    const next = new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
    return within(next, 'no message came');
  }

  async text() {
    const { bytes, binary } = await this.message();
    assert.equal(binary, false, 'a binary message where text was due');
    return bytes.toString();
  }

  // How the connection ended: { code, reason }. Messages that came before can still be read.
  closed() {
    return within(this.#closed, 'the connection was not closed');
  }

  // The payload of the next pong.
  async pong() {
    const came = new Promise((resolve) => this.#socket.once('pong', resolve));
    return (await within(came, 'no pong came')).toString();
  }

  #take(message) {
    const wait = this.#waiting.shift();
    if (wait) wait.resolve(message);
    else this.#arrived.push(message);
  }
}

// The HTTP answer that refuses an upgrade.
export function refusal(t, url, options = {}) {
  const socket = new WebSocket(url, [], options);
  t.after(() => socket.terminate());
  socket.on('error', () => {});
  return within(new Promise((resolve, reject) => {
    socket.once('unexpected-response', (_, response) => resolve(response));
    socket.once('open', () => reject(new Error(`${url} was upgraded`)));
  }), 'no answer');
}

export function errorMessage(words) {
  return JSON.stringify({ event: 'error', data: { message: words } });
}

// `promise`, or a failure with these words when it takes too long.
export async function within(promise, words) {
  let late;
  const timeout = new Promise((_, reject) => {
    late = setTimeout(() => reject(new Error(`${words} within ${waitMs} ms`)), waitMs);
  });
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    clearTimeout(late);
  }
}
