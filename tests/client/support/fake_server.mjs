// A server without a network: each WebSocket that the client makes, and what it sends by it.
import assert from 'node:assert/strict';
import { connect } from '../../../clients/js/dist/esm/index.js';
import { FakeTimers } from './fake_timers.mjs';

// All that is due now has happened; timers are the test's own.
export const settle = () => new Promise(setImmediate);

class FakeSocket {
  sent = [];
  closed = false;

  constructor(url) {
    this.url = url;
  }

  send(text) {
    this.sent.push(JSON.parse(text));
  }

  close(code) {
    this.closed = true;
    this.closeCode = code;
  }

  // What the server does, from here on.

  open() {
    this.onopen({});
    return settle();
  }

  receive(event, data, id, more = {}) {
    this.onmessage?.({ data: JSON.stringify({ event, data, ...more, id }) });
    return settle();
  }

  receiveText(text) {
    this.onmessage({ data: text });
    return settle();
  }

  end(code = 1006, reason = '') {
    this.onerror?.({});
    this.onclose?.({ code, reason });
    return settle();
  }

  // The messages sent since the last time, without those of the heart.
  take() {
    return this.sent.splice(0);
  }

  // Authenticates the client; `acknowledges`: as a server that replies.
  async admit({ acknowledges = true, ...more } = {}) {
    await this.open();
    const [{ event, id }] = this.take();
    if (event !== 'authenticate') throw new Error(`authenticate expected, not ${event}`);
    const data = { id: 'client-1', userId: 'alice', time: now(), ...more };
    await this.receive('connected', data, acknowledges ? id : undefined);
  }

  // Says that the rooms of the last `join` are joined.
  async joinAll() {
    const { event, data, id } = this.take().at(-1);
    if (event !== 'join') throw new Error(`join expected, not ${event}`);
    await this.receive('ack', { ok: true, rooms: Object.fromEntries(data.rooms.map((room) => [room, 'joined'])) }, id);
  }
}

export class FakeServer {
  sockets = [];

  constructor() {
    const { sockets } = this;
    this.WebSocket = class extends FakeSocket {
      constructor(url) {
        super(url);
        sockets.push(this);
      }
    };
  }

  get last() {
    return this.sockets.at(-1);
  }
}

// The server's clock.
export const now = () => new Date(Date.now()).toISOString();

let timers;

export async function tick(ms) {
  timers.tick(ms);
  await settle();
}

// A client at a server of its own, with timers of its own, and delays as long as they may be, until `end()`
// or the end of test `t`. Nothing may be left then that would happen later.
export async function start(t, options = {}) {
  const [own, { random }] = [new FakeTimers(), Math];
  timers = own;
  own.install();
  Math.random = () => 1;
  const server = new FakeServer();
  const client = connect('ws://server/ws', { token: 'alice', WebSocket: server.WebSocket, ...options });
  let ended = false;
  const end = async () => {
    if (ended) return;
    ended = true;
    client.close();
    await settle();
    own.uninstall();
    Math.random = random;
    assert.equal(own.size, 0, 'timers are left');
  };
  t.after(end);
  const states = [];
  client.on('state', ({ state, delayMs }) => states.push(delayMs === undefined ? state : `${state} ${delayMs}`));
  const errors = [];
  client.on('error', ({ code, message }) => errors.push(`${code}: ${message}`));
  await settle();
  return { client, server, states, errors, end };
}

// The same, connected.
export async function startConnected(t, { acknowledges, ...options } = {}) {
  const started = await start(t, options);
  await started.server.last.admit({ acknowledges });
  return started;
}

// The promise, whose rejection may be looked at later.
export function held(promise) {
  promise.catch(() => {});
  return promise;
}

// How a promise stands: 'pending', or the result, or the error as text.
export async function outcome(promise) {
  let said = 'pending';
  promise.then((value) => { said = value; }, (error) => { said = `${error.code ?? error.name}: ${error.message}`; });
  await settle();
  return said;
}
