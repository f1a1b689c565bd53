// Files of a test's own.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

// An empty folder, until test `t` is over.
export function folderOf(t) {
  const folder = mkdtempSync(path.join(tmpdir(), 'wscast-client-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

// A file with this content, until test `t` is over.
export function fileOf(t, content) {
  const file = path.join(folderOf(t), 'file');
  writeFileSync(file, content, { mode: 0o600 });
  return file;
}
