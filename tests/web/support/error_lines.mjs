// The literal words of a source of the program with which it says why something failed.
import { readFile } from 'node:fs/promises';

export async function errorWords(file) {
  const source = await readFile(new URL(`../../../apps/wscast/${file}`, import.meta.url), 'utf8');
  const words = [];
  for (const [, call] of source.matchAll(/\b(?:fail|refuse|not_healthy|invalid_argument|runtime_error|ValidationError)\(([^;{]*?)\);/g)) {
    words.push(...[...call.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([literal]) => JSON.parse(literal)));
  }
  return words;
}
