// The package in headless Chromium: on a page, and in a web worker.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import http from 'node:http';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { openTab, startBrowser } from '../web/support/browser.mjs';
import { startServer } from '../web/support/server.mjs';
import { join, within } from './support/clients.mjs';

let browser;
before(async () => { browser = await startBrowser(); });
after(() => browser?.close());

const root = new URL('../../', import.meta.url);
const page = '<!doctype html><title>client</title><link rel="icon" href="data:,">';

// A site that has the package; returns its URL.
async function publishPackage(t) {
  const site = http.createServer(async (request, response) => {
    const file = /^\/((?:clients\/js\/dist\/esm|tests\/client\/support)\/\w+\.m?js)$/.exec(request.url)?.[1];
    const body = file ? await readFile(new URL(file, root)) : page;
    response.setHeader('Content-Type', file ? 'text/javascript' : 'text/html').end(body);
  });
  t.after(() => site.close());
  site.listen(0, '127.0.0.1');
  await once(site, 'listening');
  return `http://localhost:${site.address().port}/`;
}

const serve = (t, ...flags) => startServer(t, 'wscast', 'serve', '--dev', '--encryption', 'optional', ...flags);
const met = "alice heard: hi (1 of bob's)";

test('two clients on a page meet, one of them encrypted', async (t) => {
  const server = await serve(t);
  const tab = await openTab(t, browser, await publishPackage(t));
  const said = await tab.evaluate(async (url) => {
    const { visit } = await import('/tests/client/support/visit.mjs');
    return visit(url);
  }, server.url);
  assert.equal(said, met);
});

test('two clients in a web worker meet', async (t) => {
  const server = await serve(t);
  const tab = await openTab(t, browser, await publishPackage(t));
  const said = await tab.evaluate((url) => new Promise((resolve, reject) => {
    const code = `import { visit } from '${location.origin}/tests/client/support/visit.mjs';
      postMessage(await visit('${url}'));`;
    const worker = new Worker(URL.createObjectURL(new Blob([code], { type: 'text/javascript' })), { type: 'module' });
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = ({ message }) => reject(new Error(message));
  }), server.url);
  assert.equal(said, met);
});

test('a page whose server is killed comes back, encrypted, with its rooms', async (t) => {
  const server = await serve(t);
  const tab = await openTab(t, browser, await publishPackage(t));
  await tab.evaluate(async (url) => {
    const { connect } = await import('/clients/js/dist/esm/index.js');
    const { encryption } = await import('/clients/js/dist/esm/encryption.js');
    const client = connect(url, { token: 'alice', encryption: encryption(), minDelayMs: 20, maxDelayMs: 100 });
    Object.assign(window, { client, states: [], heard: [] });
    client.on('state', ({ state }) => window.states.push(state));
    client.room('lobby').on('chat', (data) => window.heard.push(data));
    await client.room('lobby').join();
  }, server.url);
  await server.kill();
  await tab.waitForFunction(() => window.states.includes('waiting'));
  await serve(t, '--listen', server.address);
  await within(tab.evaluate(() => window.client.room('lobby').join()), 'the page did not come back');
  const bob = await join(t, server.url, { token: 'bob' }, 'lobby');
  for (const n of [1, 2, 3]) assert.equal((await bob.room('lobby').publish('chat', n)).delivered, 1);
  await tab.waitForFunction(() => window.heard.length === 3);
  assert.deepEqual(await tab.evaluate(() => window.heard), [1, 2, 3]);
  await tab.evaluate(() => window.client.close());
});
