// The metrics of `wscast serve`, as Debian's Prometheus scrapes them under load, what shows them
// (deploy/grafana) and what watches them (deploy/prometheus). WSCAST_METRICS_SECONDS=60 makes the
// load last so long.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { runProxy as runDaemon } from '../proxies/support/proxy.mjs';
import { freePort } from './support/free_port.mjs';
import { Client } from './support/client.mjs';
import { parseMetrics, rowsOf } from './support/metrics_page.mjs';
import { startServer } from './support/server.mjs';
import { secret } from './support/webhook.mjs';

const key = 'key-of-the-test-only';
const authorization = { authorization: `Bearer ${key}` };
const loadMs = 1_000 * Number(process.env.WSCAST_METRICS_SECONDS ?? 4);
const waitMs = 30_000;
const clients = 20;
const atOnce = 10;
const root = fileURLToPath(new URL('../../', import.meta.url));
const source = (name) => readFileSync(path.join(root, name), 'utf8');

function folderOf(t) {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'wscast-metrics-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function startRedis(t) {
  const port = await freePort();
  await runDaemon(t, port, 'redis-server', ['--port', port, '--bind', '127.0.0.1', '--save', '', '--dir', folderOf(t)]);
  return `redis://127.0.0.1:${port}`;
}

// A server with all that has metrics: Redis, and a webhook that nobody listens at.
async function serve(t, redis) {
  const folder = folderOf(t);
  const file = path.join(folder, 'key');
  const secrets = path.join(folder, 'secret');
  writeFileSync(file, key);
  writeFileSync(secrets, secret);
  const nobody = await freePort();
  const server = await startServer(t, 'wscast', 'serve', '--dev', '--listen', '127.0.0.1:0', '--shards', '2',
    '--redis', redis, '--api-listen', '127.0.0.1:0', '--api-key-file', file, '--log-level', 'error',
    '--webhook-url', `http://127.0.0.1:${nobody}/`, '--webhook-secret-file', secrets, '--webhook-drain-time', '1ms');
  const [, api] = await server.said(/API at http:\/\/(\S+)/);
  const scrape = async () => parseMetrics(await (await fetch(`http://${api}/metrics`, { headers: authorization })).text());
  const publish = async (body) => {
    const response = await fetch(`http://${api}/api/v1/publish`, { method: 'POST', headers: authorization, body: JSON.stringify(body) });
    assert.equal(response.status, 200);
    await response.arrayBuffer();
  };
  return { server, api, scrape, publish };
}

// Prometheus that scrapes `targets`; `query` answers the result of one, a vector.
async function startPrometheus(t, targets) {
  const folder = folderOf(t);
  const port = await freePort();
  const file = path.join(folder, 'prometheus.yml');
  const job = {
    job_name: 'wscast', scrape_interval: '500ms', scrape_timeout: '500ms',
    authorization: { credentials: key }, static_configs: [{ targets }],
  };
  writeFileSync(file, JSON.stringify({ global: { evaluation_interval: '500ms' }, scrape_configs: [job],
    rule_files: [path.join(root, 'deploy/prometheus/alerts.yml')] }));
  await runDaemon(t, port, 'prometheus', [`--config.file=${file}`, `--storage.tsdb.path=${folder}/data`,
    `--web.listen-address=127.0.0.1:${port}`, '--log.level=error']);
  const isReady = async () => (await fetch(`http://127.0.0.1:${port}/-/ready`)).ok;
  await until(isReady, 'Prometheus listens, but is not ready');
  const get = async (target) => {
    const { status, error, data } = await (await fetch(`http://127.0.0.1:${port}/api/v1/${target}`)).json();
    assert.equal(status, 'success', `${target}: ${error}`);
    return data;
  };
  return { get, query: async (text) => (await get(`query?query=${encodeURIComponent(text)}`)).result };
}

async function until(condition, words) {
  for (const end = Date.now() + waitMs; !(await condition()); await delay(100)) {
    assert.ok(Date.now() < end, words);
  }
}

// Reads all that comes to a client, and counts it.
function counted(client) {
  const counts = { messages: 0 };
  client.socket.removeAllListeners('message');
  client.socket.on('message', () => { ++counts.messages; });
  return counts;
}

const sum = (metric, suffix = '', wanted = () => true) => metric.samples
  .filter(({ name, labels }) => name.endsWith(suffix) && wanted(labels)).reduce((all, { value }) => all + value, 0);

test('a token that is rejected is counted by its reason', async (t) => {
  const folder = folderOf(t);
  const file = path.join(folder, 'key');
  const tokens = path.join(folder, 'secret');
  writeFileSync(file, key);
  writeFileSync(tokens, 'a-secret-of-tokens-that-is-long-enough');
  const server = await startServer(t, 'wscast', 'serve', '--listen', '127.0.0.1:0', '--jwt-secret-file', tokens,
    '--api-listen', '127.0.0.1:0', '--api-key-file', file);
  const [, api] = await server.said(/API at http:\/\/(\S+)/);
  const client = await Client.open(t, server.url);
  client.send('authenticate', { token: 'this is none' });
  await client.closed();
  const metrics = parseMetrics(await (await fetch(`http://${api}/metrics`, { headers: authorization })).text());
  const counted = metrics.get('wscast_token_rejections_total').samples.filter(({ value }) => value > 0);
  assert.deepEqual(counted.map(({ labels, value }) => [labels.reason, value]), [['malformed', 1]]);
});

describe('under load', () => {
  test('Prometheus has what the clients counted', { timeout: loadMs + 60_000 }, async (t) => {
    const redis = await startRedis(t);
    const [one, two] = [await serve(t, redis), await serve(t, redis)];
    const prometheus = await startPrometheus(t, [one.api, two.api]);
    const total = async (text) => Number((await prometheus.query(`sum(${text})`))[0]?.value[1] ?? 0);
    await until(async () => (await total('up')) === 2, 'Prometheus scrapes nothing');
    const counts = [];
    for (let i = 0; i < clients; ++i) {
      const { server } = i % 2 === 0 ? one : two;
      counts.push(counted(await Client.join(t, server.url, `user${i}`, ['lobby'])));
    }
    let published = 0;
    for (const end = Date.now() + loadMs; Date.now() < end; published += atOnce) {
      await Promise.all(Array.from({ length: atOnce }, (_, i) =>
        (i % 2 === 0 ? one : two).publish({ room: 'lobby', event: 'e', data: { i } })));
    }
    const received = () => counts.reduce((all, { messages }) => all + messages, 0);
    await until(() => received() === published * clients, 'a message is missing');
    t.diagnostic(`${published} messages, ${received()} deliveries, ${loadMs} ms`);

    await until(async () => (await total('wscast_delivery_seconds_count')) >= received(), 'deliveries are missing');
    assert.equal(await total('wscast_delivery_seconds_count'), received());
    assert.equal(await total('wscast_delivery_seconds_bucket{le="+Inf"}'), received());
    assert.equal(await total('wscast_fanout_clients_sum'), received());
    // Servers send each other some, too.
    assert.ok(await total('wscast_publishes_total{result="ok"}') >= published);
    assert.ok(await total('wscast_broker_total{event="messages"}') >= published);
    assert.equal(await total('wscast_clients_authenticated'), clients);
    assert.equal(await total('wscast_connections_by_state{transport="plain",state="authenticated"}'), clients);
    assert.equal(await total('wscast_hook_seconds_count{hook="authenticate"}'), clients);
    assert.equal(await total('wscast_outbound_bytes'), 0);
    const half = Number((await prometheus.query('histogram_quantile(0.5, sum by (le) (wscast_delivery_seconds_bucket))'))[0].value[1]);
    assert.ok(half > 0 && half < 1, `half took ${half} s`);

    for (const { title, targets } of panels()) {
      for (const { expr } of targets) {
        const text = expr.replaceAll('$instance', '.*').replaceAll('$__rate_interval', '1m');
        await until(async () => (await prometheus.query(text)).length > 0, `panel "${title}" shows nothing: ${text}`);
      }
    }
    const { groups } = await prometheus.get('rules');
    for (const { name, health, lastError } of groups[0].rules) assert.equal(health, 'ok', `${name}: ${lastError}`);
    assert.equal(await total('up'), 2);
    t.diagnostic(`scraped ${await total('count_over_time(up[10m])')} times`);
  });
});

const quantiles = [0.5, 0.99];
const rankOf = (quantile, count) => Math.max(1, Math.ceil(quantile * count));

// Bounds of the bucket of a histogram that has the quantile of what came between two scrapes.
function bucketOf(quantile, before, after) {
  const buckets = (metrics) => metrics.get('wscast_delivery_seconds').samples.filter(({ name }) => name.endsWith('_bucket'));
  const earlier = buckets(before);
  const counts = buckets(after).map(({ labels, value }, i) => ({ le: Number(labels.le.replace('+Inf', 'Infinity')), count: value - earlier[i].value }));
  const rank = rankOf(quantile, counts.at(-1).count);
  const i = counts.findIndex(({ count }) => count >= rank);
  return [i === 0 ? 0 : counts[i - 1].le, counts[i].le];
}

test('the histogram and a trace measure the same', async (t) => {
  const messages = 400;
  const { server, api, scrape, publish } = await serve(t, await startRedis(t));
  await Client.join(t, server.url, 'alice', ['lobby']);
  const traces = async (method, target, body) => (await fetch(`http://${api}/api/v1/traces${target}`,
    { method, headers: authorization, body: body && JSON.stringify(body) })).json();
  await traces('POST', '', { id: 'all', room: 'lobby', messages });
  const before = await scrape();
  for (let i = 0; i < messages; ++i) await publish({ room: 'lobby', event: 'e', data: i });
  let events;
  await until(async () => {
    ({ events } = await traces('GET', '/all'));
    return events.filter(({ step }) => step === 'written').length === messages;
  }, 'a message was not written');
  const after = await scrape();
  const published = new Map(events.filter(({ step }) => step === 'published').map(({ message, time }) => [message, time]));
  const times = events.filter(({ step }) => step === 'written').map(({ message, time }) => (time - published.get(message)) / 1e6)
    .sort((a, b) => a - b);
  for (const quantile of quantiles) {
    const traced = times[rankOf(quantile, messages) - 1];
    const [least, most] = bucketOf(quantile, before, after);
    const rounding = 1e-6;  // Both times of a trace are whole microseconds.
    assert.ok(traced > least - rounding && traced <= most + rounding, `p${100 * quantile}: traced ${traced} s, the histogram says ${least} to ${most} s`);
    t.diagnostic(`p${100 * quantile}: traced ${Math.round(1e6 * traced)} us, bucket ${1e6 * least} to ${1e6 * most} us`);
  }
});

function panels() {
  return JSON.parse(source('deploy/grafana/wscast.json')).panels.filter(({ type }) => type !== 'row');
}

// The alerts of deploy/prometheus/alerts.yml: name and expression.
function alerts() {
  return source('deploy/prometheus/alerts.yml').split('      - alert: ').slice(1).map((text) => ({
    name: /^\w+/.exec(text)[0], expr: /expr: ([^]*?)\n {8}\w/.exec(text)[1] }));
}

describe('what is there', () => {
  let metrics;

  // Those of a server with Redis, at rest.
  test('promtool takes the metrics', async (t) => {
    const { api } = await serve(t, await startRedis(t));
    let text;
    await until(async () => {
      text = await (await fetch(`http://${api}/metrics`, { headers: authorization })).text();
      return text.includes('\nwscast_redis_round_trip_seconds ');
    }, 'no probe came back');
    const checked = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' });
    assert.deepEqual([checked.status, checked.stdout + checked.stderr], [0, '']);
    metrics = parseMetrics(text);
    const connected = metrics.get('wscast_redis_connected');
    assert.equal(sum(connected), 2);
    assert.ok(sum(metrics.get('wscast_redis_silence_seconds')) < 5);
  });

  test('docs/metrics.md has a row for each, in their order', () => {
    const rows = source('docs/metrics.md').split('\n').filter((line) => line.startsWith('| `'));
    assert.deepEqual(rows, rowsOf(metrics), 'made by tests/web/support/metrics_page.mjs');
  });

  // Each name, and each label with a value that a metric has.
  const check = (where, expr) => {
    const names = expr.match(/wscast_\w+/g) ?? [];
    for (const name of names) {
      const base = metrics.has(name) ? name : name.replace(/_(bucket|sum|count)$/, '');
      assert.ok(metrics.has(base), `${where}: there is no ${name}`);
      assert.equal(base !== name, metrics.get(base).type === 'histogram', `${where}: ${name}`);
    }
    for (const [, name, labels] of expr.matchAll(/(wscast_\w+)\{([^}]*)\}/g)) {
      const known = metrics.get(name)?.labels ?? metrics.get(name.replace(/_[a-z]+$/, '')).labels;
      for (const [, label, operator, value] of labels.matchAll(/(\w+)\s*(=~|=)\s*"([^"]*)"/g)) {
        if (label === 'instance') continue;
        const values = [...known.get(label) ?? []];
        const parts = operator === '=' || /[*(]/.test(value) ? [value] : value.split('|');
        for (const part of parts) {
          assert.ok(values.some((text) => new RegExp(`^(${part})$`).test(text)), `${where}: ${name} has no ${label} ${part}`);
        }
      }
    }
    return names.length;
  };

  test('the dashboard shows metrics that there are', () => {
    const titles = new Set();
    for (const { title, targets } of panels()) {
      assert.ok(!titles.has(title), `two panels "${title}"`);
      titles.add(title);
      for (const { expr } of targets) assert.ok(check(`panel "${title}"`, expr) > 0, title);
    }
    const { list } = JSON.parse(source('deploy/grafana/wscast.json')).templating;
    for (const { type, query } of list) assert.ok(type === 'datasource' || check('a variable', query) > 0, query);
  });

  test('the alerts watch metrics that there are', () => {
    const checked = spawnSync('promtool', ['check', 'rules', 'deploy/prometheus/alerts.yml'], { cwd: root, encoding: 'utf8' });
    assert.equal(checked.status, 0, checked.stdout + checked.stderr);
    for (const { name, expr } of alerts()) assert.ok(name === 'WscastDown' || check(name, expr) > 0, name);
  });

  test('each alert comes when it should', () => {
    const run = spawnSync('promtool', ['test', 'rules', 'alerts_test.yml'], { cwd: path.join(root, 'deploy/prometheus'), encoding: 'utf8' });
    assert.equal(run.status, 0, run.stdout + run.stderr);
    const tried = [...source('deploy/prometheus/alerts_test.yml').matchAll(/alertname: (\w+)\n +exp_alerts:\n/g)].map(([, name]) => name);
    assert.deepEqual(tried, alerts().map(({ name }) => name));
  });

  test('docs/operations.md explains each alert, in their order', () => {
    const [, section] = /\n## Alerts\n([^]*?)\n## /.exec(source('docs/operations.md'));
    const explained = [...section.matchAll(/^\| `(Wscast\w+)` \| [^|]{10,} \| [^|]{3,} \|$/gm)].map(([, name]) => name);
    assert.deepEqual(explained, alerts().map(({ name }) => name));
  });
});
