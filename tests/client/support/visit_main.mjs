// visit.mjs as a program: URL.
import process from 'node:process';
import { visit } from './visit.mjs';

async function webSocket() {
  if (globalThis.WebSocket) return undefined;
  const { createRequire } = await import('node:module');
  return createRequire(new URL('../../web/', import.meta.url))('ws');
}

console.log(await visit(process.argv[2], await webSocket()));
