// Reads Prometheus' text format, and makes the tables of docs/metrics.md from it:
//
//     curl -fsS -H "$KEY" http://127.0.0.1:9090/metrics | node tests/web/support/metrics_page.mjs
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

// Metrics by name: { type, help, labels: values by name, samples: [{ name, labels, value }] }.
export function parseMetrics(text) {
  const metrics = new Map();
  let metric;
  for (const line of text.split('\n')) {
    const [, kind, name, rest] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? [];
    if (kind === 'HELP') metrics.set(name, metric = { help: rest, labels: new Map(), samples: [] });
    if (kind === 'TYPE') metric.type = rest;
    const [, sample, labels = '', value] = /^([a-z_]+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
    if (!sample) continue;
    const named = Object.fromEntries([...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, text]) => [key, text]));
    metric.samples.push({ name: sample, labels: named, value: Number(value) });
    for (const [key, text] of Object.entries(named)) {
      if (!metric.labels.has(key)) metric.labels.set(key, new Set());
      metric.labels.get(key).add(text);
    }
  }
  return metrics;
}

// Values that differ from server to server.
const described = { version: 'the version', shard: 'from 0 on' };

function labelText([name, values]) {
  if (described[name]) return `\`${name}\`: ${described[name]}`;
  const texts = [...values];
  if (name === 'le') return `\`le\`: ${texts[0]} to ${texts.at(-2)}`;
  return `\`${name}\`: ${texts.map((text) => `\`${text}\``).join(', ')}`;
}

// The rows of all metrics, in their order: a line of the page each.
export function rowsOf(metrics) {
  return [...metrics].map(([name, { type, help, labels }]) =>
    `| \`${name}\` | ${type} | ${help} | ${[...labels].map(labelText).join('; ')} |`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  console.log(['| metric | type | what | labels |', '|---|---|---|---|',
    ...rowsOf(parseMetrics(readFileSync(0, 'utf8')))].join('\n'));
}
