// A room with a history over real sockets, whose messages come many in one piece, at a server of a few lines.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { open, within } from './support/clients.mjs';

const { WebSocketServer } = createRequire(new URL('../web/', import.meta.url))('ws');

// One room, all of whose messages are kept. What `publish()` adds goes to who is in it.
class HistoryServer {
  #kept = [];
  #members = new Set();
  #keys = new Map();
  #connections = 0;

  static async start(t) {
    const server = new HistoryServer();
    server.sockets = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    server.sockets.on('connection', (socket) => server.#serve(socket, `client-${++server.#connections}`));
    t.after(() => {
      server.cut();
      server.sockets.close();
    });
    await once(server.sockets, 'listening');
    server.url = `ws://127.0.0.1:${server.sockets.address().port}/ws`;
    return server;
  }

  publish(data, by) {
    this.#kept.push({ data, by });
    for (const member of this.#members) this.#deliver(member, this.#kept.length);
    return this.#kept.length;
  }

  get published() {
    return this.#kept.map(({ data }) => data);
  }

  // Without a word, and with all that is on the way.
  cut() {
    for (const socket of this.sockets.clients) socket.terminate();
    this.#members.clear();
  }

  #deliver({ socket, ids }, offset) {
    const { data, by } = this.#kept[offset - 1];
    if (!ids.includes(by)) socket.send(JSON.stringify({ event: 'chat', data, room: 'r', offset }));
  }

  #serve(socket, client) {
    const say = (event, data, id) => socket.send(JSON.stringify({ event, data, id }));
    const join = ({ data: { recover }, id }) => {
      const seen = recover?.rooms.r;
      const member = { socket, ids: [client, ...recover?.ids ?? []] };
      const position = seen ? { ...seen, recovered: true } : { offset: this.#kept.length, epoch: 'e' };
      say('ack', { ok: true, rooms: { r: 'joined' }, positions: { r: position } }, id);
      for (let offset = position.offset + 1; offset <= this.#kept.length; offset++) this.#deliver(member, offset);
      this.#members.add(member);
      socket.on('close', () => this.#members.delete(member));
    };
    const publish = ({ data: { data, key }, id }) => {
      const before = this.#keys.get(key);
      const offset = before ?? this.publish(data, client);
      this.#keys.set(key, offset);
      if (!before && offset % 7 === 0) return this.cut();  // Published, and its sender is not told.
      say('ack', { ok: true, backplane: 'ok', position: { offset, epoch: 'e' }, ...(before && { repeated: true }) }, id);
    };
    socket.on('message', (text) => {
      const message = JSON.parse(text);
      socket._socket.cork();  // One piece, so that the client reads all of it at once.
      if (message.event === 'authenticate') {
        say('connected', { id: client, time: new Date().toISOString(), positions: {} }, message.id);
        if (message.ext.join) join(message.ext.join);
      } else if (message.event === 'join') join(message);
      else if (message.event === 'publish') publish(message);
      socket._socket.uncork();
    });
  }
}

test('H5 H10 cut in mid-stream, again and again: each message once and in order, none is missing', async (t) => {
  const server = await HistoryServer.start(t);
  const client = open(t, server.url, { outbox: 1000, minDelayMs: 1, maxDelayMs: 5 });
  const room = client.room('r');
  const [heard, mine] = [[], []];
  room.on('chat', (n) => heard.push(n));
  client.on('gap', (gap) => assert.fail(JSON.stringify(gap)));
  await within(room.join(), 'it did not join');
  const others = [];
  for (let cuts = 0; cuts < 60; cuts++) {
    for (let n = 0; n < 50; n++) {
      others.push(`other ${others.length}`);
      server.publish(others.at(-1));
      if (n % 10 === 0) mine.push(room.publish('chat', `mine ${mine.length}`));
      if (n % 16 === 0) await new Promise(setImmediate);
    }
    server.cut();
    if (cuts % 3 === 0) await within(room.join(), 'it did not come back');
  }
  const acks = await within(Promise.all(mine), 'not all was published');
  const all = (async () => {
    for await (const { data } of room.iterate()) if (data === 'last') break;
  })();
  server.publish('last');
  await within(all, 'the last did not arrive');
  assert.deepEqual(heard, [...others, 'last'], 'each once, in order, and nothing of its own');
  assert.deepEqual(server.published.filter((data) => data.startsWith('mine')), mine.map((_, n) => `mine ${n}`));
  assert.ok(acks.some(({ repeated }) => repeated), 'some had been published when their connection ended');
  t.diagnostic(`${acks.filter(({ repeated }) => repeated).length} repeated`);
});
