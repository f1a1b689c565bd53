// What browsers have and Node.js before 22 lacks.
import { webcrypto } from 'node:crypto';
import WebSocket from 'ws';

globalThis.WebSocket ??= WebSocket;
globalThis.crypto ??= webcrypto;
