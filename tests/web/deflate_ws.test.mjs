// Compression (RFC 7692) with npm's `ws` as the client: sizes, windows and fragments on the echo
// server, and a room of unlike clients on `wscast serve`.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import WebSocket from 'ws';
import { Client, connectedMessage } from './support/client.mjs';
import { startServer } from './support/server.mjs';

const sizes = [0, 1, 16, 64, 125, 126, 127, 128, 256, 1_024, 4_096, 8_192, 16_384, 32_768, 65_536, 131_072];

// Text like JSON of that size; `seed` makes it another one.
function jsonText(size, seed = 1) {
  let state = seed;
  let text = '';
  while (text.length < size) {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    text += `{"id":${state},"name":"user ${state % 97}","ok":true},`;
  }
  return text.slice(0, size);
}

async function openDeflating(t, url, options = {}) {
  const client = await Client.open(t, url, [], { perMessageDeflate: { threshold: 0, ...options } });
  assert.equal(client.socket.extensions, 'permessage-deflate');
  return client;
}

const variants = {
  'as ws offers it': {},
  'the smallest windows': { serverMaxWindowBits: 9, clientMaxWindowBits: 9 },
  'middle windows': { serverMaxWindowBits: 12, clientMaxWindowBits: 11 },
  'the largest windows': { serverMaxWindowBits: 15, clientMaxWindowBits: 15 },
  'without context takeover': { serverNoContextTakeover: true, clientNoContextTakeover: true },
};

for (const [name, options] of Object.entries(variants)) {
  test(`T7 every size comes back, text and binary: ${name}`, async (t) => {
    const server = await startServer(t, 'echo', '--per-message-deflate', '--deflate-threshold', '0');
    const client = await openDeflating(t, server.url, options);
    for (const size of sizes) {
      for (let seed = 1; seed <= 10; ++seed) {
        const text = jsonText(size, seed);
        client.socket.send(text);
        assert.equal(await client.text(), text);
      }
      const bytes = Buffer.from(jsonText(size));
      client.socket.send(bytes);
      assert.deepEqual(await client.message(), { bytes, binary: true });
    }
  });

  test(`T7 fragments of a compressed message are put together: ${name}`, async (t) => {
    const server = await startServer(t, 'echo', '--per-message-deflate');
    const client = await openDeflating(t, server.url, options);
    for (const pieceSize of [1, 64, 256, 1_024]) {
      const text = jsonText(100 * pieceSize);
      for (let at = 0; at < text.length; at += pieceSize) {
        client.socket.send(text.slice(at, at + pieceSize), { fin: at + pieceSize >= text.length });
      }
      assert.equal(await client.text(), text);
    }
  });
}

test('T7 1,000 compressed messages in a row come back in order', async (t) => {
  const server = await startServer(t, 'echo', '--per-message-deflate');
  const client = await openDeflating(t, server.url);
  const texts = Array.from({ length: 1_000 }, (_, i) => jsonText(1_000 + i, i + 1));
  for (const text of texts) client.socket.send(text);
  for (const text of texts) assert.equal(await client.text(), text);
});

test('T7 the response names what was agreed on', async (t) => {
  const server = await startServer(t, 'echo', '--per-message-deflate');
  const agreed = async (perMessageDeflate) => {
    const socket = new WebSocket(server.url, { perMessageDeflate });
    t.after(() => socket.terminate());
    socket.on('error', () => {});
    const response = await new Promise((resolve) => { socket.once('upgrade', resolve); });
    return response.headers['sec-websocket-extensions'];
  };
  const always = 'permessage-deflate; server_no_context_takeover; client_no_context_takeover';
  assert.equal(await agreed(true), always);
  assert.equal(await agreed({ serverMaxWindowBits: 10 }), `${always}; server_max_window_bits=10`);
  assert.equal(await agreed({ clientMaxWindowBits: 9 }), `${always}; client_max_window_bits=9`);
  assert.equal(await agreed(false), undefined);
});

test('T7 a room of unlike clients hears the same', async (t) => {
  const server = await startServer(t, 'wscast', 'serve', '--dev', '--per-message-deflate');
  const enter = async (token, options) => {
    const client = await Client.open(t, server.url, [], options);
    client.send('authenticate', { token });
    assert.match(await client.text(), connectedMessage);
    await client.enter('lobby');
    return client;
  };
  const clients = [
    await enter('plain', {}),
    await enter('default', { perMessageDeflate: true }),
    await enter('small', { perMessageDeflate: { serverMaxWindowBits: 9, clientMaxWindowBits: 9, threshold: 0 } }),
  ];
  for (const speaker of clients) {
    for (const size of [10, 2_000, 60_000]) {
      const text = jsonText(size);
      speaker.send('publish', { room: 'lobby', event: 'said', data: text });
      for (const listener of clients) {
        if (listener === speaker) continue;
        assert.deepEqual(JSON.parse(await listener.text()), { event: 'said', data: text });
      }
    }
  }
});
