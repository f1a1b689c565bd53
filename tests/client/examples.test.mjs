// The examples of `wscast serve --dev` in headless Chromium, each with two people.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { keepPicture, openTab, startBrowser } from '../web/support/browser.mjs';
import { startServer } from '../web/support/server.mjs';
import { fileOf } from './support/files.mjs';
import { Link } from './support/link.mjs';

let browser;
before(async () => { browser = await startBrowser(); });
after(() => browser?.close());

const serve = (t, ...flags) => startServer(t, 'wscast', 'serve', '--dev', '--drain-time', '0s', ...flags);

// Opens `page` as this person; `link` is a way to its server.
async function visitor(t, { page, name, server, link, ...options }) {
  const query = new URLSearchParams({ name, ...(link ? { server: link.url } : {}) });
  const tab = await openTab(t, browser, `${server.pageUrl}examples/${page}.html?${query}`, options);
  await tab.locator('.state[data-state="connected"]').waitFor();
  return tab;
}

async function say(tab, text) {
  await tab.getByLabel('Message', { exact: true }).fill(text);
  await tab.getByRole('button', { name: 'Send' }).click();
}

const message = (tab, text) => tab.locator('li:not(.pending) .text', { hasText: text });

test('two people chat, and what is written while the server is away arrives when it is back', async (t) => {
  const server = await serve(t);
  const ada = await visitor(t, { page: 'chat', name: 'Ada', server, viewport: { width: 1000, height: 640 } });
  await ada.getByText('You are here').waitFor();
  const bob = await visitor(t, { page: 'chat', name: 'Bob', server, colorScheme: 'dark', viewport: { width: 390, height: 720 } });
  await ada.getByText('Bob is here').waitFor();
  await say(ada, 'Good morning! Did the release go out?');
  await message(bob, 'Good morning').waitFor();
  await say(bob, 'At nine. Nobody noticed, which is the best kind.');
  await say(bob, '<b>No</b> markup.');
  await message(ada, '<b>No</b> markup.').waitFor();
  await bob.getByLabel('Message', { exact: true }).pressSequentially('wait');
  await ada.getByText('Bob is typing').waitFor();
  await keepPicture(ada, 'chat-light');

  await server.kill();
  await ada.locator('.state[data-state="waiting"]').waitFor();
  await say(ada, 'written offline');
  await ada.locator('li.pending', { hasText: 'written offline' }).waitFor();
  await keepPicture(ada, 'chat-offline');
  await serve(t, '--listen', server.address);
  await message(ada, 'written offline').waitFor();
  assert.equal(await ada.locator('li.pending').count(), 0);
  await bob.locator('.state[data-state="connected"]').waitFor();
  await say(ada, 'and now again');
  await message(bob, 'and now again').waitFor();
  await keepPicture(bob, 'chat-dark-phone');
  const wide = await bob.evaluate(() => document.documentElement.scrollWidth > innerWidth);
  assert.equal(wide, false, 'it fits a phone');
});

test('who was cut off gets what was said meanwhile, if the room has a history', async (t) => {
  const config = fileOf(t, '[[rooms]]\nmatch = "lobby"\njoin = true\npublish = true\nhistory = true\n');
  const server = await serve(t, '--config', config);
  const link = await Link.to(t, server);
  const ada = await visitor(t, { page: 'chat', name: 'Ada', server });
  const bob = await visitor(t, { page: 'chat', name: 'Bob', server, link });
  await bob.getByText('You are here').waitFor();
  await say(ada, 'before');
  await message(bob, 'before').waitFor();
  link.lead({ address: '127.0.0.1:1' });  // Nobody is there.
  link.cut();
  await bob.locator('.state[data-state="waiting"]').waitFor();
  await say(ada, 'meanwhile');
  await message(ada, 'meanwhile').waitFor();
  await say(bob, 'is anybody there?');
  link.lead(server);
  await message(ada, 'is anybody there?').waitFor();
  await message(bob, 'is anybody there?').waitFor();
  const texts = await bob.locator('li .text').allTextContents();
  assert.deepEqual(texts, ['before', 'meanwhile', 'is anybody there?']);
  assert.equal(await bob.locator('.gap').count(), 0);
});

test('they are encrypted where the server requires that', async (t) => {
  const server = await serve(t, '--encryption', 'required', '--path', '/live');
  const ada = await visitor(t, { page: 'chat', name: 'Ada', server });
  await ada.getByText('You are here').waitFor();
});

test('each sees where the other points, what they draw, and that they left', async (t) => {
  const server = await serve(t);
  const ada = await visitor(t, { page: 'cursors', name: 'Ada', server, viewport: { width: 900, height: 600 } });
  const bob = await visitor(t, { page: 'cursors', name: 'Bob', server, colorScheme: 'dark', viewport: { width: 390, height: 720 } });
  const board = await ada.locator('#board').boundingBox();
  const at = (x, y) => [board.x + x * board.width, board.y + y * board.height];
  await ada.mouse.move(...at(0.5, 0.5));
  await bob.locator('.cursor', { hasText: 'Ada' }).waitFor();
  await bob.waitForFunction(() => {
    const place = document.querySelector('.cursor').getBoundingClientRect();
    const { left, top, width, height } = document.querySelector('#board').getBoundingClientRect();
    return Math.abs((place.x - left) / width - 0.5) < 0.01 && Math.abs((place.y - top) / height - 0.5) < 0.01;
  });
  await bob.mouse.move(120, 400);
  await ada.locator('.cursor', { hasText: 'Bob' }).waitFor();
  await ada.getByText('with Bob').waitFor();

  await ada.mouse.move(...at(0.2, 0.4));
  await ada.mouse.down();
  for (let i = 0; i <= 40; i++) {
    await ada.mouse.move(...at(0.2 + i * 0.015, 0.4 + 0.15 * Math.sin(i / 4)));
    await ada.waitForTimeout(25);
  }
  await bob.waitForFunction(() => {
    const canvas = document.querySelector('canvas');
    return canvas.width > 0 && canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some((byte) => byte > 0);
  });
  await keepPicture(ada, 'cursors-light');
  await keepPicture(bob, 'cursors-dark-phone');
  await ada.mouse.up();
  await ada.close();
  await bob.getByText('alone here').waitFor();
});
