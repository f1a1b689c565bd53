// What the admin page takes with many clients: the time of the first view, that of each list, and
// the memory of the page over the minutes. From the top folder, after `npm ci` in tests/web:
//
//   WSCAST_BIN_DIR=build/release/bin node bench/admin_page.mjs [--clients 15000] [--seconds 300]
//
// Fails when the first view takes over a second, when the page has more than a list's rows, or when
// its memory grows. Its memory is what Chromium's heap of it has after a collection, and its nodes.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { goTo, keys, rowsOf, serveApi, typeKey } from '../tests/web/support/admin.mjs';
import { openTab, startBrowser } from '../tests/web/support/browser.mjs';

const { values } = parseArgs({ options: { clients: { type: 'string', default: '15000' }, seconds: { type: 'string', default: '300' } } });
const clients = Number(values.clients);
const seconds = Number(values.seconds);
const firstViewMsMax = 1_000;
const rowsMax = 100;
const grownMax = 0.1;
const grownBytesFloor = 256 * 1024;
const settleSeconds = 30;  // Until the views were each seen, and what is compiled is compiled.

const endings = [];
const session = { after: (end) => endings.unshift(end) };
const fail = (words) => { throw new Error(words); };

// The load program's clients, silent until it ends.
async function connectClients(address) {
  const load = spawn(path.join(process.env.WSCAST_BIN_DIR, 'load'),
    ['idle', '--connect', address, '--clients', String(clients), '--authenticate', '--hold'], { stdio: ['pipe', 'pipe', 'inherit'] });
  session.after(async () => {
    load.stdin.end();
    if (load.exitCode === null) await once(load, 'exit');
  });
  const ended = once(load, 'exit').then(() => fail('the clients did not connect'));
  await Promise.race([once(load.stdout, 'data'), ended]);
  ended.catch(() => {});
}

// From the navigation of a tab that has the key until its figures are there.
async function firstViewMs(tab) {
  await tab.reload({ waitUntil: 'commit' });
  await tab.getByTestId('figure-clients').filter({ hasText: clients.toLocaleString('en') }).waitFor();
  return tab.evaluate(() => performance.now());
}

async function listMs(tab, view, heading) {
  const began = performance.now();
  await goTo(tab, view);
  await tab.locator('#view-title').filter({ hasText: heading }).waitFor();
  await rowsOf(tab).first().waitFor();
  const took = performance.now() - began;
  if (await rowsOf(tab).count() > rowsMax) fail(`${view} has over ${rowsMax} rows`);
  return took;
}

async function memory(devtools) {
  await devtools.send('HeapProfiler.collectGarbage');
  const { metrics } = await devtools.send('Performance.getMetrics');
  const of = (name) => metrics.find((metric) => metric.name === name).value;
  return { heap: of('JSHeapUsedSize'), nodes: of('Nodes') };
}

// What a person does now and then.
async function visitAll(tab) {
  for (const view of ['#/rooms', '#/clients', '#/servers', '#/publish']) {
    await goTo(tab, view);
    await tab.locator('#view-title').filter({ hasText: view.slice(2) === '' ? 'Overview' : new RegExp(view.slice(2), 'i') }).waitFor();
    if (view === '#/clients') {
      await rowsOf(tab).first().waitFor();
      await tab.getByTestId('next').click();
      await tab.getByTestId('range').filter({ hasText: '101 to 200' }).waitFor();
    }
  }
  await goTo(tab, '#/');
}

async function run() {
  const served = await serveApi(session, { flags: ['--heartbeat-timeout', '24h', '--log-level', 'warn'] });
  await connectClients(served.server.address);
  const browser = await startBrowser();
  session.after(() => browser.close());
  const tab = await openTab(session, browser, served.page);
  await typeKey(tab, keys.all);
  await tab.getByTestId('view').waitFor();
  const firsts = [];
  for (let n = 0; n < 5; ++n) firsts.push(await firstViewMs(tab));
  console.log(`first view, ${clients} clients: ${firsts.map((ms) => ms.toFixed(0)).join(', ')} ms`);
  for (const [view, heading] of [['#/clients', 'Clients'], ['#/rooms', 'Rooms'], ['#/rooms/ws-default', 'Room ws-default'], ['#/users/u7', 'User u7']]) {
    console.log(`${view}: ${(await listMs(tab, view, heading)).toFixed(0)} ms`);
  }
  const devtools = await tab.context().newCDPSession(tab);
  await devtools.send('Performance.enable');
  const samples = [];
  const began = performance.now();
  for (;;) {
    await visitAll(tab);
    const at = (performance.now() - began) / 1000;
    const { heap, nodes } = await memory(devtools);
    samples.push({ at, heap, nodes });
    console.log(`after ${at.toFixed(0)} s: ${(heap / 1024).toFixed(0)} KiB, ${nodes} nodes`);
    if (at >= seconds) break;
    await tab.waitForTimeout(10_000);
  }
  const settled = samples.filter(({ at }) => at >= Math.min(settleSeconds, seconds / 2));
  const [first, last] = [settled[0], settled.at(-1)];
  const grown = last.heap - first.heap;
  console.log(`grown: ${(grown / 1024).toFixed(0)} KiB, ${last.nodes - first.nodes} nodes`);
  if (firsts.some((ms) => ms > firstViewMsMax)) fail(`the first view takes over ${firstViewMsMax} ms`);
  if (grown > Math.max(grownMax * first.heap, grownBytesFloor)) fail('the memory of the page grows');
  if (last.nodes > first.nodes * (1 + grownMax)) fail('the nodes of the page grow');
}

try {
  await run();
} catch (error) {
  console.error(`admin_page: ${error.message}`);
  process.exitCode = 1;
} finally {
  for (const end of endings) await end();
}
