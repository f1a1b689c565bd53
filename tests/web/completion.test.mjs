// What `wscast completion` prints, in the shells that it is for.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { runProgram } from './support/server.mjs';

const folder = mkdtempSync(path.join(tmpdir(), 'wscast-'));
after(() => rmSync(folder, { recursive: true }));
writeFileSync(path.join(folder, 'a file.toml'), '');

const pressTab = new URL('support/press_tab.py', import.meta.url).pathname;
const levels = ['debug', 'error', 'info', 'off', 'warn'];

// Commands, flags, choices, files: what is typed, and what may stand there then.
const cases = [
  ['wscast se', ['serve']],
  ['wscast config ', ['check', 'init', 'reference', 'show']],
  ['wscast serve --log-l', ['--log-level']],
  ['wscast serve --log-level ', levels],
  ['wscast serve --log-level=', levels],
  ['wscast serve --log-level de', ['debug']],
  ['wscast serve --listen 127.0.0.1:8080 --log-f', ['--log-format']],
  ['wscast serve --tls-min-version ', ['1.2', '1.3']],
  ['wscast serve --no-send', ['--no-send-pings']],
  ['wscast config show --encryption r', ['required']],
  ['wscast emit --redis redis://x room --ex', ['--exclude']],
  ['wscast emit room --redis-pre', ['--redis-prefix']],
  ['wscast serve --inbox', []],
  ['wscast completion ', ['bash', 'fish', 'zsh']],
  ['wscast serve --config a', ['a file.toml']],
  ['wscast config check a', ['a file.toml']],
];

async function scriptOf(shell) {
  const { code, stdout, stderr } = await runProgram('wscast', 'completion', shell);
  assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
  const file = path.join(folder, shell === 'zsh' ? '_wscast' : `wscast.${shell}`);
  writeFileSync(file, stdout);
  return file;
}

function run(command, ...args) {
  const { status, stdout, stderr } = spawnSync(command, args,
    { cwd: folder, encoding: 'utf8', env: { ...process.env, HOME: folder } });
  assert.deepEqual({ status, stderr }, { status: 0, stderr: '' }, stdout);
  return stdout;
}

// Why not, if the shell is not there.
function missing(shell) {
  return spawnSync(shell, ['--version']).error ? `no ${shell}` : false;
}

function sorted(text) {
  return text.split('\n').filter(Boolean).sort();
}

// Presses the key of `typed`, `\t`, and waits for what the terminal shows then.
function press(typed, expected, setup, ...shell) {
  const { status, stdout, stderr } = spawnSync('python3',
    [pressTab, folder, setup, typed, expected, ...shell], { encoding: 'utf8' });
  assert.equal(status, 0, stderr + stdout);
}

const pressed = [
  ['wscast se\t', 'wscast serve '],
  ['wscast serve --log-l\t', 'wscast serve --log-level'],
  ['wscast config check a\t', 'wscast config check a\\\\ file.toml'],
];

describe('bash', { skip: missing('bash') }, () => {
  // Bash parts a line at spaces and at =.
  const complete = `
    source "$1"
    COMP_WORDS=(\${2//=/ = })
    [[ $2 == *' ' ]] && COMP_WORDS+=('')
    COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
    _wscast
    printf '%s\\n' "\${COMPREPLY[@]}"`;

  for (const [typed, expected] of cases) {
    test(`${typed}<TAB>`, async () => {
      const script = await scriptOf('bash');
      assert.deepEqual(sorted(run('bash', '--norc', '-uc', complete, 'bash', script, typed)), expected);
    });
  }

  for (const [typed, expected] of [...pressed, ['wscast serve --log-level \t\t', levels.join(' +')]]) {
    test(`on a terminal ${typed.replaceAll('\t', '<TAB>')}`, async () => {
      press(typed, expected, `source ${await scriptOf('bash')}`, 'bash', '--norc', '--noprofile', '-i');
    });
  }

  test('knows each command, and each flag of its --help', async () => {
    const script = await scriptOf('bash');
    const words = (...typed) => sorted(run('bash', '--norc', '-uc', complete, 'bash', script, typed.join(' ')));
    const check = async (command) => {
      const { stdout } = await runProgram('wscast', ...command, '--help');
      const offered = words('wscast', ...command, '--');
      const flags = [...stdout.matchAll(/^ {2}(?:-\w,)?(--[\w-]+)/gm)].map(([, flag]) => flag);
      assert.deepEqual(flags.filter((flag) => !offered.includes(flag)), []);
      const below = (stdout.split('Subcommands:\n')[1] ?? '').matchAll(/^ {2}(\w+)/gm);
      for (const [, name] of below) {
        assert.deepEqual(words('wscast', ...command, name).filter((word) => word === name), [name]);
        await check([...command, name]);
      }
    };
    await check([]);
  });
});

describe('zsh', { skip: missing('zsh') }, () => {
  test('its syntax', async () => run('zsh', '-fn', await scriptOf('zsh')));

  for (const [typed, expected] of [...pressed,
    ['wscast serve --log-level \t\t', levels.join(' +')],
    ['wscast emit room --redis-pre\t', 'wscast emit room --redis-prefix']]) {
    test(`on a terminal ${typed.replaceAll('\t', '<TAB>')}`, async () => {
      const setup = `fpath=(${path.dirname(await scriptOf('zsh'))} $fpath); autoload -Uz compinit; compinit -u -D`;
      press(typed, expected, setup, 'zsh', '-f', '-i');
    });
  }
});

describe('fish', { skip: missing('fish') }, () => {
  const complete = 'source $argv[1]; complete -C $argv[2]';

  for (const [typed, expected] of cases) {
    test(`${typed}<TAB>`, async () => {
      const lines = run('fish', '-N', '-c', complete, await scriptOf('fish'), typed);
      // Each with a description; of --flag=value the whole word, of a flag all that begin so.
      const words = sorted(lines).map((line) => line.split('\t')[0].replace(/^--[\w-]+=/, ''));
      assert.deepEqual(words, expected);
    });
  }
});

test('a shell that it does not know', async () => {
  for (const args of [['tcsh'], []]) {
    const { code, stdout, stderr } = await runProgram('wscast', 'completion', ...args);
    assert.match(stderr, /^wscast: shell[^\n]+\n$/);
    assert.deepEqual({ code, stdout }, { code: 2, stdout: '' });
  }
});
