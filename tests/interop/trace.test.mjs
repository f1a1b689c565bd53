// Traces across servers (protocol.md X12): one message of two servers of wscast and the reference on
// one Redis.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client } from '../web/support/client.mjs';
import { launchProgram } from '../web/support/server.mjs';
import { key, serve, serveSeveral } from './support/api_server.mjs';
import { reference, startServer } from './support/peer.mjs';
import { commands, startRedis, Wiretap } from './support/redis.mjs';

async function startTrace(server, target, more = {}) {
  assert.deepEqual(await server.post('traces', { id: 'a-trace', ...target, ...more }), { status: 200, body: { id: 'a-trace' } });
}

// The trace, once it has as many of these steps.
async function traced(server, wanted) {
  for (;;) {
    const { status, body } = await server.get('traces/a-trace');
    assert.equal(status, 200);
    const complete = Object.entries(wanted).every(([step, count]) => body.events.filter((event) => event.step === step).length >= count);
    if (complete) return body;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const stepsOf = (body, server) => body.events.filter(({ serverId }) => serverId === server.id).map(({ step }) => step);

test('X12 a message has one id on all servers, and the reference delivers it as ever', async (t) => {
  const { redis, servers: [here, there] } = await serveSeveral(t, 2);
  const other = await startServer(t, reference, redis);
  const tap = await Wiretap.on(t, redis);
  const alice = await Client.join(t, here.url, 'alice', ['lobby']);
  const bob = await Client.join(t, there.url, 'bob', ['lobby']);
  const carol = await Client.join(t, other.url, 'carol', ['lobby']);
  await startTrace(here, { room: 'lobby' });
  await here.post('publish', { room: 'lobby', event: 'chat', data: { n: 1 } });
  const text = '{"event":"chat","data":{"n":1}}';
  for (const client of [alice, bob, carol]) assert.equal(await client.text(), text);
  const body = await traced(there, { written: 2, broker: 1 });
  assert.deepEqual(stepsOf(body, here).filter((step) => step !== 'broker'), ['published', 'delivered', 'written']);
  assert.deepEqual(stepsOf(body, there), ['received', 'delivered', 'written']);
  const [message, ...others] = new Set(body.events.map((event) => event.message));
  assert.deepEqual(others, []);
  assert.deepEqual(body.events.filter(({ client }) => client).map(({ client }) => client).sort(), [alice.id, bob.id].sort());
  assert.deepEqual(body.events.find(({ step }) => step === 'broker').detail, 'ok');
  assert.deepEqual([body.running, body.messages, body.eventsLost], [2, 1, 0]);
  const times = body.events.map(({ time }) => time);
  assert.deepEqual(times, [...times].sort((a, b) => a - b));
  const envelope = JSON.parse((await tap.next(({ channel }) => channel === 'ws:room:lobby')).text);
  assert.equal(envelope.trace, message);
});

test('X12 what nobody follows is published as ever', async (t) => {
  const { redis, servers: [here] } = await serveSeveral(t, 2);
  await startTrace(here, { room: 'another' });
  const tap = await Wiretap.on(t, redis);
  await here.post('publish', { room: 'lobby', event: 'chat', data: 1 });
  const { text } = await tap.next(({ channel }) => channel === 'ws:room:lobby');
  assert.equal(text, `{"serverId":"${here.id}","type":"room","target":"lobby","event":"chat","data":1}`);
});

test("an emitter's and the reference's messages are followed by each server that receives them", async (t) => {
  const { redis, servers: [here, there] } = await serveSeveral(t, 2);
  const other = await startServer(t, reference, redis);
  const alice = await Client.join(t, here.url, 'alice', ['lobby']);
  const bob = await Client.join(t, there.url, 'bob', ['lobby']);
  await startTrace(here, { room: 'lobby' });
  const publish = commands(t, redis);
  await publish.publish('ws:room:lobby', '{"serverId":"emitter","type":"room","target":"lobby","event":"one","data":1}');
  await other.call('send', { destination: 'lobby', payload: { topic: 'two', data: 1 } });
  const body = await traced(here, { written: 4 });
  for (const server of [here, there]) {
    assert.deepEqual(stepsOf(body, server).sort(), ['delivered', 'delivered', 'received', 'received', 'written', 'written']);
  }
  assert.deepEqual(body.events.filter(({ step }) => step === 'received').map(({ event }) => event).sort(), ['one', 'one', 'two', 'two']);
  for (const client of [alice, bob]) for (let i = 0; i < 2; ++i) await client.text();
});

test('a trace of a user follows what its clients receive, however it was addressed', async (t) => {
  const { servers: [here, there] } = await serveSeveral(t, 2);
  const alice = await Client.join(t, there.url, 'alice', ['lobby']);
  await Client.join(t, there.url, 'bob', ['lobby']);
  await startTrace(here, { user: 'alice' });
  for (const to of [{ room: 'lobby' }, { user: 'alice' }, { client: alice.id }, { all: true }, { user: 'bob' }]) {
    await here.post('publish', { ...to, event: 'chat', data: 1 });
  }
  const body = await traced(here, { written: 4 });
  const written = body.events.filter(({ step }) => step === 'written');
  assert.deepEqual(written.map(({ client }) => client), Array(4).fill(alice.id));
});

test('one server is enough to stop it everywhere', async (t) => {
  const { servers: [here, there] } = await serveSeveral(t, 2);
  await startTrace(here, { room: 'lobby' });
  assert.deepEqual((await there.post('traces/a-trace/stop')).body, { stopped: 2 });
  for (const server of [here, there]) assert.equal((await server.get('traces/a-trace')).status, 404);
});

test('when Redis is away the trace says so', async (t) => {
  const redis = await startRedis(t);
  const server = await serve(t, redis);
  await startTrace(server, { room: 'lobby' });
  await redis.end();
  await server.logged(/Redis/);
  assert.equal((await server.post('publish', { room: 'lobby', event: 'chat', data: 1 })).status, 503);
  const body = await traced(server, { broker: 1 });
  assert.match(body.events.find(({ step }) => step === 'broker').detail, /^(down|unknown)$/);
});

test('wscast trace shows the way of a message through both servers', async (t) => {
  const { servers: [here, there] } = await serveSeveral(t, 2);
  const bob = await Client.join(t, there.url, 'bob', ['lobby']);
  const tracer = launchProgram(t, 'wscast', 'trace', here.api, '--key', key, '--room', 'lobby', '--messages', '1');
  await tracer.logged(/following messages/);
  await here.post('publish', { room: 'lobby', event: 'chat', data: 1 });
  assert.equal(await tracer.endInput(), 0);
  const [lines] = await tracer.said(/[^]*/);
  const [, id] = /^\d\d:\d\d:\d\d\.\d{6}Z (\w{8}) published chat, 25 bytes, server \w{8}$/m.exec(lines);
  for (const step of ['broker    ok', 'received  chat, 25 bytes, server \\w{8}', 'delivered accepted for 1, dropped for 0', `written   to client ${bob.id}`]) {
    assert.match(lines, new RegExp(`^\\d\\d:\\d\\d:\\d\\d\\.\\d{6}Z ${id} ${step}$`, 'm'));
  }
  assert.equal((await bob.text()), '{"event":"chat","data":1}');
});
