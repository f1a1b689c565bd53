// People at the page of `wscast serve --dev`, in headless Chromium.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client } from './support/client.mjs';
import { keepPicture, openTab, startBrowser } from './support/browser.mjs';
import { startServer } from './support/server.mjs';

let browser;
before(async () => { browser = await startBrowser(); });
after(() => browser?.close());

function serve(t, ...more) {
  return startServer(t, 'wscast', 'serve', '--dev', ...more);
}

async function connect(tab, token) {
  await tab.getByTestId('token').fill(token);
  await tab.getByTestId('connect').click();
}

async function connected(tab, token) {
  await connect(tab, token);
  await tab.locator('#phase[data-phase="connected"]').waitFor();
}

async function join(tab, room) {
  await tab.getByTestId('join-room').fill(room);
  await tab.getByTestId('join').click();
  await tab.getByTestId('room').filter({ hasText: room }).waitFor();
}

async function publish(tab, room, event, data) {
  await tab.getByTestId('publish-room').fill(room);
  await tab.getByTestId('publish-event').fill(event);
  await tab.getByTestId('publish-data').fill(data);
  await tab.getByTestId('publish').click();
}

function received(tab, text) {
  return tab.locator('[data-testid=row][data-way=in]').filter({ hasText: text });
}

async function closedWords(tab) {
  const closed = tab.getByTestId('closed');
  await closed.waitFor();
  return closed.textContent();
}

for (const shards of [1, 3]) {
  test(`two tabs meet in a room, ${shards} shard(s)`, async (t) => {
    const server = await serve(t, '--shards', String(shards));
    const alice = await openTab(t, browser, server.pageUrl);
    const bob = await openTab(t, browser, server.pageUrl);
    await connected(alice, 'alice');
    await connected(bob, 'bob');
    assert.equal(await bob.getByTestId('user-id').textContent(), 'bob');
    assert.match(await bob.getByTestId('client-id').textContent(), /^[0-9a-f-]{36}$/);
    await join(alice, 'lobby');
    await publish(alice, 'ws-default', 'joined', '"alice"');
    await received(bob, 'joined').waitFor();
    await join(bob, 'lobby');
    await publish(bob, 'lobby', 'chat', '{"text": "hello from bob"}');
    await received(alice, 'hello from bob').waitFor();
    await publish(alice, 'lobby', 'chat', '{"text": "hello from alice"}');
    await received(bob, 'hello from alice').waitFor();
    assert.equal(await received(bob, 'hello from bob').count(), 0);
    await keepPicture(bob, `two-tabs-${shards}`);
  });
}

test('who left a room is shown nothing of it', async (t) => {
  const server = await serve(t);
  const tab = await openTab(t, browser, server.pageUrl);
  const peer = await Client.join(t, server.url, 'peer', ['lobby']);
  await connected(tab, 'alice');
  await join(tab, 'lobby');
  await publish(tab, 'lobby', 'chat', '"I am in"');
  assert.equal(await peer.text(), '{"event":"chat","data":"I am in"}');
  peer.publish('lobby', 'chat', 'for the room');
  await received(tab, 'for the room').waitFor();
  await tab.getByRole('button', { name: 'Leave lobby' }).click();
  await publish(tab, 'ws-default', 'chat', '"I am out"');
  assert.equal(await peer.text(), '{"event":"chat","data":"I am out"}');
  peer.publish('lobby', 'chat', 'not for alice');
  peer.publish('ws-default', 'chat', 'for everybody');
  await received(tab, 'for everybody').waitFor();
  assert.equal(await received(tab, 'not for alice').count(), 0);
  assert.equal(await tab.getByTestId('room').count(), 0);
});

test('all of it can be done from the keyboard', async (t) => {
  const server = await serve(t);
  const peer = await Client.join(t, server.url, 'peer', ['lobby']);
  const tab = await openTab(t, browser, server.pageUrl);
  await tab.keyboard.type('alice');
  await tab.keyboard.press('Enter');
  await tab.locator('#join-room:focus').waitFor();
  await tab.keyboard.type('lobby');
  await tab.keyboard.press('Enter');
  await tab.getByTestId('room').waitFor();
  await tab.getByTestId('publish-data').focus();
  await tab.keyboard.press('Control+A');
  await tab.keyboard.type('{"typed": true}');
  await tab.keyboard.press('Control+Enter');
  assert.equal(await peer.text(), '{"event":"chat","data":{"typed":true}}');
});

test('O4 a refused token is told in words', async (t) => {
  const server = await serve(t);
  const tab = await openTab(t, browser, server.pageUrl);
  await connect(tab, '');
  assert.match(await closedWords(tab), /refused the token.*4003.*Authentication failed/);
  await received(tab, 'Authentication failed').waitFor();
  await keepPicture(tab, 'refused');
  await connected(tab, 'alice');
  assert.equal(await tab.getByTestId('closed').isHidden(), true);
});

test('O1 a missed authentication is told in words', async (t) => {
  const server = await serve(t, '--auth-timeout', '300ms');
  const tab = await openTab(t, browser, server.pageUrl);
  await tab.evaluate(() => { WebSocket.prototype.send = () => {}; });
  await connect(tab, 'alice');
  assert.match(await closedWords(tab), /none came in time.*4001.*Authentication timeout/);
});

test('O8 a server that stops, dies or is not there is told in words', async (t) => {
  const server = await serve(t);
  const tab = await openTab(t, browser, server.pageUrl);
  await connected(tab, 'alice');
  await join(tab, 'lobby');
  assert.equal(await server.stop(), 0);
  assert.match(await closedWords(tab), /shutting down.*1001/);
  assert.equal(await tab.getByTestId('phase').textContent(), 'Not connected');
  assert.equal(await tab.getByTestId('room').count(), 0);
  await tab.getByTestId('connect').click();
  await tab.getByText('is the server running?').first().waitFor();
});

test('a connection that is lost without a word is told in words', async (t) => {
  const server = await serve(t);
  const tab = await openTab(t, browser, server.pageUrl);
  await connected(tab, 'alice');
  await server.kill();
  assert.match(await closedWords(tab), /lost.*1006/);
});

test('who disconnects can come back', async (t) => {
  const server = await serve(t);
  const tab = await openTab(t, browser, server.pageUrl);
  await connected(tab, 'alice');
  await tab.getByTestId('disconnect').click();
  assert.equal(await closedWords(tab), 'You disconnected.');
  await connected(tab, 'alice again');
  assert.equal(await tab.getByTestId('user-id').textContent(), 'alice again');
});

test('what cannot work is said before it is sent', async (t) => {
  const server = await serve(t);
  const tab = await openTab(t, browser, server.pageUrl);
  await connected(tab, 'alice');
  await tab.getByTestId('join-room').fill('ws:client');
  await tab.getByTestId('join').click();
  assert.match(await tab.getByTestId('join-problem').textContent(), /belong to the server/);
  await publish(tab, 'lobby', 'chat', '{"text": }');
  assert.match(await tab.getByTestId('publish-problem').textContent(), /not JSON/);
  await publish(tab, '', 'chat', '1');
  assert.match(await tab.getByTestId('publish-problem').textContent(), /which room/);
  await publish(tab, 'lobby', '', '1');
  assert.match(await tab.getByTestId('publish-problem').textContent(), /event a name/);
  const sent = tab.locator('[data-testid=row][data-way=out]');
  assert.equal(await sent.count(), 1, 'only authenticate went out');
});

test('markup from the wire is shown, never run', async (t) => {
  const server = await serve(t);
  const tab = await openTab(t, browser, server.pageUrl);
  const peer = await Client.join(t, server.url, 'peer');
  await connected(tab, '<b id="planted">user</b>');
  const markup = '<img id="planted" src=x onerror="document.title=\'run\'">';
  peer.publish('ws-default', markup, markup);
  await received(tab, 'onerror').waitFor();
  await join(tab, markup);
  assert.equal(await tab.locator('#planted').count(), 0);
  assert.equal(await tab.title(), 'wscast');
});

test('a heartbeat goes out every 25 s', async (t) => {
  const server = await serve(t);
  const context = await browser.newContext();
  t.after(() => context.close());
  const tab = await context.newPage();
  await tab.clock.install();
  await tab.goto(server.pageUrl);
  await connected(tab, 'alice');
  const beats = tab.locator('[data-testid=row][data-way=out]').filter({ hasText: 'heartbeat' });
  await tab.clock.runFor(24_000);
  assert.equal(await beats.count(), 0);
  await tab.clock.runFor(27_000);
  assert.equal(await beats.count(), 2);
});

test('the log keeps the last 500 and can be cleared', async (t) => {
  const server = await serve(t);
  const tab = await openTab(t, browser, server.pageUrl);
  const peer = await Client.join(t, server.url, 'peer');
  await connected(tab, 'alice');
  for (let n = 1; n <= 600; ++n) peer.publish('ws-default', 'n', n);
  await tab.getByTestId('row').last().filter({ hasText: /n 600$/ }).waitFor();
  assert.equal(await tab.getByTestId('row').count(), 500);
  await tab.getByTestId('clear').click();
  assert.equal(await tab.getByTestId('row').count(), 0);
});

// As the page is served, and under the strictest policy that it promises to work with.
test('nothing is asked of anybody but the server, under a strict policy', async (t) => {
  const server = await serve(t);
  // A page that the test hands over counts as foreign, and foreign pages may not ask 127.0.0.1.
  const context = await browser.newContext({ permissions: ['local-network-access'] });
  t.after(() => context.close());
  const tab = await context.newPage();
  const asked = [];
  const complaints = [];
  tab.on('request', (request) => asked.push(request.url()));
  tab.on('console', (message) => complaints.push(message.text()));
  tab.on('pageerror', (error) => complaints.push(error.message));
  await tab.route(server.pageUrl, async (route) => {
    const response = await route.fetch();
    const policy = "default-src 'self'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; " +
      "connect-src 'self' ws: wss:";
    await route.fulfill({ response, headers: { ...response.headers(), 'content-security-policy': policy } });
  });
  await tab.goto(server.pageUrl);
  await connected(tab, 'alice');
  await join(tab, 'lobby');
  await publish(tab, 'lobby', 'chat', '1');
  assert.deepEqual(asked, [server.pageUrl]);
  assert.deepEqual(complaints, []);
});

for (const [name, width, colorScheme] of [['desktop-light', 1280, 'light'], ['desktop-dark', 1280, 'dark'],
  ['phone-light', 390, 'light'], ['phone-dark', 390, 'dark']]) {
  test(`nothing is cut off: ${name}`, async (t) => {
    const server = await serve(t);
    const options = { viewport: { width, height: 844 }, colorScheme, deviceScaleFactor: 2 };
    const tab = await openTab(t, browser, server.pageUrl, options);
    await keepPicture(tab, `${name}-start`);
    const peer = await Client.join(t, server.url, 'bob', ['lobby']);
    await connected(tab, 'alice');
    await join(tab, 'lobby');
    await publish(tab, 'lobby', 'chat', '{"text": "Hello, who is here?"}');
    await peer.text();
    peer.publish('lobby', 'chat', { text: 'Bob is. Nice to meet you!' });
    peer.publish('lobby', 'moved', { player: 'bob', to: [12, 48], word: 'unbroken'.repeat(30) });
    await received(tab, 'moved').waitFor();
    await join(tab, 'a-room-with-a-name-that-is-longer-than-a-phone-is-wide-and-then-some');
    await keepPicture(tab, name);
    const overflow = await tab.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(overflow <= 0, `the page is ${overflow} px too wide`);
  });
}

test('chromium talks to echo', async (t) => {
  const server = await startServer(t, 'echo', '--max-payload-length', '64MiB');
  const page = await serve(t);
  const tab = await openTab(t, browser, page.pageUrl);
  const answers = await tab.evaluate(talkToEcho, server.url);
  assert.deepEqual(answers, {
    texts: ['', 'hello', 'ünïcödé 😀'],
    sizes: [0, 1, 125, 126, 65_535, 65_536, 1_048_576],
    intact: true,
    close: { code: 4321, reason: 'enough', wasClean: true },
  });
});

// Runs in the browser.
async function talkToEcho(url) {
  const socket = new WebSocket(url);
  socket.binaryType = 'arraybuffer';
  const event = (name) => new Promise((resolve, reject) => {
    socket.addEventListener(name, resolve, { once: true });
    socket.addEventListener('error', () => reject(new Error('socket error')), { once: true });
  });
  const ask = async (message) => {
    const answer = event('message');
    socket.send(message);
    return (await answer).data;
  };
  await event('open');
  const texts = [];
  for (const text of ['', 'hello', 'ünïcödé 😀']) texts.push(await ask(text));
  const sizes = [];
  let intact = true;
  for (const size of [0, 1, 125, 126, 65_535, 65_536, 1_048_576]) {
    const sent = Uint8Array.from({ length: size }, (_, i) => i * 31 + (i >> 8));
    const came = new Uint8Array(await ask(sent));
    sizes.push(came.length);
    intact = intact && came.every((byte, i) => byte === sent[i]);
  }
  const closed = event('close');
  socket.close(4321, 'enough');
  const { code, reason, wasClean } = await closed;
  return { texts, sizes, intact, close: { code, reason, wasClean } };
}
