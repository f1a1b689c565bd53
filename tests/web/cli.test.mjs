// `wscast` as an operator meets it: what it says, when it refuses to start, how it ends.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { constants, existsSync, statSync } from 'node:fs';
import { mkdtemp, open, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { Client, connectedMessage, errorMessage, within } from './support/client.mjs';
import { errorWords } from './support/error_lines.mjs';
import { freePort } from './support/free_port.mjs';
import { get, gone, muteSocket } from './support/raw.mjs';
import { launchProgram, runProgram, runProgramIn, startServer } from './support/server.mjs';

// Every line of standard error that a test asked for.
const told = [];

async function run(...args) {
  const result = await runProgram('wscast', ...args);
  told.push(result.stderr);
  return result;
}

// Exit code 2 and one line on standard error, which `line` describes; nothing else.
async function assertRefused(args, line) {
  const { code, stdout, stderr } = await run(...args);
  assert.match(stderr, /^wscast: [^\n]+\n$/, 'one line');
  assert.match(stderr, line);
  assert.deepEqual({ code, stdout }, { code: 2, stdout: '' });
}

async function folder(t) {
  const made = await mkdtemp(path.join(tmpdir(), 'wscast-'));
  t.after(() => rm(made, { recursive: true }));
  return made;
}

// A tokens file: `content` as it is, or as JSON.
async function tokensFile(t, content) {
  const file = path.join(await folder(t), 'tokens.json');
  await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

describe('what it says', () => {
  test('--version prints the version, the commit and the libraries', async () => {
    const { code, stdout, stderr } = await runProgram('wscast', '--version');
    const [version, libraries] = stdout.trimEnd().split('\n');
    assert.match(version, /^wscast \d+\.\d+\.\d+ \(.+, .+\)$/);
    const named = libraries.split(', ').map((library) => /^(\S+) \d[\w.~+-]*$/.exec(library)?.[1] ?? library);
    assert.deepEqual(named, ['Boost', 'OpenSSL', 'simdjson', 'hiredis', 'libsodium', 'zlib', 'liburing', 'spdlog', 'CLI11',
      'toml++', 'nlohmann-json', 'libcurl', 'libjose', 'jansson', 'libsystemd']);
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
  });

  for (const [args, line] of [[['--help'], /\n +serve +Serve clients/], [['-h'], /--version/],
    [['serve', '--help'], /--listen ADDRESS/], [['health', '--help'], /--url URL/]]) {
    test(`${args.join(' ')} helps`, async () => {
      const { code, stdout, stderr } = await runProgram('wscast', ...args);
      assert.match(stdout, line);
      assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
    });
  }

  test('the default of each flag is reported', async () => {
    const { stdout } = await runProgram('wscast', 'serve', '--help');
    for (const told of ['None: 127.0.0.1:8080', '--path PATH=/ws', '--auth-timeout DURATION=5s',
      '--heartbeat-timeout DURATION=90s', '--max-payload-length SIZE=128KiB', '--backpressure-limit SIZE=1MiB',
      '--default-rooms A,B,...=ws-default,ws-notification', '--message-rate N=1000', '--join-rate N=100',
      '--max-messages-before-auth N=64', '--log-level debug,info,warn,error,off=info', '--encryption off,optional,required=off']) {
      assert.ok(stdout.includes(told), told);
    }
  });
});

describe('what `config` and `rules` refuse', () => {
  test('a file that exists, one without a secret, and metadata that is no object', async (t) => {
    const file = await tokensFile(t, '');
    await assertRefused(['config', 'init', file], /exists: write over it with --force/);
    await assertRefused(['rules', 'test', '--config', file, '--user', 'alice', '--room', 'x', '--metadata', '1'],
      /--metadata: "1" is no JSON object/);
    const tokens = await tokensFile(t, '[auth]\ntokens_file = "x"\n');
    await assertRefused(['token', '--config', tokens, '--user', 'alice'], /has no secret of JSON Web Tokens: sign with --key FILE/);
    const short = await tokensFile(t, '[auth.jwt]\nsecret = "hunter2"\n');
    await assertRefused(['token', '--config', short, '--user', 'alice'], /auth\.jwt\.secret has 7 bytes; HS256 needs at least 32/);
  });
});

describe('what `token` refuses', () => {
  const user = ['--user', 'alice'];
  for (const [args, line] of [
    [user.concat('--algorithm', 'none'), /--algorithm: "none" is not one of HS256, HS384, HS512, RS256/],
    [user.concat('--algorithm', 'HS512'), /--algorithm: the key is not good for HS512/],
    [[], /token needs --user USER/],
    [user.concat('--expires-in', '0'), /--expires-in must not be 0/],
    [user.concat('--metadata', '1'), /--metadata: it is not a JSON object/],
    [user.concat('--claim', 'role'), /--claim: "role" is not NAME=JSON, such as role="admin"/],
    [user.concat('--claim', 'role=admin'), /--claim: what role is to be is not JSON, where a text is "in quotes"/],
    [user.concat('--claim', 'exp=1'), /--claim: the claim exp has a flag of its own, or is given twice/],
    [user.concat('--claim', `big="${'x'.repeat(9_000)}"`), /the token would have \d+ bytes, and a server accepts at most 8,192/],
  ]) {
    test(args.join(' ').slice(0, 60), async (t) => {
      const file = await tokensFile(t, 'x'.repeat(32));
      await assertRefused(['token', '--secret-file', file, ...args], line);
    });
  }

  test('a text that is not UTF-8', async (t) => {
    const file = await tokensFile(t, 'x'.repeat(32));
    const wscast = path.join(process.env.WSCAST_BIN_DIR, 'wscast');
    const script = '"$0" token --secret-file "$1" --user "$(printf \'\\377\')"';  // Node's arguments are UTF-8.
    const { status, stderr } = spawnSync('sh', ['-c', script, wscast, file], { encoding: 'utf8' });
    told.push(stderr);
    assert.deepEqual({ status, stderr }, { status: 2, stderr: 'wscast: a text is not UTF-8\n' });
  });

  test('a key that is not usable, none, or two', async (t) => {
    const file = await tokensFile(t, 'hunter2');
    await assertRefused(['token', ...user], /token needs --config FILE, --secret-file FILE or --key FILE, one of them/);
    await assertRefused(['token', ...user, '--secret-file', file, '--key', file], /one of them/);
    await assertRefused(['token', ...user, '--secret-file', file], /: the secret has 7 bytes; HS256 needs at least 32/);
    await assertRefused(['token', ...user, '--key', file], /: it holds no private key in PEM without a passphrase/);
    assert.ok(told.every((line) => !line.includes('hunter2')));
  });
});

describe('what it refuses', () => {
  for (const [args, line] of [
    [[], /a command is missing: .*--help/],
    [['bogus'], /not expected: bogus/],
    [['man', 'wscast-bogus.1'], /"wscast-bogus\.1" is no page: wscast man lists them/],
    [['emit', '--redis', 'redis://127.0.0.1:1'], /emit needs a destination: room NAME, client ID, user ID or broadcast/],
    [['emit', 'broadcast', 'said', '1'], /emit needs --redis URL, or WSCAST_REDIS in the environment/],
    [['emit', '--redis', 'redis://127.0.0.1:1', 'room', '', 'said', '1'], /the name of the room is empty/],
    ...['0', '999ms', '721h'].map((ttl) => [
      ['emit', '--redis', 'redis://127.0.0.1:1', 'room', 'r', 'said', '1', '--history', '--history-ttl', ttl],
      /--history-ttl must be 1s to 720h/]),
    [['emit', '--redis', 'redis://127.0.0.1:1', 'room', 'r', 'said', '-', '--history', '--key', 'k'],
      /--key is for one message, not for those of standard input/],
    ...['room lobby', 'client some-id', 'user alice', 'broadcast'].flatMap((to) => [
      [['emit', '--redis', 'redis://127.0.0.1:1', ...to.split(' '), '', '1'], /the event is empty/],
      ...['authenticate', 'connected', 'disconnect', 'join', 'leave', 'error', 'heartbeat', 'encrypted',
        'ack', 'dropped', 'gap'].map((event) =>
        [['emit', '--redis', 'redis://127.0.0.1:1', ...to.split(' '), event, '-'],
          new RegExp(`"${event}" is an event that the protocol reserves: choose another`)])]),
    ...['', '5', 'ever', 'Forever', '-1s', 'forever '].map((wait) =>
      [['serve', '--dev', '--redis-wait', wait], /--redis-wait: ".*" is not a duration/]),
    [['serve', '--dev', '--redis-wait'], /--redis-wait: .*missing/],
    ...['0', '513MiB'].map((size) =>
      [['serve', '--dev', '--redis-max-publish-bytes', size], /--redis-max-publish-bytes: ".*" is too (small|large)/]),
    ...['', 'rw-rw----', '0888', '-660', '01000', '0x1ff', '660 ', '99999999999999'].map((mode) =>
      [['serve', '--dev', '--listen', 'unix:/tmp/x', '--unix-mode', mode], /--unix-mode: ".*" is not a mode in octal, such as 0660/]),
    [['serve', '--dev', '--unix-mode', '660'], /--unix-mode needs --listen unix:PATH/],
    [['serve', '--dev', '--unix-group', 'root', '--listen', '[::]:0'], /--unix-group needs --listen unix:PATH/],
    [['serve', '--dev', '--dual-stack', '--listen', '0.0.0.0:0'], /--dual-stack needs --listen \[IPV6\]:PORT/],
    [['serve', '--dev', '--listen-tls', '127.0.0.1:0'], /--listen-tls needs --tls-cert FILE and --tls-key FILE, or --tls-self-signed to try it/],
    ...[['--tls-cert', 'x'], ['--tls-key', 'x'], ['--tls-self-signed'], ['--tls-min-version', '1.3']].map((flag) =>
      [['serve', '--dev', ...flag], new RegExp(`${flag[0]} needs --listen-tls ADDRESS`)]),
    [['serve', '--dev', '--listen-tls', '127.0.0.1:0', '--tls-cert', 'x', '--tls-cert', 'y', '--tls-key', 'x'],
      /--tls-cert was given 2 times and --tls-key 1 times: each certificate needs its key, in the same order/],
    [['serve', '--tokens', 'x', '--listen-tls', '127.0.0.1:0', '--tls-self-signed'], /--tls-self-signed is for trying out and needs --dev/],
    [['serve', '--dev', '--listen-tls', '127.0.0.1:0', '--tls-self-signed', '--tls-cert', 'x', '--tls-key', 'x'],
      /--tls-self-signed and --tls-cert exclude each other/],
    [['serve', '--dev', '--listen-tls', '127.0.0.1:0', '--tls-cert', '/no/cert', '--tls-key', '/no/key'],
      /tls\.certificates: \/no\/cert: No such file or directory\./],
    [['serve', '--dev', '--listen-tls', '127.0.0.1:0', '--tls-self-signed', '--tls-min-version', '1.1'], /--tls-min-version: .*1\.2/],
    [['serve', '--dev', '--dual-stack=no', '--listen', '[::]:0'], /--dual-stack: "no" is neither true nor false/],
    [['emit', '--redis', 'redis://127.0.0.1:1', 'broadcast', 'said', '1'], /--redis: 127.0.0.1:1: Connection refused/],
    [['serve', '--dev', '--redis', 'http://x'], /--redis: .* redis:\/\//],
    [['serve', '--dev', '--redis', 'redis://127.0.0.1:1'], /--redis: 127.0.0.1:1: Connection refused/],
    [['serve', '--dev', '--webhook-url', 'http://127.0.0.1:1/'], /--webhook-url needs --webhook-secret-file or webhook\.secrets/],
    [['serve', '--dev', '--webhook-secret-file', 'x'], /--webhook-secret-file needs --webhook-url/],
    [['serve'], /needs --tokens FILE.*or --dev/],
    [['serve', '--dev', '--tokens', 'x.json'], /--dev and --tokens exclude each other/],
    [['serve', '--dev', '--bogus'], /not expected: --bogus/],
    [['serve', '--dev', '--bo\ngus\u001b[31m'], /not expected: --bo\\x0agus\\x1b\[31m/],
    [['serve', '--dev', '--default-rooms', 'a', 'stray'], /not expected: stray/],
    [['serve', '--dev', '--listen', '127.0.0.1:0', 'stray'], /not expected: stray/],
    [['serve', '--dev', '--path', 'ws'], / path: "ws" is not a path/],
    [['serve', '--dev', '--path', ''], / path: "" is not a path/],
    [['serve', '--dev', '--path', '/a b'], / path: "\/a b" is not a path/],
    [['serve', '--dev', '--path', '/ws?x'], / path: "\/ws\?x" is not a path/],
    [['serve', '--dev', '--path', '/é'], / path: .* is not a path/],
    [['serve', '--dev', '--path', '/'], /--path: \/ is the path of a page/],
    [['serve', '--dev', '--path', '/health'], /--path: \/health is the path of a page/],
    [['serve', '--dev', '--path', '/examples/chat.html'], /--path: \/examples\/chat\.html is the path of a page/],
    [['serve', '--dev', '--path', '/stats'], /--path: \/stats is the path of a page/],
    [['serve', '--dev', '--path', '/a/../b'], /path: "\/a\/\.\.\/b" is not a path as browsers send it/],
    [['serve', '--dev', '--path', '/a', '--path', '/b'], /--path/],
    ...['example.com', 'https://example.com/', 'https://example.com:443', 'https://*.example.com', '*', '']
      .map((origin) => [['serve', '--dev', '--allow-origin', origin], /allowed_origins: ".*" is not an origin as browsers/]),
    [['serve', '--dev', '--proxy-protocol'], /--proxy-protocol needs --trusted-proxy/],
    ...['', '10.0.0.0/33', '10.0.0.1-9', 'proxy.example.com', '*', 'unix:/tmp/x']
      .map((proxy) => [['serve', '--dev', '--trusted-proxy', proxy], /trusted_proxies: ".*" is neither an address, nor a network such as/]),
    [['serve', '--dev', '--trusted-proxy', '10.1.2.3/8'], /"10\.1\.2\.3\/8" is not the first address of its network: write 10\.0\.0\.0\/8/],
    [['serve', '--dev', '--allow-origin='], /--allow-origin: .*missing/],
    ...['--dev=no', '--console=x', '--send-pings=never', '--close-on-backpressure-limit=3x']
      .map((flag) => [['serve', '--dev', flag], new RegExp(`: "${flag.split('=')[1]}" is neither true nor false`)]),
    [['serve', '--dev', '--no-send-pings=x'], /no-send-pings was given a disallowed flag override/],
    [['serve', '--dev', '--send-pings', '--no-send-pings'], /-send-pings excludes .*-send-pings/],
    ...['--tokens', '--listen', '--log-level', '--allow-origin', '--path'].map((flag) => [['serve', flag], new RegExp(`${flag}: .*missing`)]),
    [['serve', '--tokens', ''], /needs --tokens FILE/],
    [['serve', '--tokens', 'a.json', '--tokens', 'b.json'], /--tokens: .* received 2/],
    [['serve', 'serve'], /not expected: serve/],
    [['serve', 'health'], /not expected: health/],
    [['serve', '--dev', '--default-rooms', 'ws:a'], /"ws:a" is not a room name/],
    [['serve', '--dev', '--log-level', 'loud'], /--log-level: "loud" is not one of debug,info,warn,error,off/],
    ...['on', 'Required', '', 'off,optional']
      .map((mode) => [['serve', '--dev', '--encryption', mode], new RegExp(`--encryption: "${mode}" is not one of off,optional,required`)]),
    [['serve', '--dev', '--encryption'], /--encryption: .*missing/],
    [['serve', '--dev', '--encryption', 'off', '--encryption', 'required'], /--encryption: .* received 2/],
    ...[['--inbox-limit', '--max-inbox-bytes'], ['--max-connections-an-address', '--max-connections-per-address'],
      ['--max-rooms-a-client', '--max-rooms-per-client'], ['--max-rooms-a-join', '--max-rooms-per-join'],
      ['--max-unauthenticated', '--max-unauthenticated-connections'],
    ].flatMap(([former, current]) => [[former], [former, '5'], [`${former}=5`], [former, '5', former, '6'],
      [current, '5', former, '6'], [former, '5', '--auth-timeout', 'soon']].map((args) =>
      [['serve', '--dev', ...args], new RegExp(`^wscast: ${former} is called ${current} now\n$`)])),
    [['serve', '--dev', '--log-format', 'xml'], /--log-format: "xml" is not one of text,json,logfmt/],
    ...['nowhere', 'localhost:0', '127.0.0.1', '127.0.0.1:99999', '127.0.0.1:-1', '::1:0', '[::1', 'unix:', '']
      .map((address) => [['serve', '--dev', '--listen', address], /not an address to listen on/]),
    [['serve', '--dev', '--listen', 'unix:/no/such/folder/socket'], /cannot listen on unix:\/no\/such.*: No such file/],
    [['serve', '--tokens', '/no/such/file.json'], /\/no\/such\/file\.json: cannot be read/],
    [['serve', '--tokens', '/'], /\/: cannot be read/],
    [['serve', '--tokens', '/proc/self/mem'], /^wscast: \/proc\/self\/mem: cannot be read\n/],
  ]) {
    test(['wscast', ...args.map((arg) => JSON.stringify(arg))].join(' '), () => assertRefused(args, line));
  }

  test('each flag that takes a number refuses what is none, naming itself', async () => {
    const { stdout } = await runProgram('wscast', 'serve', '--help');
    const bad = { DURATION: ['5', '-1s', '1.5s', '5 s', 's', '1000000000h', ''], SIZE: ['-1', '5XB', '1.5k', ''],
      N: ['-5', 'abc', '1e3', '99999999999999999999999', ''] };
    const numeric = [...stdout.matchAll(/^ {2}(--\S+) (DURATION|SIZE|N)=/gm)];
    assert.ok(numeric.length >= 20, stdout);
    for (const [, flag, type] of numeric) {
      for (const text of bad[type]) {
        await assertRefused(['serve', '--dev', flag, text], new RegExp(`${flag}: .* is not a (duration|size|number)`));
      }
      await assertRefused(['serve', '--dev', flag], new RegExp(`${flag}: .*missing`));
    }
  });

  for (const [flag, text] of [['--auth-timeout', '0'], ['--heartbeat-interval', '0s'], ['--heartbeat-timeout', '0ms'],
    ['--max-payload-length', '0'], ['--max-inbox-bytes', '0'], ['--max-json-depth', '0'], ['--max-json-depth', '257'],
    ['--max-messages-before-auth', '0'], ['--max-bytes-before-auth', '0'], ['--max-head-bytes', '0'],
    ['--max-head-fields', '0'], ['--shards', '1025'], ['--send-buffer', '2GiB']]) {
    test(`${flag} ${text} makes no sense`, () => assertRefused(['serve', '--dev', flag, text],
      new RegExp(`${flag}: "${text}" is too (short|small|large)`)));
  }

  test('an address that is taken; the other addresses are not served either', async (t) => {
    const server = await startServer(t, 'wscast', 'serve', '--dev');
    const free = await freePort();
    await assertRefused(['serve', '--dev', '--listen', `127.0.0.1:${free}`, '--listen', server.address],
      new RegExp(`cannot listen on ${server.address}: Address already in use`));
    await Client.join(t, server.url, 'alice');
  });
});

describe('--tokens', () => {
  const file = {
    'secret-a': { userId: 'alice', rooms: ['lobby', 'team-*', '*-public', 'a*b*c'], metadata: { role: 'admin' } },
    'secret-b': { userId: 'bob', rooms: ['*'] },
    'secret-c': { userId: 'carol' },
  };

  test('the file says who a client is, whatever the client says', async (t) => {
    const server = await startServer(t, 'wscast', 'serve', '--tokens', await tokensFile(t, file));
    const client = await Client.open(t, server.url);
    client.send('authenticate', { token: 'secret-a', userId: 'root' });
    assert.equal(connectedMessage.exec(await client.text())[2], 'alice');
  });

  for (const data of [{ token: 'secret' }, { token: 'secret-aa' }, { token: 'SECRET-A' }, { token: '' }, { token: 5 },
    { token: ['secret-a'] }, {}, 'secret-a', undefined, { userId: 'alice' }]) {
    test(`O4 ${JSON.stringify(data)} is refused`, async (t) => {
      const server = await startServer(t, 'wscast', 'serve', '--tokens', await tokensFile(t, file));
      const client = await Client.open(t, server.url);
      client.send('authenticate', data);
      assert.equal(await client.text(), errorMessage('Authentication failed'));
      assert.deepEqual(await client.closed(), { code: 4003, reason: 'Authentication failed' });
    });
  }

  test('rooms are those of the patterns, the default rooms and no other', async (t) => {
    const server = await startServer(t, 'wscast', 'serve', '--tokens', await tokensFile(t, file));
    const allowed = {
      'secret-a': ['lobby', 'team-', 'team-red', 'x-public', '-public', 'abc', 'a1b2c', 'ws-default'],
      'secret-b': ['lobby', 'anything', 'ws-default'],
      'secret-c': ['ws-default'],
    };
    const refused = {
      'secret-a': ['lobby2', 'Lobby', 'team', 'x-publics', 'ab', 'acb', 'anything'],
      'secret-b': [],
      'secret-c': ['lobby', 'team-red'],
    };
    for (const token of Object.keys(file)) {
      const client = await Client.join(t, server.url, token, [...allowed[token], ...refused[token]]);
      for (const room of allowed[token]) {
        assert.equal((await client.acknowledged(room, 'chat', 1)).ok, true, `${token} in ${room}`);
      }
      for (const room of refused[token]) {
        assert.equal((await client.acknowledged(room, 'chat', 1)).error, 'not a member', `${token} in ${room}`);
      }
    }
  });

  for (const [content, line] of [
    ['', /not JSON, at byte 1/], ['{"a":', /not JSON, at byte 6/], ['{"a":{"userId":"x"}} more', /not JSON, at byte \d+/],
    ['{"a":{"userId":"x","metadata":1e999}}', /number that is too large/],
    ['[]', /must be an object/], ['"a"', /must be an object/], ['null', /must be an object/], ['{}', /must be an object/],
    ['{"":{"userId":"x"}}', /a token must not be empty/], ['{"a":"x"}', /value must be an object/],
    ['{"a":{}}', /needs a userId/], ['{"a":{"userId":5}}', /needs a userId/], ['{"a":{"userId":""}}', /needs a userId/],
    ['{"a":{"userId":"x","rooms":"lobby"}}', /rooms must be an array/],
    ['{"a":{"userId":"x","rooms":["lobby",5]}}', /rooms must be an array/],
    ['{"a":{"userId":"x"},"b":{}}', /needs a userId/],
    ['{"a":{"userId":"x","room":["lobby"]}}', /"room" is not one of userId, rooms, metadata/],
    ['{"a":{"userid":"x"}}', /"userid" is not one of/],
  ]) {
    test(`${content || 'an empty file'} is refused`, async (t) => {
      const name = await tokensFile(t, content);
      await assertRefused(['serve', '--tokens', name], new RegExp(`^wscast: ${name}: .*${line.source}`));
    });
  }

  for (const [content, line] of [
    ['{"secret":{"userId":"x"},\n\n"b":{"userId":"y"},\n"secret":{"userId":"z"}}', /one token is in line 1 and again in line 4/],
    ['{"secret":{"userId":"x"},"s\\u0065cret":{"userId":"z"}}', /one token is in line 1 and again in line 1/],
    ['{\r\n"secret": {\r\n"userId": "x"\r\n},\r\n"secret": 5}', /one token is in line 2 and again in line 5/],
    ['{"secret":{"userId":"x",\n"userId":"y"}}', /"userId" of one token is in line 1 and again in line 2/],
    ['{"a":{"userId":"x"},\n"b":{"userId":"x","rooms":[],\n"rooms":["*"]}}', /"rooms" of one token is in line 2 and again in line 3/],
  ]) {
    test(`what is there twice is refused with both lines, a token without showing it: ${JSON.stringify(content)}`, async (t) => {
      const name = await tokensFile(t, content);
      const args = ['serve', '--tokens', name];
      await assertRefused(args, new RegExp(`^wscast: ${name}: ${line.source}\n`));
      assert.doesNotMatch((await run(...args)).stderr, /secret/);
    });
  }

  test('two tokens of one user, and names inside metadata, may be alike', async (t) => {
    const content = '{"a":{"userId":"x","metadata":{"userId":1,"n":1,"n":2}},"b":{"userId":"x","metadata":{"a":{"userId":1}}}}';
    const server = await startServer(t, 'wscast', 'serve', '--tokens', await tokensFile(t, content));
    for (const token of ['a', 'b']) await Client.join(t, server.url, token);
  });

  test('invalid UTF-8 in it is refused', async (t) => {
    const name = await tokensFile(t, '');
    await writeFile(name, Buffer.from('{"a":{"userId":"\xff"}}', 'latin1'));
    await assertRefused(['serve', '--tokens', name], /not JSON, at byte 17/);
  });
});

describe('--dev', () => {
  for (const [data, user] of [[{}, 'a token'], [{ userId: 'alice' }, 'alice'], [{ userId: '' }, 'a token'],
    [{ userId: 5 }, 'a token'], [{ userId: null }, 'a token']]) {
    test(`${JSON.stringify(data)}: the user is ${user}`, async (t) => {
      const server = await startServer(t, 'wscast', 'serve', '--dev');
      const client = await Client.open(t, server.url);
      client.send('authenticate', { token: 'a token', ...data });
      assert.equal(connectedMessage.exec(await client.text())[2], user);
    });
  }
});

describe('plain HTTP', () => {
  test('--dev serves the console, its numbers, and whether it is well', async (t) => {
    const server = await startServer(t, 'wscast', 'serve', '--dev');
    const page = await get(server, '/');
    assert.equal(page.status, 200);
    assert.match(page.headers['content-type'], /^text\/html/);
    assert.match(page.headers['content-security-policy'], /default-src 'none'/);
    assert.match(page.body, /^<!doctype html>/);
    await Client.join(t, server.url, 'alice');
    const { connections, clients, authenticated, shards, counters } = JSON.parse((await get(server, '/stats')).body);
    assert.deepEqual({ clients, authenticated, authentications: counters.authentications },
      { clients: 1, authenticated: 1, authentications: 1 });
    assert.ok(connections >= 1 && shards.length >= 1);
    await assertWell(server);
  });

  for (const [args, status] of [[[], 404], [['--console'], 200]]) {
    test(`--tokens FILE ${args.join(' ')} answers ${status} to who asks for the console`, async (t) => {
      const tokens = await tokensFile(t, { a: { userId: 'alice' } });
      const server = await startServer(t, 'wscast', 'serve', '--tokens', tokens, ...args);
      for (const path of ['/', '/client.js', '/stats']) assert.equal((await get(server, path)).status, status, path);
      for (const path of ['/examples/chat.html', '/examples/person.js']) assert.equal((await get(server, path)).status, 404, path);
      await assertWell(server);
    });
  }

  test('--dev serves the examples, with what they are made of', async (t) => {
    const server = await startServer(t, 'wscast', 'serve', '--dev', '--path', '/live');
    for (const [name, type] of [['chat.html', 'html'], ['cursors.html', 'html'], ['person.js', 'javascript'], ['theme.css', 'css']]) {
      const { status, headers, body } = await get(server, `/examples/${name}`);
      assert.deepEqual([status, headers['content-type']], [200, `text/${type}; charset=utf-8`]);
      if (type !== 'html') continue;
      assert.match(headers['content-security-policy'], /default-src 'none'/);
      assert.ok(body.includes('<meta name="wscast-path" content="/live">'));
    }
  });

  test('the path is put into the console as text', async (t) => {
    const server = await startServer(t, 'wscast', 'serve', '--dev', '--path', "/a&lt;'b'");
    const { body } = await get(server, '/');
    assert.ok(body.includes(`<meta name="wscast-path" content="/a&amp;lt;'b'">`));
    assert.ok(!body.includes('content="/ws"'));
  });
});

describe('where it listens', () => {
  test('IPv6', async (t) => {
    const server = await startServer(t, 'wscast', 'serve', '--dev', '--listen', '[::1]:0');
    assert.match(server.address, /^\[::1\]:\d+$/);
    await Client.join(t, server.url, 'alice');
  });

  test('a Unix socket, which is gone afterwards', async (t) => {
    const socket = path.join(await folder(t), 'socket');
    const server = await startServer(t, 'wscast', 'serve', '--dev', '--listen', `unix:${socket}`);
    await Client.join(t, server.url, 'alice');
    await assertRefused(['serve', '--dev', '--listen', `unix:${socket}`], /Address already in use/);
    assert.equal(await server.stop(), 0);
    assert.equal(existsSync(socket), false);
  });

  for (const mode of ['0660', '666', '0600']) {
    test(`--unix-mode ${mode}: the socket has it, whatever the umask`, async (t) => {
      const socket = path.join(await folder(t), 'socket');
      const server = await startServer(t, 'wscast', 'serve', '--dev', '--listen', `unix:${socket}`, '--unix-mode', mode);
      assert.equal(statSync(socket).mode & 0o7777, parseInt(mode, 8));
      await Client.join(t, server.url, 'alice');
    });
  }

  test('--unix-group: the socket has it', async (t) => {
    const groups = execFileSync('id', ['-Gn'], { encoding: 'utf8' }).trim().split(' ');
    const group = process.getuid() === 0 ? 'daemon' : groups.at(-1);
    const id = Number(execFileSync('getent', ['group', group], { encoding: 'utf8' }).split(':')[2]);
    const socket = path.join(await folder(t), 'socket');
    const server = await startServer(t, 'wscast', 'serve', '--dev', '--listen', `unix:${socket}`, '--unix-group', group,
      '--unix-mode', '0660', '--listen', '127.0.0.1:0');
    assert.equal(statSync(socket).gid, id);
    assert.equal(statSync(socket).mode & 0o7777, 0o660);
    await Client.join(t, server.url, 'alice');
  });

  test('--unix-group: one that is not there is refused, and leaves no socket', async (t) => {
    const socket = path.join(await folder(t), 'socket');
    await assertRefused(['serve', '--dev', '--listen', `unix:${socket}`, '--unix-group', 'no-such-group'], /no-such-group/);
    assert.equal(existsSync(socket), false);
  });

  test('--dual-stack: [::] takes IPv4 too, without it IPv6 alone', async (t) => {
    for (const [args, message] of [[['--dual-stack'], undefined], [[], /ECONNREFUSED/]]) {
      const server = await startServer(t, 'wscast', 'serve', '--dev', '--listen', '[::]:0', ...args);
      const port = server.address.split(':').at(-1);
      await Client.join(t, `ws://[::1]:${port}/ws`, 'alice');
      const overIPv4 = Client.join(t, `ws://127.0.0.1:${port}/ws`, 'bob');
      if (message) await assert.rejects(overIPv4, message);
      else await overIPv4;
    }
  });

  test('a Unix socket that a dead server left is taken over', async (t) => {
    const socket = path.join(await folder(t), 'socket');
    const dead = await startServer(t, 'wscast', 'serve', '--dev', '--listen', `unix:${socket}`);
    await dead.kill();
    assert.equal(existsSync(socket), true);
    const server = await startServer(t, 'wscast', 'serve', '--dev', '--listen', `unix:${socket}`);
    await Client.join(t, server.url, 'alice');
  });

  test('several addresses at once, one server behind them', async (t) => {
    const socket = path.join(await folder(t), 'socket');
    const server = await startServer(t, 'wscast', 'serve', '--dev', '--listen', '127.0.0.1:0', '--listen', `unix:${socket}`);
    const alice = await Client.join(t, server.url, 'alice', ['lobby']);
    const bob = await Client.join(t, `ws+unix:${socket}:/ws`, 'bob', ['lobby']);
    alice.publish('lobby', 'chat', 'over there');
    assert.equal(await bob.text(), '{"event":"chat","data":"over there"}');
  });
});

describe('wscast health', () => {
  // What `wscast health args...` says and answers.
  const ask = (...args) => run('health', ...args);

  // A server that answers whoever comes with `answer`, or not at all.
  async function answering(t, answer) {
    const sockets = new Set();
    const server = net.createServer((socket) => {
      sockets.add(socket.on('error', () => {}));
      if (answer !== undefined) socket.end(answer);
    });
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    t.after(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    return `http://127.0.0.1:${server.address().port}/health`;
  }

  for (const where of ['127.0.0.1:0', '[::1]:0', 'unix:']) {
    test(`--url: a server at ${where} that is well`, async (t) => {
      const socket = path.join(await folder(t), 'socket');
      const server = await startServer(t, 'wscast', 'serve', '--dev', '--listen', where === 'unix:' ? where + socket : where);
      const url = where === 'unix:' ? `http+unix:${socket}:` : `http://${server.address}`;
      assert.deepEqual(await ask('--url', `${url}/ready`), { code: 0, stdout: 'ready\n', stderr: '' });
      assert.deepEqual(await ask('--url', `${url}/nowhere`),
        { code: 1, stdout: '', stderr: `wscast: ${url}/nowhere: Nothing is served here\n` });
      await server.stop();
      const { code, stdout, stderr } = await ask('--url', `${url}/ready`);
      assert.match(stderr, /^wscast: http.*: (Connection refused|No such file or directory)\n$/);
      assert.deepEqual({ code, stdout }, { code: 1, stdout: '' });
    });
  }

  test('--url is by default that of a server without flags', async () => {
    const { stdout } = await ask('--help');
    assert.ok(stdout.includes('--url URL=http://127.0.0.1:8080/health'), stdout);
  });

  test('WSCAST_HEALTH_URL says what to ask, unless --url does', async (t) => {
    const server = await startServer(t, 'wscast', 'serve', '--dev');
    process.env.WSCAST_HEALTH_URL = `http://${server.address}/ready`;
    t.after(() => { delete process.env.WSCAST_HEALTH_URL; });
    assert.deepEqual(await ask(), { code: 0, stdout: 'ready\n', stderr: '' });
    assert.equal((await ask('--url', `http://${server.address}/nowhere`)).code, 1);
  });

  for (const [answer, words] of [
    ['HTTP/1.1 503 Service Unavailable\r\n\r\na shard has stopped turning\n', 'a shard has stopped turning'],
    ['HTTP/1.1 500 Oh\r\n\r\n', 'HTTP/1.1 500 Oh'], ['HTTP/1.1 404 Not \u001b[31mFound\r\n\r\n', 'HTTP/1.1 404 Not \\x1b[31mFound'],
    ['HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n\r\n', 'HTTP/1.1 302 Found'],
    ['HTTP/1.1 204 No Content\r\n\r\n', 'HTTP/1.1 204 No Content'],
    ['SSH-2.0', 'no HTTP response'], ['', 'no HTTP response'], ['HTTP/1.1 200', 'no HTTP response'],
    ['HTTP/1.1 200 OK\r\n', 'no HTTP response'], ['HTTP/1.1 200 OK\r\nContent-Length: 2\r\n', 'the response was truncated'],
    ['HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok', 'the response was truncated'],
    [`HTTP/1.1 200 OK\r\n${'X: y\r\n'.repeat(100_000)}`, 'no HTTP response'],
    [`HTTP/1.1 200 OK\r\nX: ${'y'.repeat(1_000_000)}`, 'no HTTP response'],
    [`HTTP/1.1 503 x\r\n\r\n${'y'.repeat(1_000_000)}`, `${'y'.repeat(10)}`],
  ]) {
    test(`${JSON.stringify(answer.slice(0, 40))} is not well`, async (t) => {
      const url = await answering(t, answer);
      const { code, stdout, stderr } = await ask('--url', url);
      assert.match(stderr, /^[^\n]+\n$/);
      assert.ok(stderr.startsWith(`wscast: ${url}: ${words}`), stderr);
      assert.deepEqual({ code, stdout }, { code: 1, stdout: '' });
    });
  }

  for (const [answer, words] of [
    ['HTTP/1.1 200 OK\r\n\r\nok\nand more', 'ok'], ['HTTP/1.0 200 OK\r\n\r\nok', 'ok'],
    ['HTTP/1.1 200 OK\r\n\r\n', 'HTTP/1.1 200 OK'],
    ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n', 'ok'],
    ['HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\n\r\nok', 'ok'],
    [`HTTP/1.1 200 OK\r\n\r\nok\n${'y'.repeat(1_000_000)}`, 'ok'],
  ]) {
    test(`${JSON.stringify(answer.slice(0, 70))} is well`, async (t) => {
      const url = await answering(t, answer);
      assert.deepEqual(await ask('--url', url), { code: 0, stdout: `${words}\n`, stderr: '' });
    });
  }

  test('a redirect is not followed', async (t) => {
    const server = await startServer(t, 'wscast', 'serve', '--dev');
    const url = await answering(t, `HTTP/1.1 301 Moved\r\nLocation: http://${server.address}/ready\r\n\r\n`);
    assert.deepEqual(await ask('--url', url), { code: 1, stdout: '', stderr: `wscast: ${url}: HTTP/1.1 301 Moved\n` });
  });

  test('proxies of the environment are not used', async (t) => {
    const server = await startServer(t, 'wscast', 'serve', '--dev');
    const proxies = Object.fromEntries(['http_proxy', 'HTTP_PROXY', 'all_proxy', 'ALL_PROXY'].map((name) => [name, 'http://127.0.0.1:1']));
    const { code } = await runProgramIn({ ...proxies, no_proxy: '' }, 'wscast', 'health', '--url', `http://${server.address}/ready`);
    assert.equal(code, 0);
  });

  // Host names as support/resolver.cpp has them.
  const askWithNames = async (...args) => {
    const result = await runProgramIn({ LD_PRELOAD: process.env.WSCAST_TEST_RESOLVER }, 'wscast', 'health', ...args);
    told.push(result.stderr);
    return result;
  };

  for (const host of ['mute-first.test', 'refused-first.test']) {
    test(`each address of a host is tried: ${host}`, async (t) => {
      const server = await startServer(t, 'wscast', 'serve', '--dev');
      const url = `http://${host}:${server.address.split(':')[1]}/ready`;
      assert.deepEqual(await askWithNames('--url', url), { code: 0, stdout: 'ready\n', stderr: '' });
    });
  }

  test('--timeout ends a look-up of the host that takes for ever', async () => {
    assert.deepEqual(await askWithNames('--url', 'http://slow.test/', '--timeout', '100ms'),
      { code: 1, stdout: '', stderr: 'wscast: http://slow.test/: Connection timed out\n' });
  });

  test('--timeout ends an answer that never ends', async (t) => {
    const endless = net.createServer((socket) => {
      const drip = setInterval(() => socket.write('x'), 10);
      socket.on('error', () => {}).on('close', () => clearInterval(drip)).write('HTTP/1.1 200 OK\r\n\r\n');
    });
    await new Promise((resolve) => endless.listen(0, '127.0.0.1', resolve));
    t.after(() => endless.close());
    const url = `http://127.0.0.1:${endless.address().port}/`;
    assert.deepEqual(await ask('--url', url, '--timeout', '300ms'),
      { code: 1, stdout: '', stderr: `wscast: ${url}: Connection timed out\n` });
  });

  test('a socket path that is too long for the kernel', async () => {
    const { code, stderr } = await ask('--url', `http+unix:/${'x'.repeat(200)}:/ready`);
    assert.match(stderr, /^wscast: [^\n]+\n$/);
    assert.equal(code, 1);
  });

  test('--timeout ends the wait for a server that says nothing', async (t) => {
    const url = await answering(t, undefined);
    const { code, stderr } = await ask('--url', url, '--timeout', '100ms');
    assert.deepEqual({ code, stderr }, { code: 1, stderr: `wscast: ${url}: Connection timed out\n` });
  });

  test('--timeout may be longer than anybody waits', async (t) => {
    const server = await startServer(t, 'wscast', 'serve', '--dev');
    const { code } = await ask('--url', `http://${server.address}/ready`, '--timeout', '200000h');
    assert.equal(code, 0);
  });

  test('a host that nobody knows', async () => {
    assert.deepEqual(await ask('--url', 'http://nowhere.invalid/'),
      { code: 1, stdout: '', stderr: 'wscast: http://nowhere.invalid/: the host name cannot be resolved\n' });
  });

  for (const [args, line] of [
    ...['', 'nowhere', 'localhost:80', 'https:/localhost/', 'https:///localhost/', 'https://user@localhost/', 'ws://localhost/', 'http://', 'http://localhost:99999/', 'http://a/ b',
      'http://localhost/\r\nX: y', 'http://localhost/#x', 'http+unix:relative', 'http:/localhost/', 'http:///localhost/', 'http://user:password@localhost/',
      'http+unix:/socket:relative', 'http+unix:/socket:/a b', 'http+unix:/sock\net:/a', 'file:///etc/passwd', 'http+unix:/a:/b#x'].map((url) => [['--url', url], /--url: ".*" is not a URL/]),
    [['--timeout', '0'], /--timeout: "0" is too short/], [['--timeout', '5'], /--timeout: "5" is not a duration/],
    [['--timeout'], /--timeout: .*missing/], [['--url'], /--url: .*missing/], [['stray'], /not expected: stray/],
    [['--dev'], /not expected: --dev/],
  ]) {
    test(`${JSON.stringify(args)} is refused`, () => assertRefused(['health', ...args], line));
  }
});

describe('how it ends', () => {
  for (const signal of ['SIGINT', 'SIGTERM']) {
    test(`O8 ${signal} closes every client with 1001 and ends with 0`, async (t) => {
      const server = await startServer(t, 'wscast', 'serve', '--dev', '--drain-time', '0s');
      const clients = [await Client.open(t, server.url), await Client.join(t, server.url, 'alice')];
      server.signal(signal);
      for (const client of clients) {
        assert.deepEqual(await client.closed(), { code: 1001, reason: 'Server shutting down' });
      }
      assert.deepEqual(await server.exit(), { code: 0, signal: null });
    });

    test(`a second ${signal} ends at once with 130`, async (t) => {
      const server = await startServer(t, 'wscast', 'serve', '--dev', '--close-timeout', '1m');
      const mute = await muteSocket(t, server);
      const ended = gone(mute);
      server.signal('SIGTERM');
      await new Promise((resolve) => mute.once('data', resolve));  // the close frame
      server.signal(signal);
      assert.deepEqual(await server.exit(), { code: 130, signal: null });
      await ended;
    });
  }

  test('X7 SIGTERM tells each client when to reconnect, and closes it then', async (t) => {
    const server = await startServer(t, 'wscast', 'serve', '--dev', '--drain-delay', '500ms', '--drain-time', '2s');
    const clients = [];
    for (const user of ['alice', 'bob']) clients.push(await Client.join(t, server.url, user));
    const before = Date.now();
    server.signal('SIGTERM');
    await server.logged(/draining, over 2000 ms after 500 ms/);
    assert.deepEqual(await get(server, '/ready').then(({ status, body }) => [status, body]), [503, 'draining\n']);
    const told = [];
    for (const client of clients) told.push(JSON.parse(await client.text()));
    assert.ok(Date.now() - before >= 500, 'not before the delay is over');
    told.forEach(({ event }) => assert.equal(event, 'disconnect'));
    assert.deepEqual(told.map(({ data }) => data.reconnectAfterMs).sort(), [1000, 2000]);
    for (const [i, client] of clients.entries()) {
      assert.deepEqual(await client.closed(), { code: 1001, reason: 'Server shutting down' });
      assert.ok(Date.now() - before >= 500 + told[i].data.reconnectAfterMs, 'too early');
    }
    assert.deepEqual(await server.exit(), { code: 0, signal: null });
  });

  for (const signal of ['SIGINT', 'SIGTERM']) {
    test(`${signal} while it drains ends at once with 130`, async (t) => {
      const server = await startServer(t, 'wscast', 'serve', '--dev', '--drain-time', '10m');
      const alice = await Client.join(t, server.url, 'alice');
      server.signal('SIGTERM');
      assert.equal(await alice.text(), '{"event":"disconnect","data":{"reconnectAfterMs":600000}}');
      server.signal(signal);
      assert.deepEqual(await server.exit(), { code: 130, signal: null });
      assert.equal((await alice.closed()).code, 1006);
    });
  }

  test('a second signal before the first is dealt with ends at once too', async (t) => {
    const server = await startServer(t, 'wscast', 'serve', '--dev', '--close-timeout', '1m');
    await muteSocket(t, server);
    server.signal('SIGINT');
    server.signal('SIGTERM');
    assert.deepEqual(await server.exit(), { code: 130, signal: null });
  });

  test('SIGHUP is ignored, with a line each time', async (t) => {
    const server = await startServer(t, 'wscast', 'serve', '--dev');
    const alice = await Client.join(t, server.url, 'alice');
    for (const times of [1, 2, 3]) {
      server.ignoredSignal('SIGHUP');
      await server.logged(new RegExp(`(warning SIGHUP ignored: there is nothing to reload[^]*){${times}}`));
    }
    await alice.settled();
    assert.equal(await server.stop(), 0);
    assert.deepEqual(await alice.closed(), { code: 1001, reason: 'Server shutting down' });
  });

  for (const signal of ['SIGINT', 'SIGTERM']) {
    test(`${signal} while Redis says nothing at the start ends with 0 at once, and what was logged comes out`, async (t) => {
      const { redis, connected } = await muteRedis(t);
      const server = launchProgram(t, 'wscast', 'serve', '--dev', '--redis', redis);
      await connected;
      server.signal(signal);
      assert.deepEqual(await within(server.exit(), 'it did not end'), { code: 0, signal: null });
      assert.match(server.stderr, /info descriptor limit \d+\n[^]*info shutting down\n/);
    });
  }

  test('SIGHUP while Redis says nothing at the start is ignored', async (t) => {
    const { redis, connected } = await muteRedis(t);
    const server = launchProgram(t, 'wscast', 'serve', '--dev', '--redis', redis);
    await connected;
    server.ignoredSignal('SIGHUP');
    server.signal('SIGTERM');
    assert.deepEqual(await within(server.exit(), 'it did not end'), { code: 0, signal: null });
    assert.match(server.stderr, /SIGHUP ignored/);
  });

  test('SIGTERM while the tokens file is still awaited ends with 0', async (t) => {
    const tokens = path.join(await folder(t), 'tokens.json');
    execFileSync('mkfifo', [tokens]);
    const server = launchProgram(t, 'wscast', 'serve', '--tokens', tokens);
    const writer = await openedToWrite(tokens);
    t.after(() => writer.close());
    server.ignoredSignal('SIGHUP');
    server.signal('SIGTERM');
    assert.deepEqual(await within(server.exit(), 'it did not end'), { code: 0, signal: null });
    assert.match(server.stderr, /SIGHUP ignored[^]*shutting down/);
  });

  test('a reader of its output that leaves does not end it', async (t) => {
    const server = await startServer(t, 'wscast', 'serve', '--dev', '--log-level', 'debug');
    server.closeOutput();
    for (const user of ['alice', 'bob']) await Client.join(t, server.url, user);
    assert.equal(await server.stop(), 0);
  });
});

test('each error line of the program is seen by a test above', async () => {
  const folder = new URL('../../apps/wscast/', import.meta.url);
  const words = [];
  const elsewhere = ['publish_command.cpp', 'api_client.cpp'];  // In publish_command.test.mjs.
  for (const file of (await readdir(folder)).filter((name) => name.endsWith('.cpp') && !elsewhere.includes(name))) {
    words.push(...await errorWords(file));
  }
  assert.ok(words.length > 20, words.join('\n'));
  assert.deepEqual(words.filter((each) => !told.some((line) => line.includes(each))), []);
});

// A shard is seen to turn each half second, the first time that long after the start.
async function assertWell(server) {
  assert.equal((await get(server, '/ready')).status, 200);
  const late = Date.now() + 10_000;
  while ((await get(server, '/health')).status !== 200) {
    assert.ok(Date.now() < late, '/health');
    await delay(50);
  }
}

// A Redis that takes connections and says nothing: its URL, and a promise that somebody came.
async function muteRedis(t) {
  const sockets = new Set();
  const server = net.createServer((socket) => sockets.add(socket.on('error', () => {})));
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const connected = within(new Promise((resolve) => server.once('connection', resolve)), 'nobody came');
  return { redis: `redis://127.0.0.1:${server.address().port}`, connected };
}

// The FIFO `file`, opened as soon as somebody opens it to read.
async function openedToWrite(file) {
  for (const late = Date.now() + 20_000; ; await delay(10)) {
    try {
      return await open(file, constants.O_WRONLY | constants.O_NONBLOCK);
    } catch (error) {
      if (error.code !== 'ENXIO' || Date.now() > late) throw error;
    }
  }
}
