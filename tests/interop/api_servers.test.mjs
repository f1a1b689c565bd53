// The HTTP API of several servers on one Redis: calls reach the servers that they concern
// (protocol.md X11).
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, test } from 'node:test';
import { Client } from '../web/support/client.mjs';
import { key, serve, serveSeveral } from './support/api_server.mjs';
import { commands, startRedis } from './support/redis.mjs';

for (const subscribe of ['exact', 'patterns']) {
  describe(`two servers that subscribe by ${subscribe}`, () => {
    const more = `subscribe = "${subscribe}"\n`;

    test('find each other, and forget who has stopped', async (t) => {
      const { servers: [here, there] } = await serveSeveral(t, 2, more);
      const { body } = await here.get('servers');
      assert.deepEqual(body.servers.map(({ id, self, draining }) => ({ id, self, draining })),
        [{ id: here.id, self: true, draining: false }, { id: there.id, self: false, draining: false }]);
      await there.stop();
      const left = async () => (await here.get('servers')).body.servers.length;
      while (await left() > 1) await new Promise((resolve) => setImmediate(resolve));
    });

    test('a client is found, joined, moved and disconnected from either', async (t) => {
      const { servers: [here, there] } = await serveSeveral(t, 2, more);
      const alice = await Client.join(t, there.url, 'alice', ['lobby']);
      for (const server of [here, there]) {
        const { status, body } = await server.get(`clients/${alice.id}`);
        assert.deepEqual([status, body.id, body.userId, body.serverId], [200, alice.id, 'alice', there.id]);
      }
      assert.deepEqual((await here.post('rooms/news/join', { client: alice.id })).body, { joined: 1 });
      assert.deepEqual((await here.get(`clients/${alice.id}`)).body.rooms.filter((room) => /lobby|news/.test(room)).sort(),
        ['lobby', 'news']);
      assert.deepEqual((await here.post('rooms/lobby/leave', { client: alice.id })).body, { left: 1 });
      assert.equal((await here.get('rooms/lobby')).status, 404);
      assert.deepEqual((await here.post(`clients/${alice.id}/disconnect`, { code: 4001, reason: 'moved' })).body, { disconnected: 1 });
      assert.deepEqual(await alice.closed(), { code: 4001, reason: 'moved' });
      await there.logged(/api: key "api\.key" of another server POST \/api\/v1\/clients\/\S+\/disconnect .*: 200/);
      const gone = await here.get(`clients/${alice.id}`);
      assert.deepEqual([gone.status, gone.body.detail], [404, 'there is no such client']);
    });
  });
}

test('lists are those of all servers, part by part', async (t) => {
  const { servers } = await serveSeveral(t, 3);
  const clients = [];
  for (let i = 0; i < 9; ++i) clients.push(await Client.join(t, servers[i % 3].url, `user-${i % 2}`, [`room-${i}`, 'all']));
  const ids = clients.map(({ id }) => id).sort();
  const read = async (list, name, of) => {
    const found = [];
    for (let after = ''; after !== undefined;) {
      const { status, body } = await servers[0].get(`${list}?limit=2&after=${after}`);
      assert.equal(status, 200);
      assert.equal(body.unanswered, undefined);
      found.push(...body[name].map(of));
      after = body.next && encodeURIComponent(body.next);
    }
    return found;
  };
  assert.deepEqual(await read('clients', 'clients', ({ id }) => id), ids);
  const rooms = await read('rooms', 'rooms', ({ name, members }) => `${name} ${members}`);
  assert.deepEqual(rooms.filter((room) => /^(all|room)/.test(room)),
    ['all 9', ...Array.from({ length: 9 }, (_, i) => `room-${i} 1`)]);
  assert.deepEqual(await read('rooms/all', 'clients', ({ id }) => id), ids);
  assert.equal((await servers[1].get('rooms/all?limit=1')).body.members, 9);
  const user = (await servers[2].get('users/user-1')).body;
  assert.deepEqual([user.userId, user.clients.length], ['user-1', 4]);
  assert.equal(new Set(user.clients.map(({ serverId }) => serverId)).size, 3);
});

test('the clients of a user join, leave and are disconnected on all servers', async (t) => {
  const { servers: [here, there] } = await serveSeveral(t, 2);
  const both = [await Client.join(t, here.url, 'alice'), await Client.join(t, there.url, 'alice')];
  assert.deepEqual((await here.post('rooms/news/join', { user: 'alice' })).body, { joined: 2 });
  assert.equal((await there.get('rooms/news')).body.members, 2);
  assert.deepEqual((await there.post('rooms/news/leave', { user: 'alice' })).body, { left: 2 });
  assert.deepEqual((await here.post('users/alice/disconnect', { revokeSeconds: 60 })).body, { disconnected: 2 });
  for (const client of both) assert.equal((await client.closed()).code, 4003);
  for (const server of [here, there]) {
    const again = await Client.open(t, server.url);
    again.send('authenticate', { token: 'alice' });
    assert.equal((await again.closed()).code, 4003, 'it is revoked on all servers');
  }
});

test('a publish with an idempotency key is sent once, whichever servers are asked', async (t) => {
  const { redis, servers } = await serveSeveral(t, 3);
  const alice = await Client.join(t, servers[0].url, 'alice', ['lobby']);
  const publish = (server, idempotencyKey, data) => server.post('publish', { room: 'lobby', event: 'e', data, idempotencyKey });
  const first = await publish(servers[1], 'order-7', 1);
  assert.equal(first.status, 200);
  for (const server of servers) assert.deepEqual(await publish(server, 'order-7', 2), first);
  // At the same time: one of them sends it, the others know that it is under way, or what became of it.
  const all = await Promise.all(Array.from({ length: 30 }, (_, i) => publish(servers[i % 3], 'order-8', 3)));
  assert.deepEqual(all.filter(({ status }) => ![200, 409].includes(status)), []);
  const later = await publish(servers[2], 'order-8', 4);
  for (const { status, body } of all) if (status === 200) assert.deepEqual(body, later.body);
  for (const data of [1, 3]) assert.equal(await alice.text(), `{"event":"e","data":${data}}`);
  const ask = commands(t, redis);
  const names = await ask.keys('*');
  assert.deepEqual(names.sort(), ['ws:store:idempotency:7:api.keyorder-7', 'ws:store:idempotency:7:api.keyorder-8']);
  for (const name of names) assert.ok(await ask.pttl(name) > 200_000);
  // When Redis has forgotten it, or may not keep it, each server still knows what it did.
  await ask.flushall();
  assert.deepEqual((await publish(servers[1], 'order-7', 5)).body, first.body);
  await alice.settled();
});

test('a call that is wrong is refused before others are called', async (t) => {
  const { servers: [here, there] } = await serveSeveral(t, 2);
  const before = (await there.get('stats')).body.counters.server_requests;
  assert.equal((await here.get('clients?limit=0')).status, 400);
  assert.equal((await here.post('users/alice/disconnect', { code: 1 })).status, 400);
  assert.equal((await here.post('rooms/news/join', {})).status, 400);
  assert.equal((await there.get('stats')).body.counters.server_requests, before);
});

test("another server's state", async (t) => {
  const { servers: [here, there] } = await serveSeveral(t, 2);
  const alice = await Client.join(t, there.url, 'alice');
  const { body } = await here.get(`servers/${there.id}`);
  assert.deepEqual([body.serverId, body.authenticated], [there.id, 1]);
  assert.equal((await here.get(`servers/${here.id}`)).body.authenticated, 0);
  assert.equal((await here.get('servers/nobody')).status, 404);
  await alice.settled();
});

test('a server that does not answer is named', async (t) => {
  const { redis, servers: [here] } = await serveSeveral(t, 1);
  const say = commands(t, redis);
  const message = (event, data) => say.publish('ws:server:all', JSON.stringify({
    serverId: 'silent', type: 'server', target: 'all', event, data }));
  await message('announce', { identifier: 'x', version: '1', startedAt: 1, draining: false, connections: 0, clients: 0,
    authenticated: 0, rooms: 0, stopped: false, greeting: false });
  await here.logged(/found server silent/);
  const alice = await Client.join(t, here.url, 'alice', ['lobby']);
  const list = await here.get('rooms/lobby');
  assert.deepEqual([list.status, list.body.members, list.body.unanswered], [200, 1, ['silent']]);
  const unknown = await here.get('clients/00000000-0000-4000-8000-000000000000');
  assert.deepEqual([unknown.status, unknown.body.detail, unknown.body.unanswered],
    [503, 'not on a server that answered', ['silent']]);
  assert.equal((await here.get('servers/silent')).status, 503);
  assert.equal((await here.get(`clients/${alice.id}`)).status, 200, 'it is here: nobody else is asked');
});

for (const [subscribe, rights] of [['exact', '+publish +subscribe +unsubscribe'], ['patterns', '+publish +subscribe +psubscribe']]) {
  test(`without the right to ws:server:* all else works, by ${subscribe}`, async (t) => {
    const folder = await mkdtemp(path.join(tmpdir(), 'wscast-'));
    t.after(() => rm(folder, { recursive: true }));
    const file = path.join(folder, 'users.acl');
    await writeFile(file, 'user default on nopass ~* &* +@all\nuser narrow on >secret resetchannels ' +
      `&ws:broadcast &ws:probe:* &ws:client:* &ws:user:* &ws:room:* -@all ${rights}\n`);
    const { port } = await startRedis(t, '--aclfile', file);
    const redis = { url: `redis://narrow:secret@127.0.0.1:${port}` };
    const here = await serve(t, redis, `subscribe = "${subscribe}"\n`);
    const there = await serve(t, redis, `subscribe = "${subscribe}"\n`);
    for (const server of [here, there]) await server.logged(/do not find each other: Redis' ACL needs ws:server:\*/);
    const alice = await Client.join(t, there.url, 'alice', ['lobby']);
    assert.deepEqual((await here.post('publish', { room: 'lobby', event: 'e', data: 1 })).body, { accepted: 0, backplane: 'ok' });
    assert.deepEqual(JSON.parse(await alice.text()), { event: 'e', data: 1 });
    const { status, body } = await there.get('clients');
    assert.deepEqual([status, body.clients.length, body.unanswered], [200, 1, undefined]);
    assert.equal((await fetch(`http://${there.address}/ready`)).status, 200);
    assert.equal((await there.get('stats')).body.counters.broker_connections_lost, 0);
  });
}
