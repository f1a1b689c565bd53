// `wscast serve --encryption`, with clients that speak it by Web Crypto and clients that do not.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Client, connectedMessage, errorMessage } from './support/client.mjs';
import { stats } from './support/raw.mjs';
import { SealedClient, bytesOf, base64Of } from './support/sealed_client.mjs';
import { startServer } from './support/server.mjs';

function serve(t, mode, ...more) {
  return startServer(t, 'wscast', 'serve', '--dev', '--encryption', mode, ...more);
}

function chat(text) {
  return JSON.stringify({ event: 'chat', data: text });
}

async function counter(server, name) {
  return (await stats(server)).counters[name];
}

for (const shards of [1, 3]) {
  describe(`with ${shards} shard(s)`, () => {
    test('M17 optional: an encrypted and a plain client are in one room', async (t) => {
      const server = await serve(t, 'optional', '--shards', String(shards));
      const alice = await SealedClient.join(t, server.url, 'alice', ['lobby']);
      const bob = await Client.join(t, server.url, 'bob', ['lobby']);
      const carol = await SealedClient.join(t, server.url, 'carol', ['lobby']);
      assert.equal((await alice.acknowledged('lobby', 'chat', 'from alice')).delivered, 2);
      assert.equal(await bob.text(), chat('from alice'));
      assert.equal(await carol.text(), chat('from alice'));
      assert.equal((await bob.acknowledged('lobby', 'chat', 'from bob')).delivered, 2);
      assert.equal(await alice.text(), chat('from bob'));
      assert.equal(await carol.text(), chat('from bob'));
      assert.equal(await counter(server, 'decryption_failures'), 0);
    });

    test('E6 thousands of messages are sealed and opened in order', async (t) => {
      const server = await serve(t, 'required', '--shards', String(shards), '--message-rate', '0');
      const alice = await SealedClient.join(t, server.url, 'alice', ['lobby']);
      const bob = await SealedClient.join(t, server.url, 'bob', ['lobby']);
      const count = 3_000;
      for (let n = 0; n < count; ++n) alice.publish('lobby', 'n', n);
      for (let n = 0; n < count; ++n) assert.equal(await bob.text(), `{"event":"n","data":${n}}`);
      await alice.settled();
      // S3: no IV came twice.
      const ivs = bob.frames.slice(1).map((frame) => JSON.parse(frame).data.iv);
      assert.equal(new Set(ivs).size, ivs.length);
    });
  });
}

describe('required', () => {
  test('O7 S7 who sends no key, or none that is one, is refused in words, then closed with 4004', async (t) => {
    const server = await serve(t, 'required');
    const offCurve = base64Of(Buffer.concat([Buffer.from([4]), Buffer.alloc(64, 1)]));
    const keys = [undefined, null, 5, '', 'key', offCurve];
    for (const publicKey of keys) {
      const client = await Client.open(t, server.url);
      client.send('authenticate', { token: 'alice', publicKey });
      assert.equal(await client.text(), errorMessage('Encryption handshake failed'), `${publicKey}`);
      assert.deepEqual(await client.closed(), { code: 4004, reason: 'Encryption required' });
    }
    assert.equal(await counter(server, 'closed_encryption'), keys.length);
    await SealedClient.join(t, server.url, 'alice');
  });

  test('S1 S2 S5 connected is in the clear, with a key and a salt of this connection alone', async (t) => {
    const server = await serve(t, 'required');
    const [first, second] = [await SealedClient.join(t, server.url, 'alice'), await SealedClient.join(t, server.url, 'alice')];
    assert.deepEqual(Object.keys(first.connected), ['id', 'userId', 'time', 'serverPublicKey', 'salt']);
    assert.equal(bytesOf(first.connected.serverPublicKey).length, 65);
    assert.equal(bytesOf(first.connected.salt).length, 32);
    assert.notEqual(first.connected.serverPublicKey, second.connected.serverPublicKey);
    assert.notEqual(first.connected.salt, second.connected.salt);
    for (const client of [first, second]) await client.settled();
  });

  test('S6 everything after it comes sealed: messages, acks, errors', async (t) => {
    const server = await serve(t, 'required');
    const alice = await SealedClient.join(t, server.url, 'alice', ['lobby']);
    const bob = await SealedClient.join(t, server.url, 'bob', ['lobby']);
    bob.publish('lobby', 'chat', 'a secret');
    assert.equal(await alice.text(), chat('a secret'));
    assert.equal((await alice.acknowledged('elsewhere', 'chat', 1)).error, 'not a member');
    await alice.settled();
    for (const frame of alice.frames.slice(1)) assert.match(frame, /^{"event":"encrypted",/);
  });

  test('O8 an encrypted client is notified of a shutdown', async (t) => {
    const server = await serve(t, 'required');
    const alice = await SealedClient.join(t, server.url, 'alice');
    assert.equal(await server.stop(), 0);
    assert.deepEqual(await alice.closed(), { code: 1001, reason: 'Server shutting down' });
  });
});

describe('optional', () => {
  test('S7 a publicKey that is none is refused, none at all is not', async (t) => {
    const server = await serve(t, 'optional');
    const client = await Client.open(t, server.url);
    client.send('authenticate', { token: 'alice', publicKey: 'key' });
    assert.equal(await client.text(), errorMessage('Encryption handshake failed'));
    assert.equal((await client.closed()).code, 4004);
    const plain = await Client.join(t, server.url, 'alice');
    await plain.settled();
  });
});

describe('off', () => {
  test('a publicKey is not looked at, and connected has no keys', async (t) => {
    const server = await startServer(t, 'wscast', 'serve', '--dev');
    const client = await Client.open(t, server.url);
    client.send('authenticate', { token: 'alice', publicKey: 'key' });
    assert.match(await client.text(), connectedMessage);
    await client.settled();
  });
});

describe('what an encrypted client sends', () => {
  test('S8 it may be plain', async (t) => {
    const server = await serve(t, 'required');
    const alice = await SealedClient.join(t, server.url, 'alice');
    alice.sendPlain('publish', { room: 'ws-default', event: 'chat', data: 1 }, 'plain');
    assert.equal(JSON.parse(await alice.text()).id, 'plain');
  });

  test('T2 the longest is 128 KiB as it travels, 98,240 bytes inside', async (t) => {
    const server = await serve(t, 'required');
    const alice = await SealedClient.join(t, server.url, 'alice');
    const around = JSON.stringify({ event: 'authenticate', data: '' }).length;
    const longest = 'x'.repeat(98_240 - around);
    alice.send('authenticate', longest);
    assert.equal(await alice.text(), errorMessage('Already authenticated'));
    alice.send('authenticate', `${longest}x`);
    assert.equal((await alice.closed()).code, 1009);
  });

  // What is sent in the place of the sealed message `frame`; each must be refused.
  for (const [what, spoil] of [
    ['altered', (frame) => frame.replace(/"ct":"./, (start) => start.slice(0, -1) + (start.endsWith('A') ? 'B' : 'A'))],
    ['cut', (frame) => frame.replace(/"ct":".{8}/, '"ct":"')],
    ['without data', () => '{"event":"encrypted"}'],
    ['without an IV', (frame) => frame.replace('"iv"', '"vi"')],
  ]) {
    test(`S8 ${what}, it is refused and counted, and the next one is taken`, async (t) => {
      const server = await serve(t, 'required');
      const alice = await SealedClient.join(t, server.url, 'alice');
      const frame = await alice.seal('{"event":"publish","data":{"room":"ws-default","event":"chat"},"id":1}');
      const spoilt = spoil(frame);
      assert.notEqual(spoilt, frame);
      alice.sendRaw(spoilt);
      assert.equal(await alice.text(), errorMessage('Decryption failed'));
      assert.equal(await counter(server, 'decryption_failures'), 1);
      await alice.settled();
    });
  }

  test('S8 nothing is taken twice, or later than what came behind it', async (t) => {
    const server = await serve(t, 'required');
    const alice = await SealedClient.join(t, server.url, 'alice');
    const publish = (id) => alice.seal(JSON.stringify({ event: 'publish', data: { room: 'ws-default', event: 'chat' }, id }));
    const [late, first] = [await publish('late'), await publish('first')];
    alice.sendRaw(first);
    assert.equal(JSON.parse(await alice.text()).id, 'first');
    for (const again of [first, late]) {
      alice.sendRaw(again);
      assert.equal(await alice.text(), errorMessage('Decryption failed'));
    }
    assert.equal(await counter(server, 'decryption_failures'), 2);
    await alice.settled();
  });

  test('S8 another client cannot say it', async (t) => {
    const server = await serve(t, 'required');
    const [alice, eve] = [await SealedClient.join(t, server.url, 'alice'), await SealedClient.join(t, server.url, 'eve')];
    eve.sendRaw(await alice.seal('{"event":"heartbeat"}'));
    assert.equal(await eve.text(), errorMessage('Decryption failed'));
    await eve.settled();
  });

  for (const [what, inside] of [['no message', 'hello'], ['no envelope', '[]'], ['another encrypted message', '{"event":"encrypted","data":{}}']]) {
    test(`S8 with ${what} inside it is refused`, async (t) => {
      const server = await serve(t, 'required');
      const alice = await SealedClient.join(t, server.url, 'alice');
      alice.sendSealed(inside);
      assert.equal(await alice.text(), errorMessage('Decryption failed'));
      assert.equal(await counter(server, 'decryption_failures'), 1);
      await alice.settled();
    });
  }

  test('S8 M9 from a plain client it is an event like any other', async (t) => {
    const server = await serve(t, 'optional');
    const bob = await Client.join(t, server.url, 'bob');
    bob.send('encrypted', { iv: '', ct: '' });
    await bob.settled();
    assert.equal(await counter(server, 'decryption_failures'), 0);
    assert.equal((await bob.acknowledged('ws-default', 'encrypted', 1)).error, 'reserved event');
  });
});
