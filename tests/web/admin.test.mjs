// People at the admin page of the API, in headless Chromium.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { SignJWT } from 'jose';
import {
  answerFirst, figure, goTo, keys, openAdmin, rowsOf, serveApi, typeKey,
} from './support/admin.mjs';
import { openTab, startBrowser } from './support/browser.mjs';
import { Client } from './support/client.mjs';
import { runProgram } from './support/server.mjs';

let browser;
before(async () => { browser = await startBrowser(); });
after(() => browser?.close());

const markup = '<img id="planted" src=x onerror="document.title=\'run\'">';

describe('the key', () => {
  test('a wrong one gets one sentence, the right one opens, and the tab keeps it', async (t) => {
    const served = await serveApi(t);
    const tab = await openTab(t, browser, served.page);
    for (const wrong of ['wrong', 'schlüssel', `${keys.all}x`]) {
      await typeKey(tab, wrong);
      await tab.getByTestId('key-problem').filter({ hasText: 'The server does not accept this key.' }).waitFor();
      assert.equal(await tab.getByTestId('key-problem').textContent(), 'The server does not accept this key.');
      assert.equal(await tab.getByTestId('view').isVisible(), false);
    }
    await typeKey(tab, keys.all);
    await figure(tab, 'clients', '0').waitFor();
    assert.equal(await tab.getByTestId('key').inputValue(), '');
    await tab.reload();
    await figure(tab, 'clients', '0').waitFor();
    await tab.getByTestId('forget').click();
    assert.equal(await tab.getByTestId('key-problem').isVisible(), false);
    await tab.reload();
    await tab.getByTestId('open').waitFor();
    assert.equal(await tab.evaluate(() => sessionStorage.length + localStorage.length), 0);
  });

  test('one that is no longer accepted is asked for again', async (t) => {
    const served = await serveApi(t);
    const tab = await openAdmin(t, browser, served);
    await served.write(served.text.replace(keys.all, 'another-key-for-all'));
    served.server.survivedSignal('SIGHUP');
    await served.server.logged(/reloaded, options that changed/);
    await tab.getByTestId('key-problem').filter({ hasText: 'The server does not accept this key.' }).waitFor();
    await typeKey(tab, 'another-key-for-all');
    await tab.getByTestId('view').waitFor();
  });

  test('one without a scope is told which it lacks', async (t) => {
    const served = await serveApi(t);
    const alice = await Client.join(t, served.server.url, 'alice', ['lobby']);
    const reader = await openAdmin(t, browser, served, { key: keys.read, view: `#/clients/${alice.id}` });
    await reader.getByTestId('disconnect').click();
    await reader.getByTestId('confirm').click();
    await reader.getByText('The key lacks the scope admin.').waitFor();
    const publisher = await openAdmin(t, browser, served, { key: keys.publish, view: '#/rooms' });
    await publisher.getByText('The key lacks the scope read.').waitFor();
    await goTo(publisher, '#/publish?room=lobby');
    await publisher.getByTestId('publish').click();
    await publisher.getByText('Sent to 1 client of this server.').waitFor();
  });
});

describe('the page', () => {
  test('asks nobody but its server, under a strict policy', async (t) => {
    const { server, api, page } = await serveApi(t);
    const alice = await Client.join(t, server.url, 'alice', ['lobby']);
    const context = await browser.newContext();
    t.after(() => context.close());
    const tab = await context.newPage();
    const asked = [];
    const complaints = [];
    tab.on('request', (request) => asked.push(request));
    tab.on('console', (message) => complaints.push(message.text()));
    tab.on('pageerror', (error) => complaints.push(error.message));
    const headers = (await tab.goto(page)).headers();
    assert.equal(headers['content-security-policy'], "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
      + "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'");
    assert.deepEqual(['x-content-type-options', 'referrer-policy', 'cache-control', 'content-type'].map((name) => headers[name]),
      ['nosniff', 'no-referrer', 'no-store', 'text/html; charset=utf-8']);
    await typeKey(tab, keys.all);
    for (const view of ['servers', 'rooms', 'rooms/lobby', 'clients', `clients/${alice.id}`, 'users/alice', 'publish', 'trace']) {
      await goTo(tab, `#/${view}`);
      await tab.locator(`#view-title`).waitFor();
      await tab.waitForLoadState('networkidle');
    }
    assert.deepEqual(asked.map((request) => new URL(request.url()).origin).filter((origin) => origin !== api), []);
    assert.ok(asked.every((request) => !request.url().includes(keys.all)));
    assert.deepEqual(complaints, []);
  });

  test('its files need no key, and other methods and files are refused', async (t) => {
    const { api } = await serveApi(t);
    const files = ['', '/admin.js', '/calls.js', '/common.js', '/theme.css', '/admin.css', '/mark.svg'];
    for (const file of files) assert.equal((await fetch(`${api}/admin${file}`)).status, 200, file);
    assert.equal((await fetch(`${api}/admin`, { method: 'HEAD' })).status, 200);
    assert.equal((await fetch(`${api}/admin/`)).url, `${api}/admin`);
    for (const file of ['/nothing.js', '/admin.html', '/../admin.js/', '.css', 's']) {
      assert.equal((await fetch(`${api}/admin${file}`)).status, 404, file);
    }
    const refused = await fetch(`${api}/admin`, { method: 'POST', body: '{}' });
    assert.deepEqual([refused.status, refused.headers.get('allow')], [405, 'GET']);
  });

  test('is not there with --no-api-admin', async (t) => {
    const { server, api } = await serveApi(t, { flags: ['--no-api-admin'] });
    for (const file of ['', '/', '/admin.js']) assert.equal((await fetch(`${api}/admin${file}`)).status, 404, file);
    await server.said(/API at /);
  });

  test('the program says where it is', async (t) => {
    const { server, page } = await serveApi(t);
    await server.said(new RegExp(`admin page at ${page}\n`));
    const { stdout } = await runProgram('wscast', 'serve', '--help');
    assert.match(stdout, /--no-api-admin/);
  });

  test('says that the server does not answer', async (t) => {
    const served = await serveApi(t);
    const tab = await openAdmin(t, browser, served);
    await figure(tab, 'clients', '0').waitFor();
    assert.equal(await served.server.stop(), 0);
    await tab.getByText('The server does not answer. The figures are no longer new.').waitFor();
    await goTo(tab, '#/clients');
    await tab.getByTestId('failure').filter({ hasText: /^The server does not answer\.$/ }).waitFor();
  });

  test('markup from clients is shown, never run', async (t) => {
    const secret = 'a-secret-of-tokens-that-is-long-enough';
    const served = await serveApi(t, { auth: `[auth.jwt]\nsecret = "${secret}"` });
    const token = await new SignJWT({ sub: markup, rooms: ['*'], plan: markup }).setProtectedHeader({ alg: 'HS256' })
      .setExpirationTime('1h').sign(new TextEncoder().encode(secret));
    const mallory = await Client.open(t, served.server.url);
    mallory.send('authenticate', { token });
    const { id } = JSON.parse(await mallory.text()).data;
    mallory.send('join', { rooms: [markup] });
    assert.equal((await mallory.acknowledged(markup, 'here', 1)).ok, true);
    const tab = await openAdmin(t, browser, served, { view: '#/rooms' });
    const shows = async (view, testid = 'view', text = markup) => {
      await goTo(tab, view);
      await tab.getByTestId(testid).filter({ hasText: text }).waitFor();
      assert.equal(await tab.locator('#planted').count(), 0);
      assert.match(await tab.title(), /wscast admin$/);
    };
    await tab.getByRole('link', { name: markup }).click();
    await tab.getByRole('heading', { name: `Room ${markup}` }).waitFor();
    await shows('#/clients');
    await shows(`#/clients/${id}`, 'metadata', 'onerror=');
    await shows(`#/users/${encodeURIComponent(markup)}`);
    await tab.getByTestId('disconnect-user').click();
    await tab.getByTestId('reason').fill(markup);
    await tab.getByTestId('confirm').click();
    await tab.getByTestId('result').filter({ hasText: '1 client of' }).waitFor();
    assert.equal((await mallory.closed()).reason, markup);
    assert.equal(await tab.locator('#planted').count(), 0);
  });
});

describe('views', () => {
  test('the figures follow the server', async (t) => {
    // However slow the browser is, who does not authenticate stays.
    const served = await serveApi(t, { flags: ['--auth-timeout', '10m'] });
    const tab = await openAdmin(t, browser, served);
    await figure(tab, 'clients', /^0$/).waitFor();
    const alice = await Client.join(t, served.server.url, 'alice', ['lobby']);
    await Client.join(t, served.server.url, 'bob', ['lobby']);
    await Client.open(t, served.server.url);
    await figure(tab, 'clients', /^3$/).waitFor();
    await figure(tab, 'authenticated', /^2$/).waitFor();
    for (let n = 0; n < 50; ++n) alice.publish('lobby', 'n', n);
    await alice.settled();
    for (const name of ['messages-in', 'messages-out', 'bytes-in', 'bytes-out']) {
      const item = tab.getByRole('listitem').filter({ has: tab.getByTestId(`figure-${name}`) });
      await item.getByText(name.startsWith('m') ? /^highest: [1-9]\d*$/ : /^highest: [1-9][\d.]* (bytes|kB)$/).waitFor();
    }
    alice.socket.close(1000);
    await figure(tab, 'clients', /^2$/).waitFor();
    await tab.getByTestId('closes').getByText('by peer').waitFor();
    assert.ok(await tab.locator('.chart-line').first().getAttribute('points') !== '');
  });

  test('rooms come in parts, and can be looked for', async (t) => {
    const served = await serveApi(t, { flags: ['--max-rooms-per-client', '1000', '--max-rooms-per-join', '1000'] });
    const names = Array.from({ length: 250 }, (_, n) => `room-${String(n).padStart(3, '0')}`);
    await Client.join(t, served.server.url, 'alice', [...names, 'a/b ü?#']);
    const tab = await openAdmin(t, browser, served, { view: '#/rooms' });
    await rowsOf(tab).first().waitFor();
    assert.equal(await rowsOf(tab).count(), 100);
    const range = (text) => tab.getByTestId('range').filter({ hasText: text }).waitFor();
    await tab.getByTestId('next').click();
    await range('101 to 200');
    assert.equal(await rowsOf(tab).count(), 100);
    await tab.getByTestId('next').click();
    await range(/^201 to/);
    assert.equal(await tab.getByTestId('next').getAttribute('aria-disabled'), 'true');
    await tab.getByTestId('previous').click();
    await range('101 to 200');
    await tab.getByTestId('first').click();
    await range('1 to 100');
    const find = async (text, expected) => {
      await tab.getByTestId('room-prefix').fill(text);
      await tab.getByTestId('find').click();
      await tab.waitForFunction((wanted) => {
        const shown = [...document.querySelectorAll('tbody th')].map((cell) => cell.textContent);
        return JSON.stringify(shown) === JSON.stringify(wanted);
      }, expected);
    };
    await find('room-24', names.slice(240));
    await find('room-007', ['room-007']);
    await find('none', []);
    await tab.getByText('No room begins like that.').waitFor();
    await find('a/b ü', ['a/b ü?#']);
    await tab.getByRole('link', { name: 'a/b ü?#' }).click();
    await tab.getByTestId('members').filter({ hasText: '1' }).waitFor();
    await tab.getByRole('link', { name: 'alice' }).click();
    await tab.getByRole('heading', { name: 'User alice' }).waitFor();
    await goTo(tab, '#/rooms/nobody');
    await tab.getByText('No client is in this room.').waitFor();
  });

  test('clients come in parts; one is disconnected once that is confirmed', async (t) => {
    const served = await serveApi(t);
    const clients = [];
    for (let n = 0; n < 120; ++n) clients.push(await Client.join(t, served.server.url, n < 60 ? 'alice' : `user-${n}`));
    const tab = await openAdmin(t, browser, served, { view: '#/clients' });
    await rowsOf(tab).first().waitFor();
    assert.equal(await rowsOf(tab).count(), 100);
    await tab.getByTestId('next').click();
    await tab.getByTestId('range').filter({ hasText: '101 to 120' }).waitFor();
    assert.equal(await rowsOf(tab).count(), 20);
    const bob = clients[119];
    await tab.getByTestId('client-find').fill(bob.id);
    await tab.getByTestId('find-client').click();
    await tab.getByTestId('client').getByText('user-119').waitFor();
    await tab.getByTestId('disconnect').click();
    await tab.getByTestId('cancel').click();
    await bob.settled();
    await tab.getByTestId('disconnect').click();
    await tab.getByTestId('reason').fill('ü'.repeat(62));
    await tab.getByTestId('confirm').click();
    await tab.getByText('A reason has at most 123 bytes.').waitFor();
    await bob.settled();
    await tab.getByTestId('reason').fill('maintenance');
    await answerFirst(tab, `${served.api}/api/v1/clients/${bob.id}`, 2);
    await tab.getByTestId('confirm').click();
    assert.deepEqual(await bob.closed(), { code: 1000, reason: 'maintenance' });
    await tab.getByTestId('result').filter({ hasText: `Client ${bob.id} is disconnected.` }).waitFor();
    await tab.getByTestId('gone').waitFor();
    await goTo(tab, '#/clients');
    await tab.getByTestId('client-find').fill('alice');
    await tab.getByTestId('find-user').click();
    await tab.getByRole('heading', { name: 'User alice' }).waitFor();
    await rowsOf(tab).nth(59).waitFor();
  });

  test('a user is revoked, and let in again', async (t) => {
    const served = await serveApi(t);
    const alice = await Client.join(t, served.server.url, 'alice');
    const tab = await openAdmin(t, browser, served, { view: '#/users/alice' });
    await tab.getByTestId('revoke').click();
    await tab.getByTestId('minutes').fill('0');
    await tab.getByTestId('confirm').click();
    await tab.getByText('Minutes are a number from 1').waitFor();
    await tab.getByTestId('minutes').fill('5');
    await tab.getByTestId('confirm').click();
    await tab.getByText('alice is refused for 5 minutes; 1 client disconnected.').waitFor();
    assert.equal(JSON.parse(await alice.text()).data.message, 'User revoked');
    const again = await Client.open(t, served.server.url);
    again.send('authenticate', { token: 'alice' });
    assert.equal(JSON.parse(await again.text()).data.message, 'User revoked');
    await tab.getByTestId('allow').click();
    await tab.getByText('alice may connect.').waitFor();
    const back = await Client.join(t, served.server.url, 'alice');
    await tab.getByTestId('refresh').click();
    await rowsOf(tab).first().waitFor();
    await answerFirst(tab, `${served.api}/api/v1/users/alice`, 3);
    await tab.getByTestId('disconnect-user').click();
    await tab.getByTestId('confirm').click();
    assert.equal((await back.closed()).code, 1000);
    await tab.getByText('1 client of alice disconnected.').waitFor();
    await tab.getByText('This user has no clients.').waitFor();
  });

  test('publish to a room, a user, a client and everyone, as it was typed', async (t) => {
    const served = await serveApi(t);
    const alice = await Client.join(t, served.server.url, 'alice', ['lobby']);
    const tab = await openAdmin(t, browser, served, { view: '#/publish' });
    const problem = (text) => tab.getByTestId('publish-problem').filter({ hasText: text }).waitFor();
    await tab.getByTestId('publish').click();
    await problem('Say which room it goes to.');
    await tab.getByTestId('publish-target').fill('lobby');
    await tab.getByTestId('publish-event').fill('');
    await tab.getByTestId('publish').click();
    await problem('Give the event a name.');
    await tab.getByTestId('publish-event').fill('news');
    await tab.getByTestId('publish-data').fill('{"n": }');
    await tab.getByTestId('publish').click();
    await problem('The data is not JSON');
    await tab.getByTestId('publish-data').fill('{"n":12345678901234567890123}');
    await tab.getByTestId('publish').click();
    assert.equal(await alice.text(), '{"event":"news","data":{"n":12345678901234567890123}}');
    await tab.getByTestId('result').filter({ hasText: 'Sent to 1 client of this server.' }).waitFor();
    for (const [target, value] of [['User', 'alice'], ['Client', alice.id]]) {
      await tab.getByText(target, { exact: true }).click();
      await tab.getByTestId('publish-target').fill(value);
      await tab.getByTestId('publish-data').fill(`"${target}"`);
      await tab.getByTestId('publish-data').press('Control+Enter');
      assert.equal(await alice.text(), `{"event":"news","data":"${target}"}`);
    }
    await tab.getByText('Everyone', { exact: true }).click();
    await tab.getByTestId('publish-data').fill('');
    await tab.getByTestId('publish').click();
    await tab.getByTestId('cancel').click();
    await alice.settled();
    await tab.getByTestId('publish').click();
    await tab.getByTestId('confirm').click();
    assert.equal(await alice.text(), '{"event":"news","data":null}');
    await tab.getByTestId('publish-event').fill('connected');
    await tab.getByTestId('publish').click();
    await tab.getByTestId('confirm').click();
    await tab.getByTestId('failure').filter({ hasText: '"event" is one of the server\'s own.' }).waitFor();
  });

  test('trace of a room, from its view', async (t) => {
    const served = await serveApi(t);
    const alice = await Client.join(t, served.server.url, 'alice', ['lobby']);
    const tab = await openAdmin(t, browser, served, { view: '#/rooms/lobby' });
    await tab.getByTestId('trace').click();
    assert.equal(await tab.getByTestId('trace-target').inputValue(), 'lobby');
    await tab.getByTestId('trace-start').click();
    await tab.getByTestId('result').filter({ hasText: 'Waiting for messages; messages followed: 0.' }).waitFor();
    const bob = await Client.join(t, served.server.url, 'bob', ['lobby']);
    bob.publish('lobby', '<b>news</b>', 1);
    await rowsOf(tab).filter({ hasText: 'written' }).filter({ hasText: alice.id }).waitFor();
    await rowsOf(tab).filter({ hasText: 'published' }).filter({ hasText: '<b>news</b>, 32 bytes' }).waitFor();
    await tab.getByTestId('trace-target').fill('');
    await tab.getByTestId('trace-start').click();
    await tab.getByTestId('trace-problem').filter({ hasText: 'Say which room.' }).waitFor();
    await goTo(tab, '#/trace?client=nobody');
    assert.equal(await tab.getByTestId('trace-client').isChecked(), true);
    await served.server.logged(/POST \/api\/v1\/traces\/\w+\/stop : 200/);
  });

  test('a server without others is one', async (t) => {
    const tab = await openAdmin(t, browser, await serveApi(t), { view: '#/servers' });
    await tab.getByTestId('sum-servers').filter({ hasText: /^1$/ }).waitFor();
    assert.equal(await rowsOf(tab).count(), 1);
  });
});
