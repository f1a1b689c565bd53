// People at the page of `wscast serve --dev --encryption`, in headless Chromium.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  ackWords, closedWords, connect, connected, framesFrom, framesTo, inPhase, join, lockWords, note, publish, received,
  sent,
} from './support/console.mjs';
import { insecureHost, keepPicture, openTab, startBrowser } from './support/browser.mjs';
import { SealedClient } from './support/sealed_client.mjs';
import { startServer } from './support/server.mjs';

let browser;
before(async () => { browser = await startBrowser(); });
after(() => browser?.close());

function serve(t, ...more) {
  return startServer(t, 'wscast', 'serve', '--dev', ...more);
}

for (const shards of [1, 3]) {
  test(`S5 S6 S8 an encrypted and a plain tab meet in a room, ${shards} shard(s)`, async (t) => {
    const server = await serve(t, '--encryption', 'optional', '--shards', String(shards));
    const [alice, bob] = [await openTab(t, browser, server.pageUrl), await openTab(t, browser, server.pageUrl)];
    const [out, into] = [framesFrom(alice), framesTo(alice)];
    await bob.getByTestId('encrypt').uncheck();
    await connected(alice, 'alice');
    await connected(bob, 'bob');
    for (const tab of [alice, bob]) await join(tab, 'lobby');
    await publish(bob, 'lobby', 'chat', '{"text": "hello from bob"}');
    await received(alice, 'hello from bob').waitFor();
    await publish(alice, 'lobby', 'chat', '{"text": "hello from alice"}');
    await received(bob, 'hello from alice').waitFor();
    await ackWords(alice, 'Delivered to 1 other');

    const events = (frames) => frames.map((frame) => JSON.parse(frame).event);
    assert.deepEqual(events(out), ['authenticate', 'encrypted', 'encrypted']);
    assert.deepEqual(events(into), ['connected', 'encrypted', 'encrypted', 'encrypted']);
    for (const frame of [...out.slice(1), ...into.slice(1)]) {
      assert.match(frame, /^{"event":"encrypted","data":{"iv":"[\w+/]{16}","ct":"[\w+/]+={0,2}"}}$/);
    }
    const ivs = out.slice(1).map((frame) => Buffer.from(JSON.parse(frame).data.iv, 'base64'));
    assert.deepEqual(ivs[0].subarray(0, 4), ivs[1].subarray(0, 4));
    assert.equal(ivs[1].readBigUInt64BE(4), ivs[0].readBigUInt64BE(4) + 1n);

    assert.equal(await lockWords(alice), 'This connection is encrypted with keys of its own');
    assert.equal(await alice.getByTestId('lock').textContent(), 'Encrypted');
    assert.equal(await lockWords(bob), 'This connection is not encrypted: this page did not ask for it');
    const marked = (tab) => tab.getByTestId('row').filter({ has: tab.getByRole('img', { name: 'encrypted' }) });
    assert.deepEqual(await marked(alice).locator('.event').allTextContents(), ['join', 'ack', 'chat', 'publish', 'ack']);
    assert.equal(await marked(alice).first().getByRole('img').getAttribute('title'), `It travelled encrypted: ${out[1]}`);
    assert.equal(await marked(bob).count(), 0);
    await keepPicture(alice, `encrypted-${shards}`);
    await keepPicture(bob, `plain-${shards}`);
  });
}

// A tab in which what is long takes long to encrypt and to decrypt.
async function openSlowTab(t, url) {
  const tab = await openTab(t, browser, 'about:blank');
  await tab.addInitScript(() => {
    for (const name of ['encrypt', 'decrypt']) {
      const quick = SubtleCrypto.prototype[name];
      SubtleCrypto.prototype[name] = async function slow(algorithm, key, data) {
        if (data.byteLength > 1000) await new Promise((resolve) => setTimeout(resolve, 200));
        return quick.call(this, algorithm, key, data);
      };
    }
  });
  await tab.goto(url);
  return tab;
}

test('what comes encrypted is shown in the order it came in, and the close behind it', async (t) => {
  const server = await serve(t, '--encryption', 'required');
  const tab = await openSlowTab(t, server.pageUrl);
  const peer = await SealedClient.join(t, server.url, 'peer');
  await connected(tab, 'alice');
  for (const [event, data] of [['long', 'é'.repeat(20_000)], ['short', 1], ['long', 'é'.repeat(20_000)]]) {
    peer.publish('ws-default', event, data);
  }
  await peer.settled();
  await server.stop();
  await closedWords(tab);
  const events = await tab.getByTestId('row').locator('.event').allTextContents();
  // It tries to come back, in vain, which may show another `closed` already.
  assert.deepEqual(events.slice(0, 6), ['authenticate', 'connected', 'long', 'short', 'long', 'closed']);
});

test('what is sent encrypted goes out in the order it was sent in, heartbeats too', async (t) => {
  const server = await serve(t, '--encryption', 'required');
  const tab = await openSlowTab(t, server.pageUrl);
  const peer = await SealedClient.join(t, server.url, 'peer');
  await tab.getByTestId('heartbeat-every').fill('1');
  await connected(tab, 'alice');
  await tab.evaluate((messages) => {
    for (const [event, data] of messages) {
      for (const [id, text] of [['room', 'ws-default'], ['event', event], ['data', JSON.stringify(data)]]) {
        document.getElementById(`publish-${id}`).value = text;
      }
      document.getElementById('publish').click();
    }
  }, [['long', 'é'.repeat(40_000)], ['short', 1]]);
  assert.equal(await peer.text(), JSON.stringify({ event: 'long', data: 'é'.repeat(40_000) }));
  assert.equal(await peer.text(), '{"event":"short","data":1}');
  await sent(tab, 'heartbeat').nth(1).waitFor();
  await publish(tab, 'ws-default', 'last', '2');
  assert.equal(await peer.text(), '{"event":"last","data":2}');
  assert.equal(await received(tab, 'Decryption failed').count(), 0);
});

test('each connection has keys of its own', async (t) => {
  const server = await serve(t, '--encryption', 'required');
  const tab = await openTab(t, browser, server.pageUrl);
  const [out, into] = [framesFrom(tab), framesTo(tab)];
  for (const user of ['alice', 'bob']) {
    await connected(tab, user);
    await tab.getByTestId('disconnect').click();
    await inPhase(tab, 'closed');
    assert.equal(await tab.getByTestId('lock').isHidden(), true);
  }
  const values = (frames, event, name) => frames.map((frame) => JSON.parse(frame))
    .filter((message) => message.event === event).map(({ data }) => data[name]);
  const keys = [...values(out, 'authenticate', 'publicKey'), ...values(into, 'connected', 'serverPublicKey')];
  assert.equal(new Set(keys).size, 4);
});

test('a server without encryption is recognised', async (t) => {
  const server = await serve(t);
  const tab = await openTab(t, browser, server.pageUrl);
  const out = framesFrom(tab);
  await connected(tab, 'alice');
  assert.equal(await tab.getByTestId('encrypt').isDisabled(), true);
  assert.equal(await lockWords(tab), 'This connection is not encrypted: the server does not encrypt');
  assert.equal(await tab.getByTestId('lock').textContent(), 'Not encrypted');
  assert.match(await tab.getByTestId('encryption').textContent(), /^none: the server does not encrypt$/);
  await join(tab, 'lobby');
  await publish(tab, 'lobby', 'chat', '1');
  await ackWords(tab, 'Delivered');
  assert.equal(out[1], '{"event":"join","data":{"rooms":["lobby"]},"id":"join"}');
});

test('O7 who switches encryption off where it is required gets a hint', async (t) => {
  const server = await serve(t, '--encryption', 'required');
  const tab = await openTab(t, browser, server.pageUrl);
  await tab.getByTestId('encrypt').uncheck();
  await connect(tab, 'alice');
  assert.match(await closedWords(tab), /takes encrypted clients alone\. Switch “Encrypt” on\..*4004.*Encryption required/);
  await received(tab, 'Encryption handshake failed').waitFor();
  await tab.getByTestId('encrypt').check();
  await connected(tab, 'alice');
});

test('a page that the browser does not let encrypt says so and still connects', async (t) => {
  const server = await serve(t, '--encryption', 'optional');
  const tab = await openTab(t, browser, server.pageUrl.replace('127.0.0.1', insecureHost));
  assert.equal(await tab.evaluate('isSecureContext'), false);
  assert.equal(await tab.getByTestId('encrypt').isDisabled(), true);
  assert.match(await tab.getByTestId('encrypt-hint').textContent(), /browsers allow it only\s+to pages from https:\/\/ or localhost/);
  await keepPicture(tab, 'insecure');
  await connected(tab, 'alice');
  assert.equal(await lockWords(tab), 'This connection is not encrypted: this page did not ask for it');
});

test('O7 and learns why a server that requires encryption refuses it', async (t) => {
  const server = await serve(t, '--encryption', 'required');
  const tab = await openTab(t, browser, server.pageUrl.replace('127.0.0.1', insecureHost));
  await connect(tab, 'alice');
  assert.match(await closedWords(tab), /takes encrypted clients alone\. Browsers allow encryption only .*4004/);
});

test('what somebody altered under way is reported, and the connection left', async (t) => {
  const server = await serve(t, '--encryption', 'required');
  const tab = await openTab(t, browser, 'about:blank');
  await tab.routeWebSocket(server.url, (socket) => {
    socket.connectToServer().onMessage((text) => socket.send(text.replace(/("ct":")(.)/, (_, start, first) =>
      start + (first === 'A' ? 'B' : 'A'))));
  });
  await tab.goto(server.pageUrl);
  await connected(tab, 'alice');
  await publish(tab, 'ws-default', 'chat', '1');
  await received(tab, 'This message cannot be decrypted').waitFor();
  await note(tab, 'This page left the connection: a message cannot be decrypted.');
  assert.equal(await tab.getByTestId('ack').textContent(), 'The connection ended before the server answered.');
});

test('keys that are none end the connection, in words', async (t) => {
  const server = await serve(t, '--encryption', 'required');
  const tab = await openTab(t, browser, 'about:blank');
  await tab.routeWebSocket(server.url, (socket) => {
    socket.connectToServer().onMessage((text) => socket.send(text.replace(/"serverPublicKey":"./, '"serverPublicKey":"A')));
  });
  await tab.goto(server.pageUrl);
  await connect(tab, 'alice');
  assert.match(await closedWords(tab), /keys are none that this page can use/);
});
