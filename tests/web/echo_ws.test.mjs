// npm's `ws`, as people use it, against the engine with nothing but an echo on it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client } from './support/client.mjs';
import { startServer } from './support/server.mjs';

const mebibyte = 1024 * 1024;

function echo(t, ...more) {
  return startServer(t, 'echo', '--max-payload-length', '64MiB', ...more);
}

// Bytes that differ from place to place, so that a shifted or repeated part shows.
function pattern(size) {
  const bytes = Buffer.alloc(size);
  for (let i = 0; i < size; ++i) bytes[i] = (i * 31 + (i >> 8) * 7 + (i >> 16)) & 0xff;
  return bytes;
}

async function assertEchoed(client, bytes, binary) {
  client.sendRaw(bytes, { binary });
  await assertCame(client, bytes, binary);
}

async function assertCame(client, bytes, binary) {
  const came = await client.message();
  assert.equal(came.binary, binary);
  assert.ok(came.bytes.equals(bytes), `${bytes.length} bytes sent, other ${came.bytes.length} came`);
}

test('text and binary of every length of header come back as they went', async (t) => {
  const server = await echo(t);
  const client = await Client.open(t, server.url);
  for (const size of [0, 1, 2, 3, 125, 126, 127, 4_096, 65_535, 65_536, 65_537, mebibyte]) {
    await assertEchoed(client, pattern(size), true);
    await assertEchoed(client, Buffer.alloc(size, 'wscast '), false);
  }
});

test('16 MiB come back as they went', async (t) => {
  const server = await echo(t);
  const client = await Client.open(t, server.url);
  await assertEchoed(client, pattern(16 * mebibyte), true);
  await assertEchoed(client, Buffer.alloc(16 * mebibyte, 'wörter '), false);
});

test('text in every width of UTF-8 comes back', async (t) => {
  const server = await echo(t);
  const client = await Client.open(t, server.url);
  for (const text of ['\0', 'ascii', 'ö', '漢字', '😀👩‍👩‍👧', '\u07ff\u0800\uffff\u{10000}\u{10ffff}']) {
    await assertEchoed(client, Buffer.from(text), false);
  }
});

test('fragments come back as one message, pings between them at once', async (t) => {
  const server = await echo(t);
  const client = await Client.open(t, server.url);
  const emoji = Buffer.from('a😀b');
  const pong = client.pong();
  client.sendRaw(emoji.subarray(0, 2), { fin: false, binary: false });
  client.sendRaw(emoji.subarray(2, 3), { fin: false });
  client.socket.ping('between');
  assert.equal(await pong, 'between');
  client.sendRaw(Buffer.alloc(0), { fin: false });
  client.sendRaw(emoji.subarray(3), { fin: true });
  await assertCame(client, emoji, false);
});

test('a thousand fragments are one binary message', async (t) => {
  const server = await echo(t);
  const client = await Client.open(t, server.url);
  const whole = pattern(1_000);
  for (let i = 0; i < 1_000; ++i) {
    client.sendRaw(whole.subarray(i, i + 1), { binary: true, fin: i === 999 });
  }
  await assertCame(client, whole, true);
});

test('pings are answered with what they carried', async (t) => {
  const server = await echo(t);
  const client = await Client.open(t, server.url);
  for (const payload of ['', 'x', 'p'.repeat(125)]) {
    const pong = client.pong();
    client.socket.ping(payload);
    assert.equal(await pong, payload);
  }
  client.socket.pong('nobody asked');
  await assertEchoed(client, Buffer.from('still here'), false);
});

test('a close comes back with its code and reason', async (t) => {
  const server = await echo(t);
  for (const [code, reason] of [[1000, ''], [1001, 'going'], [1003, 'no'], [1011, 'r'.repeat(123)],
    [3000, 'registered'], [4000, 'ünser'], [4999, 'last']]) {
    const client = await Client.open(t, server.url);
    client.socket.close(code, reason);
    assert.deepEqual(await client.closed(), { code, reason });
  }
  const client = await Client.open(t, server.url);
  client.socket.close();
  assert.deepEqual(await client.closed(), { code: 1005, reason: '' });
});

test('text that is not UTF-8 is closed with 1007, the same bytes as binary are not', async (t) => {
  const server = await echo(t);
  for (const bytes of [[0xff], [0x61, 0x80], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe2, 0x82]]) {
    const client = await Client.open(t, server.url);
    await assertEchoed(client, Buffer.from(bytes), true);
    client.sendRaw(Buffer.from(bytes), { binary: false });
    assert.equal((await client.closed()).code, 1007, bytes.join());
  }
});

// shows: A-config-maxPayloadLength
test('T2 the payload limit holds to the byte, fragments summed', async (t) => {
  const server = await startServer(t, 'echo', '--max-payload-length', '1KiB');
  const client = await Client.open(t, server.url);
  await assertEchoed(client, pattern(1024), true);
  client.sendRaw(pattern(1025), { binary: true });
  assert.equal((await client.closed()).code, 1009);
  const slicer = await Client.open(t, server.url);
  slicer.sendRaw(pattern(512), { binary: true, fin: false });
  slicer.sendRaw(pattern(513), { fin: false });
  assert.equal((await slicer.closed()).code, 1009);
});

test('any path is taken', async (t) => {
  const server = await echo(t);
  for (const path of ['/', '/ws', '/a/b?c=d']) {
    const client = await Client.open(t, `ws://${server.address}${path}`);
    await assertEchoed(client, Buffer.from(path), false);
  }
});

for (const shards of [1, 3]) {
  test(`50 connections at once get their own answers, ${shards} shard(s)`, async (t) => {
    const server = await echo(t, '--shards', String(shards));
    const clients = await Promise.all(Array.from({ length: 50 }, () => Client.open(t, server.url)));
    const rounds = 40;
    for (const [i, client] of clients.entries()) {
      for (let round = 0; round < rounds; ++round) client.sendRaw(`client ${i}, round ${round}`);
    }
    for (const [i, client] of clients.entries()) {
      for (let round = 0; round < rounds; ++round) {
        assert.equal(await client.text(), `client ${i}, round ${round}`);
      }
    }
  });
}

test('O8 SIGINT closes with 1001 and the program ends with 0', async (t) => {
  const server = await echo(t);
  const client = await Client.open(t, server.url);
  assert.equal(await server.stop(), 0);
  assert.equal((await client.closed()).code, 1001);
});
