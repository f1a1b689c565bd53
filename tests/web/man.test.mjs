// The pages of the manual: they say what --help and the reference of options say.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { runProgram } from './support/server.mjs';

const folder = mkdtempSync(path.join(tmpdir(), 'wscast-'));
after(() => rmSync(folder, { recursive: true }));
const noMan = spawnSync('man', ['--version']).error ? 'no man' : false;

async function say(...args) {
  const { code, stdout, stderr } = await runProgram('wscast', ...args);
  assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
  return stdout;
}

// A page as the reader sees it, in lines that do not end.
function shown(file) {
  const { status, stdout, stderr } = spawnSync('man', ['--warnings', '-E', 'UTF-8', '-l', file],
    { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C.UTF-8', MANWIDTH: '5000', MAN_KEEP_FORMATTING: '' } });
  assert.deepEqual({ status, stderr }, { status: 0, stderr: '' });
  return stdout.replace(/ +/g, ' ');
}

// The help of a command and of those below it.
async function helps(...command) {
  const help = await say(...command, '--help');
  const below = [...(help.split('Subcommands:\n')[1] ?? '').matchAll(/^ {2}(\w+)/gm)];
  const others = await Promise.all(below.map(([, name]) => helps(...command, name)));
  return [help, ...others].join('\n');
}

const pages = (await say('man')).trim().split('\n');

test('each command has a page, and so has the file', async () => {
  const commands = (await say('--help')).split('Subcommands:\n')[1].matchAll(/^ {2}(\w+)/gm);
  assert.deepEqual([...pages].sort(),
    ['wscast.1', 'wscast.toml.5', ...[...commands].map(([, name]) => `wscast-${name}.1`)].sort());
});

describe('a page', { skip: noMan }, () => {
  for (const page of pages) {
    const file = path.join(folder, page);

    test(`${page} is what man expects`, async () => {
      writeFileSync(file, await say('man', page));
      for (const width of ['80', '120']) {
        const { status, stderr } = spawnSync('man', ['--warnings', '-E', 'UTF-8', '-l', '-Tutf8', '-Z', file],
          { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C.UTF-8', MANWIDTH: width } });
        assert.deepEqual({ status, stderr }, { status: 0, stderr: '' });
      }
      const { stdout } = spawnSync('lexgrog', [file], { encoding: 'utf8' });
      assert.match(stdout, new RegExp(`"${page.slice(0, -2)} - .+"\n$`), 'for whatis');
    });

    if (page.endsWith('.1')) {
      test(`${page} has each flag of --help, with its words`, async () => {
        writeFileSync(file, await say('man', page));
        const text = shown(file);
        const [, command] = /^wscast-?(\w*)/.exec(page);
        const help = command === '' ? await say('--help') : await helps(command);
        const flags = [...help.matchAll(/^ {2}(?:-\w,)?(--[\w-]+)[^\n]*?(?: {2,}|\n {10,})(\S[^\n]*)/gm)];
        assert.ok(flags.length > 0);
        for (const [, flag, words] of flags) {
          assert.ok(text.includes(`${flag}\n`) || text.includes(`${flag} `), flag);
          assert.ok(text.includes(words.replace(/ +/g, ' ')), `${flag}: ${words}`);
        }
      });
    }
  }

  test('wscast.toml.5 has each option, with its default, flag and variable', async () => {
    const file = path.join(folder, 'wscast.toml.5');
    writeFileSync(file, await say('man', 'wscast.toml.5'));
    const text = shown(file);
    const rows = [...(await say('config', 'reference')).matchAll(/^\| `(\w+)`: (.+) \| (.+) \| `(.+)` \| (.*) \| `(\w+)` \| (yes)? ?\|$/gm)];
    assert.ok(rows.length > 100, `${rows.length} options`);
    for (const [, name, help, type, value, flags, variable] of rows) {
      const plain = (cell) => cell.replaceAll('`', '').replaceAll('\\|', '|');
      const flag = flags === '' ? 'No flag.' : `Flag: ${plain(flags)}.`;
      const entry = `${name} = ${plain(type)}\n ${plain(help)}. Default: ${plain(value)}. ${flag} Variable: ${variable}.`;
      // Words between backticks are in both.
      assert.ok(text.replaceAll('`', '').includes(entry), entry);
    }
  });
});
