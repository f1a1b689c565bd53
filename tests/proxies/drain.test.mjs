// A server is drained behind deploy/haproxy-servers.cfg: its clients come to the other one, evenly.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from '../web/support/client.mjs';
import { get, stats } from '../web/support/raw.mjs';
import { freePort } from '../web/support/free_port.mjs';
import { certificate, configured, runProxy } from './support/proxy.mjs';
import { serve } from './support/rules.mjs';

const clients = 300;
const atOnce = 20;
const drainMs = 5_000;
const slackMs = 5_000;  // a busy machine

// Only root can become another user.
const asUser = process.getuid() === 0 ? [] : [['    user haproxy\n', ''], ['    group haproxy\n', '']];

async function startProxy(t, servers) {
  const files = certificate(t);
  const port = await freePort();
  const file = configured('haproxy-servers.cfg', files, [
    ['bind :443 ssl', `bind 127.0.0.1:${port} ssl`],
    ['wscast1 10.0.0.1:8080', `wscast1 ${servers[0].address}`],
    ['wscast2 10.0.0.2:8080', `wscast2 ${servers[1].address}`],
    ['/etc/haproxy/wscast.pem', files.file('both.pem')],
    ['maxconn 20000', 'maxconn 2000'],
    ['inter 2s', 'inter 300ms'],
    ...asUser,
  ]);
  await runProxy(t, port, 'haproxy', ['-db', '-f', file]);
  return { url: `wss://localhost:${port}/ws`, ca: files.ca };
}

async function enter(t, site) {
  const lookup = (_, options, done) => (options.all ? done(null, [{ address: '127.0.0.1', family: 4 }])
    : done(null, '127.0.0.1', 4));
  const client = await Client.open(t, site.url, [], { ca: site.ca, lookup });
  client.send('authenticate', { token: 'alice' });
  assert.equal(JSON.parse(await client.text()).event, 'connected');
  return client;
}

// Waits as the server asks for, or until it is closed; then it connects again, at the time that is
// answered.
async function comeBack(t, site, client, waits) {
  const { event, data } = JSON.parse(await client.text());
  assert.equal(event, 'disconnect');
  if (waits) {
    await delay(data.reconnectAfterMs);
  } else {
    assert.deepEqual(await client.closed(), { code: 1001, reason: 'Server shutting down' });
  }
  return entered(t, site);
}

// Tries again as a client does: on a busy machine HAProxy may miss a check and have no server for a
// moment.
async function entered(t, site) {
  for (const end = Date.now() + slackMs; ; await delay(100)) {
    const time = performance.now();
    try {
      await enter(t, site);
      return time;
    } catch (error) {
      if (Date.now() > end) throw error;
    }
  }
}

// The most of `times` that lie within one second.
function mostInASecond(times) {
  const sorted = [...times].sort((a, b) => a - b);
  let most = 0;
  for (let first = 0, last = 0; last < sorted.length; ++last) {
    while (sorted[last] - sorted[first] >= 1_000) ++first;
    most = Math.max(most, last - first + 1);
  }
  return most;
}

test('X7 a server is drained behind HAProxy, and all its clients come to the other, evenly', async (t) => {
  const flags = ['--drain-delay', '1s', '--drain-time', `${drainMs}ms`];
  const servers = [await serve(t, ...flags), await serve(t, ...flags)];
  const site = await startProxy(t, servers);
  const all = [];
  while (all.length < clients) {
    all.push(...await Promise.all(Array.from({ length: atOnce }, () => enter(t, site))));
  }
  // A busy machine may miss a check, so that one of them gets most.
  const counts = await Promise.all(servers.map(async (server) => (await stats(server)).authenticated));
  const [drained, other] = counts[0] >= counts[1] ? servers : [...servers].reverse();
  const before = await stats(drained);
  const returns = [];
  const failures = [];
  all.forEach((client, i) => comeBack(t, site, client, i % 2 === 0).then(
    (time) => returns.push(time), (error) => failures.push(error)));
  drained.signal('SIGTERM');
  assert.equal((await get(drained, '/health')).status, 200);
  assert.deepEqual(await drained.exit(), { code: 0, signal: null });
  for (const end = Date.now() + 2 * slackMs; (await stats(other)).authenticated < clients && Date.now() < end;) await delay(20);
  assert.equal((await stats(other)).authenticated, clients, 'all are there');
  assert.equal(returns.length, before.authenticated);
  assert.deepEqual(failures, []);
  assert.equal((await stats(other)).counters.connections_reset, 0);
  const span = Math.max(...returns) - Math.min(...returns);
  assert.ok(span <= drainMs + slackMs, `they came within ${span} ms`);
  const pace = before.authenticated / (drainMs / 1_000);
  assert.ok(mostInASecond(returns) <= 2 * pace, `${mostInASecond(returns)} in a second, evenly it were ${pace}`);
});
