// The admin page for everybody: on phones, from the keyboard, with a screen reader, in light and dark.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { figure, goTo, keys, rowsOf, seriousFaults, serveApi, typeKey } from './support/admin.mjs';
import { keepPicture, openTab, startBrowser } from './support/browser.mjs';
import { Client } from './support/client.mjs';

let browser;
before(async () => { browser = await startBrowser(); });
after(() => browser?.close());

// Each view with something in it, and a dialog.
async function eachView(served, tab, alice, look) {
  await tab.locator('#key').waitFor();
  await look('key');
  await typeKey(tab, keys.all);
  await figure(tab, 'clients', '2').waitFor();
  await tab.getByTestId('closes').getByText('by peer').waitFor();
  await look('overview');
  for (const [view, name, there] of [['servers', 'servers', 'tbody tr'], ['rooms', 'rooms', 'tbody tr'], ['rooms/lobby', 'room', 'tbody tr'],
    ['clients', 'clients', 'tbody tr'], [`clients/${alice.id}`, 'client', 'dl'], ['users/alice', 'user', 'tbody tr'], ['publish', 'publish', 'form']]) {
    await goTo(tab, `#/${view}`);
    await tab.locator(`#view ${there}`).first().waitFor();
    await look(name);
  }
  await goTo(tab, '#/trace?room=lobby');
  await tab.getByTestId('trace-start').click();
  await tab.getByTestId('result').filter({ hasText: 'Waiting for messages' }).waitFor();
  alice.publish('lobby', 'news', 1);
  await tab.locator('#view tbody tr').filter({ hasText: 'written' }).first().waitFor();
  await look('trace');
  await goTo(tab, '#/users/alice');
  await tab.getByTestId('revoke').click();
  await look('dialog');
}

async function serveSome(t) {
  const served = await serveApi(t);
  const long = 'a-room-with-a-name-that-is-longer-than-a-phone-is-wide-and-then-some';
  const alice = await Client.join(t, served.server.url, 'alice', ['lobby', long]);
  await Client.join(t, served.server.url, 'a-user-with-an-id-that-is-longer-than-a-phone-is-wide-and-more', ['lobby']);
  const gone = await Client.join(t, served.server.url, 'carol', ['lobby']);
  gone.socket.close(1000);
  await gone.closed();
  return { served, alice };
}

for (const [name, width, colorScheme] of [['desktop-light', 1280, 'light'], ['desktop-dark', 1280, 'dark'],
  ['phone-light', 390, 'light'], ['phone-dark', 390, 'dark']]) {
  test(`nothing is cut off, and axe finds nothing serious: ${name}`, async (t) => {
    const { served, alice } = await serveSome(t);
    const tab = await openTab(t, browser, served.page, { viewport: { width, height: 844 }, colorScheme, deviceScaleFactor: 2 });
    await eachView(served, tab, alice, async (view) => {
      await keepPicture(tab, `admin-${name}-${view}`);
      const overflow = await tab.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(overflow <= 0, `${view} is ${overflow} px too wide`);
      assert.deepEqual(await seriousFaults(tab), [], view);
    });
  });
}

test('nothing moves for who wants that', async (t) => {
  const { served, alice } = await serveSome(t);
  const tab = await openTab(t, browser, served.page, { reducedMotion: 'reduce' });
  await eachView(served, tab, alice, async (view) => {
    const moving = await tab.evaluate(() => [...document.querySelectorAll('*')].filter((each) => {
      const { transitionDuration, animationName } = getComputedStyle(each);
      return transitionDuration !== '0s' || animationName !== 'none';
    }).length);
    assert.equal(moving, 0, view);
  });
});

test('all of it can be done from the keyboard, and the focus is seen', async (t) => {
  const served = await serveApi(t);
  const alice = await Client.join(t, served.server.url, 'alice', ['lobby']);
  const tab = await openTab(t, browser, served.page);
  await tab.locator('#key:focus').waitFor();
  await tab.keyboard.type(keys.all);
  await tab.keyboard.press('Enter');
  await tab.locator('#view-title:focus').waitFor();
  const tabTo = async (words) => {
    for (let n = 0; n < 30; ++n) {
      await tab.keyboard.press('Tab');
      const { text, outline } = await tab.evaluate(() => ({ text: document.activeElement.textContent,
        outline: getComputedStyle(document.activeElement).outlineStyle }));
      assert.notEqual(outline, 'none', `the focus at "${text}" cannot be seen`);
      if (text === words) return;
    }
    assert.fail(`Tab does not reach "${words}"`);
  };
  await tab.reload();
  await tabTo('Skip to content');
  await tabTo('Clients');
  await tab.keyboard.press('Enter');
  await tab.locator('#view-title:focus').filter({ hasText: 'Clients' }).waitFor();
  await rowsOf(tab).first().waitFor();
  await tabTo(alice.id);
  await tab.keyboard.press('Enter');
  await tab.getByTestId('disconnect').waitFor();
  await tabTo('Disconnect…');
  await tab.keyboard.press('Enter');
  await tab.locator('#reason:focus').waitFor();
  await tab.keyboard.press('Escape');
  await tab.getByTestId('dialog').waitFor({ state: 'detached' });
  await tab.locator('[data-testid=disconnect]:focus').waitFor();
  await tab.keyboard.press('Enter');
  await tab.keyboard.type('bye');
  await tab.keyboard.press('Enter');
  assert.deepEqual(await alice.closed(), { code: 1000, reason: 'bye' });
  await tab.locator('#view-title:focus').waitFor();
  assert.match(await tab.getByTestId('result').textContent(), /is disconnected/);
});
