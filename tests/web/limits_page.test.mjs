// docs/security.md names the defaults of limits; the program knows them.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { runProgram } from './support/server.mjs';

// What `rows` have in the columns that `pattern` names: a Map of flags to defaults, without quotes.
function defaultsIn(text, pattern) {
  const rows = [...text.matchAll(pattern)].map(({ groups: { flag, value } }) => [flag, value.replaceAll('"', '')]);
  return new Map(rows);
}

test('docs/security.md has each limit with its default', async () => {
  const page = await readFile(new URL('../../docs/security.md', import.meta.url), 'utf8');
  const { code, stdout } = await runProgram('wscast', 'config', 'reference');
  assert.equal(code, 0);
  const named = defaultsIn(page, /^\| [^|]*\| `(?<flag>--[\w-]+)` \| `(?<value>[^`]*)`/gm);
  const known = defaultsIn(stdout, /^\| `\w+`: .*? \| `(?<value>[^`]*)` \| `(?<flag>--[\w-]+)`/gm);
  assert.ok(named.size > 20, `only ${named.size} rows were read`);
  for (const [flag, value] of named) assert.equal(value, known.get(flag), flag);

  // Those of [limits] are what the page is about: none is left out.
  const section = stdout.slice(stdout.indexOf('## [limits]'), stdout.indexOf('## [log]'));
  for (const [flag] of defaultsIn(section, /^\| `\w+`: .*? \| `(?<value>[^`]*)` \| `(?<flag>--[\w-]+)`/gm)) {
    assert.ok(named.has(flag), `${flag} has no row`);
  }
});
