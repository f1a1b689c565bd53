// The admin page of one server of several, on a real Redis.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { goTo, openAdmin, rowsOf, serveApi, serverId } from './support/admin.mjs';
import { keepPicture, startBrowser } from './support/browser.mjs';
import { Client } from './support/client.mjs';
import { FakePeer } from './support/fake_peer.mjs';
import { startRedis } from './support/redis.mjs';

const nodesMax = 1_500;

let browser;
before(async () => { browser = await startBrowser(); });
after(() => browser?.close());

const shows = (tab, testid, text) => tab.getByTestId(testid).filter({ hasText: text }).waitFor();

async function serveOn(t, redis, ...flags) {
  const served = await serveApi(t, { flags: ['--redis', redis.url, ...flags] });
  served.id = await serverId(served);
  return served;
}

// A server, and beside it one with a million clients.
async function serveBeside(t, upForMs) {
  const redis = await startRedis(t);
  const served = await serveOn(t, redis);
  const peer = await FakePeer.start(t, redis, upForMs);
  await served.server.logged(new RegExp(`found server ${peer.id}`));
  return { served, peer };
}

// Waits for the whole column of first cells.
function firstCells(tab, expected) {
  return tab.waitForFunction((wanted) => {
    const shown = [...document.querySelectorAll('tbody th')].map((cell) => cell.textContent);
    return JSON.stringify(shown) === JSON.stringify(wanted);
  }, expected);
}

async function disconnect(tab, button, reason) {
  await tab.getByTestId(button).click();
  await tab.getByTestId('reason').fill(reason);
  await tab.getByTestId('confirm').click();
}

test('what is on another server is seen, and acted on', async (t) => {
  const redis = await startRedis(t);
  const there = await serveOn(t, redis);
  const alice = await Client.join(t, there.server.url, 'alice', ['lobby']);
  const here = await serveOn(t, redis);
  await here.server.logged(new RegExp(`found server ${there.id}`));
  const bob = await Client.join(t, here.server.url, 'bob', ['lobby']);
  const tab = await openAdmin(t, browser, here);
  await tab.getByText('All 2 servers together have 2 clients.').waitFor();
  await tab.getByRole('link', { name: 'Each server' }).click();
  await shows(tab, 'sum-clients', /^2$/);
  assert.equal(await tab.getByTestId('sum-authenticated').textContent(), '2');
  const rows = await rowsOf(tab).allTextContents();
  assert.equal(rows.length, 2);
  assert.ok(rows[0].startsWith(`${here.id} this server`), rows[0]);
  assert.match(rows[1], new RegExp(`^${there.id}\\S+ s\\d+$`));
  await keepPicture(tab, 'admin-servers');
  await goTo(tab, '#/publish?room=lobby');
  await tab.getByTestId('publish').click();
  await shows(tab, 'result', 'Sent to 1 client of this server, and to the other servers.');
  for (const client of [alice, bob]) assert.equal(JSON.parse(await client.text()).event, 'news');
  await goTo(tab, '#/rooms/lobby');
  await firstCells(tab, [alice.id, bob.id].sort());
  await tab.getByRole('link', { name: alice.id }).click();
  await shows(tab, 'client', there.id);
  await disconnect(tab, 'disconnect', 'moved');
  assert.deepEqual(await alice.closed(), { code: 1000, reason: 'moved' });
  await tab.getByTestId('gone').waitFor();
  const both = [await Client.join(t, here.server.url, 'carol'), await Client.join(t, there.server.url, 'carol')];
  await goTo(tab, '#/users/carol');
  await firstCells(tab, both.map(({ id }) => id).sort());
  await disconnect(tab, 'disconnect-user', 'bye');
  await shows(tab, 'result', '2 clients of carol disconnected.');
  for (const client of both) assert.equal((await client.closed()).reason, 'bye');
  assert.equal(await there.server.stop(), 0);
  await goTo(tab, '#/servers');
  await shows(tab, 'sum-servers', /^1$/);
});

test('a server that drains is marked', async (t) => {
  const redis = await startRedis(t);
  const there = await serveOn(t, redis, '--drain-delay', '60s');
  const here = await serveOn(t, redis);
  await here.server.logged(new RegExp(`found server ${there.id}`));
  const tab = await openAdmin(t, browser, here, { view: '#/servers' });
  await shows(tab, 'sum-servers', /^2$/);
  there.server.survivedSignal('SIGTERM');
  await tab.getByRole('row', { name: `${there.id} draining` }).waitFor();
  there.server.signal('SIGINT');
  await there.server.exit();
});

test('a million clients: the servers and their sums', async (t) => {
  const { served, peer } = await serveBeside(t, 3_660_500);
  const tab = await openAdmin(t, browser, served);
  await tab.getByText('All 2 servers together have 1,000,000 clients.').waitFor();
  await goTo(tab, '#/servers');
  await shows(tab, 'sum-clients', /^1,000,000$/);
  assert.equal(await rowsOf(tab).nth(1).textContent(), `${peer.id}fake-peer0.0.11 h 1 min1,000,0001,000,00050,000`);
  for (let n = 0; n < 119; ++n) await peer.announce({ id: `server-${n}`, clients: 1_000, authenticated: 900 });
  await shows(tab, 'sum-servers', /^121$/);
  assert.equal(await tab.getByTestId('sum-clients').textContent(), '1,119,000');
  assert.equal(await tab.getByTestId('sum-authenticated').textContent(), '1,107,100');
  assert.equal(await rowsOf(tab).count(), 100);
  await tab.getByText('The first 100 are shown.').waitFor();
});

test('a million clients: forwards, back, and to one of them', async (t) => {
  const { served, peer } = await serveBeside(t);
  const tab = await openAdmin(t, browser, served, { view: '#/clients' });
  const part = async (name, number) => {
    if (name !== undefined) await tab.getByTestId(name).click();
    await firstCells(tab, Array.from({ length: 100 }, (_, n) => peer.clientId(number * 100 + n)));
    await shows(tab, 'range', `${number * 100 + 1} to ${number * 100 + 100}`);
    assert.ok(await tab.locator('*').count() <= nodesMax);
  };
  await part(undefined, 0);
  for (let number = 1; number < 6; ++number) await part('next', number);
  await part('previous', 4);
  await part('first', 0);
  const id = peer.clientId(999_999);
  await tab.getByTestId('client-find').fill(id);
  await tab.getByTestId('find-client').click();
  await shows(tab, 'client', peer.id);
  await tab.getByRole('link', { name: 'room-49999' }).waitFor();
  await disconnect(tab, 'disconnect', 'maintenance');
  await shows(tab, 'result', `Client ${id} is disconnected.`);
  await tab.getByTestId('gone').waitFor();
  assert.deepEqual(peer.disconnected, [{ id, reason: 'maintenance' }]);
});

test('a million clients: rooms by how they begin, and a user with many', async (t) => {
  const { served, peer } = await serveBeside(t);
  const tab = await openAdmin(t, browser, served, { view: '#/rooms' });
  const find = async (prefix, expected) => {
    await tab.getByTestId('room-prefix').fill(prefix);
    await tab.getByTestId('find').click();
    await firstCells(tab, expected);
  };
  const names = (first, count) => Array.from({ length: count }, (_, n) => `room-${String(first + n).padStart(5, '0')}`);
  await firstCells(tab, names(0, 100));
  await find('room-4321', names(43210, 10));
  await find('room-49999', names(49999, 1));
  await find('room-3', names(30000, 100));
  await tab.getByTestId('next').click();
  await firstCells(tab, names(30100, 100));
  await tab.getByRole('link', { name: 'room-30123' }).click();
  await shows(tab, 'members', /^20$/);
  await firstCells(tab, Array.from({ length: 20 }, (_, n) => peer.clientId(30123 + n * 50_000)));
  await tab.getByRole('link', { name: 'user-123' }).first().click();
  await tab.getByText('The first 100 of 1,000 are shown.').waitFor();
  assert.equal(await rowsOf(tab).count(), 100);
  await disconnect(tab, 'disconnect-user', '');
  await shows(tab, 'result', '1,000 clients of user-123 disconnected.');
  await tab.getByText('This user has no clients.').waitFor();
  assert.equal(peer.disconnected.length, 1_000);
});

test('that a server does not answer is said, and the others are shown', async (t) => {
  const { served, peer } = await serveBeside(t);
  const alice = await Client.join(t, served.server.url, 'alice', ['a room', 'room-00000']);
  peer.answers = false;
  const tab = await openAdmin(t, browser, served, { view: '#/clients' });
  const without = () => shows(tab, 'missing', 'Without 1 of the servers: no answer.');
  await without();
  await firstCells(tab, [alice.id]);
  for (const [view, expected] of [['#/rooms?prefix=a', ['a room']], ['#/rooms?prefix=room-0', ['room-00000']], ['#/rooms/room-00000', [alice.id]],
    ['#/rooms/room-00007', []], ['#/users/alice', [alice.id]], ['#/users/user-007', []]]) {
    await goTo(tab, view);
    await without();
    await firstCells(tab, expected);
  }
  await goTo(tab, `#/clients/${peer.clientId(7)}`);
  await shows(tab, 'gone', 'Not on a server that answered.');
  await goTo(tab, `#/clients/${alice.id}`);
  await tab.getByRole('link', { name: 'alice' }).waitFor();
  await goTo(tab, '#/servers');
  await shows(tab, 'sum-clients', /^1,000,00\d$/);
  await goTo(tab, '#/rooms/room-00000');
  await without();
  peer.answers = true;
  await tab.getByTestId('refresh').click();
  await shows(tab, 'members', /^21$/);
  assert.equal(await tab.getByTestId('missing').textContent(), '');
});
