// Takes docs/admin.png, docs/admin-dark.png and docs/admin-phone.png: the admin page of a server with
// clients that talk. From the top folder:
//
//   WSCAST_BIN_DIR=build/release/bin node tests/web/take_admin_pictures.mjs docs
import path from 'node:path';
import { figure, goTo, keys, rowsOf, serveApi, typeKey, withServers } from './support/admin.mjs';
import { openTab, startBrowser } from './support/browser.mjs';
import { Client } from './support/client.mjs';

const folder = process.argv[2];
if (!folder) throw new Error('say where the pictures go');

const people = ['alice', 'bob', 'carol', 'dave', 'erin', 'frank'];
const talkSeconds = 60;

const endings = [];
const session = { after: (end) => endings.unshift(end) };
const browser = await startBrowser();
session.after(() => browser.close());

async function openOverview(served, options) {
  const tab = await openTab(session, browser, served.page, options);
  await withServers(tab, { unanswered: [], servers: [
    { id: 'chat-1', address: '10.0.0.1:8080', version: '0.1.0', uptime_seconds: 273_600, clients: 6, authenticated: 6, rooms: 5, self: true },
    { id: 'chat-2', address: '10.0.0.2:8080', version: '0.1.0', uptime_seconds: 273_000, clients: 8, authenticated: 8, rooms: 7, self: false }] });
  await typeKey(tab, keys.all);
  await figure(tab, 'clients', /\d/).waitFor();
  return tab;
}

try {
  const served = await serveApi(session, {});
  const tab = await openOverview(served, { viewport: { width: 1200, height: 760 }, colorScheme: 'light' });
  const dark = await openOverview(served, { viewport: { width: 1200, height: 760 }, colorScheme: 'dark' });
  const phone = await openOverview(served, { viewport: { width: 390, height: 844 }, colorScheme: 'light', deviceScaleFactor: 2 });
  const clients = [];
  for (let second = 0; second < talkSeconds; ++second) {
    if (second % 6 === 0 && clients.length < people.length) {
      clients.push(await Client.join(session, served.server.url, people[clients.length], ['lobby', `team-${clients.length % 3}`]));
    }
    if (second === 40) clients.pop().socket.close(1000);
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
