// What no well-behaved client does: requests that are cut short, sockets that answer nothing.
import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import { within } from './client.mjs';

// The answer to a GET: { status, headers, body }.
export async function get(server, path) {
  const [response] = await once(http.get(`http://${server.address}${path}`, { agent: false }), 'response');
  const parts = [];
  for await (const part of response.setEncoding('utf8')) parts.push(part);
  return { status: response.statusCode, headers: response.headers, body: parts.join('') };
}

export async function stats(server) {
  return JSON.parse((await get(server, '/stats')).body);
}

// Sends exactly `bytes` and answers all that comes until the server ends the connection.
export async function exchange(t, server, bytes) {
  const socket = await dial(t, server);
  socket.write(bytes);
  let answer = '';
  socket.setEncoding('latin1').on('data', (text) => { answer += text; });
  await gone(socket);
  return answer;
}

// Resolves when the connection is over, even by a reset.
export function gone(socket) {
  return within(new Promise((resolve) => socket.once('close', resolve)), 'the connection was not ended');
}

// A WebSocket that never answers a close frame.
export async function muteSocket(t, server) {
  const socket = await dial(t, server);
  socket.write(upgradeRequest(server));
  await within(once(socket, 'data'), 'no upgrade');
  return socket;
}

export function upgradeRequest(server, ...fields) {
  return [`GET ${server.path} HTTP/1.1`, `Host: ${server.address}`, 'Upgrade: websocket', 'Connection: Upgrade',
    'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', ...fields, '', ''].join('\r\n');
}

async function dial(t, server) {
  const [host, port] = server.address.split(':');
  const socket = net.connect(Number(port), host);
  socket.on('error', () => {});  // told again by 'close'
  t.after(() => socket.destroy());
  await within(once(socket, 'connect'), 'no connection');
  return socket;
}
