// The package as npm would publish it: what it holds, its types, its size.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { bundle, bundleFile } from '../../clients/js/bundle.mjs';
import { folderOf } from './support/files.mjs';

const folder = fileURLToPath(new URL('../../clients/js/', import.meta.url));
const { build } = createRequire(new URL('../../clients/js/', import.meta.url))('esbuild');
const bin = (name) => path.join(folder, 'node_modules/.bin', name);

async function run(command, args, cwd) {
  try {
    const { stdout } = await promisify(execFile)(command, args, { cwd });
    return stdout;
  } catch ({ message, stdout }) {
    throw new Error(`${message}${stdout}`);
  }
}

// Packed and installed beside a project in this folder.
const project = folderOf({ after });
let tarball, files;
before(async () => {
  await run('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', project], folder);
  const { name, version } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
  tarball = path.join(project, `${name.slice(1).replace('/', '-')}-${version}.tgz`);
  const installed = path.join(project, 'node_modules', name);
  mkdirSync(installed, { recursive: true });
  await run('tar', ['-xzf', tarball, '-C', installed, '--strip-components=1']);
  files = (await run('tar', ['-tzf', tarball])).split('\n');
});

test('it holds what it needs, and nothing else', () => {
  const others = files.filter((file) => !/^package\/dist\/(esm|cjs)\/\w+\.(js|d\.ts)$/.test(file)).sort();
  assert.deepEqual(others, ['', 'package/LICENSE', 'package/README.md', 'package/dist/cjs/package.json',
    'package/dist/esm/package.json', 'package/package.json']);
  const { dependencies, license } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
  assert.deepEqual([dependencies, license], [undefined, 'MIT']);
});

test('publint has no complaint', async () => {
  assert.match(await run(bin('publint'), ['run', '--strict', tarball]), /All good!/);
});

test('its types are those of its code, however it is imported', async () => {
  assert.match(await run(bin('attw'), [tarball, '--format', 'ascii']), /No problems found/);
});

for (const [entry, limit] of [['index', 6000], ['encryption', 1600]]) {
  test(`${entry} is under ${limit} bytes: bundled, minified and compressed`, async (t) => {
    const { outputFiles: [{ contents }] } = await build({
      entryPoints: [path.join(folder, `dist/esm/${entry}.js`)], bundle: true, minify: true, format: 'esm', write: false,
    });
    const bytes = gzipSync(contents, { level: 9 }).length;
    t.diagnostic(`${bytes} bytes`);
    assert.ok(bytes < limit, `${bytes} bytes`);
  });
}

test('the program has it as it is', async () => {
  const same = readFileSync(bundleFile, 'utf8') === await bundle();
  assert.ok(same, "apps/wscast/page/client.js is not that of these sources: run 'npm run build' in clients/js");
});

test('by its name it is imported, and required', async () => {
  const use = "const client = connect('ws://127.0.0.1:1/ws', { WebSocket: class {} }); client.close(); encryption();";
  writeFileSync(path.join(project, 'a.mjs'),
    `import { connect } from '@wscast/client'; import { encryption } from '@wscast/client/encryption'; ${use}`);
  writeFileSync(path.join(project, 'a.cjs'),
    `const { connect } = require('@wscast/client'); const { encryption } = require('@wscast/client/encryption'); ${use}`);
  for (const file of ['a.mjs', 'a.cjs']) await run(process.execPath, [path.join(project, file)]);
});

test('its page names each option and each code of errors', () => {
  const read = (file) => readFileSync(path.join(folder, file), 'utf8');
  const page = read('../../docs/client.md');
  const [, options] = /export interface Options {([^}]*)}/.exec(read('src/options.ts'));
  const [, codes] = /export type ErrorCode =([^;]*);/.exec(read('src/errors.ts'));
  const names = [...options.matchAll(/^  (\w+)\?:/gm), ...codes.matchAll(/'(\w+)'/g)].map(([, name]) => name);
  assert.ok(names.length > 20);
  assert.deepEqual(names.filter((name) => !page.includes(`\`${name}\``)), []);
});

test('its types say what is right, and what is wrong', async () => {
  writeFileSync(path.join(project, 'use.ts'), `
    import { connect, WscastError, type Ack, type State } from '@wscast/client';
    import { encryption } from '@wscast/client/encryption';

    const client = connect('wss://example.org/ws', {
      token: async () => 'token', encryption: encryption(), WebSocket, outbox: 10, signal: AbortSignal.timeout(1000),
    });
    client.on('state', ({ state, error }) => { const s: State = state; const e: WscastError | undefined = error; void [s, e]; });
    client.on('gap', ({ room, from, reason }) => { const n: number | null = from; void [room.length, n, reason.length]; });
    client.on('dropped', ({ count }) => { const n: number | null = count; void n; });
    client.room('lobby').on<{ text: string }>('chat', ({ text }, { event }) => [text.length, event.length]);
    export const at = client.room('lobby').publish('chat', 1, { key: 'k' }).then((ack) => ack?.position?.offset.toFixed());
    export const sent: Promise<Ack | undefined> = client.room('lobby').publish('chat', { text: 'hi' }, { echo: true });
    export async function all() {
      for await (const { event, data } of client.room('lobby').iterate<number>('chat')) [event.length, data.toFixed()];
    }
    // @ts-expect-error there is no such event
    client.on('nothing', () => {});
    // @ts-expect-error a token is text
    connect('wss://example.org/ws', { token: 7 });
    // @ts-expect-error internal
    client.room('lobby').current;
  `);
  for (const module of ['nodenext', 'es2022']) {
    await run(process.execPath, [path.join(folder, 'node_modules/typescript/bin/tsc'), '--noEmit', '--strict', '--target', 'es2022',
      '--lib', 'es2022,dom', '--module', module, '--moduleResolution', module === 'nodenext' ? 'nodenext' : 'bundler',
      path.join(project, 'use.ts')]);
  }
});
