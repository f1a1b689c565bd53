// A server with an API, and what a person does at its admin page.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import axe from 'axe-core';
import { openTab } from './browser.mjs';
import { startServer } from './server.mjs';

export const keys = { all: 'key-for-everything', publish: 'key-for-publish-only', read: 'key-for-reading-only' };

const configuration = `
[server]
listen = ["127.0.0.1:0"]
[api]
listen = ["127.0.0.1:0"]
key = "${keys.all}"
[[api.keys]]
name = "backend"
key = "${keys.publish}"
scopes = ["publish"]
[[api.keys]]
name = "dashboard"
key = "${keys.read}"
scopes = ["read"]
`;

// `auth`: the lines of `[auth]`, instead of those for trying out.
export async function serveApi(t, { auth = 'dev = true', flags = [] } = {}) {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'wscast-'));
  t.after(() => rm(folder, { recursive: true }));
  const file = path.join(folder, 'wscast.toml');
  const text = `${configuration}[auth]\n${auth}\n`;
  const write = (content) => writeFile(file, content);
  await write(text);
  const server = await startServer(t, 'wscast', 'serve', '--config', file, ...flags);
  const [, api] = await server.said(/API at (http:\S+)/);
  return { server, api, page: `${api}/admin`, write, text };
}

// A tab at the page, or at a view of it, with the key typed in.
export async function openAdmin(t, browser, { page }, { view = '', key = keys.all, ...options } = {}) {
  const tab = await openTab(t, browser, page + view, options);
  await typeKey(tab, key);
  await tab.getByTestId('view').waitFor();
  return tab;
}

export async function typeKey(tab, key) {
  await tab.getByTestId('key').fill(key);
  await tab.getByTestId('open').click();
}

export async function goTo(tab, view) {
  await tab.evaluate((hash) => { location.hash = hash; }, view);
}

// The page's next `count` requests for `url` get what it says now, as from a server that is behind.
export async function answerFirst(tab, url, count) {
  const body = await (await fetch(url, { headers: { authorization: `Bearer ${keys.all}` } })).text();
  let left = count;
  await tab.route(url, (route) => (left-- > 0 ? route.fulfill({ body, contentType: 'application/json' }) : route.fallback()));
}

// The id that a server has for others.
export async function serverId({ api }) {
  const response = await fetch(`${api}/api/v1/stats`, { headers: { authorization: `Bearer ${keys.all}` } });
  return (await response.json()).serverId;
}

export function figure(tab, name, text) {
  return tab.getByTestId(`figure-${name}`).filter({ hasText: text });
}

export function rowsOf(tab) {
  return tab.locator('tbody tr');
}

// What axe finds serious or critical, in words.
export async function seriousFaults(tab) {
  await tab.evaluate(axe.source);
  return tab.evaluate(async () => {
    const { violations } = await globalThis.axe.run(document);
    return violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id} at ${target}: ${failureSummary}`));
  });
}
