// People at the page of `wscast serve --dev`, in headless Chromium.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fileOf } from '../client/support/files.mjs';
import { Link } from '../client/support/link.mjs';
import { Client } from './support/client.mjs';
import {
  ackWords, closedWords, connect, connected, framesFrom, inPhase, join, note, notes, publish, received, send, sent,
} from './support/console.mjs';
import { keepPicture, openTab, startBrowser } from './support/browser.mjs';
import { startServer } from './support/server.mjs';

let browser;
before(async () => { browser = await startBrowser(); });
after(() => browser?.close());

function serve(t, ...more) {
  return startServer(t, 'wscast', 'serve', '--dev', ...more);
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

test('by https the page speaks wss, with a self-signed certificate that the person accepts', async (t) => {
  const server = await serve(t, '--listen-tls', '127.0.0.1:0', '--tls-self-signed');
  const [, secure] = await server.said(/listening on (\S+) \(TLS\)/);
  await assert.rejects(openTab(t, browser, `https://${secure}/`), /ERR_CERT_AUTHORITY_INVALID/);
  const tab = await openTab(t, browser, `https://${secure}/`, { ignoreHTTPSErrors: true });
  const opened = tab.waitForEvent('websocket');
  await connected(tab, 'alice');
  assert.equal((await opened).url(), `wss://${secure}/ws`);
  const peer = await Client.join(t, server.url, 'peer', ['lobby']);
  await join(tab, 'lobby');
  await publish(tab, 'lobby', 'chat', '{"text": "from alice"}');
  assert.equal(await peer.text(), '{"event":"chat","data":{"text":"from alice"}}');
  peer.publish('lobby', 'chat', 'from a peer');
  await received(tab, 'from a peer').waitFor();
});

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

test('O4 a refused token is reported in words', async (t) => {
  const server = await serve(t);
  const tab = await openTab(t, browser, server.pageUrl);
  await connect(tab, '');
  assert.match(await closedWords(tab), /refused the token.*4003.*Authentication failed/);
  await received(tab, 'Authentication failed').waitFor();
  await keepPicture(tab, 'refused');
  await connected(tab, 'alice');
  assert.equal(await tab.getByTestId('closed').isHidden(), true);
});

test('O1 a missed authentication is reported in words', async (t) => {
  const server = await serve(t, '--auth-timeout', '300ms');
  const tab = await openTab(t, browser, server.pageUrl);
  await tab.evaluate(() => { WebSocket.prototype.send = () => {}; });
  await connect(tab, 'alice');
  assert.match(await closedWords(tab), /none came in time.*4001.*Authentication timeout/);
});

test('O8 a server that stops, dies or is not there is reported in words', async (t) => {
  const server = await serve(t);
  const tab = await openTab(t, browser, server.pageUrl);
  await connected(tab, 'alice');
  await join(tab, 'lobby');
  assert.equal(await server.stop(), 0);
  await note(tab, /^closed .*shutting down.*1001/);
  assert.match(await closedWords(tab), /Connecting again/);
  assert.equal(await tab.getByTestId('publish').isDisabled(), true);
  await tab.getByTestId('closed').filter({ hasText: 'is the server running?' }).waitFor();
  await tab.getByTestId('disconnect').click();
  await tab.getByTestId('closed').filter({ hasText: 'You disconnected.' }).waitFor();
  assert.equal(await tab.getByTestId('phase').textContent(), 'Not connected');
  assert.equal(await tab.getByTestId('room').count(), 0);
  await tab.getByTestId('connect').click();
  await tab.getByTestId('closed').filter({ hasText: 'is the server running?' }).waitFor();
});

test('it comes back by itself, into its rooms, and says so; not into those that it joined by hand', async (t) => {
  const server = await serve(t);
  const tab = await openTab(t, browser, server.pageUrl);
  await connected(tab, 'alice');
  await join(tab, 'lobby');
  await send(tab, 'join', '{"rooms": ["by hand"]}');
  await tab.getByTestId('room').filter({ hasText: 'by hand' }).waitFor();
  await server.kill();
  await inPhase(tab, 'waiting');
  await keepPicture(tab, 'offline');
  assert.deepEqual(await tab.getByTestId('room').allTextContents(), ['lobby×']);
  const next = await serve(t, '--listen', server.address);
  await note(tab, /^connected again after \d+\.\d s$/);
  assert.equal(await tab.getByTestId('closed').isHidden(), true);
  await tab.locator('[data-testid=room]:not(.joining)').waitFor();
  const peer = await Client.join(t, next.url, 'peer', ['lobby']);
  peer.publish('lobby', 'chat', 'welcome back');
  await received(tab, 'welcome back').waitFor();
});

test('of a room with a history it shows how far it is, gets what it missed, and says what is lost', async (t) => {
  const config = fileOf(t, '[[rooms]]\nmatch = "kept*"\njoin = true\npublish = true\nhistory = true\n');
  const server = await serve(t, '--config', config);
  const link = await Link.to(t, server);
  const tab = await openTab(t, browser, link.url.replace(/^ws(.*)ws$/, 'http$1'));
  const peer = await Client.join(t, server.url, 'peer', ['kept']);
  await connected(tab, 'alice');
  await join(tab, 'kept');
  const room = (text) => tab.getByTestId('room').filter({ hasText: text }).waitFor();
  peer.publish('kept', 'chat', 'first');
  await received(tab, '"first" · room "kept" · offset 1').waitFor();
  await room(/^kept1×$/);
  await publish(tab, 'kept', 'chat', '"mine"');
  await ackWords(tab, /^Kept as message 2 of the room in \d+ ms\.$/);
  await room(/^kept2×$/);
  assert.equal(await peer.text(), '{"event":"chat","data":"mine"}');

  link.shut();
  await inPhase(tab, 'waiting');
  await peer.acknowledged('kept', 'chat', 'missed');
  link.lead(server);
  await received(tab, '"missed" · room "kept" · offset 3').waitFor();
  await room(/^kept3×$/);
  assert.equal(await notes(tab).filter({ hasText: 'gap' }).count(), 0);

  await server.kill();
  await serve(t, '--config', config, '--listen', server.address);
  await note(tab, 'gap Messages of “kept” cannot be had: its history has begun anew.');
  await keepPicture(tab, 'history');
});

test('a connection that is lost without a word is reported in words', async (t) => {
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
  await tab.getByText('Send any event').click();
  await tab.getByTestId('send').click();
  assert.match(await tab.getByTestId('send-problem').textContent(), /event a name/);
  await send(tab, 'x', '{');
  assert.match(await tab.getByTestId('send-problem').textContent(), /not JSON/);
  assert.equal(await sent(tab).count(), 1, 'only authenticate went out');
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
  const beats = sent(tab, 'heartbeat');
  await tab.clock.runFor(24_000);
  assert.equal(await beats.count(), 0);
  await tab.clock.runFor(27_000);
  assert.equal(await beats.count(), 2);
});

test('the page goes where --path says, whatever it is made of', async (t) => {
  const server = await serve(t, '--path', "/live/a&lt;'b'");
  const tab = await openTab(t, browser, server.pageUrl);
  assert.equal(await tab.getByTestId('address').textContent(), server.url);
  await connected(tab, 'alice');
});

test('authenticate carries a user id and more data; the log does not contain the token', async (t) => {
  const server = await serve(t);
  const tab = await openTab(t, browser, server.pageUrl);
  const frames = framesFrom(tab);
  await tab.getByText('More data to authenticate with').click();
  await tab.getByTestId('auth-data').fill('[1]');
  await connect(tab, 'open sesame', 'alice');
  assert.match(await tab.getByTestId('auth-problem').textContent(), /must be a JSON object/);
  await tab.getByTestId('auth-data').fill('{"device": "laptop"}');
  await connected(tab, 'open sesame', 'alice');
  assert.deepEqual(frames, ['{"event":"authenticate","data":{"device":"laptop","userId":"alice","token":"open sesame"},'
    + '"ext":{"positions":1},"id":"authenticate"}']);
  assert.equal(await tab.getByTestId('user-id').textContent(), 'alice');
  assert.match(await sent(tab, 'authenticate').textContent(), /"device":"laptop".*"userId":"alice"/);
  assert.equal(await tab.getByTestId('row').filter({ hasText: 'sesame' }).count(), 0);
});

test('the examples are a click away, with --dev', async (t) => {
  const server = await serve(t);
  const tab = await openTab(t, browser, server.pageUrl);
  const [chat] = await Promise.all([tab.waitForEvent('popup'), tab.getByRole('link', { name: 'a chat' }).click()]);
  await chat.locator('.state[data-state="connected"]').waitFor();
  const tokens = fileOf(t, '{"secret":{"userId":"alice"}}');
  const other = await startServer(t, 'wscast', 'serve', '--tokens', tokens, '--console');
  const without = await openTab(t, browser, other.pageUrl);
  assert.equal(await without.getByTestId('examples').isHidden(), true);
});

test('O1 who connects without authenticating can still do so, or learns that time is up', async (t) => {
  const server = await serve(t, '--auth-timeout', '2s');
  const tab = await openTab(t, browser, server.pageUrl);
  await tab.getByTestId('auth-now').uncheck();
  await connect(tab, 'alice');
  await inPhase(tab, 'open');
  assert.equal(await sent(tab).count(), 0);
  await tab.getByRole('button', { name: 'Authenticate' }).click();
  await inPhase(tab, 'connected');
  await tab.getByTestId('disconnect').click();
  await connect(tab, 'alice');
  await tab.getByTestId('closed').filter({ hasText: '4001' }).waitFor();
  assert.match(await closedWords(tab), /none came in time.*4001.*Authentication timeout/);
});

test('O3 the heartbeat keeps the connection; switched off, the server hangs up and the page says why', async (t) => {
  const server = await serve(t, '--heartbeat-interval', '200ms', '--heartbeat-timeout', '2s');
  const tab = await openTab(t, browser, server.pageUrl);
  await tab.getByTestId('heartbeat-every').fill('1');
  await connected(tab, 'alice');
  await sent(tab, 'heartbeat').nth(3).waitFor();
  assert.equal(await tab.getByTestId('phase').textContent(), 'Connected');
  await tab.getByTestId('heartbeat').uncheck();
  const beats = await sent(tab, 'heartbeat').count();
  assert.match(await closedWords(tab), /received nothing.*4002.*Heartbeat timeout/);
  assert.equal(await sent(tab, 'heartbeat').count(), beats);
});

test('a publish with an id is acknowledged in words, one without is not', async (t) => {
  const server = await serve(t);
  const tab = await openTab(t, browser, server.pageUrl);
  const frames = framesFrom(tab);
  await connected(tab, 'alice');
  await join(tab, 'lobby');
  await publish(tab, 'lobby', 'chat', '1');
  assert.match(await ackWords(tab, 'Delivered'), /^Delivered to nobody else in \d+ ms\.$/);
  for (const user of ['bob', 'carol']) await Client.join(t, server.url, user, ['lobby']);
  await publish(tab, 'lobby', 'chat', '2');
  await ackWords(tab, /to 2 others/);
  await received(tab, '"delivered":2').waitFor();
  await publish(tab, 'nowhere', 'chat', '3');
  await ackWords(tab, /^Refused \(not a member\): you are not in that room/);
  await publish(tab, 'lobby', 'error', '4');
  await ackWords(tab, /^Refused \(reserved event\): .*belongs to the server/);
  await tab.getByTestId('publish-id').fill('');
  await publish(tab, 'lobby', 'chat', '5');
  await tab.getByTestId('ack').waitFor({ state: 'hidden' });
  await tab.getByTestId('publish-id').fill('mine');
  await publish(tab, 'lobby', 'chat', '');
  await ackWords(tab, /to 2 others/);
  const ids = frames.slice(2).map((frame) => JSON.parse(frame).id);
  assert.deepEqual(ids, ['1', '2', '3', '4', undefined, 'mine']);
  assert.equal(frames.at(-1), '{"event":"publish","data":{"room":"lobby","event":"chat"},"id":"mine"}');
});

test('a room that the server does not let one into is not shown, and the page says why', async (t) => {
  const tokens = fileOf(t, '{"secret":{"userId":"alice","rooms":["lobby"]}}');
  const server = await startServer(t, 'wscast', 'serve', '--tokens', tokens, '--console');
  const tab = await openTab(t, browser, server.pageUrl);
  await connected(tab, 'secret');
  await join(tab, 'lobby');
  await tab.getByTestId('join-room').fill('closed-room');
  await tab.getByTestId('join').click();
  await tab.getByTestId('join-problem').filter({ hasText: /did not let you into “closed-room”: not allowed\.$/ }).waitFor();
  assert.deepEqual(await tab.getByTestId('room').allTextContents(), ['lobby×']);
  await send(tab, 'join', '{"rooms": ["closed-room"]}');
  await tab.getByText('Publish to a room').click();
  await publish(tab, 'closed-room', 'chat', '1');
  await ackWords(tab, /^Refused \(not a member\): the server did not let you into that room\.$/);
  assert.deepEqual(await tab.getByTestId('room').allTextContents(), ['lobby×']);
  await publish(tab, 'lobby', 'chat', '1');
  await ackWords(tab, /^Delivered to nobody else/);
});

for (const height of [720, 897, 1080]) {
  test(`all the controls are in sight in a window of ${height} px`, async (t) => {
    const server = await serve(t);
    const tab = await openTab(t, browser, server.pageUrl, { viewport: { width: 1280, height } });
    const inSight = async (id) => {
      const box = await tab.getByTestId(id).boundingBox();
      assert.ok(box.y + box.height <= height, `${id} ends at ${box.y + box.height} px`);
    };
    await inSight('publish');
    await connect(tab, '');
    await closedWords(tab);
    await inSight('publish');
    await keepPicture(tab, `height-${height}-refused`);
    await connected(tab, 'alice');
    await join(tab, 'lobby');
    await publish(tab, 'lobby', 'chat', '1');
    await ackWords(tab, 'Delivered');
    await keepPicture(tab, `height-${height}`);
    for (const id of ['publish', 'ack']) await inSight(id);
  });
}

test('echo brings a publish back to its sender', async (t) => {
  const server = await serve(t);
  const tab = await openTab(t, browser, server.pageUrl);
  await connected(tab, 'alice');
  await join(tab, 'lobby');
  await publish(tab, 'lobby', 'quiet', '"without"');
  await tab.getByTestId('echo').check();
  await publish(tab, 'lobby', 'loud', '"with"');
  await received(tab, 'loud "with"').waitFor();
  assert.equal(await received(tab, 'without').count(), 0);
});

test('any event can be sent, and what it does to rooms is followed', async (t) => {
  const server = await serve(t);
  const tab = await openTab(t, browser, server.pageUrl);
  const frames = framesFrom(tab);
  await connected(tab, 'alice');
  await send(tab, 'authenticate', '{"token": "again"}', 'seven');
  await received(tab, 'Already authenticated').waitFor();
  await send(tab, 'join', '{"rooms": ["a", "b", "ws:c"]}');
  assert.deepEqual(await tab.getByTestId('room').allTextContents(), ['a×', 'b×']);
  await send(tab, 'leave', '{"rooms": ["a"]}');
  assert.deepEqual(await tab.getByTestId('room').allTextContents(), ['b×']);
  await send(tab, 'nothing', '');
  assert.deepEqual(frames.slice(1), ['{"event":"authenticate","data":{"token":"again"},"id":"seven"}',
    '{"event":"join","data":{"rooms":["a","b","ws:c"]}}', '{"event":"leave","data":{"rooms":["a"]}}',
    '{"event":"nothing"}']);
});

test('each frame is shown with time, direction and size', async (t) => {
  const server = await serve(t);
  const tab = await openTab(t, browser, server.pageUrl);
  const peer = await Client.join(t, server.url, 'peer');
  await connected(tab, 'alice');
  peer.publish('ws-default', 'é', 1);
  const row = received(tab, 'é');
  await row.waitFor();
  assert.match(await row.textContent(), /^\d\d:\d\d:\d\d\.\d{3}↓ in23 Bé 1$/);
  peer.publish('ws-default', 'long', 'x'.repeat(5_000));
  const long = received(tab, 'long');
  assert.match(await long.textContent(), /↓ in4\.9 KiBlong "x{1999}…Show all$/);
  await long.getByRole('button').click();
  assert.match(await long.textContent(), /long "x{5000}"$/);
  await send(tab, 'heartbeat', '');
  assert.match(await sent(tab, 'heartbeat').textContent(), /↑ out21 Bheartbeat $/);
});

test('the filter shows what has the text, and one direction alone', async (t) => {
  const server = await serve(t);
  const tab = await openTab(t, browser, server.pageUrl);
  const peer = await Client.join(t, server.url, 'peer');
  const shown = () => tab.locator('[data-testid=row]:visible .event').allTextContents();
  await connected(tab, 'alice');
  peer.publish('ws-default', 'apple', 'green');
  peer.publish('ws-default', 'pear', 'Green');
  await received(tab, 'pear').waitFor();
  assert.deepEqual(await shown(), ['authenticate', 'connected', 'apple', 'pear']);
  await tab.getByTestId('filter').fill('GREEN');
  assert.deepEqual(await shown(), ['apple', 'pear']);
  assert.equal(await tab.getByTestId('log-count').textContent(), '2 of 4');
  peer.publish('ws-default', 'plum', 'blue');
  peer.publish('ws-default', 'lime', 'green');
  await received(tab, 'lime').waitFor();
  assert.deepEqual(await shown(), ['apple', 'pear', 'lime']);
  await tab.getByTestId('filter').fill('');
  await tab.getByTestId('filter-way').selectOption('Sent');
  assert.deepEqual(await shown(), ['authenticate']);
  await tab.getByTestId('filter-way').selectOption('Received');
  assert.deepEqual(await shown(), ['connected', 'apple', 'pear', 'plum', 'lime']);
  await tab.getByTestId('filter-way').selectOption('All');
  assert.equal((await shown()).length, 6);
});

test('a server that is there and refuses is not called absent', async (t) => {
  const server = await serve(t, '--allow-origin', 'https://elsewhere.example');
  const tab = await openTab(t, browser, server.pageUrl);
  await connect(tab, 'alice');
  assert.match(await closedWords(tab), /refused the connection: it is full, or does not take connections from http/);
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

test('nothing is asked of anybody but the server, under the policy that it comes with', async (t) => {
  const server = await serve(t);
  const context = await browser.newContext();
  t.after(() => context.close());
  const tab = await context.newPage();
  const asked = [];
  const complaints = [];
  tab.on('request', (request) => asked.push(request.url()));
  tab.on('console', (message) => complaints.push(message.text()));
  tab.on('pageerror', (error) => complaints.push(error.message));
  const page = await tab.goto(server.pageUrl);
  assert.match(page.headers()['content-security-policy'], /^default-src 'none'; script-src 'self'; /);
  await connected(tab, 'alice');
  await join(tab, 'lobby');
  await publish(tab, 'lobby', 'chat', '1');
  assert.deepEqual(asked.filter((url) => !url.startsWith('data:') && !url.startsWith(server.pageUrl)), []);
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
    if (width > 400) return;
    await tab.getByRole('link', { name: 'Messages' }).click();
    const [header, title] = await Promise.all(['header', '#log-title'].map((each) => tab.locator(each).boundingBox()));
    assert.ok(title.y >= header.height && title.y < 844, `the messages begin at ${title.y} px`);
    await keepPicture(tab, `${name}-messages`);
    await tab.getByRole('link', { name: 'Controls' }).click();
    await tab.getByRole('link', { name: 'Messages' }).waitFor();
    const connection = await tab.locator('#connection-title').boundingBox();
    assert.ok(connection.y >= header.height, `the controls begin at ${connection.y} px`);
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
