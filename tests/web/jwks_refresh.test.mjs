// A set of keys that the program fetches from a server of Node.js.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Backend, Driver, reply } from './support/webhook.mjs';

const often = { refresh: 1_000, min_interval: 1_000 };

function start(t, backend, options = {}) {
  const driver = new Driver(t);
  driver.do('client');
  driver.do('jwks', { url: backend.url, ...options });
  return driver;
}

describe('JWKS refresh', () => {
  test('fetches at the start and then regularly', async (t) => {
    const backend = await Backend.start(t);
    const driver = start(t, backend, often);
    const first = driver.do('first keys');
    for (const keys of ['one', 'two', 'three']) {
      const { request, response } = await backend.next();
      assert.equal(request.method, 'GET');
      reply(response, 200, keys);
      await driver.printed(new RegExp(`{"keys":"${keys}"}`));
      if (keys === 'one') assert.equal((await driver.said(first)).accepted, true);
    }
  });

  test('keeps what it has while the server is away or wrong, with one line each way', async (t) => {
    const backend = await Backend.start(t);
    const driver = start(t, backend, often);
    reply((await backend.next()).response, 200, 'one');
    await driver.printed(/{"keys":"one"}/);
    reply((await backend.next()).response, 200, 'bad');
    await driver.logged(/warning JWKS: the keys stay as they were, http:\S+: keys\[0\]: bad\.$/m);
    reply((await backend.next()).response, 500, 'two');
    reply((await backend.next()).response, 200, 'three');
    await driver.printed(/{"keys":"three"}/);
    await driver.logged(/info JWKS: http:\S+ works again/);
    assert.equal(driver.stderr.match(/ JWKS/g).length, 2);
  });

  for (const [what, answer, why] of [
    ['a huge answer', (response) => reply(response, 200, 'x'.repeat(256 * 1024 + 1)), 'the body of the response is over 256KiB'],
    ['a redirect', (response) => reply(response, 302, '', { Location: '/x' }), 'status 302'],
    ['no answer', () => {}, 'Connection timed out'],
    ['half an answer', (response) => { response.writeHead(200, { 'Content-Length': 90 }); response.write('{', () => response.destroy()); },
      'the response was truncated'],
  ]) {
    test(`${what} is no set`, async (t) => {
      const backend = await Backend.start(t);
      const driver = start(t, backend, { timeout: 500 });
      const first = driver.do('first keys');
      answer((await backend.next()).response);
      assert.equal((await driver.said(first)).accepted, false);
      await driver.logged(new RegExp(`warning JWKS: the keys stay as they were, http:\\S+: ${why}`));
    });
  }

  test('on demand once in the interval, and whoever demands waits for it', async (t) => {
    const backend = await Backend.start(t);
    const driver = start(t, backend, { min_interval: 1_000 });
    const early = driver.do('demand');
    reply((await backend.next()).response, 200, 'one');
    assert.equal((await driver.said(early)).demanded, true);
    // There is nothing to wait for: a fetch has just been made.
    assert.equal((await driver.ask('demand')).demanded, true);
    assert.equal(backend.waiting, 0);
    let last;
    for (const late = Date.now() + 10_000; backend.waiting === 0;) {
      assert.ok(Date.now() < late);
      last = driver.do('demand');
      await driver.ask('first keys');
    }
    reply((await backend.next()).response, 200, 'two');
    assert.equal((await driver.said(last)).demanded, true);
    await driver.printed(/{"keys":"two"}/);
  });

  test('a text of the limit is taken', async (t) => {
    const backend = await Backend.start(t, { answer: (_, response) => reply(response, 200, 'x'.repeat(256 * 1024)) });
    assert.equal((await start(t, backend).ask('first keys')).accepted, true);
  });
});
