// The same sessions over real sockets: npm's `ws` against bench-app, whose handlers answer `echo` with
// send_to_client, `pub` with send and `pubx` with send_to_room. Ids are those of the protocol.
import assert from 'node:assert/strict';
import http from 'node:http';
import net from 'node:net';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, test } from 'node:test';
import { Client, connectedMessage, errorMessage, within } from './support/client.mjs';
import { startServer } from './support/server.mjs';

function app(t, shards, ...more) {
  return startServer(t, 'bench-app', '--shards', String(shards), ...more);
}

// Opened one after another: with as many shards as clients each is on a shard of its own.
async function members(t, server, room, count) {
  const clients = [];
  for (let i = 0; i < count; ++i) {
    clients.push(await Client.join(t, server.url, `member-${i}`, [room]));
  }
  return clients;
}

function bench(data) {
  return JSON.stringify({ event: 'bench', data });
}

function echo(data) {
  return JSON.stringify({ event: 'echo', data });
}

async function assertAllHear(clients, data) {
  for (const client of clients) assert.equal(await client.text(), bench(data));
}

async function assertQuiet(...clients) {
  for (const client of clients) await client.settled();
}

function sleep(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

function every(t, milliseconds, act) {
  const timer = setInterval(act, milliseconds);
  t.after(() => clearInterval(timer));
}

for (const shards of [1, 3]) {
  describe(`what a server sends, ${shards} shard(s)`, () => {
    test('D3 D8 a room receives a message of a member, who receives it too', async (t) => {
      const server = await app(t, shards);
      const clients = await members(t, server, 'lobby', 4);
      const outsider = await Client.join(t, server.url, 'outsider');
      for (const [n, sender] of clients.entries()) {
        sender.send('pub', { room: 'lobby', n });
        await assertAllHear(clients, { room: 'lobby', n });
      }
      await assertQuiet(outsider, ...clients);
    });

    test('D8 whoever is no member may publish to a room', async (t) => {
      const server = await app(t, shards);
      const clients = await members(t, server, 'lobby', 3);
      const outsider = await Client.join(t, server.url, 'outsider');
      outsider.send('pub', { room: 'lobby' });
      await assertAllHear(clients, { room: 'lobby' });
      await assertQuiet(outsider);
    });

    test('D4 an excluded client receives nothing, every other member does', async (t) => {
      const server = await app(t, shards);
      const clients = await members(t, server, 'lobby', 4);
      for (const [n, sender] of clients.entries()) {
        sender.send('pubx', { room: 'lobby', n });
        await assertAllHear(clients.filter((client) => client !== sender), { room: 'lobby', n });
      }
      await assertQuiet(...clients);
    });

    test('D5 D6 a broadcast reaches every authenticated client and no other', async (t) => {
      const server = await app(t, shards);
      const strangers = [await Client.open(t, server.url), await Client.open(t, server.url)];
      const clients = await members(t, server, 'lobby', 4);
      clients[1].send('leave', { rooms: ['lobby', 'ws-default', 'ws-notification', clients[1].id] });
      await clients[1].settled();
      clients[0].send('pub', { room: '', all: true });
      await assertAllHear(clients, { room: '', all: true });
      for (const stranger of strangers) {
        stranger.send('authenticate', { token: 'late' });
        assert.match(await stranger.text(), connectedMessage);
      }
    });

    test('D7 a client id reaches that client alone, also when it left the room of its id', async (t) => {
      const server = await app(t, shards);
      const clients = await members(t, server, 'lobby', 3);
      for (const [n, target] of clients.entries()) {
        if (n === 2) target.send('leave', { rooms: [target.id] });
        await target.settled();
        for (const sender of clients) {
          sender.send('pub', { room: target.id, n });
          await assertAllHear([target], { room: target.id, n });
        }
      }
      await assertQuiet(...clients);
    });

    test('D9 a room without members reaches no client', async (t) => {
      const server = await app(t, shards);
      const [ada, alan] = await members(t, server, 'lobby', 2);
      ada.send('pub', { room: 'nobody here' });
      ada.send('pubx', { room: 'nobody here' });
      ada.send('pubx', { room: '' });
      await assertQuiet(ada, alan);
    });

    test('D1 D15 an echo reaches its sender alone, its data the text that was sent', async (t) => {
      const server = await app(t, shards);
      const [ada, alan] = await members(t, server, 'lobby', 2);
      for (const data of ['{"b":1, "a":[1e999, -0],"b":2}', '12345678901234567890', 'null', '""', '[ ]',
        '"\\u00e9 é 😀"', '"\\ud800"']) {
        ada.sendRaw(`{"event":"echo","data":${data}}`);
        assert.equal(await ada.text(), `{"event":"echo","data":${data}}`);
      }
      ada.sendRaw('{"event":"echo"}');
      assert.equal(await ada.text(), '{"event":"echo"}');
      await assertQuiet(ada, alan);
    });

    test('M17 one client receives all kinds of sends in the order of the calls', async (t) => {
      const server = await app(t, shards);
      const [ada, alan] = await members(t, server, 'lobby', 2);
      const targets = ['lobby', '', ada.id, 'ws-default'];
      const expected = [];
      for (let n = 0; n < 2_000; ++n) {
        const data = { room: targets[n % targets.length], n };
        ada.send('pub', data);
        ada.send('echo', n);
        expected.push(bench(data), echo(n));
      }
      for (const text of expected) assert.equal(await ada.text(), text);
      for (let n = 0; n < 2_000; ++n) {
        const room = targets[n % targets.length];
        if (room !== ada.id) assert.equal(await alan.text(), bench({ room, n }));
      }
      await assertQuiet(ada, alan);
    });

    test('M17 every receiver receives the messages of each sender in their order', async (t) => {
      const server = await app(t, shards);
      const clients = await members(t, server, 'lobby', 4);
      const count = 500;
      for (let n = 0; n < count; ++n) {
        for (const [from, client] of clients.entries()) client.send('pub', { room: 'lobby', from, n });
      }
      for (const client of clients) {
        const next = clients.map(() => 0);
        for (let i = 0; i < clients.length * count; ++i) {
          const { data } = JSON.parse(await client.text());
          assert.equal(data.n, next[data.from]++, `of sender ${data.from}`);
        }
      }
      await assertQuiet(...clients);
    });

    test('M17 nothing comes before connected while others publish', async (t) => {
      const server = await app(t, shards);
      const ada = await Client.join(t, server.url, 'ada');
      every(t, 1, () => {
        ada.send('pub', { room: '' });
        ada.send('pub', { room: 'ws-default' });
      });
      for (let i = 0; i < 20; ++i) {
        const client = await Client.join(t, server.url, `late-${i}`);
        assert.match(await client.text(), /^{"event":"bench"/);
      }
    });

    test('M17 two clients of one user are two clients', async (t) => {
      const server = await app(t, shards);
      const windows = [];
      for (let i = 0; i < 2; ++i) {
        const client = await Client.open(t, server.url);
        client.send('authenticate', { token: `token-${i}`, userId: 'ada' });
        const [, id, userId] = connectedMessage.exec(await client.text());
        assert.equal(userId, 'ada');
        client.id = id;
        await client.enter('lobby');
        windows.push(client);
      }
      const [first, second] = windows;
      assert.notEqual(first.id, second.id);
      first.send('pubx', { room: 'lobby' });
      await assertAllHear([second], { room: 'lobby' });
      first.socket.close();
      await first.closed();
      second.send('pub', { room: 'lobby' });
      await assertAllHear([second], { room: 'lobby' });
      await assertQuiet(second);
    });

    test('M8 the default rooms can be left', async (t) => {
      const server = await app(t, shards);
      const [ada, alan] = await members(t, server, 'lobby', 2);
      ada.send('leave', { rooms: ['ws-default', 'ws-default', 5, 'other'] });
      await ada.settled();
      alan.send('pub', { room: 'ws-default' });
      await assertAllHear([alan], { room: 'ws-default' });
      alan.send('pub', { room: 'ws-notification' });
      await assertAllHear([ada, alan], { room: 'ws-notification' });
    });

    test('M9 M12 binary messages are read as text and answered as text', async (t) => {
      const server = await app(t, shards);
      const [ada, alan] = await members(t, server, 'lobby', 2);
      ada.sendRaw(Buffer.from('{"event":"echo","data":"é😀"}'), { binary: true });
      assert.equal(await ada.text(), echo('é😀'));
      ada.sendRaw(Buffer.from('{"event":"pub","data":{"room":"lobby"}}'), { binary: true });
      await assertAllHear([ada, alan], { room: 'lobby' });
      for (const bytes of [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80]]) {
        const text = Buffer.concat([Buffer.from('{"event":"echo","data":"'), Buffer.from(bytes), Buffer.from('"}')]);
        ada.sendRaw(text, { binary: true });
        assert.equal(await ada.text(), errorMessage('Invalid message format'));
      }
      await assertQuiet(ada, alan);
    });

    test('M14 a publish behind a join waits for it, and a leave for both', async (t) => {
      const server = await app(t, shards, '--hook-delay', '50ms');
      const [ada, alan] = await members(t, server, 'lobby', 2);
      alan.send('join', { rooms: ['new'] });
      alan.send('pub', { room: 'new', n: 1 });
      alan.send('leave', { rooms: ['new'] });
      alan.send('pub', { room: 'new', n: 2 });
      alan.send('echo', 'last');
      assert.equal(await alan.text(), bench({ room: 'new', n: 1 }));
      assert.equal(await alan.text(), echo('last'));
      await assertQuiet(ada, alan);
    });

    test('M14 more messages than may wait for a hook are all handled, in order', async (t) => {
      const server = await app(t, shards, '--hook-delay', '3ms');
      const ada = await Client.join(t, server.url, 'ada');
      const filler = 'x'.repeat(1_000);
      for (let n = 0; n < 200; ++n) ada.send('echo', { n, filler });
      for (let n = 0; n < 200; ++n) assert.equal(await ada.text(), echo({ n, filler }));
    });

    test('M1 M5 M6 M14 while a client is being authenticated it is answered at once', async (t) => {
      const server = await app(t, shards, '--hook-delay', '2s');
      const client = await Client.open(t, server.url);
      client.send('authenticate', { token: 'ada' });
      client.send('authenticate', { token: 'eve' });
      client.send('join', { rooms: ['lobby'] });
      client.sendRaw('{');
      client.sendRaw('null');
      client.send('heartbeat');
      assert.equal(await client.text(), errorMessage('Already authenticated'));
      assert.equal(await client.text(), errorMessage('Not authenticated'));
      assert.equal(await client.text(), errorMessage('Invalid message format'));
      assert.equal(connectedMessage.exec(await client.text())[2], 'ada');
      client.send('pub', { room: 'lobby' });
      await assertQuiet(client);
    });

    test('O15 clients that leave in the middle of their hooks leave nothing behind', async (t) => {
      const server = await app(t, shards, '--hook-delay', '150ms');
      const ada = await Client.join(t, server.url, 'ada', ['lobby']);
      for (let i = 0; i < 4; ++i) {
        const authenticating = await Client.open(t, server.url);
        authenticating.send('authenticate', { token: 'gone' });
        const joining = await Client.join(t, server.url, 'gone');
        joining.send('join', { rooms: ['theirs'] });
        const talking = await Client.join(t, server.url, 'gone', ['lobby']);
        talking.send('echo', 'who hears this?');
        await sleep(20);
        authenticating.socket.terminate();
        joining.socket.terminate();
        talking.socket.close();
        await talking.closed();
      }
      await sleep(300);
      ada.send('pub', { room: 'theirs' });
      ada.send('pub', { room: 'lobby' });
      await assertAllHear([ada], { room: 'lobby' });
      await assertQuiet(ada);
    });

    test('O16 D9 who has left is reached by nothing', async (t) => {
      const server = await app(t, shards);
      const [ada, alan] = await members(t, server, 'lobby', 2);
      alan.send('pub', { room: 'lobby', last: 'words' });
      await assertAllHear([ada, alan], { room: 'lobby', last: 'words' });
      alan.socket.close();
      assert.equal((await alan.closed()).code, 1005);
      for (const room of [alan.id, 'lobby', '']) ada.send('pub', { room });
      await assertAllHear([ada], { room: 'lobby' });
      await assertAllHear([ada], { room: '' });
      await assertQuiet(ada);
    });

    test('O8 SIGINT closes clients in every state with 1001', async (t) => {
      const server = await app(t, shards, '--hook-delay', '400ms');
      const clients = await members(t, server, 'lobby', 2);
      clients[0].send('echo', 'a hook is open');
      clients[1].send('join', { rooms: ['so is this one'] });
      clients.push(await Client.open(t, server.url));
      clients.push(await Client.open(t, server.url));
      clients[3].send('authenticate', { token: 'undecided' });
      await sleep(50);
      assert.equal(await server.stop(), 0);
      for (const client of clients) {
        assert.deepEqual(await client.closed(), { code: 1001, reason: 'Server shutting down' });
      }
    });

    test('O9 T6 a client that does not read is closed with 4008, the others hear all', async (t) => {
      const server = await app(t, shards, '--backpressure-limit', '64KiB', '--close-on-backpressure-limit');
      const [ada, alan, slow] = await members(t, server, 'lobby', 3);
      slow.socket.pause();
      const text = 'x'.repeat(100_000);
      for (let n = 0; n < 100; ++n) {
        ada.send('pub', { room: 'lobby', n, text });
        await assertAllHear([ada, alan], { room: 'lobby', n, text });
      }
      slow.socket.resume();
      assert.deepEqual(await slow.closed(), { code: 4008, reason: 'Slow consumer' });
      await assertQuiet(ada, alan);
    });

    test('T5 X2 a client that does not read loses messages, is told how many, and stays', async (t) => {
      const server = await app(t, shards, '--backpressure-limit', '64KiB');
      const [ada, slow] = await members(t, server, 'lobby', 2);
      slow.socket.pause();
      const text = 'x'.repeat(100_000);
      for (let n = 0; n < 100; ++n) {
        ada.send('pub', { room: 'lobby', n, text });
        await assertAllHear([ada], { room: 'lobby', n, text });
      }
      slow.socket.resume();
      every(t, 50, () => slow.send('echo', 'end'));  // While there is too much unsent it is dropped, too.
      let heard = 0;
      let told = 0;
      let last = -1;
      for (;;) {
        const message = JSON.parse(await slow.text());
        if (message.event === 'echo') break;
        if (message.event === 'dropped') {
          told += message.data.count;
          continue;
        }
        assert.ok(message.data.n > last && message.data.text === text);
        last = message.data.n;
        heard += 1;
      }
      assert.ok(heard > 0 && heard < 100, `${heard} heard`);
      assert.ok(told >= 100 - heard, `${told} told of ${100 - heard} lost`);  // Echoes may be lost, too.
      await assertQuiet(ada);
    });
  });
}

describe('how sessions end', () => {
  const timedOut = { code: 4001, reason: 'Authentication timeout' };
  const silent = { code: 4002, reason: 'Heartbeat timeout' };

  test('O1 4001 for who says anything but authenticate', async (t) => {
    const server = await app(t, 1, '--auth-timeout', '300ms');
    const client = await Client.open(t, server.url);
    client.send('heartbeat');
    assert.deepEqual(await client.closed(), timedOut);
  });

  test('O2 4001 when the hook takes over three times as long, not before', async (t) => {
    const server = await app(t, 1, '--auth-timeout', '200ms', '--hook-delay', '60s');
    const client = await Client.open(t, server.url);
    const begin = Date.now();
    client.send('authenticate', { token: 'ada' });
    assert.deepEqual(await client.closed(), timedOut);
    assert.ok(Date.now() - begin >= 590, `after ${Date.now() - begin} ms`);
  });

  test('O2 a hook may take longer than the auth timeout', async (t) => {
    const server = await app(t, 1, '--auth-timeout', '600ms', '--hook-delay', '900ms');
    const client = await Client.open(t, server.url);
    client.send('authenticate', { token: 'ada' });
    assert.match(await client.text(), connectedMessage);
  });

  test('O3 M13 4002 for who is silent; any whole message counts, a ping does not', async (t) => {
    const server = await app(t, 1, '--heartbeat-interval', '100ms', '--heartbeat-timeout', '4s');
    const [mute, pinging, beating, babbling] = await members(t, server, 'lobby', 4);
    every(t, 100, () => pinging.socket.ping());
    every(t, 100, () => beating.send('heartbeat'));
    every(t, 100, () => babbling.sendRaw('null'));
    assert.deepEqual(await mute.closed(), silent);
    assert.deepEqual(await pinging.closed(), silent);
    await assertQuiet(beating, babbling);
  });

  test('O4 O17 4003 in words first, and nothing after it', async (t) => {
    const server = await app(t, 1);
    const client = await Client.open(t, server.url);
    client.send('authenticate', { token: '' });
    for (let i = 0; i < 20; ++i) client.send('authenticate', { token: 'second thoughts' });
    let text = '';
    while (text !== errorMessage('Authentication failed')) {
      text = await client.text();
      assert.doesNotMatch(text, connectedMessage);
    }
    await assert.rejects(client.text(), /closed/);
    assert.deepEqual(await client.closed(), { code: 4003, reason: 'Authentication failed' });
  });

  test('O10 4010 for more than 64 messages before authentication', async (t) => {
    const server = await app(t, 1);
    const client = await Client.open(t, server.url);
    for (let i = 0; i < 64; ++i) {
      client.send('anything');
      assert.equal(await client.text(), errorMessage('Not authenticated'));
    }
    client.send('anything');
    assert.deepEqual(await client.closed(),
      { code: 4010, reason: 'Too many messages before authentication' });
  });

  test('O10 4010 for more than 64 KiB before authentication', async (t) => {
    const server = await app(t, 1);
    const client = await Client.open(t, server.url);
    client.send('anything', 'x'.repeat(65 * 1024));
    assert.deepEqual(await client.closed(),
      { code: 4010, reason: 'Too many messages before authentication' });
  });

  test('O11 4009 for who is over its rate for five seconds', async (t) => {
    const server = await app(t, 1, '--message-rate', '20');
    const client = await Client.join(t, server.url, 'ada');
    const begin = Date.now();
    every(t, 10, () => {
      for (let i = 0; i < 10; ++i) client.sendRaw('{"event":"heartbeat"}');
    });
    let warnings = 0;
    const warned = (async () => {
      for (;; ++warnings) assert.equal(await client.text(), errorMessage('Rate limit exceeded'));
    })().catch((error) => error);
    assert.deepEqual(await client.closed(), { code: 4009, reason: 'Rate limit exceeded' });
    assert.match((await warned).message, /closed/);
    const seconds = (Date.now() - begin) / 1_000;
    assert.ok(warnings >= 4 && warnings <= seconds + 2, `${warnings} warnings in ${seconds} s`);
  });

  test('O12 T4 who does not even answer pings is cut off, who does stays', async (t) => {
    const server = await app(t, 1, '--idle-timeout', '2s');
    const live = await Client.join(t, server.url, 'ada');
    const dead = await Client.open(t, server.url, [], { autoPong: false });
    assert.deepEqual(await dead.closed(), { code: 1006, reason: '' });
    await sleep(1_500);
    await assertQuiet(live);
  });

  test('O13 a join of too many rooms is reported, and the client stays', async (t) => {
    const server = await app(t, 1);
    const ada = await Client.join(t, server.url, 'ada', ['lobby']);
    ada.send('join', { rooms: Array.from({ length: 1_100 }, (_, i) => `room-${i}`) });
    assert.equal(await ada.text(), errorMessage('Too many rooms'));
    ada.send('pub', { room: 'room-0' });
    ada.send('pub', { room: 'room-1050' });
    ada.send('echo', 'end');
    const heard = [];
    for (let text = ''; text !== echo('end'); heard.push(text)) text = await ada.text();
    assert.ok(!heard.includes(bench({ room: 'room-1050' })), heard.join());
    await assertQuiet(ada);
  });

  test('M15 data as deep as may be is served, one deeper is not', async (t) => {
    const server = await app(t, 1);
    const ada = await Client.join(t, server.url, 'ada');
    const nested = (depth) => `{"event":"echo","data":${'['.repeat(depth)}${']'.repeat(depth)}}`;
    ada.sendRaw(nested(255));
    assert.equal(await ada.text(), nested(255));
    ada.sendRaw(nested(256));
    assert.equal(await ada.text(), errorMessage('Invalid message format'));
  });

  test('M16 a lone surrogate in an event or a room name drops them', async (t) => {
    const server = await app(t, 1);
    const ada = await Client.join(t, server.url, 'ada');
    ada.sendRaw('{"event":"echo\\ud800","data":1}');
    ada.sendRaw('{"event":"join","data":{"rooms":["a\\udc00","b"]}}');
    ada.send('pub', { room: 'b' });
    await assertAllHear([ada], { room: 'b' });
    await assertQuiet(ada);
  });

  for (const [what, code, act] of [
    ['1009 a message over the limit', 1009, (client) => client.send('echo', 'x'.repeat(1_100))],
    ['1009 fragments that are over it together', 1009, (client) => {
      for (let i = 0; i < 5; ++i) client.sendRaw('x'.repeat(300), { fin: false });
    }],
    ['1007 text that is no UTF-8', 1007, (client) => client.sendRaw(Buffer.from([0x22, 0xff, 0x22]), { binary: false })],
    ['1002 a frame that is not masked', 1002, (client) => client.socket._socket.write(Buffer.from([0x81, 1, 0x30]))],
    ['1002 an unknown opcode', 1002, (client) => client.socket._socket.write(Buffer.from([0x83, 0x80, 0, 0, 0, 0]))],
  ]) {
    test(`${what} closes its sender and no one else`, async (t) => {
      const server = await app(t, 1, '--max-payload-length', '1KiB');
      const [ada, alan] = await members(t, server, 'lobby', 2);
      act(ada);
      assert.equal((await ada.closed()).code, code);
      alan.send('pub', { room: 'lobby' });
      await assertAllHear([alan], { room: 'lobby' });
    });
  }
});

const upgrade = {
  Connection: 'Upgrade',
  Upgrade: 'websocket',
  'Sec-WebSocket-Version': '13',
  'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
};

// The answer to a request that is not upgraded.
function get(server, target, headers) {
  const [host, port] = server.address.split(':');
  return within(new Promise((resolve, reject) => {
    const request = http.get({ host, port, path: target, headers, agent: false }, (response) => {
      response.resume();
      resolve(response);
    });
    request.on('upgrade', (response, socket) => {
      socket.destroy();
      resolve(response);
    });
    request.on('error', reject);
  }), 'no answer');
}

describe('who is let in', () => {
  test('U1 only an upgrade at the path is taken', async (t) => {
    const server = await app(t, 1, '--path', '/live');
    const status = async (target, headers) => (await get(server, target, headers)).statusCode;
    assert.equal(await status('/live', upgrade), 101);
    assert.equal(await status('/live?token=x', upgrade), 101);
    assert.equal(await status('/ws', upgrade), 404);
    assert.equal(await status('/live/', upgrade), 404);
    assert.equal(await status('/', {}), 404);
  });

  test('U1 426 names the version that is spoken here', async (t) => {
    const server = await app(t, 1);
    for (const headers of [{}, { ...upgrade, 'Sec-WebSocket-Version': '8' }]) {
      const response = await get(server, '/ws', headers);
      assert.equal(response.statusCode, 426);
      assert.equal(response.headers['sec-websocket-version'], '13');
    }
  });

  test('U1 400 for an upgrade whose other fields are at fault', async (t) => {
    const server = await app(t, 1);
    const { 'Sec-WebSocket-Key': key, ...keyless } = upgrade;
    for (const headers of [keyless, { ...upgrade, 'Sec-WebSocket-Key': 'short' },
      { ...upgrade, 'Sec-WebSocket-Key': `${key}x` }]) {
      assert.equal((await get(server, '/ws', headers)).statusCode, 400);
    }
  });

  test('O14 503 asks to come back later, and lets in when there is room', async (t) => {
    const server = await app(t, 1, '--connections-max', '2');
    const [ada] = [await Client.join(t, server.url, 'ada'), await Client.join(t, server.url, 'alan')];
    const response = await get(server, '/ws', upgrade);
    assert.equal(response.statusCode, 503);
    assert.ok(Number(response.headers['retry-after']) > 0);
    ada.socket.close();
    await ada.closed();
    const status = async () => (await get(server, '/ws', upgrade)).statusCode;
    const letIn = async () => {
      while (await status() !== 101) await sleep(10);
    };
    await within(letIn(), 'nobody was let in');
  });

  test('U4 frames that come with the request are served', async (t) => {
    const server = await app(t, 1);
    const [host, port] = server.address.split(':');
    const fields = Object.entries({ Host: host, ...upgrade }).map(([name, value]) => `${name}: ${value}\r\n`);
    const text = '{"event":"nothing"}';
    const frame = Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), Buffer.from(text)]);
    const socket = net.connect({ host, port });
    socket.write(Buffer.concat([Buffer.from(`GET /ws HTTP/1.1\r\n${fields.join('')}\r\n`), frame]));
    let came = '';
    await within(new Promise((resolve) => {
      socket.on('data', (bytes) => {
        came += bytes;
        if (came.endsWith(errorMessage('Not authenticated'))) resolve();
      });
    }), 'no answer').finally(() => socket.destroy());
    assert.match(came, /^HTTP\/1\.1 101 /);
  });

  test('clients of several addresses, one a local socket, are one audience', async (t) => {
    const folder = mkdtempSync(path.join(tmpdir(), 'wscast-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const local = path.join(folder, 'socket');
    const server = await app(t, 3, '--listen', `unix:${local}`);
    const [ada, alan] = await members(t, server, 'lobby', 2);
    const near = await Client.join(t, `ws+unix:${local}:/ws`, 'near', ['lobby']);
    near.send('pub', { room: 'lobby' });
    await assertAllHear([ada, alan, near], { room: 'lobby' });
  });
});
