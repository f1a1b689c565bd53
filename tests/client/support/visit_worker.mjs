// visit.mjs in a worker thread.
import { createRequire } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';
import { visit } from './visit.mjs';

const ws = createRequire(new URL('../../web/', import.meta.url))('ws');
parentPort.postMessage(await visit(workerData, globalThis.WebSocket ?? ws));
