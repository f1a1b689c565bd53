// Many ways in which publishes, cuts, trims and lost histories may follow each other, by seeds, at a server without a
// network: the client hears all that others publish, in order and once, or is told of a gap where it is.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settle, start, tick } from './support/fake_server.mjs';
import { randomOf } from './support/random.mjs';

const names = ['a', 'b'];
const seeds = 200;
const steps = 150;

// The rooms of a server, whatever becomes of its connections.
class Histories {
  published = 0;  // By anybody, in any room.
  rooms = new Map(names.map((name) => [name, { name, epoch: 1, last: 0, kept: [], all: [], start: undefined, keys: new Map() }]));

  // `from`: the id of the client that does not get it itself.
  append(room, data, from) {
    const entry = { offset: ++room.last, epoch: `e${room.epoch}`, data, from };
    room.kept.push(entry);
    room.all.push(entry);
    return entry;
  }

  position({ last, epoch }) {
    return { offset: last, epoch: `e${epoch}` };
  }
}

// What such a server makes of what it receives on one connection, one message at a time.
class Served {
  members = new Set();

  constructor(socket, histories, fails) {
    Object.assign(this, { socket, histories, fails, id: `client-${++Served.count}` });
  }

  static count = 0;

  async handle() {
    const message = this.socket.sent.shift();
    if (!message) return false;
    const { event, data, id, ext } = message;
    if (event === 'authenticate') {
      await this.socket.receive('connected', { id: this.id, time: new Date(Date.now()).toISOString(), positions: {} }, id);
      if (ext.join) await this.join(ext.join);
    } else if (event === 'join') await this.join(message);
    else await this.publish(data, id);
    return true;
  }

  async join({ data: { rooms, recover }, id }) {
    const [positions, replayed] = [{}, []];
    for (const name of rooms) {
      const room = this.histories.rooms.get(name);
      const seen = recover?.rooms[name];
      if (!room.joined) room.start = room.all.length;
      const reason = this.reasonOf(room, seen);
      const position = this.histories.position(room);
      positions[name] = reason === 'null' ? null : !seen ? position : reason ? { ...position, recovered: false, reason }
        : { ...seen, recovered: true };
      if (seen && !reason) {
        replayed.push(...room.kept.filter(({ offset, from }) => offset > seen.offset && !recover.ids.includes(from)).map((entry) => [name, entry]));
      }
      this.members.add(name);
    }
    const all = Object.fromEntries(rooms.map((name) => [name, 'joined']));
    const sent = [this.socket.receive('ack', { ok: true, rooms: all, positions }, id)];
    for (const [name, entry] of replayed) sent.push(this.send(name, entry));
    await Promise.all(sent);
  }

  reasonOf(room, seen) {
    const failure = this.fails();
    if (failure || !seen) return failure;
    if (seen.epoch !== `e${room.epoch}`) return 'epoch';
    if (room.last > seen.offset && room.kept[0]?.offset !== undefined && room.kept[0].offset > seen.offset + 1) return 'window';
    return room.last > seen.offset && room.kept.length === 0 ? 'window' : undefined;
  }

  async publish({ room: name, data, key }, id) {
    const room = this.histories.rooms.get(name);
    if (!this.members.has(name)) return this.socket.receive('ack', { ok: false, error: 'not a member' }, id);
    const repeated = room.keys.has(key);
    if (!repeated) {
      const { offset, epoch } = this.histories.append(room, data, this.id);
      if (key) room.keys.set(key, { offset, epoch });
      return this.socket.receive('ack', { ok: true, backplane: 'ok', position: { offset, epoch } }, id);
    }
    return this.socket.receive('ack', { ok: true, backplane: 'ok', position: room.keys.get(key), repeated }, id);
  }

  send(name, { offset, data }) {
    return this.socket.receive('chat', data, undefined, { room: name, offset });
  }

  gap(name, position) {
    return this.socket.receive('gap', { room: name, from: null, to: null, reason: 'epoch', position }, undefined, { server: true });
  }
}

// Each message of others is heard, in order and once, or a gap is told between those around it that says so.
function assertComplete({ name, all, start }, told) {
  const missed = (from, to) => all.slice(from, to).filter(({ mine }) => !mine);
  let next = start;
  let gaps = [];
  for (const what of [...told, undefined]) {
    if (what?.reason) {
      gaps.push(what);
      continue;
    }
    const index = what ? all.findIndex(({ data }) => data === what.data) : all.length;
    assert.ok(index >= next, `${name}: ${what?.data} twice, or out of order, or before it joined`);
    assert.ok(!all[index]?.mine, `${name}: its own message`);
    for (const { offset, data } of missed(next, index)) {
      const covers = ({ from, to }) => (from === null || from <= offset) && (to === null || offset <= to);
      // A history that began anew has other numbers.
      assert.ok(gaps.some((gap) => gap.to === null || covers(gap)), `${name}: ${data} was missed in silence`);
    }
    gaps = [];
    next = index + 1;
  }
}

async function run(t, seed, { losses }) {
  const random = randomOf(seed);
  const { client, server, end } = await start(t, { outbox: 5, replyTimeoutMs: 0, heartbeatMs: 1e9 });
  Math.random = () => (random(1000) + 0.5) / 1000;
  const histories = new Histories();
  const [told, results] = [Object.fromEntries(names.map((name) => [name, []])), []];
  for (const name of names) {
    client.room(name).on('chat', (data, { room, offset }) => {
      assert.equal(room, name);
      told[name].push({ data, offset });
    });
    client.room(name).join().then(() => { histories.rooms.get(name).joined = true; });
  }
  client.on('gap', (gap) => told[gap.room].push(gap));
  const fails = () => (losses && random(6) === 0 ? ['unavailable', 'null'][random(2)] : undefined);
  let [count, served] = [0, undefined];
  const live = () => {
    if (served?.socket !== server.last) served = new Served(server.last, histories, fails);
    return served.socket.onmessage ? served : undefined;
  };
  const opened = () => live()?.socket.open === undefined && live();
  const open = async () => {
    await served.socket.open();
    served.socket.open = undefined;
  };
  const settleAll = async () => {
    while (!live()) await tick(1000);
    if (served.socket.open) await open();
    while (await served.handle());
  };
  const anyRoom = () => histories.rooms.get(names[random(2)]);
  const publishOther = async () => {
    const room = anyRoom();
    const entry = histories.append(room, ++count);
    if (live()?.members.has(room.name)) await served.send(room.name, entry);
  };
  const publishMine = () => {
    const n = ++count;
    const result = { n };
    results.push(result);
    client.room(names[random(2)]).publish('chat', n).then(() => { result.is = 'ok'; }, ({ code }) => { result.is = code; });
  };
  const lose = async () => {
    const room = anyRoom();
    if (random(2)) {
      room.kept.splice(0, 1 + random(room.kept.length));
    } else if (random(3) === 0) {
      Object.assign(room, { epoch: room.epoch + 1, last: 0, kept: [], keys: new Map() });
      if (live()?.members.has(room.name)) await served.gap(room.name, histories.position(room));
    }
  };
  const actions = [
    publishOther, publishOther, publishMine,
    async () => { if (opened()) await served.handle(); },
    async () => { if (opened()) await served.handle(); },
    async () => { if (live()?.socket.open) await open(); },
    () => tick(random(2000)),
    async () => { if (random(3) === 0 && live()) await served.socket.end([1006, 1001, 4000][random(3)]); },
    async () => { if (losses && random(4) === 0) await lose(); },
  ];
  for (let step = 0; step < steps; step++) {
    await actions[random(actions.length)]();
    if (random(2)) await settle();
  }
  for (let i = 0; i < 2; i++) {
    await settleAll();
    await settle();
  }

  const mine = new Set(results.map(({ n }) => n));
  for (const room of histories.rooms.values()) {
    for (const entry of room.all) entry.mine = mine.has(entry.data);
    assertComplete(room, told[room.name]);
    const own = room.all.filter((entry) => entry.mine).map(({ data }) => data);
    assert.deepEqual(own, [...new Set(own)].sort((a, b) => a - b), 'its own are published at most once, in order');
  }
  const published = new Set([...histories.rooms.values()].flatMap(({ all }) => all.map(({ data }) => data)));
  for (const { n, is } of results) {
    const may = { ok: true, refused: false, lost: undefined, outbox: false }[is];
    assert.ok(['ok', 'refused', 'lost', 'outbox'].includes(is), `${n} is ${is}`);
    if (may !== undefined) assert.equal(published.has(n), may, `${n} is ${is}`);
  }
  await end();
  const events = names.flatMap((name) => told[name]).map(({ reason = 'message' }) => reason);
  return [...results.map(({ is }) => is), ...server.sockets.map(() => 'connection'), ...events];
}

for (const losses of [false, true]) {
  test(losses ? 'H5 H6 H10 whatever is lost is told' : 'H5 H10 nothing is lost while the history has it', async (t) => {
    const counts = {};
    for (let seed = 0; seed < seeds; seed++) {
      try {
        for (const what of await run(t, seed, { losses })) counts[what] = (counts[what] ?? 0) + 1;
      } catch (error) {
        error.message = `seed ${seed}: ${error.message}`;
        throw error;
      }
    }
    t.diagnostic(JSON.stringify(counts));
    for (const what of ['ok', 'message', ...(losses ? ['epoch', 'window', 'unavailable'] : [])]) {
      assert.ok(counts[what] > 20, `${what}: ${counts[what]}`);
    }
    assert.ok(counts.connection > 2 * seeds);
    if (!losses) assert.deepEqual(['epoch', 'window', 'unavailable'].filter((reason) => reason in counts), []);
  });
}
