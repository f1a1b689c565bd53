// Many ways in which joins, publishes, messages and ends of connections may follow each other, by seeds, at a
// server without a network; whatever happens, the client does what a model of it says.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settle, start, tick } from './support/fake_server.mjs';
import { randomOf } from './support/random.mjs';

const rooms = ['a', 'b', 'c'];
const seeds = 150;
const steps = 120;

// What a server makes of what it receives on one connection, one message at a time.
class Served {
  members = new Set();

  constructor(socket, published) {
    Object.assign(this, { socket, published });
  }

  // Handles the oldest message, if there is one; says whether there was.
  async handle() {
    const message = this.socket.sent.shift();
    if (!message) return false;
    const { event, data, id } = message;
    if (event === 'authenticate') {
      await this.socket.receive('connected', { id: 'c', time: new Date(Date.now()).toISOString() }, id);
    } else if (event === 'publish') {
      this.published.push(data.data);
      const ok = this.members.has(data.room);
      await this.socket.receive('ack', ok ? { ok, delivered: 1, backplane: 'none' } : { ok, error: 'not a member' }, id);
    } else {
      for (const room of data.rooms) this.members[event === 'join' ? 'add' : 'delete'](room);
      const result = event === 'join' ? 'joined' : 'left';
      await this.socket.receive('ack', { ok: true, rooms: Object.fromEntries(data.rooms.map((room) => [room, result])) }, id);
    }
    return true;
  }
}

async function run(t, seed, outbox) {
  const random = randomOf(seed);
  const { client, server, end } = await start(t, { outbox, replyTimeoutMs: 0, outboxTimeoutMs: 1e9, heartbeatMs: 1e9 });
  const [wanted, published, received, heard, results] = [new Set(), [], [], [], []];
  client.messages.on('chat', (n) => heard.push(n));
  let [count, served] = [0, undefined];
  const live = () => {
    if (served?.socket !== server.last) served = new Served(server.last, published);
    return served.socket.onmessage ? served : undefined;
  };
  const settleAll = async () => {
    while (!live()) await tick(1000);
    await served.socket.open?.();
    served.socket.open = undefined;
    while (await served.handle());
  };
  const actions = [
    () => { const room = rooms[random(3)]; wanted.add(room); client.room(room).join().catch(() => {}); },
    () => { const room = rooms[random(3)]; wanted.delete(room); client.room(room).leave().catch(() => {}); },
    () => {
      const n = ++count;
      const result = { n };
      results.push(result);
      client.room(rooms[random(3)]).publish('chat', n).then(() => { result.is = 'ok'; }, ({ code }) => { result.is = code; });
    },
    async () => { if (live()?.socket.open === undefined) await served?.handle(); },
    async () => { if (live()?.socket.open === undefined) await served?.handle(); },
    async () => {
      if (client.state !== 'connected' || !live()) return;
      received.push(++count);
      await served.socket.receive('chat', count);
    },
    async () => {
      if (!live()?.socket.open) return;
      await served.socket.open();
      served.socket.open = undefined;
    },
    () => tick(random(2000)),
    async () => { if (random(4) === 0 && live()) await served.socket.end([1006, 1001, 4000][random(3)]); },
  ];
  for (let step = 0; step < steps; step++) {
    await actions[random(actions.length)]();
    if (random(2)) await settle();
  }
  await settleAll();
  await settle();
  await settleAll();

  assert.equal(client.state, 'connected');
  assert.deepEqual([...served.members].sort(), [...wanted].sort(), 'the server has it in the rooms that it wants');
  assert.deepEqual(rooms.filter((room) => client.room(room).state === 'joined'), [...wanted].sort());
  assert.deepEqual(heard, received, 'each message once, in order');
  assert.deepEqual(published, [...new Set(published)].sort((a, b) => a - b), 'each publish at most once, in order');
  for (const { n, is } of results) {
    const may = { ok: true, refused: true, lost: undefined, offline: false, outbox: false }[is];
    assert.ok(is in { ok: 1, refused: 1, lost: 1, offline: 1, outbox: 1 }, `${n} is ${is}`);
    if (may !== undefined) assert.equal(published.includes(n), may, `${n} is ${is}`);
  }
  await end();
  return [...results.map(({ is }) => is), ...server.sockets.map(() => 'connection'), ...heard.map(() => 'message')];
}

for (const outbox of [0, 5]) {
  test(`whatever happens, with an outbox of ${outbox}`, async (t) => {
    const counts = {};
    for (let seed = 0; seed < seeds; seed++) {
      try {
        for (const what of await run(t, seed, outbox)) counts[what] = (counts[what] ?? 0) + 1;
      } catch (error) {
        error.message = `seed ${seed}: ${error.message}`;
        throw error;
      }
    }
    t.diagnostic(JSON.stringify(counts));
    for (const what of ['ok', 'refused', 'lost', outbox ? 'outbox' : 'offline', 'message']) {
      assert.ok(counts[what] > 20, `${what}: ${counts[what]}`);
    }
    assert.ok(counts.connection > 2 * seeds);
  });
}
