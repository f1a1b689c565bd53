// Takes docs/console.png: two people in a room, seen by one of them. From the top folder:
//
//   WSCAST_BIN_DIR=build/release/bin node tests/web/take_picture.mjs docs/console.png
import { Client } from './support/client.mjs';
import { connected, join, publish, received } from './support/console.mjs';
import { openTab, startBrowser } from './support/browser.mjs';
import { startServer } from './support/server.mjs';

const file = process.argv[2];
if (!file) throw new Error('say where the picture goes');

const endings = [];
const session = { after: (end) => endings.unshift(end) };
const browser = await startBrowser();
session.after(() => browser.close());
try {
  const server = await startServer(session, 'wscast', 'serve', '--dev', '--encryption', 'optional',
    '--listen', '127.0.0.1:8080');
  const tab = await openTab(session, browser, server.pageUrl,
    { viewport: { width: 1200, height: 720 }, colorScheme: 'light' });
  const bob = await Client.join(session, server.url, 'bob', ['lobby']);
  await connected(tab, 'alice');
  await join(tab, 'lobby');
  await publish(tab, 'lobby', 'chat', '{"text": "Good morning! Is anybody here?"}');
  await received(tab, 'delivered').waitFor();
  bob.publish('lobby', 'chat', { text: 'Morning, Alice. Just me so far.' });
  bob.publish('lobby', 'cursor', { user: 'bob', line: 42, column: 7 });
  await received(tab, 'cursor').waitFor();
  await publish(tab, 'lobby', 'chat', '{"text": "Shall we start?"}');
  await received(tab, 'delivered').nth(1).waitFor();
  bob.publish('lobby', 'chat', { text: 'Yes, go ahead!' });
  await received(tab, 'go ahead').waitFor();
  await tab.mouse.move(0, 0);
  await tab.evaluate(() => document.activeElement.blur());
  await tab.waitForTimeout(300);
  await tab.screenshot({ path: file });
} finally {
  for (const end of endings) await end();
}
