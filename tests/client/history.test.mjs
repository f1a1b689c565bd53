// Rooms with a history, at a server without a network: positions, what was missed, and what is lost.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { held, now, outcome, settle, start, startConnected, tick } from './support/fake_server.mjs';

const at = (offset, epoch = 'e') => ({ offset, epoch });

// What the client hears and is told, in its order: messages as [data, offset], gaps as they are.
function follow(client, ...rooms) {
  const heard = [];
  for (const room of rooms) client.room(room).on('chat', (data, { offset }) => heard.push([data, offset]));
  client.on('gap', (gap) => heard.push(gap));
  return heard;
}

const chat = (socket, room, offset, data = `m${offset}`) => socket.receive('chat', data, undefined, { room, offset });

// Replies to a join as a server with positions.
function reply(socket, { id, data: { rooms } }, positions, results = {}) {
  const all = { ...Object.fromEntries(rooms.map((room) => [room, 'joined'])), ...results };
  return socket.receive('ack', { ok: Object.values(all).every((is) => is === 'joined'), rooms: all, positions }, id);
}

// The join that goes along with `authenticate`, and then the client is connected.
async function admit(socket, { positions = {}, id = 'client-2', ...more } = {}) {
  await socket.open();
  const [authenticate] = socket.take();
  await socket.receive('connected', { id, time: now(), positions, ...more }, authenticate.id);
  return authenticate.ext.join;
}

// A client that has just joined `room` at `position`.
async function startJoined(t, position = at(3), options = {}) {
  const started = await start(t, options);
  const { client, server } = started;
  const joined = client.room('r').join();
  const join = await admit(server.last, { id: 'client-1' });
  await reply(server.last, join, { r: position });
  await joined;
  return { ...started, heard: follow(client, 'r') };
}

// The connection is lost, and there is another, which is open.
async function reconnect(server) {
  const { length } = server.sockets;
  await server.last.end();
  while (server.sockets.length === length) await tick(1000);
}

test('H4 it asks for positions, unless it shall not', async (t) => {
  const { server, end } = await start(t);
  await server.last.open();
  assert.deepEqual(server.last.take()[0].ext, { positions: 1 });
  await end();
  const { server: other } = await start(t, { positions: false });
  await other.last.open();
  assert.ok(!('ext' in other.last.take()[0]));
});

test('H4 a message with a position is for the listeners of its room only, who see where it stands', async (t) => {
  const { client, server } = await start(t);
  const joins = ['a', 'b'].map((room) => client.room(room).join());
  await reply(server.last, await admit(server.last), { a: at(7, 'e1'), b: at(0, 'e2') });
  await Promise.all(joins);
  const heard = [];
  for (const room of ['a', 'b', 'out']) client.room(room).on('chat', (data, meta) => heard.push([room, data, meta]));
  client.messages.on('chat', (data, meta) => heard.push(['all', data, meta]));
  await chat(server.last, 'a', 8, 'x');
  const meta = { event: 'chat', room: 'a', offset: 8, epoch: 'e1' };
  assert.deepEqual(heard.splice(0), [['all', 'x', meta], ['a', 'x', meta]]);
  await server.last.receive('chat', 'y');
  assert.deepEqual(heard.map(([who, , meta]) => [who, meta]), ['all', 'a', 'b'].map((who) => [who, { event: 'chat' }]),
    'without a position as ever');
  const iterator = client.room('b').iterate('chat');
  await chat(server.last, 'b', 1, 'z');
  assert.deepEqual((await iterator.next()).value, { event: 'chat', data: 'z', room: 'b', offset: 1, epoch: 'e2' });
});

test('H4 a message comes never twice, and never behind a later one', async (t) => {
  const { server, heard } = await startJoined(t);
  for (const offset of [3, 4, 4, 6, 5, 1, 7]) await chat(server.last, 'r', offset);
  assert.deepEqual(heard, [['m4', 4], ['m6', 6], ['m7', 7]]);
});

test('H5 rooms that are asked for before there is a connection take no message of their own', async (t) => {
  const { client, server } = await start(t);
  const joins = ['a', 'b'].map((room) => client.room(room).join());
  const join = await admit(server.last);
  assert.deepEqual(join.data, { rooms: ['a', 'b'] });
  assert.deepEqual(server.last.take(), []);
  await reply(server.last, join, {});
  await Promise.all(joins);
  assert.deepEqual(server.last.take(), []);
});

test('H5 after a reconnect it names what it has seen, and goes on from there', async (t) => {
  const { client, server, heard } = await startJoined(t);
  await chat(server.last, 'r', 4);
  await reconnect(server);
  const join = await admit(server.last);
  assert.deepEqual(join.data, { rooms: ['r'], recover: { ids: ['client-1'], rooms: { r: at(4) } } });
  assert.equal(client.room('r').state, 'joining');
  await reply(server.last, join, { r: { ...at(4), recovered: true } });
  assert.equal(client.room('r').state, 'joined');
  assert.deepEqual(server.last.take(), [], 'that was all');
  for (const offset of [4, 5, 7]) await chat(server.last, 'r', offset);
  assert.deepEqual(heard, [['m4', 4], ['m5', 5], ['m7', 7]]);
  await reconnect(server);
  const { data: { recover } } = await admit(server.last, { id: 'client-3' });
  assert.deepEqual(recover, { ids: ['client-2', 'client-1'], rooms: { r: at(7) } });
});

test('H5 what is recovered follows the reply at once', async (t) => {
  const { server, heard } = await startJoined(t);
  await reconnect(server);
  const join = await admit(server.last);
  const { last } = server;
  // As when they come in one piece: nothing happens in between.
  last.receive('ack', { ok: true, rooms: { r: 'joined' }, positions: { r: { ...at(3), recovered: true } } }, join.id);
  for (const offset of [4, 5]) chat(last, 'r', offset);
  assert.deepEqual(heard, [['m4', 4], ['m5', 5]]);
});

for (const [reason, position, to] of [
  ['window', at(9), 9], ['limit', at(9), 9], ['epoch', at(2, 'f'), null], ['unavailable', at(9), 9],
]) {
  test(`H5 not recovered because of ${reason}: the gap is told, and it goes on behind`, async (t) => {
    const { server, heard } = await startJoined(t);
    await reconnect(server);
    await reply(server.last, await admit(server.last), { r: { ...position, recovered: false, reason } });
    const { offset, epoch } = position;
    for (const n of [offset, offset + 1]) await chat(server.last, 'r', n);
    assert.deepEqual(heard, [{ room: 'r', from: 4, to, reason }, [`m${offset + 1}`, offset + 1]]);
    await reconnect(server);
    const { data: { recover } } = await admit(server.last);
    assert.deepEqual(recover.rooms, { r: at(offset + 1, epoch) });
  });
}

test('H4 a position that could not be found out is a gap, if there was one before', async (t) => {
  const { client, server, heard } = await startJoined(t);
  const other = client.room('s').join();
  await settle();
  await reply(server.last, server.last.take()[0], { s: null });
  await other;
  assert.deepEqual(heard, [], 'that was the first time');
  await reconnect(server);
  await reply(server.last, await admit(server.last), { r: null, s: at(8) });
  assert.deepEqual(heard.splice(0), [
    { room: 'r', from: 4, to: null, reason: 'unavailable' },
    { room: 's', from: null, to: null, reason: 'unavailable' },
  ], 'of the second nobody knows what it had seen');
  for (const offset of [20, 20, 21]) await chat(server.last, 'r', offset);
  assert.deepEqual(heard.splice(0), [['m20', 20], ['m21', 21]]);
  await reconnect(server);
  const join = await admit(server.last);
  assert.deepEqual(join.data.recover.rooms, { s: at(8) }, 'what has no epoch cannot be recovered');
  await reply(server.last, join, { r: at(30), s: { ...at(8), recovered: true } });
  assert.deepEqual(heard.splice(0), [{ room: 'r', from: 22, to: null, reason: 'unavailable' }]);
});

test('H5 H6 the same where the server says what it could not find out', async (t) => {
  const { client, server, heard } = await startJoined(t);
  await reconnect(server);
  const nowhere = { offset: null, epoch: null };
  await reply(server.last, await admit(server.last), { r: { ...nowhere, recovered: false, reason: 'unavailable' } });
  assert.deepEqual(heard.splice(0), [{ room: 'r', from: 4, to: null, reason: 'unavailable' }]);
  await chat(server.last, 'r', 20);
  const gap = { room: 'r', from: null, to: null, reason: 'unavailable' };
  await server.last.receive('gap', { ...gap, position: null }, undefined, { server: true });
  for (const offset of [30, 30]) await chat(server.last, 'r', offset);
  assert.deepEqual(heard.splice(0), [['m20', 20], gap, ['m30', 30]]);
  for (const expected of [{ ...gap, from: 31 }, gap]) {
    await reconnect(server);
    const join = await admit(server.last);
    assert.equal(join.data.recover, undefined);
    await reply(server.last, join, { r: { ...nowhere, recovered: false, reason: 'unavailable' } });
    assert.deepEqual(heard.splice(0), [expected]);
  }
  assert.equal(client.room('r').state, 'joined');
});

test('H5 a room that has no history any more is a gap, once', async (t) => {
  const { server, heard } = await startJoined(t);
  for (const expected of [[{ room: 'r', from: 4, to: null, reason: 'unavailable' }], []]) {
    await reconnect(server);
    await reply(server.last, await admit(server.last), {});
    assert.deepEqual(heard.splice(0), expected);
  }
});

test('H5 a room that is out of reach is tried again with what was seen', async (t) => {
  const { client, server, heard } = await startJoined(t);
  await reconnect(server);
  await reply(server.last, await admit(server.last), {}, { r: 'unavailable' });
  assert.equal(client.room('r').state, 'joining');
  await tick(3000);
  const [join] = server.last.take();
  assert.deepEqual([join.event, join.data.recover], ['join', { ids: ['client-2', 'client-1'], rooms: { r: at(3) } }]);
  await reply(server.last, join, { r: { ...at(3), recovered: true } });
  await chat(server.last, 'r', 4);
  assert.deepEqual(heard, [['m4', 4]]);
});

test('H5 who leaves a room and joins it again begins anew', async (t) => {
  const { client, server, heard } = await startJoined(t);
  client.room('r').leave().catch(() => {});
  await server.last.receive('ack', { ok: true, rooms: { r: 'left' } }, server.last.take()[0].id);
  await chat(server.last, 'r', 4);
  const late = { room: 'r', from: 5, to: 6, reason: 'window', position: at(6) };
  await server.last.receive('gap', late, undefined, { server: true });
  heard.length = 0;
  await reconnect(server);
  assert.equal(await admit(server.last), undefined);
  const joined = client.room('r').join();
  await settle();
  const [join] = server.last.take();
  assert.deepEqual(join.data, { rooms: ['r'] });
  await reply(server.last, join, { r: at(30) });
  await joined;
  await chat(server.last, 'r', 31);
  assert.deepEqual(heard, [['m31', 31]]);
});

test('H5 a room that is left while the client connects is left on the server, too', async (t) => {
  const { client, server } = await start(t);
  const [a, b] = ['a', 'b'].map((room) => held(client.room(room).join()));
  await server.last.open();
  const [{ ext: { join } }] = server.last.take();
  await client.room('a').leave();
  client.room('b').leave().catch(() => {});
  const again = client.room('b').join();
  await server.last.receive('connected', { id: 'c', time: now(), positions: {} }, 'authenticate');
  assert.deepEqual(server.last.take(), [{ event: 'leave', data: { rooms: ['a', 'b'] } }]);
  await reply(server.last, join, { a: at(1), b: at(1) });
  assert.equal(await outcome(a), 'left: the room was left');
  assert.equal(await outcome(b), 'left: the room was left');
  assert.deepEqual([client.room('a').state, client.room('b').state], ['out', 'joining']);
  await reply(server.last, server.last.take()[0], { b: at(5) });
  await again;
});

test('H5 more rooms than fit into `authenticate` follow behind it, with what was seen on the connection before', async (t) => {
  const { client, server } = await start(t);
  const names = Array.from({ length: 600 }, (_, i) => `a-room-with-quite-a-long-name-${i}`);
  const positions = Object.fromEntries(names.map((name, i) => [name, at(i + 1, 'an-epoch-of-thirty-two-characters')]));
  const recovered = Object.fromEntries(names.map((name) => [name, { ...positions[name], recovered: true }]));
  const joins = names.map((name) => client.room(name).join());
  const joinAll = async (join, entries) => {
    const sent = [];
    for (; join; [join] = server.last.take()) {
      sent.push(join);
      await reply(server.last, join, Object.fromEntries(join.data.rooms.map((room) => [room, entries[room]])));
    }
    return sent;
  };
  await joinAll(await admit(server.last, { id: 'client-1' }), positions);
  await Promise.all(joins);
  await reconnect(server);
  const sent = await joinAll(await admit(server.last), recovered);
  assert.deepEqual(sent.flatMap(({ data }) => data.rooms), names);
  assert.deepEqual(Object.assign({}, ...sent.map(({ data }) => data.recover.rooms)), positions);
  assert.ok(sent.length > 2);
  for (const { data } of sent) assert.equal(data.recover.ids.at(-1), 'client-1');
  assert.ok(JSON.stringify(sent[0]).length * 3 < 60_000, 'each character may have three bytes');
  assert.ok(sent.every((join) => JSON.stringify(join).length < 98_240));
});

test('H4 the rooms that the server puts it into: what is missed there is a gap', async (t) => {
  const { client, server } = await start(t);
  const gaps = [];
  client.on('gap', (gap) => gaps.push(gap));
  await admit(server.last, { positions: { all: at(5), news: at(1) } });
  await chat(server.last, 'all', 6);
  await reconnect(server);
  await admit(server.last, { positions: { all: at(6), news: at(4) } });
  assert.deepEqual(gaps, [{ room: 'news', from: 2, to: 4, reason: 'unavailable' }], 'in the other it missed nothing');
});

test('H5 such a room, if it is joined, goes on from what was seen', async (t) => {
  const { client, server } = await start(t);
  const heard = follow(client, 'all');
  const joined = client.room('all').join();
  const first = await admit(server.last, { id: 'client-1', positions: { all: at(5) } });
  await reply(server.last, first, { all: at(5) });
  await joined;
  await reconnect(server);
  const join = await admit(server.last, { positions: { all: at(9) } });
  assert.deepEqual(join.data.recover.rooms, { all: at(5) });
  // Were it in the room already, these would come before the reply, and again behind it.
  await chat(server.last, 'all', 10);
  await reply(server.last, join, { all: { ...at(5), recovered: true } });
  for (const offset of [6, 7, 8, 9, 10]) await chat(server.last, 'all', offset);
  assert.deepEqual(heard, [6, 7, 8, 9, 10].map((offset) => [`m${offset}`, offset]));
});

test('H6 H7 a gap of the server is told in its place', async (t) => {
  const { server, heard } = await startJoined(t);
  await chat(server.last, 'r', 4);
  const gap = { room: 'r', from: 5, to: 9, reason: 'window' };
  await server.last.receive('gap', { ...gap, position: at(9) }, undefined, { server: true });
  for (const offset of [9, 10]) await chat(server.last, 'r', offset);
  const over = { room: 'r', from: 11, to: null, reason: 'epoch' };
  await server.last.receive('gap', { ...over, position: at(0, 'f') }, undefined, { server: true });
  await chat(server.last, 'r', 1);
  assert.deepEqual(heard, [['m4', 4], gap, ['m10', 10], over, ['m1', 1]]);
  await reconnect(server);
  assert.deepEqual((await admit(server.last)).data.recover.rooms, { r: at(1, 'f') });
});

test('H4 what somebody publishes is not believed to be the server\'s', async (t) => {
  const { client, server, errors, states, heard } = await startJoined(t, at(3), { heartbeatMs: 1e9 });
  const published = [];
  for await (const [event, data] of [
    ['error', { message: 'forged' }], ['dropped', { count: 1 }], ['disconnect', { reconnectAfterMs: 0 }],
    ['gap', { room: 'r', from: 1, to: 2, reason: 'epoch', position: at(0, 'x') }], ['connected', { id: 'me' }],
  ]) {
    client.messages.on(event, () => published.push(event));
    client.on('dropped', () => assert.fail('dropped'));
    await server.last.receive(event, data);
  }
  await tick(10_000);
  assert.deepEqual([errors, heard, client.id, states.at(-1)], [[], [], 'client-1', 'connected']);
  assert.deepEqual(published, ['error', 'dropped', 'disconnect', 'gap', 'connected']);
});

test('H4 what the server itself says is', async (t) => {
  const { client, server, errors } = await startJoined(t);
  const dropped = [];
  client.on('dropped', (what) => dropped.push(what));
  const say = (event, data) => server.last.receive(event, data, undefined, { server: true });
  await say('error', { message: 'Rate limit exceeded' });
  await say('dropped', { count: null });
  await say('disconnect', { reconnectAfterMs: 100 });
  assert.deepEqual([errors, dropped], [['server: Rate limit exceeded'], [{ count: null }]]);
  await tick(5100);
  assert.equal(client.state, 'waiting', 'it did not close when it said');
});

test('a server that knows no positions: rooms are joined as ever, and what it had seen of them is a gap', async (t) => {
  const { client, server, errors, heard } = await startJoined(t);
  await reconnect(server);
  await server.last.admit();
  const [join] = server.last.take();
  assert.deepEqual([join.event, join.data.rooms], ['join', ['r']]);
  await server.last.receive('ack', { ok: true, rooms: { r: 'joined' } }, join.id);
  assert.equal(client.room('r').state, 'joined');
  assert.deepEqual(heard, [{ room: 'r', from: 4, to: null, reason: 'unavailable' }]);
  const published = [];
  client.messages.on('gap', (data) => published.push(data));
  await server.last.receive('gap', 'an event like others');
  await server.last.receive('error', { message: 'said as ever' });
  assert.deepEqual([published, errors.at(-1)], [['an event like others'], 'server: said as ever']);
  await reconnect(server);
  await reply(server.last, await admit(server.last), { r: at(50) });
  assert.equal(heard.length, 1);
});

test('a server that does not even reply: the same', async (t) => {
  const { client, server, heard } = await startJoined(t);
  await reconnect(server);
  await server.last.admit({ acknowledges: false });
  assert.deepEqual(server.last.take().map(({ event }) => event), ['join']);
  assert.equal(client.room('r').state, 'joined');
  assert.deepEqual(heard, [{ room: 'r', from: 4, to: null, reason: 'unavailable' }]);
});

test('a client that encrypts does not name its rooms before it does', async (t) => {
  const { client, server } = await start(t, { encryption: { begin: async () => ({
    publicKey: 'key', receiveOnly: false, wrap: (socket) => socket,
  }) } });
  const joined = client.room('r').join();
  assert.equal(await admit(server.last, { id: 'client-1' }), undefined);
  await reply(server.last, server.last.take()[0], { r: at(3) });
  await joined;
  await reconnect(server);
  assert.equal(await admit(server.last), undefined);
  const [join] = server.last.take();
  assert.deepEqual(join.data, { rooms: ['r'], recover: { ids: ['client-2', 'client-1'], rooms: { r: at(3) } } });
  // It is not in the room yet; what comes all the same is dropped, and comes again behind the reply.
  const heard = follow(client, 'r');
  await chat(server.last, 'r', 6);
  await reply(server.last, join, { r: { ...at(3), recovered: true } });
  for (const offset of [4, 5, 6]) await chat(server.last, 'r', offset);
  assert.deepEqual(heard, [['m4', 4], ['m5', 5], ['m6', 6]]);
});

// Publishing.

const published = (socket) => socket.take().filter(({ event }) => event === 'publish');

test('H10 a publish may have a key, and has the server\'s position', async (t) => {
  const { client, server } = await startJoined(t);
  const sent = client.room('r').publish('chat', 1, { key: 'mine' });
  await settle();
  const [{ data, id }] = published(server.last);
  assert.deepEqual(data, { room: 'r', event: 'chat', data: 1, key: 'mine' });
  const ack = { ok: true, backplane: 'ok', position: at(4), repeated: true };
  await server.last.receive('ack', ack, id);
  assert.deepEqual(await sent, ack);
});

test('H10 what it published itself counts as seen, where it does not come to it', async (t) => {
  const { client, server, heard } = await startJoined(t);
  const publish = async (offset, options) => {
    const sent = client.room('r').publish('chat', `m${offset}`, options);
    await settle();
    await server.last.receive('ack', { ok: true, backplane: 'ok', position: at(offset) }, published(server.last)[0].id);
    return sent;
  };
  const seen = async () => {
    await reconnect(server);
    const join = await admit(server.last);
    await reply(server.last, join, { r: { ...join.data.recover.rooms.r, recovered: true } });
    return join.data.recover.rooms.r.offset;
  };
  await publish(4);
  assert.equal(await seen(), 4);
  await publish(6);
  assert.equal(await seen(), 4, 'another message is between them');
  await publish(5, { echo: true });
  await chat(server.last, 'r', 5);
  assert.deepEqual(heard, [['m5', 5]]);
});

test('H10 without an outbox nothing is sent twice, and has no key by itself', async (t) => {
  const { client, server } = await startJoined(t);
  const sent = held(client.room('r').publish('chat', 1));
  await settle();
  assert.ok(!('key' in published(server.last)[0].data));
  await server.last.end();
  assert.equal(await outcome(sent), 'lost: the connection ended before the reply');
});

test('H10 with an outbox, what is lost in a room with a history is sent again, with the same key and in order', async (t) => {
  const { client, server } = await startJoined(t, at(3), { outbox: 10 });
  Math.random = (() => { let n = 0; return () => ++n / 1000; })();
  const room = client.room('r');
  const mutable = { n: 1 };
  const sent = [room.publish('chat', mutable), room.publish('chat', { n: 2 })];
  const other = held(client.room('no-history').publish('chat', 'x'));
  mutable.n = 'changed later';
  // Published as soon as anybody knows of the end, and yet behind what was lost.
  client.on('state', ({ state }) => { if (state === 'waiting' && sent.length < 3) sent.push(room.publish('chat', { n: 3 })); });
  await settle();
  const first = published(server.last).map(({ data }) => data);
  assert.ok(!('key' in first.pop()));
  await server.last.end();
  await tick(1000);
  assert.equal(await outcome(other), 'lost: the connection ended before the reply');
  const join = await admit(server.last);
  assert.deepEqual(published(server.last), []);
  await reply(server.last, join, { r: { ...at(3), recovered: true } });
  const again = published(server.last);
  assert.deepEqual(again.map(({ data }) => data.data.n), [1, 2, 3]);
  assert.deepEqual(again.slice(0, 2).map(({ data }) => data), first);
  assert.equal(new Set(again.map(({ data }) => data.key)).size, 3);
  for (const [i, { id }] of again.entries()) {
    await server.last.receive('ack', { ok: true, backplane: 'ok', position: at(4 + i), repeated: i === 0 }, id);
  }
  assert.deepEqual((await Promise.all(sent)).map(({ position, repeated }) => [position.offset, repeated]),
    [[4, true], [5, false], [6, false]]);
});

test('H10 what was lost, and then fails, is lost', async (t) => {
  const { client, server } = await startJoined(t, at(3), { outbox: 1 });
  const room = client.room('r');
  const late = held(room.publish('chat', 1));
  await server.last.end();
  const full = held(room.publish('chat', 2));
  assert.equal(await outcome(full), 'outbox: 1 messages wait already');
  await tick(60_000);
  assert.equal(await outcome(late), 'lost: the connection ended before the reply', 'it may have been published');
});

for (const [how, end] of [
  ['refused', async (server) => {
    await tick(1000);
    await reply(server.last, await admit(server.last), { r: { ...at(3), recovered: true } });
    await server.last.receive('ack', { ok: false, error: 'not allowed' }, published(server.last)[0].id);
  }],
  ['closed', async (_, client) => client.close()],
]) {
  test(`H10 what was lost, and then is ${how}, is lost`, async (t) => {
    const { client, server } = await startJoined(t, at(3), { outbox: 1 });
    const sent = held(client.room('r').publish('chat', 1));
    await server.last.end();
    await end(server, client);
    assert.equal(await outcome(sent), 'lost: the connection ended before the reply');
  });
}

test('H10 a signal ends it with its reason', async (t) => {
  const { client, server } = await startJoined(t, at(3), { outbox: 1 });
  const controller = new AbortController();
  const sent = held(client.room('r').publish('chat', 1, { signal: controller.signal }));
  await server.last.end();
  assert.equal(await outcome(sent), 'pending');
  controller.abort(new Error('enough'));
  assert.equal(await outcome(sent), 'Error: enough');
});

test('H10 nothing is sent again once the server may have forgotten its key', async (t) => {
  const { client, server } = await startJoined(t, at(3), { outbox: 10, outboxTimeoutMs: 1e9, replyTimeoutMs: 0, heartbeatMs: 1e9 });
  const sent = held(client.room('r').publish('chat', 1));
  await server.last.end();
  const waiting = client.room('r').publish('chat', 2);
  await tick(1000);
  await tick(300_000);
  while (client.state !== 'connecting' || server.last.closed) await tick(1000);
  await reply(server.last, await admit(server.last), { r: { ...at(3), recovered: true } });
  assert.equal(await outcome(sent), 'lost: the connection ended before the reply');
  const again = published(server.last);
  assert.deepEqual(again.map(({ data }) => data.data), [2]);
  await server.last.receive('ack', { ok: true, backplane: 'ok', position: at(4) }, again[0].id);
  await waiting;
});
