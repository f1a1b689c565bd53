// What browsers have and Node.js before 22 lacks.
import WebSocket from 'ws';

globalThis.WebSocket ??= WebSocket;
