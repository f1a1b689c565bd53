// Servers of wscast with the HTTP API, on one Redis.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startServer } from '../../web/support/server.mjs';
import { startRedis } from './redis.mjs';

export const key = 'a-key-for-the-tests';

export async function serve(t, redis, more = '') {
  const folder = await mkdtemp(path.join(tmpdir(), 'wscast-'));
  t.after(() => rm(folder, { recursive: true }));
  const file = path.join(folder, 'wscast.toml');
  await writeFile(file, `
[server]
listen = ["127.0.0.1:0"]
[auth]
dev = true
[api]
listen = ["127.0.0.1:0"]
key = "${key}"
[redis]
url = "${redis.url}"
${more}`);
  const server = await startServer(t, 'wscast', 'serve', '--config', file);
  const [, address] = await server.said(/API at (http:\S+)/);
  server.api = address;
  server.call = async (method, target, body) => {
    const response = await fetch(address + target, {
      method, headers: { authorization: `Bearer ${key}` }, body: body && JSON.stringify(body),
    });
    return { status: response.status, body: await response.json() };
  };
  server.get = (target) => server.call('GET', `/api/v1/${target}`);
  server.post = (target, body = {}) => server.call('POST', `/api/v1/${target}`, body);
  server.id = (await server.get('servers')).body.servers[0].id;
  return server;
}

// Servers that have found each other.
export async function serveSeveral(t, count, more = '') {
  const redis = await startRedis(t);
  const servers = [];
  for (let i = 0; i < count; ++i) servers.push(await serve(t, redis, more));
  for (const one of servers) {
    for (const other of servers) if (one !== other) await one.logged(new RegExp(`found server ${other.id}`));
  }
  return { redis, servers };
}
