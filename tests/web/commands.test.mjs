// What holds of all commands: their exit codes are documented, and their examples work.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, test } from 'node:test';
import { startRedis } from './support/redis.mjs';
import { runProgram, startServer } from './support/server.mjs';

const documentation = await readFile(new URL('../../docs/cli.md', import.meta.url), 'utf8');

// A page of the manual without its markup, and the entries of its exit status by code.
async function exitStatus(page) {
  const { stdout } = await runProgram('wscast', 'man', page);
  const text = stdout.replace(/\\f[BIRP]|\\&|\\:/g, '').replace(/\\-/g, '-');
  const [, section] = /\.SH "?EXIT STATUS"?\n([^]*?)\n\.SH/.exec(text);
  const entries = [...section.matchAll(/\.TP\n(?:\.B )?(\d+)\n([^]*?)(?=\n\.TP|$)/g)];
  return new Map(entries.map(([, code, meaning]) => [code, meaning.replaceAll('\n', ' ')]));
}

// The commands with those below them, and the example of each.
async function examples(...command) {
  const { stdout } = await runProgram('wscast', ...command, '--help');
  const [, example] = /\nExample: (.+)\n+$/.exec(stdout) ?? assert.fail(`no example: wscast ${command.join(' ')}`);
  const below = [...(stdout.split('Subcommands:\n')[1] ?? '').matchAll(/^ {2}(\w+)/gm)];
  const others = await Promise.all(below.map(([, name]) => examples(...command, name)));
  return [[command.join(' '), example], ...others.flat()];
}

describe('exit codes', () => {
  const rows = [...documentation.matchAll(/^\| (\d+) \| (?:`(\w+)`|any) \| (.+) \|$/gm)]
    .map(([, code, command, meaning]) => ({ code, command, meaning }));

  test('docs/cli.md has those of the program, and no others', async () => {
    const expected = new Map();
    for (const { code, command, meaning } of rows) {
      const said = command ? `${command}: ${meaning}` : meaning;
      expected.set(code, expected.has(code) ? `${expected.get(code)}. ${said}` : said);
    }
    const actual = await exitStatus('wscast.1');
    assert.deepEqual([...actual], [...expected].map(([code, meaning]) => [code, `${meaning}.`]));
  });

  for (const command of ['serve', 'bench', 'emit', 'listen', 'publish', 'trace', 'health', 'doctor', 'config', 'rules', 'token']) {
    test(`the page of ${command} has its own`, async () => {
      const own = rows.filter((row) => row.command === command || row.command === undefined);
      const actual = await exitStatus(`wscast-${command}.1`);
      assert.deepEqual([...actual], own.map(({ code, meaning }) => [code, `${meaning}.`]));
    });
  }
});

test('docs/cli.md names each command', async () => {
  const { stdout } = await runProgram('wscast', '--help');
  const commands = [...stdout.split('Subcommands:')[1].matchAll(/^ {2}(\S+)/gm)].map(([, name]) => name);
  const titles = [...documentation.matchAll(/^## wscast (.+)$/gm)].flatMap(([, names]) => names.split(', '));
  assert.deepEqual([...titles].sort(), commands.sort());
});

test('each example works', { timeout: 120_000 }, async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'wscast-'));
  t.after(() => rm(folder, { recursive: true }));
  const key = 'a-key-of-the-api-for-tests';
  await writeFile(path.join(folder, 'api.key'), key);
  await writeFile(path.join(folder, 'api.toml'), `[auth]\ndev = true\n[api]\nlisten = ["127.0.0.1:0"]\nkey_file = "${folder}/api.key"\n`);
  const server = await startServer(t, 'wscast', 'serve', '--config', path.join(folder, 'api.toml'));
  const [, api] = await server.said(/API at http:\/\/(\S+)/);
  const redis = await startRedis(t);
  const all = await examples();
  // What makes the file comes first; what does not end is given a second.
  all.sort(([, a], [, b]) => Number(b.includes('config init')) - Number(a.includes('config init')));
  for (const [command, example] of all) {
    const local = example.replace('127.0.0.1:9090', api).replace('redis://127.0.0.1:6379', redis.url)
      .replace('serve --dev', 'serve --dev --listen 127.0.0.1:0').replace(' --listen 127.0.0.1:8080', '')
      .replace('127.0.0.1:8080', server.address);
    await rm(path.join(folder, local.includes('config init') ? 'wscast.toml' : 'none'), { force: true });
    const goesOn = /^wscast (serve|listen) /.test(local);
    const { status, stderr, stdout } = spawnSync('bash', ['-c', goesOn ? `timeout --foreground --preserve-status -s INT 1 ${local}` : local], {
      cwd: folder, encoding: 'utf8', env: { ...process.env, PATH: `${process.env.WSCAST_BIN_DIR}:${process.env.PATH}` } });
    assert.equal(status, 0, `wscast ${command}: ${local}\n${stdout}${stderr}`);
    if (goesOn) assert.match(stdout + stderr, /listening (on|at) /, local);
  }
});
