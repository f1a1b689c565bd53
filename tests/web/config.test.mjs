// The configuration file of `wscast serve`: written, checked, shown, read again.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { describe, test } from 'node:test';
import { Client, connectedMessage } from './support/client.mjs';
import { runProgram, startServer } from './support/server.mjs';

async function folder(t) {
  const made = await mkdtemp(path.join(os.tmpdir(), 'wscast-'));
  t.after(() => rm(made, { recursive: true }));
  return made;
}

async function written(t, content) {
  const file = path.join(await folder(t), 'wscast.toml');
  await writeFile(file, content);
  return file;
}

async function joined(client, room) {
  client.send('join', { rooms: [room] }, room);
  const answer = JSON.parse(await client.text());
  assert.equal(answer.event, 'ack');
  return answer.data.rooms[room] === 'joined';
}

async function authenticated(t, server, token) {
  const client = await Client.open(t, server.url);
  client.send('authenticate', { token });
  assert.match(await client.text(), connectedMessage);
  return client;
}

const tokens = JSON.stringify({ a: { userId: 'alice' }, b: { userId: 'bob', rooms: ['own'] } });

async function withTokens(t, rest) {
  const made = await folder(t);
  await writeFile(path.join(made, 'tokens.json'), tokens);
  const file = path.join(made, 'wscast.toml');
  const content = `[server]\nlisten = ["127.0.0.1:0"]\nconsole = true\n[auth]\ntokens_file = "${made}/tokens.json"\n${rest}`;
  await writeFile(file, content);
  return { file, content, tokensFile: path.join(made, 'tokens.json') };
}

describe('wscast config', () => {
  test('init writes a valid file that others cannot read, and not over another', async (t) => {
    const file = path.join(await folder(t), 'wscast.toml');
    const first = await runProgram('wscast', 'config', 'init', file);
    assert.equal(first.code, 0, first.stderr);
    assert.equal((await stat(file)).mode & 0o777, 0o600);
    assert.equal((await runProgram('wscast', 'config', 'check', file)).stdout, `${file} is valid\n`);
    const second = await runProgram('wscast', 'config', 'init', file);
    assert.equal(second.code, 2);
    assert.match(second.stderr, /exists: write over it with --force/);
    const before = await readFile(file, 'utf8');
    assert.equal((await runProgram('wscast', 'config', 'init', file, '--force')).code, 0);
    assert.notEqual(await readFile(file, 'utf8'), before, 'the secret is made anew');
  });

  test('check lists everything, with lines and what was meant', async (t) => {
    const file = await written(t, '[limits]\nmesage_rate = 1\njoin_rate = "x"\n[serve]\n[server]\nshards = 5000\n');
    const { code, stderr } = await runProgram('wscast', 'config', 'check', file);
    assert.equal(code, 1);
    assert.deepEqual(stderr.trimEnd().split('\n').slice(0, 4), [
      `wscast: ${file}:2: limits.mesage_rate: is no option, did you mean "limits.message_rate"?`,
      `wscast: ${file}:3: limits.join_rate: "x" is not a number, such as 100`,
      `wscast: ${file}:4: serve: is no section, did you mean "server"?`,
      `wscast: ${file}:6: server.shards: "5000" is too large: at most 1024`,
    ]);
  });

  test('show says what is in force, and why', async (t) => {
    const { file } = await withTokens(t, '[limits]\nmessage_rate = 5\n');
    const { stdout, code } = await runProgram('wscast', 'config', 'show', '--config', file, '--join-rate', '7');
    assert.equal(code, 0);
    assert.match(stdout, /^message_rate = 5 {2}# \S+wscast\.toml:7$/m);
    assert.match(stdout, /^join_rate = 7 {2}# --join-rate$/m);
    assert.match(stdout, /^max_connections = 0 {2}# default$/m);
  });

  test('the reference page is made from the table of options', async () => {
    const { stdout } = await runProgram('wscast', 'config', 'reference');
    const page = await readFile(new URL('../../docs/configuration.md', import.meta.url), 'utf8');
    assert.ok(page.endsWith(stdout), 'make it anew: docs/configuration.md says how');
  });
});

test('from zero: a file, a token for each user, two clients in one room', async (t) => {
  const file = path.join(await folder(t), 'wscast.toml');
  assert.equal((await runProgram('wscast', 'config', 'init', file)).code, 0);
  const server = await startServer(t, 'wscast', 'serve', '--config', file);
  const [alice, bob] = await Promise.all(['alice', 'bob'].map(async (user) => {
    const { stdout, code } = await runProgram('wscast', 'token', '--config', file, '--user', user);
    assert.equal(code, 0);
    assert.match(stdout, /^eyJ[\w-]+\.[\w-]+\.[\w-]+\n$/);
    const client = await authenticated(t, server, stdout.trim());
    assert.ok(await joined(client, 'lobby'));
    assert.ok(await joined(client, `user-${user}`));
    return client;
  }));
  assert.ok(!await joined(alice, 'user-bob'));
  assert.equal((await alice.acknowledged('lobby', 'chat', 'hi')).delivered, 1);
  assert.deepEqual(JSON.parse(await bob.text()), { event: 'chat', data: 'hi' });
});

describe('wscast serve --config', () => {
  test('a faulty file starts nothing', async (t) => {
    const file = await written(t, '[log]\nlevel = "loud"\n');
    const { code, stdout, stderr } = await runProgram('wscast', 'serve', '--config', file);
    assert.equal(code, 2);
    assert.equal(stdout, '');
    assert.match(stderr, /wscast\.toml:2: log\.level: "loud" is not one of debug,info,warn,error,off\n/);
  });

  test('rules decide who joins and who publishes', async (t) => {
    const { file } = await withTokens(t, `
[[rooms]]
match = "user-{userId}"
join = true
publish = true
events = ["chat"]

[[rooms]]
match = "news"
join = true
`);
    const server = await startServer(t, 'wscast', 'serve', '--config', file);
    const alice = await authenticated(t, server, 'a');
    assert.ok(await joined(alice, 'user-alice'));
    assert.ok(!await joined(alice, 'user-bob'));
    assert.ok(await joined(alice, 'news'));
    assert.ok(!await joined(alice, 'own'), 'it is not hers');
    assert.ok(await joined(await authenticated(t, server, 'b'), 'own'));
    assert.equal((await alice.acknowledged('user-alice', 'chat', 1)).ok, true);
    assert.deepEqual(await alice.acknowledged('user-alice', 'other', 1), { ok: false, error: 'not allowed' });
    assert.deepEqual(await alice.acknowledged('news', 'chat', 1), { ok: false, error: 'not allowed' });
    for (const [args, said, code] of [
      [['--room', 'user-alice'], `yes: ${file}:7, match = "user-{userId}"\n`, 0],
      [['--room', 'user-bob'], 'no: no rule\n', 1],
      [['--room', 'news', '--event', 'chat'], `no: ${file}:13, match = "news"\n`, 1],
      [['--room', 'mine', '--own-rooms', 'mine'], "yes: no rule, but a room of the client's own\n", 0],
    ]) {
      const answer = await runProgram('wscast', 'rules', 'test', '--config', file, '--user', 'alice', ...args);
      assert.deepEqual([answer.stdout, answer.code], [said, code]);
    }
  });

  test('revoked users are disconnected and refused, until SIGHUP brings another list', async (t) => {
    const { file, content } = await withTokens(t, '');
    const revoking = (users) => writeFile(file, content.replace('[auth]\n', `[auth]\nrevoked = [${users}]\n`));
    await revoking('"bob"');
    const server = await startServer(t, 'wscast', 'serve', '--config', file);
    const refused = async (client) => {
      assert.deepEqual(JSON.parse(await client.text()), { event: 'error', data: { message: 'User revoked' } });
      assert.deepEqual(await client.closed(), { code: 4003, reason: 'User revoked' });
    };
    const trying = async (token) => {
      const client = await Client.open(t, server.url);
      client.send('authenticate', { token });
      return client;
    };
    await refused(await trying('b'));
    const alice = await authenticated(t, server, 'a');
    await revoking('"alice until 2999-12-31T00:00:00Z", "carol until 2020-01-01T00:00:00Z"');
    server.survivedSignal('SIGHUP');
    await refused(alice);
    await refused(await trying('a'));
    await authenticated(t, server, 'b');
    await revoking('"alice until later"');
    server.survivedSignal('SIGHUP');
    await server.logged(/error not reloaded, \S+wscast\.toml:5: auth\.revoked: "later" is not a time, such as 2026-12-31T18:00:00Z/);
    await writeFile(file, `${content}\n[log]\nlevel = "debug"\n`);
    server.survivedSignal('SIGHUP');
    await server.logged(/reloaded, options that changed: auth\.revoked,log\.level\n/);
    await authenticated(t, server, 'a');
  });

  test('SIGHUP applies tokens and rules; a bad file changes nothing; nobody is dropped', async (t) => {
    const { file, content, tokensFile } = await withTokens(t, '');
    const server = await startServer(t, 'wscast', 'serve', '--config', file);
    const alice = await authenticated(t, server, 'a');
    assert.ok(!await joined(alice, 'lobby'));
    await writeFile(file, `${content}\n[[rooms]]\nmatch = "lobby"\njoin = true\n[log]\nlevel = "debug"\nformat = "json"\n`);
    await writeFile(tokensFile, JSON.stringify({ c: { userId: 'carol' } }));
    server.survivedSignal('SIGHUP');
    await server.logged(/log\.format has changed, but changes at the next start only/);
    await server.logged(/reloaded, options that changed: log\.level/);
    assert.ok(await joined(alice, 'lobby'));
    await authenticated(t, server, 'c');
    const former = await Client.open(t, server.url);
    former.send('authenticate', { token: 'b' });
    await former.text();
    assert.equal((await former.closed()).code, 4003);

    await writeFile(file, `${content}\n[limits]\nfoo = 1\n`);
    server.survivedSignal('SIGHUP');
    await server.logged(/error not reloaded, \S+wscast\.toml:8: limits\.foo: is no option/);
    assert.ok(await joined(alice, 'lobby'));
    await writeFile(tokensFile, 'nothing');
    await writeFile(file, content);
    server.survivedSignal('SIGHUP');
    await server.logged(/error not reloaded, \S+tokens\.json: not JSON/);
    await authenticated(t, server, 'c');
    await alice.settled();
  });
});
