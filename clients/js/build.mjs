// Compiles src/ to dist/, as ES modules and for require(), and brings the licence.
import { execFileSync } from 'node:child_process';
import { copyFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = path.dirname(fileURLToPath(import.meta.url));
const compiler = createRequire(import.meta.url).resolve('typescript/bin/tsc');

rmSync(path.join(folder, 'dist'), { recursive: true, force: true });
for (const [format, module] of [['esm', 'ES2022'], ['cjs', 'CommonJS']]) {
  const output = path.join(folder, 'dist', format);
  execFileSync(process.execPath, [compiler, '-p', folder, '--module', module, '--outDir', output],
    { stdio: 'inherit' });
  const type = format === 'esm' ? 'module' : 'commonjs';
  writeFileSync(path.join(output, 'package.json'), `${JSON.stringify({ type })}\n`);
}
copyFileSync(path.join(folder, '../../LICENSE'), path.join(folder, 'LICENSE'));
