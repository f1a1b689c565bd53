// Rooms with history (protocol.md section 7) beside the reference, on one Redis: to it a message with a
// position is one like any other, and what it publishes has none.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client } from '../web/support/client.mjs';
import { runProgram } from '../web/support/server.mjs';
import { serve } from './support/api_server.mjs';
import { reference, startServer } from './support/peer.mjs';
import { startRedis, Wiretap } from './support/redis.mjs';

const rules = '[[rooms]]\nmatch = "h-*"\njoin = true\npublish = true\nhistory = { size = 100, ttl = "10m" }\n';

// A server of wscast, on which alice is told positions and bob is not, and carol is on the reference:
// all of them in the room.
async function start(t) {
  const redis = await startRedis(t);
  const theirs = await startServer(t, reference, redis);
  const ours = await serve(t, redis, rules);
  const alice = await Client.open(t, ours.url);
  alice.sendRaw('{"event":"authenticate","data":{"token":"alice"},"ext":{"positions":1}}');
  assert.equal(JSON.parse(await alice.text()).event, 'connected');
  alice.send('join', { rooms: ['h-1'] }, 'joined');
  const { id, data: { positions: { 'h-1': { offset, epoch } } } } = JSON.parse(await alice.text());
  assert.deepEqual({ id, offset }, { id: 'joined', offset: 0 });
  const bob = await Client.join(t, ours.url, 'bob', ['h-1']);
  const carol = await Client.join(t, theirs.url, 'carol', ['h-1']);
  return { redis, epoch, alice, bob, carol, tap: await Wiretap.on(t, redis) };
}

const plain = (data) => JSON.stringify({ event: 'chat', data });
const positioned = (data, offset) => JSON.stringify({ event: 'chat', data, room: 'h-1', offset });

test('H3 what wscast publishes with a position reaches clients of the reference once, and unchanged', async (t) => {
  const { epoch, alice, bob, carol, tap } = await start(t);
  const data = { n: 1.5, text: 'wörld "😀"\n\u2028', offset: 7, list: [null, true, []] };
  const ack = await bob.acknowledged('h-1', 'chat', data);
  assert.deepEqual(ack, { ok: true, backplane: 'ok', position: { offset: 1, epoch } });
  assert.equal(await alice.text(), positioned(data, 1));
  assert.equal(await carol.text(), plain(data));
  const { channel, text } = await tap.next();
  assert.equal(channel, 'ws:room:h-1');
  const { serverId, ...rest } = JSON.parse(text);
  assert.deepEqual(Object.entries(rest), Object.entries(
    { type: 'room', target: 'h-1', event: 'chat', data, exclude: [bob.id], offset: 1, epoch }));
  for (const client of [bob, carol]) await client.settled();
});

test('H1 H3 what the reference publishes to a room with history is delivered without a position, and not kept', async (t) => {
  const { epoch, alice, bob, carol } = await start(t);
  carol.send('send', { destination: 'h-1', payload: { topic: 'chat', data: 'hi' } });
  for (const client of [alice, bob, carol]) assert.equal(await client.text(), plain('hi'));
  assert.deepEqual((await bob.acknowledged('h-1', 'chat', 'kept')).position, { offset: 1, epoch }, 'it took no offset');
  assert.equal(await alice.text(), positioned('kept', 1));
  assert.equal(await carol.text(), plain('kept'));
  for (const client of [bob, carol]) await client.settled();
});

test('H1 H3 both kinds of wscast emit reach the clients of both, once and in order', async (t) => {
  const { redis, alice, bob, carol } = await start(t);
  const emit = async (data, ...more) => {
    const { code, stderr } = await runProgram('wscast', 'emit', '--redis', redis.url, 'room', 'h-1', 'chat', data, ...more);
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
  };
  const history = ['--history', '--history-size', '100', '--history-ttl', '10m'];
  await emit('1', ...history, '--key', 'k');
  await emit('2');
  await emit('1', ...history, '--key', 'k');
  await emit('3', ...history);
  for (const text of [positioned(1, 1), plain(2), positioned(3, 2)]) assert.equal(await alice.text(), text);
  for (const client of [bob, carol]) {
    for (const data of [1, 2, 3]) assert.equal(await client.text(), plain(data));
    await client.settled();
  }
});
