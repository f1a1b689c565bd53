// Which pages may use the HTTP API from a browser.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { once } from 'node:events';
import http from 'node:http';
import { after, before, test } from 'node:test';
import { keys, serveApi } from './support/admin.mjs';
import { openTab, startBrowser } from './support/browser.mjs';
import { runProgram } from './support/server.mjs';

let browser;
before(async () => { browser = await startBrowser(); });
after(() => browser?.close());

// `fetch` would set some of these headers itself.
async function ask(api, { method = 'GET', path = '/api/v1/rooms', key = keys.all, ...headers }) {
  const request = http.request(api + path, { method, headers: { ...(key ? { authorization: `Bearer ${key}` } : {}), ...headers } });
  request.end();
  const [response] = await once(request, 'response');
  response.setEncoding('utf8');
  let text = '';
  for await (const part of response) text += part;
  return { status: response.statusCode, headers: response.headers, text };
}

test('a page of its own may, one of another origin may not', async (t) => {
  const { api } = await serveApi(t);
  const { host } = new URL(api);
  for (const origin of [`http://${host}`, `https://${host}`, `HTTP://${host}`]) {
    const { status, headers } = await ask(api, { origin });
    assert.deepEqual([status, headers['access-control-allow-origin']], [200, undefined], origin);
  }
  assert.equal((await ask(api, { origin: 'https://admin.example', host: 'ADMIN.example' })).status, 200);
  for (const origin of ['https://evil.example', 'null', `http://${host}0`, `http://${host}.evil.example`, 'http://', host, '://']) {
    for (const path of ['/api/v1/rooms', '/metrics', '/admin', '/api/openapi.json', '/nothing']) {
      const { status, headers, text } = await ask(api, { origin, path });
      assert.equal(status, 403, `${origin} ${path}`);
      assert.match(text, /pages of other origins may not use this API: see api\.origins/);
      assert.equal(headers['access-control-allow-origin'], undefined);
    }
  }
  const preflight = { method: 'OPTIONS', key: '', 'access-control-request-method': 'POST' };
  assert.equal((await ask(api, { ...preflight, origin: 'https://evil.example' })).status, 403);
  assert.equal((await ask(api, { ...preflight, origin: `http://${host}` })).status, 405);
  assert.equal((await ask(api, preflight)).status, 405);
});

test('origins that are listed may, and read what is refused, too', async (t) => {
  const { api } = await serveApi(t, { flags: ['--api-allow-origin', 'https://admin.example,http://10.0.0.1:3000'] });
  for (const origin of ['https://admin.example', 'http://10.0.0.1:3000']) {
    for (const [options, expected] of [[{}, 200], [{ key: 'wrong' }, 401], [{ key: keys.publish }, 403], [{ path: '/nothing' }, 404]]) {
      const { status, headers } = await ask(api, { origin, ...options });
      assert.deepEqual([status, headers['access-control-allow-origin'], headers.vary], [expected, origin, 'Origin']);
      assert.equal(headers['access-control-allow-credentials'], undefined);
    }
    const { status, headers, text } = await ask(api, { origin, method: 'OPTIONS', key: '', path: '/api/v1/publish',
      'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' });
    assert.deepEqual([status, text, headers['access-control-allow-origin'], headers['access-control-allow-methods'],
      headers['access-control-allow-headers'], headers['access-control-max-age']],
    [200, '', origin, 'GET, POST', 'Authorization, Content-Type', '600']);
  }
  for (const origin of ['http://admin.example', 'https://admin.example:8443', 'https://Admin.example']) {
    assert.equal((await ask(api, { origin })).status, 403, origin);
  }
});

test('Chromium goes by it', async (t) => {
  const other = createServer((request, response) => response.setHeader('content-type', 'text/html').end('<title>other</title>'));
  other.listen(0, '127.0.0.1');
  await once(other, 'listening');
  t.after(() => other.close());
  const origin = `http://127.0.0.1:${other.address().port}`;
  const tab = await openTab(t, browser, origin);
  const publish = (api) => tab.evaluate(async ([url, key]) => {
    try {
      const response = await fetch(url, { method: 'POST', headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: '{"room":"lobby","event":"e"}' });
      return await response.text();
    } catch {
      return 'no response';
    }
  }, [`${api}/api/v1/publish`, keys.all]);
  const closed = await serveApi(t);
  assert.equal(await publish(closed.api), 'no response');
  const open = await serveApi(t, { flags: ['--api-allow-origin', origin] });
  assert.equal(await publish(open.api), '{"accepted":0,"backplane":"none"}');
});

test('an origin is checked when the configuration is read', async () => {
  for (const wrong of ['admin.example', 'https://admin.example/', 'https://', 'null', '*', 'ftp://admin.example', 'https://ADMIN.example', 'https://a@b']) {
    const { code, stderr } = await runProgram('wscast', 'serve', '--dev', '--api-allow-origin', wrong);
    assert.equal(code, 2, wrong);
    assert.ok(stderr.includes(`--api-allow-origin: "${wrong}" is no origin, such as https://admin.example`), stderr);
  }
});
