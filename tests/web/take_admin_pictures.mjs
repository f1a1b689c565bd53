// Takes docs/admin.png, docs/admin-dark.png and docs/admin-phone.png: the admin page of two servers with
// clients that talk. From the top folder:
//
//   WSCAST_BIN_DIR=build/release/bin node tests/web/take_admin_pictures.mjs docs
import path from 'node:path';
import { figure, goTo, openAdmin, rowsOf, serveApi } from './support/admin.mjs';
import { startBrowser } from './support/browser.mjs';
import { Client } from './support/client.mjs';
import { startRedis } from './support/redis.mjs';

const folder = process.argv[2];
if (!folder) throw new Error('say where the pictures go');

const people = ['alice', 'bob', 'carol', 'dave', 'erin', 'frank', 'grace', 'heidi'];
const talkSeconds = 60;

const endings = [];
const session = { after: (end) => endings.unshift(end) };
const browser = await startBrowser();
session.after(() => browser.close());

async function openOverview(served, options) {
  const tab = await openAdmin(session, browser, served, options);
  await figure(tab, 'clients', /\d/).waitFor();
  return tab;
}

try {
  const redis = await startRedis(session);
  const here = await serveApi(session, { flags: ['--redis', redis.url] });
  const there = await serveApi(session, { flags: ['--redis', redis.url] });
  const tab = await openOverview(here, { viewport: { width: 1200, height: 760 }, colorScheme: 'light' });
  const dark = await openOverview(here, { viewport: { width: 1200, height: 760 }, colorScheme: 'dark' });
  const phone = await openOverview(here, { viewport: { width: 390, height: 844 }, colorScheme: 'light', deviceScaleFactor: 2 });
  const clients = [];
  for (let second = 0; second < talkSeconds; ++second) {
    const person = second / 6;
    if (people[person] !== undefined) {
      const { url } = (person % 2 === 0 ? here : there).server;
      clients.push(await Client.join(session, url, people[person], ['lobby', `team-${person % 3}`]));
    }
    if (second === 50) clients.splice(6, 1)[0].socket.close(1000);
    for (const client of clients) {
      for (let n = 0; n < 3 + (second * 7) % 11; ++n) client.publish('lobby', 'chat', { n });
    }
    await tab.waitForTimeout(1_000);
  }
  await tab.screenshot({ path: path.join(folder, 'admin.png') });
  await phone.screenshot({ path: path.join(folder, 'admin-phone.png') });
  await goTo(dark, '#/clients');
  await rowsOf(dark).nth(clients.length - 1).waitFor();
  await dark.evaluate(() => document.activeElement.blur());
  await dark.screenshot({ path: path.join(folder, 'admin-dark.png') });
} finally {
  for (const end of endings) await end();
}
