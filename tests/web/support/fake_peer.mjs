// A server with a million clients, as far as other servers see it: it announces itself on Redis each
// second, and responds to calls of the API (protocol.md X11).
import { randomUUID } from 'node:crypto';
import Redis from 'ioredis';

const rooms = 50_000;
const users = 1_000;
const announceMs = 1_000;

const padded = (number, digits, base = 10) => number.toString(base).padStart(digits, '0');

// Where entries behind `after` begin in a sorted list of which only the entries by number are known.
function firstBehind(count, entry, after) {
  let [low, high] = [0, count];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (entry(middle) > after) high = middle;
    else low = middle + 1;
  }
  return low;
}

export class FakePeer {
  id = randomUUID();
  clients = 1_000_000;
  answers = true;      // Whether it responds to calls.
  disconnected = [];   // { id, reason } of its clients.
  #startedAt;
  #redis;

  // Until test `t` is over; `upForMs`: for how long it says to run already.
  static async start(t, redis, upForMs = 0) {
    const peer = new this();
    peer.#startedAt = Date.now() - upForMs;
    const connections = Array.from({ length: 2 }, () => new Redis(redis.port, '127.0.0.1'));
    for (const connection of connections) connection.on('error', () => {});  // Redis may end before the test does.
    t.after(() => connections.forEach((connection) => connection.disconnect()));
    const [subscriber, publisher] = connections;
    peer.#redis = publisher;
    subscriber.on('message', (_, text) => peer.#take(JSON.parse(text)));
    await subscriber.subscribe('ws:server:all', `ws:server:${peer.id}`);
    await peer.announce({ greeting: true });
    const timer = setInterval(() => peer.announce(), announceMs);
    t.after(() => clearInterval(timer));
    return peer;
  }

  // With an `id` of another: as if that were there, too.
  announce({ id = this.id, ...more } = {}) {
    return this.#say(id, 'all', 'announce', { identifier: 'fake-peer', version: '0.0.1', startedAt: this.#startedAt, draining: false,
      connections: this.clients, clients: this.clients, authenticated: this.clients, rooms, stopped: false, greeting: false, ...more });
  }

  clientId(number) {
    return `${padded(number, 8, 16)}-0000-4000-8000-000000000000`;
  }

  #say(serverId, target, event, data) {
    const message = JSON.stringify({ serverId, type: 'server', target, event, data });
    return this.#redis.publish(`ws:server:${target}`, message).catch(() => {});
  }

  #take({ serverId, event, data }) {
    if (event !== 'request' || !this.answers) return;
    this.#say(this.id, serverId, 'response', { id: data.id, response: this.#respond(data.request) });
  }

  #respond({ method, path, query = '', body }) {
    const [list, name, action] = path.split('/').slice(3).map(decodeURIComponent);
    const page = new URLSearchParams(query);
    const { limit, after } = { limit: Number(page.get('limit') ?? 100), after: page.get('after') ?? '' };
    if (method === 'POST') return action === 'disconnect' ? this.#disconnect(list, name, body) : { status: 404, body: {} };
    if (list === 'clients' && name === undefined) return this.#part('clients', this.clients, (n) => this.#client(n), 'id', limit, after);
    if (list === 'rooms' && name === undefined) return this.#part('rooms', rooms, (n) => this.#room(n), 'name', limit, after);
    if (list === 'clients') return this.#found(this.#numberOf(name), (number) => this.#client(number));
    if (list === 'users') return { status: 200, body: { userId: name, clients: this.#clientsOf(name).map((n) => this.#client(n)) } };
    if (list !== 'rooms') return { status: 404, body: {} };
    return this.#found(/^room-\d{5}$/.test(name) ? Number(name.slice(5)) : undefined, (room) => ({ ...this.#room(room),
      ...this.#part('clients', this.clients / rooms, (n) => this.#member(room + n * rooms), 'id', limit, after).body }));
  }

  #found(number, describe) {
    return number === undefined ? { status: 404, body: {} } : { status: 200, body: describe(number) };
  }

  #part(list, count, describe, key, limit, after) {
    const first = firstBehind(count, (number) => describe(number)[key], after);
    const entries = [];
    for (let number = first; number < count && entries.length < limit; ++number) {
      const entry = describe(number);
      if (!this.#isGone(entry.id)) entries.push(entry);
    }
    return { status: 200, body: { [list]: entries, ...(entries.length === limit && { next: entries.at(-1)[key] }) } };
  }

  #disconnect(list, name, body) {
    const ids = list === 'users' ? this.#clientsOf(name).map((number) => this.clientId(number)) : [name];
    if (list === 'clients' && this.#numberOf(name) === undefined) return { status: 404, body: {} };
    for (const id of ids) this.disconnected.push({ id, reason: body?.reason });
    return { status: 200, body: { disconnected: ids.length } };
  }

  #isGone(wanted) {
    return this.disconnected.some(({ id }) => id === wanted);
  }

  // Of a client's id that is this server's.
  #numberOf(id) {
    const number = Number.parseInt(id.slice(0, 8), 16);
    return number < this.clients && id === this.clientId(number) && !this.#isGone(id) ? number : undefined;
  }

  #clientsOf(user) {
    const first = /^user-\d{3}$/.test(user) ? Number(user.slice(5)) : users;
    const numbers = first === users ? [] : Array.from({ length: this.clients / users }, (_, n) => first + n * users);
    return numbers.filter((number) => !this.#isGone(this.clientId(number)));
  }

  #room(number) {
    return { name: `room-${padded(number, 5)}`, members: this.clients / rooms };
  }

  #member(number) {
    return { id: this.clientId(number), userId: `user-${padded(number % users, 3)}` };
  }

  #client(number) {
    const now = new Date(this.#startedAt).toISOString();
    return { ...this.#member(number), serverId: this.id, state: 'authenticated', rooms: [this.#room(number % rooms).name],
      remoteAddress: '192.0.2.1', connectedAt: now, lastActivity: now, encrypted: false, backpressured: false, droppedMessages: 0 };
  }
}
