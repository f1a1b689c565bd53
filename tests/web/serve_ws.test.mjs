// npm's `ws`, as people use it, against `wscast serve --dev`. Ids are those of the protocol.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import { Client, connectedMessage, errorMessage, refusal } from './support/client.mjs';
import { startServer } from './support/server.mjs';

function serve(t, shards, ...more) {
  return startServer(t, 'wscast', 'serve', '--dev', '--shards', String(shards), ...more);
}

// Opened one after another: the listener gives each to the shard with the fewest connections, so
// with as many shards as clients each is on a shard of its own.
async function members(t, server, room, count) {
  const clients = [];
  for (let i = 0; i < count; ++i) {
    clients.push(await Client.join(t, server.url, `member-${i}`, [room]));
  }
  return clients;
}

function chat(text) {
  return JSON.stringify({ event: 'chat', data: { text } });
}

for (const shards of [1, 3]) {
  describe(`wscast serve with ${shards} shard(s)`, () => {
    test('M17 authenticate is answered with connected, to the letter', async (t) => {
      const server = await serve(t, shards);
      const client = await Client.open(t, server.url);
      const before = Date.now();
      client.send('authenticate', { token: 'alice' });
      const [, id, userId, time] = connectedMessage.exec(await client.text());
      assert.equal(userId, 'alice');
      assert.ok(Date.parse(time) >= before - 1 && Date.parse(time) <= Date.now() + 1, time);
      assertMadeByWscast(id);
    });

    test('M17 a client is in the default rooms and in the room of its own id', async (t) => {
      const server = await serve(t, shards);
      const alice = await Client.join(t, server.url, 'alice');
      const bob = await Client.join(t, server.url, 'bob');
      for (const room of ['ws-default', 'ws-notification']) {
        alice.publish(room, 'chat', { text: room });
        assert.equal(await bob.text(), chat(room));
      }
      alice.publish(alice.id, 'chat', { text: 'nobody but the sender is here' });
      await alice.settled();
      alice.publish('ws-default', 'chat', { text: 'last' });
      assert.equal(await bob.text(), chat('last'));
    });

    test('a publish reaches every other member and not its sender', async (t) => {
      const server = await serve(t, shards);
      const clients = await members(t, server, 'lobby', 6);
      for (const [i, sender] of clients.entries()) {
        sender.publish('lobby', 'chat', { text: `from ${i}` });
        for (const other of clients) {
          if (other !== sender) assert.equal(await other.text(), chat(`from ${i}`));
        }
        await sender.settled();
      }
    });

    test('M8 who left a room receives nothing of it, who stayed does', async (t) => {
      const server = await serve(t, shards);
      const [alice, bob, carol] = await members(t, server, 'lobby', 3);
      bob.send('leave', { rooms: ['lobby', 'never-joined', 'ws-notification'] });
      await bob.settled();
      alice.publish('lobby', 'chat', { text: 'without bob' });
      alice.publish('ws-notification', 'chat', { text: 'without bob' });
      alice.publish('ws-default', 'chat', { text: 'to all' });
      assert.equal(await bob.text(), chat('to all'));
      assert.equal(await carol.text(), chat('without bob'));
      assert.equal(await carol.text(), chat('without bob'));
      assert.equal(await carol.text(), chat('to all'));
    });

    test('M8 a leave right behind a join leaves', async (t) => {
      const server = await serve(t, shards);
      const alice = await Client.join(t, server.url, 'alice', ['lobby']);
      const bob = await Client.join(t, server.url, 'bob');
      bob.send('join', { rooms: ['lobby'] });
      bob.send('leave', { rooms: ['lobby'] });
      await bob.settled();
      alice.publish('lobby', 'chat', { text: 'bob is gone' });
      alice.publish('ws-default', 'chat', { text: 'to all' });
      assert.equal(await bob.text(), chat('to all'));
    });

    test('a publish to a room that the sender is not in reaches nobody', async (t) => {
      const server = await serve(t, shards);
      const [alice, bob] = await members(t, server, 'lobby', 2);
      const outsider = await Client.join(t, server.url, 'outsider');
      outsider.publish('lobby', 'chat', { text: 'not for you' });
      outsider.publish('nowhere', 'chat', { text: 'not for you' });
      outsider.publish('ws-default', 'chat', { text: 'for you' });
      assert.equal(await alice.text(), chat('for you'));
      assert.equal(await bob.text(), chat('for you'));
    });

    test('thousands of messages arrive whole and in order', async (t) => {
      const server = await serve(t, shards, '--message-rate', '0');
      const [alice, bob, carol] = await members(t, server, 'lobby', 3);
      const count = 5_000;
      for (let n = 0; n < count; ++n) alice.publish('lobby', 'n', n);
      for (let n = 0; n < count; ++n) {
        const expected = `{"event":"n","data":${n}}`;
        assert.equal(await bob.text(), expected);
        assert.equal(await carol.text(), expected);
      }
      await alice.settled();
    });

    test('D15 data arrives as the text that was sent', async (t) => {
      const server = await serve(t, shards);
      const [alice, bob] = await members(t, server, 'lobby', 2);
      for (const data of ['{"b":1, "a":[1e999, -0],"b":2}', '12345678901234567890', '"\\u00e9 é 😀 \\ud800"',
        'null', 'false', '""', '"<b>&\\u2028"']) {
        alice.sendRaw(`{"event":"publish","data":{"room":"lobby","event":"d","data":${data}}}`);
        assert.equal(await bob.text(), `{"event":"d","data":${data}}`);
      }
    });

    test('O8 SIGINT closes every client with 1001 and the program ends with 0', async (t) => {
      const server = await serve(t, shards);
      const stranger = await Client.open(t, server.url);
      const clients = [stranger, ...await members(t, server, 'lobby', 4)];
      assert.equal(await server.stop(), 0);
      for (const client of clients) {
        assert.deepEqual(await client.closed(), { code: 1001, reason: 'Server shutting down' });
      }
    });
  });
}

describe('who may come in', () => {
  for (const [what, data] of [['an empty token', { token: '' }], ['no token', {}], ['no data', undefined]]) {
    test(`O4 ${what} is refused in words, then closed with 4003`, async (t) => {
      const server = await serve(t, 1);
      const client = await Client.open(t, server.url);
      client.send('authenticate', data);
      assert.equal(await client.text(), errorMessage('Authentication failed'));
      assert.deepEqual(await client.closed(), { code: 4003, reason: 'Authentication failed' });
    });
  }

  test('O1 who does not authenticate is closed with 4001, whatever else it sends', async (t) => {
    const server = await serve(t, 1, '--auth-timeout', '300ms');
    const member = await Client.join(t, server.url, 'alice');
    const idle = await Client.open(t, server.url);
    const busy = await Client.open(t, server.url);
    const beat = setInterval(() => busy.send('heartbeat'), 50);
    t.after(() => clearInterval(beat));
    const expected = { code: 4001, reason: 'Authentication timeout' };
    assert.deepEqual(await idle.closed(), expected);
    assert.deepEqual(await busy.closed(), expected);
    await member.settled();
  });

  test('M6 before authentication nothing else is served', async (t) => {
    const server = await serve(t, 1);
    const stranger = await Client.open(t, server.url);
    const member = await Client.join(t, server.url, 'alice');
    for (const event of ['join', 'leave', 'publish', 'anything', 'connected']) {
      stranger.send(event, { rooms: ['ws-default'], room: 'ws-default', event: 'chat', data: 1 });
      assert.equal(await stranger.text(), errorMessage('Not authenticated'));
    }
    await member.settled();
    stranger.send('authenticate', { token: 'late but fine' });
    assert.match(await stranger.text(), connectedMessage);
  });

  test('M5 a second authenticate is refused and changes nothing', async (t) => {
    const server = await serve(t, 1);
    const [alice, bob] = await members(t, server, 'lobby', 2);
    alice.send('authenticate', { token: '' });
    assert.equal(await alice.text(), errorMessage('Already authenticated'));
    alice.publish('lobby', 'chat', { text: 'still here' });
    assert.equal(await bob.text(), chat('still here'));
  });

  test('U1 the path is matched exactly, the query is not looked at', async (t) => {
    const server = await serve(t, 1);
    await Client.open(t, `${server.url}?room=lobby`);
    for (const path of ['/', '/ws/', '/WS', '/other']) {
      assert.equal((await refusal(t, `ws://${server.address}${path}`)).statusCode, 404, path);
    }
  });

  test('U3 the first sub-protocol offered is the one chosen', async (t) => {
    const server = await serve(t, 1);
    const some = await Client.open(t, server.url, ['chat.v2', 'chat.v1']);
    assert.equal(some.socket.protocol, 'chat.v2');
    const none = await Client.open(t, server.url);
    assert.equal(none.socket.protocol, '');
  });
});

describe('what bad input gets', () => {
  test('M1 what is not JSON is answered and the connection stays', async (t) => {
    const server = await serve(t, 1);
    const client = await Client.open(t, server.url);
    const bad = ['', ' ', 'hello', '{', "{'event':1}", '{"event":"x",}', '01', '{"event":"x"}}', '\ufeff{}',
      '{"event":"x","data":nope}', `{"event":"x","data":${'['.repeat(300)}${']'.repeat(300)}}`];
    for (const text of bad) {
      client.sendRaw(text);
      assert.equal(await client.text(), errorMessage('Invalid message format'), text.slice(0, 40));
    }
    client.send('authenticate', { token: 'alice' });
    assert.match(await client.text(), connectedMessage);
    client.sendRaw('{');
    assert.equal(await client.text(), errorMessage('Invalid message format'));
    await client.settled();
  });

  test('M2 JSON that is no message is dropped silently', async (t) => {
    const server = await serve(t, 1);
    const client = await Client.join(t, server.url, 'alice');
    for (const text of ['null', 'true', '0', '-1.5e3', '"join"', '[]', '[{"event":"authenticate"}]', '{}',
      '{"data":1}', '{"event":""}', '{"event":null}', '{"event":5}', '{"event":["join"]}', '{"event":{}}',
      '{"event":"\\ud800"}']) {
      client.sendRaw(text);
    }
    await client.settled();
  });

  test('M3 heartbeat is consumed silently in every state', async (t) => {
    const server = await serve(t, 1);
    const client = await Client.open(t, server.url);
    client.send('heartbeat');
    client.send('heartbeat', { any: 'thing' });
    client.send('authenticate', { token: 'alice' });
    assert.match(await client.text(), connectedMessage);
    client.send('heartbeat');
    await client.settled();
  });

  test('M7 names that break the rules are dropped, the others joined', async (t) => {
    const server = await serve(t, 1);
    const fits = 'é'.repeat(256);
    const rooms = ['', 'ws:client', 5, null, ['a'], 'x'.repeat(257), '😀'.repeat(129), 'good', 'good', fits];
    const [alice, bob] = await members(t, server, 'lobby', 2);
    await alice.enter(...rooms);
    await bob.enter(...rooms);
    for (const room of rooms) alice.publish(room, 'chat', { text: room });
    assert.equal(await bob.text(), chat('good'));
    assert.equal(await bob.text(), chat('good'));
    assert.equal(await bob.text(), chat(fits));
    alice.publish('lobby', 'chat', { text: 'last' });
    assert.equal(await bob.text(), chat('last'));
  });

  test('M10 rooms that are no list are an empty one', async (t) => {
    const server = await serve(t, 1);
    const client = await Client.join(t, server.url, 'alice');
    for (const event of ['join', 'leave']) {
      for (const data of [undefined, null, 'lobby', 7, [], {}, { rooms: null }, { rooms: 'lobby' }, { rooms: {} }]) {
        client.send(event, data);
      }
    }
    await client.settled();
  });

  test("D14 another client's own room cannot be joined", async (t) => {
    const server = await serve(t, 1);
    const [alice, eve] = await members(t, server, 'lobby', 2);
    await eve.enter(alice.id);
    alice.publish(alice.id, 'chat', { text: 'private' });
    alice.publish('lobby', 'chat', { text: 'public' });
    assert.equal(await eve.text(), chat('public'));
  });

  test('M9 M11 unknown events are dropped, of duplicate keys the last counts', async (t) => {
    const server = await serve(t, 1);
    const client = await Client.join(t, server.url, 'alice');
    client.send('no-such-event', { any: 'thing' });
    client.send('publish', 'not an object');
    client.sendRaw('{"event":"join","ev\\u0065nt":"heartbeat"}');
    await client.settled();
    client.sendRaw('{"event":"heartbeat","ev\\u0065nt":"authenticate"}');
    assert.equal(await client.text(), errorMessage('Already authenticated'));
  });

  test('M12 a binary message is read as text; invalid UTF-8 in it is no JSON', async (t) => {
    const server = await serve(t, 1);
    const client = await Client.open(t, server.url);
    client.sendRaw(Buffer.from([0x22, 0xff, 0x22]), { binary: true });
    assert.equal(await client.text(), errorMessage('Invalid message format'));
    client.sendRaw(Buffer.from('{"event":"authenticate","data":{"token":"é"}}'), { binary: true });
    assert.equal(connectedMessage.exec(await client.text())[2], 'é');
  });

  test('T2 a message over 128 KiB ends its sender with 1009 and no one else', async (t) => {
    const server = await serve(t, 1);
    const [alice, bob] = await members(t, server, 'lobby', 2);
    const overhead = JSON.stringify({ event: 'publish', data: { room: 'lobby', event: 'chat', data: { text: '' } } });
    const longest = 'x'.repeat(128 * 1024 - overhead.length);
    alice.publish('lobby', 'chat', { text: longest });
    assert.equal(await bob.text(), chat(longest));
    alice.publish('lobby', 'chat', { text: `${longest}x` });
    assert.equal((await alice.closed()).code, 1009);
    await bob.settled();
  });
});

test('fragments with a ping between them are one message, and the ping is answered', async (t) => {
  const server = await serve(t, 1);
  const client = await Client.open(t, server.url);
  const pong = client.pong();
  client.sendRaw('{"event":"authenti', { fin: false });
  client.socket.ping('still there?');
  client.sendRaw('cate","data":{"tok', { fin: false });
  client.sendRaw('en":"alice"}}', { fin: true });
  assert.equal(await pong, 'still there?');
  assert.equal(connectedMessage.exec(await client.text())[2], 'alice');
});

test('a close of the client is answered, and the others go on', async (t) => {
  const server = await serve(t, 1);
  const [alice, bob, carol] = await members(t, server, 'lobby', 3);
  carol.socket.close(1000, 'bye');
  assert.deepEqual(await carol.closed(), { code: 1000, reason: 'bye' });
  alice.publish('lobby', 'chat', { text: 'still here' });
  assert.equal(await bob.text(), chat('still here'));
});

// U2: the last 8 hex digits are the first 4 bytes of SHA-256 over the other 24 and a word.
function assertMadeByWscast(id) {
  const digits = id.replaceAll('-', '');
  const digest = createHash('sha256').update(`${digits.slice(0, 24)}wscast`).digest('hex');
  assert.equal(digits.slice(24), digest.slice(0, 8));
}
