// `wscast doctor`: what it finds on this machine, by a real Redis and real files.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, test } from 'node:test';
import { freePort } from './support/free_port.mjs';
import { startRedis } from './support/redis.mjs';
import { runProgram, runProgramIn, startServer } from './support/server.mjs';

async function folder(t) {
  const made = await mkdtemp(path.join(tmpdir(), 'wscast-'));
  t.after(() => rm(made, { recursive: true }));
  return made;
}

// The findings, by what was looked at; the exit code must fit them.
async function examine(...args) {
  const { code, stdout, stderr } = await runProgram('wscast', 'doctor', '--json', ...args);
  assert.equal(stderr, '');
  const findings = stdout.trimEnd().split('\n').map((line) => JSON.parse(line));
  for (const { level, mend } of findings) assert.equal(mend === undefined, level === 'ok');
  assert.equal(code, findings.some(({ level }) => level === 'error') ? 7 : 0);
  return new Map(findings.map((finding) => [finding.check, finding]));
}

const level = async (check, ...args) => (await examine(...args)).get(check)?.level;

test('a line each, ok or not, and 0 without an error', async () => {
  const { code, stdout, stderr } = await runProgram('wscast', 'doctor', '--dev');
  assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
  for (const line of stdout.trimEnd().split('\n')) assert.match(line, /^(ok     |warning) [\w. -]+: .+$/);
  for (const check of ['configuration', 'authentication', 'open files', 'net.core.somaxconn', 'io_uring', 'clock', 'Redis']) {
    assert.match(stdout, new RegExp(` ${check}: `));
  }
});

describe('the configuration', () => {
  test('each fault is an error', async (t) => {
    const file = path.join(await folder(t), 'wscast.toml');
    await writeFile(file, '[auth]\ndev = true\n[limits]\nmessage_rate = "fast"\nno_such = 1\n');
    const { code, stdout } = await runProgram('wscast', 'doctor', '--config', file);
    assert.equal(code, 7);
    assert.equal(stdout.match(/^error {3}configuration: /gm).length, 2);
  });

  test('what decides who may connect is read', async (t) => {
    const tokens = path.join(await folder(t), 'tokens.json');
    assert.equal(await level('authentication', '--tokens', tokens), 'error');
    await writeFile(tokens, '{"secret":{"userId":"alice"}}');
    assert.equal(await level('authentication', '--tokens', tokens), 'ok');
  });

  test('too few open files for the connections is an error', async () => {
    const run = (...args) => spawnSync('sh', ['-c', 'ulimit -n 1024; exec "$@"', 'sh', path.join(process.env.WSCAST_BIN_DIR, 'wscast'),
      'doctor', '--dev', ...args], { encoding: 'utf8' });
    assert.equal(run('--max-connections', '500').status, 0);
    const { status, stdout } = run('--max-connections', '2000');
    assert.equal(status, 7);
    assert.match(stdout, /^error {3}open files: at most 1024, room for about 896 connections, configured are 2000; raise .* to 2128$/m);
  });
});

test('io_uring is an error only where a server that needs it would not start', async (t) => {
  assert.equal(await level('io_uring', '--dev'), 'ok');
  assert.match((await examine('--dev', '--io', 'epoll')).get('io_uring').what, /not used, by io = epoll$/);
  const args = ['--dev', '--io', 'uring'];
  if (await level('io_uring', ...args) === 'ok') {
    await startServer(t, 'wscast', 'serve', '--listen', '127.0.0.1:0', ...args);
  } else {
    const { code, stderr } = await runProgram('wscast', 'serve', '--listen', '127.0.0.1:0', ...args);
    assert.notEqual(code, 0);
    assert.match(stderr, /io_uring/);
  }
});

describe('certificates', () => {
  function issue(where, name, ...dates) {
    execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', ...dates,
      '-keyout', `${name}.key`, '-out', `${name}.pem`, '-subj', `/CN=${name}`], { cwd: where, stdio: 'pipe' });
  }
  const pair = (where, cert, key = cert) => ['--dev', '--listen-tls', '127.0.0.1:0',
    '--tls-cert', path.join(where, `${cert}.pem`), '--tls-key', path.join(where, `${key}.key`)];

  test('one is good, one expires soon, one has no key that fits', async (t) => {
    const where = await folder(t);
    issue(where, 'good', '-days', '30');
    issue(where, 'soon', '-days', '13');
    assert.equal(await level('certificate', ...pair(where, 'good')), 'ok');
    assert.equal(await level('certificate', ...pair(where, 'soon')), 'warning');
    const { level: unfit, what } = (await examine(...pair(where, 'good', 'soon'))).get('certificate');
    assert.equal(unfit, 'error');
    assert.match(what, /is not that of the certificate/);
    assert.equal(await level('certificate', ...pair(where, 'none', 'good')), 'error');
    const config = path.join(where, 'wscast.toml');
    await writeFile(config, `[auth]\ndev = true\n[api]\nkey = "a-key-of-the-api-for-tests"\nlisten_tls = ["127.0.0.1:0"]
tls_cert = "${where}/soon.pem"\ntls_key = "${where}/soon.key"\n`);
    assert.equal(await level('certificate', '--config', config), 'warning', 'of the API');
  });
});

describe('Redis', () => {
  test('a good one, by what it says of itself', async (t) => {
    const redis = await startRedis(t);
    const findings = await examine('--dev', '--redis', redis.url);
    for (const check of ['Redis', 'Redis version', 'Redis mode', 'Redis client-output-buffer-limit pubsub', 'Redis maxclients',
      'Redis timeout', 'clock of Redis', 'Redis PUBLISH', 'Redis SUBSCRIBE', 'Redis ws:server:*', 'Redis ws:store:*']) {
      assert.equal(findings.get(check)?.level, 'ok', check);
    }
    assert.equal(findings.get('Redis history'), undefined);
    assert.equal(await level('Redis PSUBSCRIBE', '--dev', '--redis', redis.url, '--redis-subscribe', 'patterns'), 'ok');
  });

  test('its settings', async (t) => {
    const redis = await startRedis(t, '--client-output-buffer-limit', 'pubsub 1mb 1mb 1', '--timeout', '1', '--maxclients', '2');
    const findings = await examine('--dev', '--redis', redis.url);
    for (const check of ['client-output-buffer-limit pubsub', 'timeout', 'maxclients']) {
      assert.equal(findings.get(`Redis ${check}`).level, 'warning', check);
    }
  });

  test('one that is not there, or refuses the login; no password is shown', async (t) => {
    const gone = await examine('--dev', '--redis', `redis://:hunter2@127.0.0.1:${await freePort()}`);
    assert.match(gone.get('Redis').what, /Connection refused/);
    const redis = await startRedis(t, '--requirepass', 'hunter2');
    assert.match((await examine('--dev', '--redis', redis.url)).get('Redis').what, /NOAUTH/);
    const wrong = await runProgramIn({ WSCAST_REDIS: `redis://:hunter3@127.0.0.1:${redis.port}` }, 'wscast', 'doctor', '--dev');
    assert.equal(wrong.code, 7);
    assert.match(wrong.stdout, /^error {3}Redis: .*WRONGPASS/m);
    assert.doesNotMatch(wrong.stdout, /hunter/);
    assert.equal(await level('Redis', '--dev', '--redis', `redis://:hunter2@127.0.0.1:${redis.port}`), 'ok');
  });

  test('a user with the least rights of the manual, and one with fewer', async (t) => {
    const acl = path.join(await folder(t), 'users.acl');
    const channels = '&ws:broadcast &ws:probe:* &ws:client:* &ws:user:* &ws:room:*';
    await writeFile(acl, `user default on nopass ~* &* +@all
user least on >secret resetchannels ${channels} -@all +publish +subscribe +unsubscribe
user mute on >secret resetchannels ${channels} -@all +subscribe +unsubscribe
user deaf on >secret resetchannels &ws:probe:* &ws:broadcast -@all +publish +subscribe
`);
    const redis = await startRedis(t, '--aclfile', acl);
    const as = (user) => examine('--dev', '--redis', `redis://${user}:secret@127.0.0.1:${redis.port}`);
    const least = await as('least');
    for (const check of ['Redis PUBLISH', 'Redis SUBSCRIBE']) assert.equal(least.get(check).level, 'ok', check);
    for (const check of ['Redis ws:server:*', 'Redis ws:store:*']) {
      assert.equal(least.get(check).level, 'warning', check);
      assert.match(least.get(check).what, /NOPERM.*; without it /);
    }
    assert.equal(least.get('Redis settings').level, 'warning');
    assert.match((await as('mute')).get('Redis PUBLISH').what, /NOPERM/);
    const deaf = await as('deaf');
    assert.equal(deaf.get('Redis PUBLISH').level, 'ok');
    assert.match(deaf.get('Redis SUBSCRIBE').what, /^ws:room:\w+: NOPERM/);
  });

  test('rooms with a history need more rights, and nothing is left behind', async (t) => {
    const where = await folder(t);
    const acl = path.join(where, 'users.acl');
    const manual = await readFile(new URL('../../docs/operations.md', import.meta.url), 'utf8');
    const [history] = /^user wscast-history .*$/m.exec(manual);
    await writeFile(acl, `user default on nopass ~* &* +@all
${history}
${history.replace('wscast-history', 'unable').replace(' +xdel', '')}
`);
    const redis = await startRedis(t, '--aclfile', acl);
    const config = path.join(where, 'wscast.toml');
    await writeFile(config, '[auth]\ndev = true\n[[rooms]]\nmatch = "h-*"\nhistory = true\n');
    const as = (user) => examine('--config', config, '--redis', `redis://${user}:secret@127.0.0.1:${redis.port}`);
    assert.equal((await as('wscast-history')).get('Redis history').level, 'ok');
    const { level: unable, what } = (await as('unable')).get('Redis history');
    assert.equal(unable, 'error');
    assert.match(what, /^ws:history:\{\w+\}: .*NOPERM/);
    const left = execFileSync('redis-cli', ['-p', String(redis.port), 'KEYS', '*'], { encoding: 'utf8' });
    assert.equal(left.trim(), '');
  });

  test('a Cluster is asked how it is, and one that is used as a single Redis is noticed', async (t) => {
    const redis = await startRedis(t, '--cluster-enabled', 'yes');
    assert.equal(await level('Redis mode', '--dev', '--redis', redis.url), 'warning');
    const { level: broken, what } = (await examine('--dev', '--redis', redis.url.replace('redis:', 'redis-cluster:'))).get('Redis mode');
    assert.deepEqual({ broken, what }, { broken: 'error', what: 'Cluster, state fail' });
    const slots = spawnSync('redis-cli', ['-p', String(redis.port), 'cluster', 'addslotsrange', '0', '16383']);
    assert.equal(slots.status, 0);
    let state;
    do {  // It takes a moment until it says so.
      ({ level: state } = (await examine('--dev', '--redis', redis.url.replace('redis:', 'redis-cluster:'))).get('Redis mode'));
    } while (state !== 'ok');
  });
});
