// deploy/compose.yaml and what it mounts: each path, flag and port fits. Nothing starts it, for want of
// a container engine: `wscast`, `haproxy`, `redis-server` and `promtool` read what it gives them.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runProxy as runDaemon } from '../proxies/support/proxy.mjs';
import { freePort } from './support/free_port.mjs';
import { runProgram } from './support/server.mjs';

const deploy = fileURLToPath(new URL('../../deploy', import.meta.url));
const haproxy = ['/usr/sbin/haproxy', '/sbin/haproxy', '/usr/bin/haproxy'].find(existsSync) ?? 'haproxy';
const source = (name) => readFileSync(path.join(deploy, name), 'utf8');
const yours = ['./tokens.json', './api-key'];  // The user's own: no part of the repository.

const yaml = (text) => JSON.parse(execFileSync('python3', ['-c', 'import json, sys, yaml; print(json.dumps(yaml.safe_load(sys.stdin)))'],
  { input: text, encoding: 'utf8' }));

function folderOf(t) {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'wscast-compose-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

// The last of a flag's values.
function flag(service, name) {
  const found = service.command.findLast((word) => word.startsWith(`--${name}=`));
  assert.ok(found, `no --${name}`);
  return found.slice(name.length + 3);
}

describe('compose.yaml', () => {
  let compose;
  let servers;

  before(() => {
    compose = yaml(source('compose.yaml'));
    servers = Object.entries(compose.services).filter(([, { image }]) => image === 'wscast');
  });

  test('has what it depends on', () => {
    assert.equal(servers.length, 2);
    for (const [name, { depends_on = [], networks, secrets = [], volumes = [] }] of Object.entries(compose.services)) {
      for (const other of depends_on) assert.ok(compose.services[other], `${name} depends on ${other}`);
      for (const network of Array.isArray(networks) ? networks : Object.keys(networks)) assert.ok(compose.networks[network], network);
      for (const secret of secrets) assert.ok(compose.secrets[secret], secret);
      for (const volume of volumes) {
        const [from, to, mode] = volume.split(':');
        assert.ok(yours.includes(from) || existsSync(path.join(deploy, from)), `${name}: ${from}`);
        assert.ok(path.isAbsolute(to) && mode === 'ro', volume);
      }
    }
    for (const { file } of Object.values(compose.secrets)) assert.ok(yours.includes(file), file);
    for (const [, { build }] of servers) assert.ok(existsSync(path.join(deploy, build.context, build.dockerfile)));
  });

  // What stands in files of the containers is put into files of the test.
  test('gives the servers flags that they take', async (t) => {
    const folder = folderOf(t);
    const file = (name, text) => {
      writeFileSync(path.join(folder, name), text);
      return path.join(folder, name);
    };
    const tokens = file('tokens.json', '{"key-of-alice":{"userId":"alice"}}');
    const key = file('key', 'key-of-the-test-only');
    for (const [name, service] of servers) {
      const mounted = service.volumes.map((volume) => volume.split(':')[1]);
      assert.ok(mounted.includes(flag(service, 'tokens')), `${name}: --tokens`);
      assert.ok(service.secrets.includes(path.basename(flag(service, 'api-key-file'))), `${name}: --api-key-file`);
      assert.equal(path.dirname(flag(service, 'api-key-file')), '/run/secrets');
      const words = service.command.map((word) => word.replace(flag(service, 'tokens'), tokens).replace(flag(service, 'api-key-file'), key));
      const shown = await runProgram('wscast', 'config', 'show', ...words);
      assert.equal(shown.code, 0, shown.stderr);
    }
  });

  test('stops the servers no sooner than they need', () => {
    const seconds = (text) => Number(/^(\d+)s$/.exec(text)[1]);
    for (const [, service] of servers) {
      assert.ok(seconds(service.stop_grace_period) >= seconds(flag(service, 'drain-delay')) + 10 + 10);
    }
  });

  test('has the addresses that its parts use', () => {
    const { haproxy: proxy, prometheus, redis } = compose.services;
    const ports = (service, name) => flag(service, name).split(':').at(-1);
    for (const [name, service] of servers) {
      const [, host, port] = /^redis:\/\/(\w+):(\d+)$/.exec(flag(service, 'redis'));
      assert.ok(compose.services[host] === redis && port === '6379', name);
      assert.match(source('haproxy-compose.cfg'), new RegExp(`^ +server ${name} ${name}:${ports(service, 'listen')}$`, 'm'));
      const [{ static_configs }] = yaml(source('prometheus.yml')).scrape_configs;
      assert.ok(static_configs[0].targets.includes(`${name}:${ports(service, 'api-listen')}`), name);
      assert.equal(flag(service, 'trusted-proxy'), proxy.networks.inside.ipv4_address);
    }
    const [{ subnet }] = compose.networks.inside.ipam.config;
    const [address, bits] = subnet.split('/');
    const inside = new net.BlockList();
    inside.addSubnet(address, Number(bits));
    assert.ok(inside.check(proxy.networks.inside.ipv4_address), subnet);
    const [, bound] = /^ +bind :(\d+)$/m.exec(source('haproxy-compose.cfg'));
    assert.deepEqual(proxy.ports, [`8080:${bound}`]);
    assert.match(prometheus.ports[0], /^127\.0\.0\.1:\d+:9090$/);
  });

  test('gives HAProxy, Redis and Prometheus what they take', async (t) => {
    const checked = spawnSync(haproxy, ['-c', '-f', path.join(deploy, 'haproxy-compose.cfg')], { encoding: 'utf8' });
    assert.equal(checked.status, 0, checked.stderr);
    const [program, ...words] = compose.services.redis.command;
    assert.equal(program, 'redis-server');
    const folder = folderOf(t);
    const port = await freePort();
    await runDaemon(t, port, program, [...words, '--port', port, '--bind', '127.0.0.1', '--dir', folder]);

    // As it is mounted, with the key where it is looked for.
    const { prometheus } = compose.services;
    const at = (place) => prometheus.volumes.map((volume) => volume.split(':')).find(([, to]) => to === place)?.[0];
    const config = yaml(source(at('/etc/prometheus/prometheus.yml')));
    const { credentials_file: file } = config.scrape_configs[0].authorization;
    assert.ok(prometheus.secrets.includes(path.basename(file)) && path.dirname(file) === '/run/secrets', file);
    config.scrape_configs[0].authorization.credentials_file = path.join(folder, 'key');
    writeFileSync(path.join(folder, 'key'), 'key-of-the-test-only');
    config.rule_files = config.rule_files.map((name) => {
      const mounted = at(path.join('/etc/prometheus', path.dirname(name)));
      assert.ok(mounted, name);
      return path.join(deploy, mounted, path.basename(name));
    });
    writeFileSync(path.join(folder, 'prometheus.yml'), JSON.stringify(config));
    const taken = spawnSync('promtool', ['check', 'config', path.join(folder, 'prometheus.yml')], { encoding: 'utf8' });
    assert.equal(taken.status, 0, taken.stdout + taken.stderr);
    assert.match(taken.stdout, /SUCCESS: \d+ rules found/);
  });
});
