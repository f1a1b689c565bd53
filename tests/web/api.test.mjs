// The HTTP API of `wscast serve`: who may make which calls, and what they do.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { describe, test } from 'node:test';
import { Client } from './support/client.mjs';
import { runProgram, startServer } from './support/server.mjs';

const keys = { all: 'key-for-everything', publish: 'key-for-publish-only', read: 'key-for-reading-only' };

const configuration = `
[server]
listen = ["127.0.0.1:0"]
[auth]
dev = true
[api]
listen = ["127.0.0.1:0"]
key = "${keys.all}"
request_timeout = "1s"
[[api.keys]]
name = "backend"
key = "${keys.publish}"
scopes = ["publish"]
[[api.keys]]
name = "dashboard"
key = "${keys.read}"
scopes = ["read"]
`;

async function written(t, content) {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'wscast-'));
  t.after(() => rm(folder, { recursive: true }));
  const file = path.join(folder, 'wscast.toml');
  await writeFile(file, content);
  return file;
}

async function serve(t, content = configuration) {
  const file = await written(t, content);
  const server = await startServer(t, 'wscast', 'serve', '--config', file);
  const [, api] = await server.said(/API at (http:\S+)/);
  const call = async (method, target, body, key = keys.all) => {
    const response = await fetch(api + target, {
      method,
      headers: key ? { authorization: `Bearer ${key}` } : {},
      body: body === undefined ? undefined : typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body),
    });
    const text = await response.text();
    const json = response.headers.get('content-type').includes('json');
    return { status: response.status, headers: response.headers, body: json ? JSON.parse(text) : text };
  };
  return { server, api, call, file, publish: (body, key) => call('POST', '/api/v1/publish', body, key) };
}

// Sends bytes, and resolves with all that came until the server closed.
function raw(api, ...pieces) {
  const { hostname, port } = new URL(api);
  return new Promise((resolve, reject) => {
    const socket = net.connect(port, hostname, () => pieces.forEach((piece) => socket.write(piece)));
    let text = '';
    socket.setEncoding('utf8').on('data', (part) => { text += part; });
    socket.on('end', () => socket.end()).on('close', () => resolve(text)).on('error', reject);
  });
}

describe('publish', () => {
  test('to a room, a user, a client and all', async (t) => {
    const { server, publish } = await serve(t);
    const alice = await Client.join(t, server.url, 'alice', ['lobby']);
    const bob = await Client.join(t, server.url, 'bob', ['lobby']);
    const got = async (client, event) => assert.deepEqual(JSON.parse(await client.text()), { event, data: { a: 1.5 } });
    const message = (target, event) => ({ ...target, event, data: { a: 1.5 } });
    assert.deepEqual((await publish(message({ room: 'lobby' }, 'one'))).body, { accepted: 2, backplane: 'none' });
    await got(alice, 'one');
    await got(bob, 'one');
    assert.deepEqual((await publish(message({ user: 'alice' }, 'two'))).body, { accepted: 1, backplane: 'none' });
    await got(alice, 'two');
    assert.deepEqual((await publish(message({ client: bob.id }, 'three'))).body, { accepted: 1, backplane: 'none' });
    await got(bob, 'three');
    assert.deepEqual((await publish({ ...message({ all: true }, 'four'), exclude: [alice.id] })).body, { accepted: 1, backplane: 'none' });
    await got(bob, 'four');
    assert.deepEqual((await publish({ room: 'lobby', event: 'five' })).body, { accepted: 2, backplane: 'none' });
    assert.equal(await alice.text(), '{"event":"five","data":null}');
    assert.equal(await bob.text(), '{"event":"five","data":null}');
    await alice.settled();
    await bob.settled();
  });

  test('data passes through as it is', async (t) => {
    const { server, publish } = await serve(t);
    const alice = await Client.join(t, server.url, 'alice', ['lobby']);
    const data = '{ "n":1.00, "big":12345678901234567890123, "u":"\\u00e9" }';
    await publish(`{"room":"lobby","event":"e","data":${data}}`);
    assert.equal(await alice.text(), `{"event":"e","data":${data}}`);
  });

  test('several at once, all or none', async (t) => {
    const { server, publish } = await serve(t);
    const alice = await Client.join(t, server.url, 'alice', ['lobby']);
    const messages = [1, 2, 3].map((data) => ({ room: 'lobby', event: 'e', data }));
    const sent = await publish({ messages });
    assert.deepEqual(sent.body.results, Array(3).fill({ accepted: 1, backplane: 'none' }));
    for (const data of [1, 2, 3]) assert.equal(JSON.parse(await alice.text()).data, data);
    const refused = await publish({ messages: [...messages, { room: 'lobby' }] });
    assert.deepEqual([refused.status, refused.body.detail], [400, 'message 4: "event" is missing']);
    await alice.settled();
  });

  test('a repeat with the same key is sent once', async (t) => {
    const { server, publish } = await serve(t);
    const alice = await Client.join(t, server.url, 'alice', ['lobby']);
    const body = { room: 'lobby', event: 'e', data: 1, idempotencyKey: 'order-7' };
    const answers = await Promise.all([publish(body), publish(body), publish(body)]);
    for (const { status, body: answer } of answers) assert.deepEqual([status, answer], [200, { accepted: 1, backplane: 'none' }]);
    assert.equal(JSON.parse(await alice.text()).data, 1);
    await alice.settled();
    await publish(body, keys.publish);
    assert.equal(JSON.parse(await alice.text()).data, 1, 'of another owner');
  });

  for (const [body, detail] of [
    [{ event: 'e' }, 'a message is for one of room, user, client and all'],
    [{ room: 'a', user: 'b', event: 'e' }, 'a message is for one of room, user, client and all'],
    [{ all: false, event: 'e' }, '"all" can only be true'],
    [{ room: '', event: 'e' }, '"room" is empty'],
    [{ room: 'a' }, '"event" is missing'],
    [{ room: 'a', event: 'connected' }, '"event" is one of the server\'s own'],
    [{ user: 'a', event: 'e', exclude: ['x'] }, '"exclude" is for room and all only'],
    [{ room: 1, event: 'e' }, '"room" is not a text'],
    [{ room: 'a', event: 'e', exclude: 'x' }, '"exclude" is not a list of texts'],
    [{ room: 'a', event: 'e', more: 1 }, '"more" is no field of this call'],
    [{ messages: [] }, '"messages" has 1 to 1000 messages'],
    [{ messages: [{ room: 'a', event: 'e' }], event: 'e' }, 'there is either one message, or "messages"'],
    ['', 'a message is for one of room, user, client and all'],
    ['[]', 'the body is no JSON object'],
    ['{"room":"a","event":"e"', 'the body is no JSON object'],
    [Buffer.from('{"room":"\xff","event":"e"}', 'latin1'), 'the body is no JSON object'],
  ]) {
    test(`refuses ${JSON.stringify(body).slice(0, 60)}`, async (t) => {
      const { publish } = await serve(t);
      const { status, headers, body: problem } = await publish(body);
      assert.equal(headers.get('content-type'), 'application/problem+json');
      assert.deepEqual([status, problem], [400, { type: 'about:blank', title: 'Bad Request', status: 400, detail }]);
    });
  }
});

describe('who may', () => {
  test('each call needs a key with its scope', async (t) => {
    const { call } = await serve(t);
    const calls = [['POST', '/api/v1/publish', 'publish'], ['GET', '/api/v1/clients', 'read'], ['GET', '/api/v1/clients/x', 'read'],
      ['POST', '/api/v1/clients/x/disconnect', 'admin'], ['GET', '/api/v1/users/u', 'read'], ['POST', '/api/v1/users/u/disconnect', 'admin'],
      ['GET', '/api/v1/rooms', 'read'], ['GET', '/api/v1/rooms/r', 'read'], ['POST', '/api/v1/rooms/r/join', 'admin'],
      ['POST', '/api/v1/rooms/r/leave', 'admin'], ['GET', '/api/v1/stats', 'read'], ['GET', '/api/v1/servers', 'read'],
      ['GET', '/api/v1/servers/s', 'read'], ['POST', '/api/v1/traces', 'admin'], ['GET', '/api/v1/traces/t', 'read'],
      ['POST', '/api/v1/traces/t/stop', 'admin'], ['GET', '/metrics', 'read']];
    const described = (await call('GET', '/api/openapi.json', undefined, '')).body;
    const count = Object.values(described.paths).flatMap((each) => Object.keys(each)).length;
    assert.equal(calls.length + 1, count, 'all calls are tried');
    for (const [method, target, scope] of calls) {
      for (const key of ['', 'wrong', `${keys.all}x`]) {
        const refused = await call(method, target, undefined, key);
        assert.equal(refused.status, 401, target);
        assert.equal(refused.headers.get('www-authenticate'), 'Bearer');
      }
      for (const other of ['publish', 'read']) {
        if (other === scope) continue;
        const refused = await call(method, target, undefined, keys[other]);
        assert.deepEqual([refused.status, refused.body.detail], [403, `the key lacks the scope ${scope}`], target);
      }
      assert.ok(![401, 403].includes((await call(method, target)).status), target);
    }
  });

  test('other paths and methods', async (t) => {
    const { call } = await serve(t);
    for (const target of ['/', '/api/v1', '/api/v1/publish/', '/api/v1/rooms/', '/api/v1/rooms/%zz', '/api/v2/publish']) {
      assert.equal((await call('GET', target)).status, 404, target);
    }
    const refused = await call('DELETE', '/api/v1/publish');
    assert.deepEqual([refused.status, refused.headers.get('allow')], [405, 'POST']);
  });

  // RFC 9112 section 3.2.2.
  test('a target in absolute form, whose host is that of the request', async (t) => {
    const { api } = await serve(t);
    const head = (target, ...fields) => [`GET ${target} HTTP/1.1`, 'Host: other.example', 'Connection: close',
      `Authorization: Bearer ${keys.all}`, ...fields, '', ''].join('\r\n');
    for (const target of ['http://127.0.0.1/api/v1/stats', 'HTTPS://x:1/api/v1/rooms?limit=1', 'http://x/metrics', 'http://x/admin']) {
      assert.match(await raw(api, head(target)), /^HTTP\/1\.1 200 /, target);
    }
    assert.match(await raw(api, head('http://x/api/v1/stats', 'Origin: http://x')), /^HTTP\/1\.1 200 /);
    assert.match(await raw(api, head('http://x/api/v1/stats', 'Origin: http://other.example')), /^HTTP\/1\.1 403 /);
    assert.match(await raw(api, head('http://x/api/v2')), /^HTTP\/1\.1 404 /);
    assert.match(await raw(api, head('ftp://x/metrics')), /^HTTP\/1\.1 404 /);
    assert.match(await raw(api, head('http://user@x/metrics')), /^HTTP\/1\.1 400 /);
  });

  test('SIGHUP brings other keys', async (t) => {
    const { server, call, file } = await serve(t);
    await writeFile(file, configuration.replace(keys.read, 'another-key-for-reading'));
    server.survivedSignal('SIGHUP');
    await server.logged(/reloaded, options that changed/);
    assert.equal((await call('GET', '/api/v1/rooms', undefined, keys.read)).status, 401);
    assert.equal((await call('GET', '/api/v1/rooms', undefined, 'another-key-for-reading')).status, 200);
  });

  test('keys are checked when the configuration is read', async (t) => {
    const faults = async (content) => (await runProgram('wscast', 'config', 'check', await written(t, content))).stderr;
    assert.match(await faults(configuration.replace(/key = .*\n/, '').replace(/\[\[api.keys\]\][^]*/, '')), /api\.listen needs api\.key_file or \[\[api\.keys\]\]/);
    assert.match(await faults(configuration.replace(keys.publish, 'short')), /wscast\.toml:10: api\.keys: the key of "backend" needs at least 16 characters/);
    assert.match(await faults(configuration.replace('["read"]', '["write"]')), /api\.keys\.scopes: "write" is not one of publish,read,admin/);
    const shown = await runProgram('wscast', 'config', 'show', '--config', await written(t, configuration));
    assert.match(shown.stdout, /\[\[api\.keys\]\] {2}# \S+:10\nname = "backend"\nkey = "\*+"\nscopes = \["publish"\]/);
    for (const key of Object.values(keys)) assert.ok(!shown.stdout.includes(key));
  });
});

describe('clients, users and rooms', () => {
  test('are listed in parts', async (t) => {
    const { server, call } = await serve(t);
    const clients = [];
    for (const name of ['a', 'b', 'c']) clients.push(await Client.join(t, server.url, name, ['lobby', `room-${name}`]));
    const walk = async (target, member, id) => {
      const seen = [];
      for (let after = ''; ;) {
        const { status, body } = await call('GET', `${target}?limit=2&after=${encodeURIComponent(after)}`);
        assert.equal(status, 200);
        seen.push(...body[member].map((each) => each[id]));
        if (!body.next) return seen;
        after = body.next;
      }
    };
    const ids = clients.map(({ id }) => id).sort();
    assert.deepEqual(await walk('/api/v1/clients', 'clients', 'id'), ids);
    assert.deepEqual(await walk('/api/v1/rooms/lobby', 'clients', 'id'), ids);
    const rooms = await walk('/api/v1/rooms', 'rooms', 'name');
    assert.deepEqual(rooms.filter((name) => !name.startsWith('ws-')), ['lobby', 'room-a', 'room-b', 'room-c']);
    for (const limit of ['0', '1001', '-1', 'x', '']) assert.equal((await call('GET', `/api/v1/clients?limit=${limit}`)).status, 400, limit);
    const one = (await call('GET', `/api/v1/clients/${clients[0].id}`)).body;
    assert.deepEqual([one.id, one.userId, one.state, one.encrypted], [clients[0].id, 'a', 'authenticated', false]);
    assert.ok(one.rooms.includes('room-a') && !one.rooms.includes(one.id));
    assert.equal((await call('GET', '/api/v1/clients/nobody')).status, 404);
    assert.equal((await call('GET', '/api/v1/rooms/nothing')).status, 404);
    const user = (await call('GET', '/api/v1/users/b')).body;
    assert.deepEqual(user.clients.map(({ id }) => id), [clients[1].id]);
    const stats = (await call('GET', '/api/v1/stats')).body;
    assert.deepEqual([stats.clients, stats.authenticated, stats.counters.authentications], [3, 3, 3]);
  });

  test('join and leave', async (t) => {
    const { server, call, publish } = await serve(t);
    const alice = await Client.join(t, server.url, 'alice', []);
    const target = `/api/v1/rooms/${encodeURIComponent('a/b ü')}`;
    const reached = async () => (await publish({ room: 'a/b ü', event: 'e' })).body.accepted;
    assert.deepEqual((await call('POST', `${target}/join`, { user: 'alice' })).body, { joined: 1 });
    assert.equal(await reached(), 1);
    await alice.text();
    assert.deepEqual((await call('POST', `${target}/leave`, { client: alice.id })).body, { left: 1 });
    assert.equal(await reached(), 0);
    assert.deepEqual((await call('POST', `${target}/join`, { user: 'nobody' })).body, { joined: 0 });
    assert.equal((await call('POST', `${target}/join`, { client: 'nobody' })).status, 404);
    for (const body of [{}, { user: 'a', client: 'b' }]) assert.equal((await call('POST', `${target}/join`, body)).status, 400);
    await server.logged(/api: key "api\.key" POST \/api\/v1\/rooms\/a%2Fb%20%C3%BC\/join \{"user":"alice"\}: 200/);
  });

  test('disconnect, and revoke', async (t) => {
    const { server, call } = await serve(t);
    const alice = await Client.join(t, server.url, 'alice', []);
    const bob = await Client.join(t, server.url, 'bob', []);
    for (const body of [{ code: 999 }, { code: 1001 }, { code: 5000 }, { code: -1 }, { reason: 'x'.repeat(124) }, { revokeSeconds: 1 }]) {
      assert.equal((await call('POST', `/api/v1/clients/${alice.id}/disconnect`, body)).status, 400, JSON.stringify(body));
    }
    assert.deepEqual((await call('POST', `/api/v1/clients/${alice.id}/disconnect`, { code: 4000, reason: 'r' })).body, { disconnected: 1 });
    assert.deepEqual(await alice.closed(), { code: 4000, reason: 'r' });
    assert.equal((await call('POST', '/api/v1/users/bob/disconnect', { revokeSeconds: 60, code: 4000 })).status, 400);
    assert.deepEqual((await call('POST', '/api/v1/users/bob/disconnect', { revokeSeconds: 60 })).body, { disconnected: 1 });
    assert.equal(JSON.parse(await bob.text()).data.message, 'User revoked');
    const again = await Client.open(t, server.url);
    again.send('authenticate', { token: 'bob' });
    assert.equal(JSON.parse(await again.text()).data.message, 'User revoked');
    assert.deepEqual((await call('POST', '/api/v1/users/bob/disconnect', { revokeSeconds: 0 })).body, { disconnected: 0 });
    const back = await Client.join(t, server.url, 'bob', []);
    assert.deepEqual((await call('POST', '/api/v1/users/bob/disconnect', { revokeSeconds: 0 })).body, { disconnected: 0 });
    assert.deepEqual((await call('POST', '/api/v1/users/bob/disconnect')).body, { disconnected: 1 });
    assert.equal((await back.closed()).code, 1000);
  });
});

describe('the connection', () => {
  const head = (length, more = '') => `POST /api/v1/publish HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${keys.all}\r\nContent-Length: ${length}\r\n${more}\r\n`;
  const message = JSON.stringify({ room: 'r', event: 'e' });

  test('pipelined requests are responded to in their order', async (t) => {
    const { api } = await serve(t);
    const last = `GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n`;
    const text = await raw(api, (head(message.length) + message).repeat(3) + last);
    assert.deepEqual([...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status), ['200', '200', '200', '404']);
  });

  test('who reads late gets all, in order', async (t) => {
    const { api, call } = await serve(t, configuration.replace('request_timeout = "1s"', 'request_timeout = "30s"'));
    const { hostname, port } = new URL(api);
    const socket = net.connect(port, hostname).pause().setEncoding('utf8');
    t.after(() => socket.destroy());
    const count = 1000;  // Of 20 kB and more: more than buffers hold.
    const request = (last) => `GET /api/openapi.json HTTP/1.1\r\nHost: x\r\n${last ? 'Connection: close\r\n' : ''}\r\n`;
    socket.write(request().repeat(count - 1) + request(true));
    const description = JSON.stringify((await call('GET', '/api/openapi.json')).body);
    let text = '';
    for await (const part of socket) text += part;
    const bodies = text.split(/HTTP\/1\.1 200 OK\r\n(?:.+\r\n)*\r\n/).slice(1);
    assert.equal(bodies.length, count);
    for (const body of bodies) assert.equal(JSON.stringify(JSON.parse(body)), description);
  });

  test('a body that is too long is not read', async (t) => {
    const { api, publish } = await serve(t);
    assert.equal((await publish(JSON.stringify({ room: 'r', event: 'e', data: 'x'.repeat(2 << 20) }))).status, 413);
    assert.match(await raw(api, head(2 << 20)), /^HTTP\/1\.1 413 /);
    assert.match(await raw(api, head('-1')), /^HTTP\/1\.1 400 /);
    assert.match(await raw(api, head(2, `X: ${'x'.repeat(9000)}\r\n`)), /^HTTP\/1\.1 431 /);
    assert.match(await raw(api, 'GARBAGE\r\n\r\n'), /^HTTP\/1\.1 400 /);
  });

  test('curl waits for 100 Continue', async (t) => {
    const { api } = await serve(t);
    const text = await raw(api, head(message.length, 'Expect: 100-continue\r\nConnection: close\r\n'), message);
    assert.match(text, /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 /);
  });

  test('slow bodies end, and hold up nobody', async (t) => {
    const { api, publish } = await serve(t);
    const slow = Array.from({ length: 1000 }, () => raw(api, head(100), '{').catch(() => ''));
    assert.equal((await publish({ room: 'r', event: 'e' })).status, 200);
    for (const text of await Promise.all(slow)) assert.ok(text === '' || text.startsWith('HTTP/1.1 503 '), text);
    assert.equal((await publish({ room: 'r', event: 'e' })).status, 200);
  });
});

describe('for others to read', () => {
  test('the metrics are what promtool takes', async (t) => {
    const { server, call, publish } = await serve(t);
    await Client.join(t, server.url, 'alice', ['lobby']);
    await publish({ room: 'lobby', event: 'e' });
    const { body, headers } = await call('GET', '/metrics', undefined, keys.read);
    assert.equal(headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
    const checked = spawnSync('promtool', ['check', 'metrics'], { input: body, encoding: 'utf8' });
    assert.deepEqual([checked.status, checked.stdout + checked.stderr], [0, '']);
    assert.match(body, /^wscast_clients_authenticated 1$/m);
  });

  test('the description is valid, and has each call', async (t) => {
    const { api } = await serve(t);
    const text = await (await fetch(`${api}/api/openapi.json`)).text();
    const file = path.join(path.dirname(await written(t, '')), 'openapi.json');
    await writeFile(file, text);
    const redocly = new URL('node_modules/.bin/redocly', import.meta.url).pathname;
    const checked = spawnSync(redocly, ['lint', file], { encoding: 'utf8', env: { ...process.env, REDOCLY_TELEMETRY: 'off' } });
    assert.equal(checked.status, 0, checked.stdout + checked.stderr);
    assert.doesNotMatch(checked.stdout + checked.stderr, /You have \d+ warning/);
  });
});
