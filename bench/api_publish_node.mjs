// What bench/api_publish compares wscast with: rooms over npm's `ws`, and the same publish by HTTP
// on node:http, with no more than that takes. From the packages of tests/web (`npm ci` there).
import http from 'node:http';
import { createRequire } from 'node:module';

const { WebSocketServer } = createRequire(new URL('../tests/web/', import.meta.url))('ws');
const authorization = `Bearer ${process.argv[2]}`;
const rooms = new Map();  // Name to the members.

function publish({ room, event, data }) {
  const members = rooms.get(room) ?? [];
  const message = JSON.stringify({ event, data });
  let accepted = 0;
  for (const member of members) {
    if (member.readyState !== member.OPEN) continue;
    member.send(message);
    ++accepted;
  }
  return { accepted, backplane: 'none' };
}

function handle(request, response) {
  const respond = (status, body) => {
    const text = JSON.stringify(body);
    response.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) });
    response.end(text);
  };
  if (request.method !== 'POST' || request.url !== '/api/v1/publish') return respond(404, {});
  if (request.headers.authorization !== authorization) return respond(401, {});
  const parts = [];
  request.on('data', (part) => parts.push(part));
  request.on('end', () => {
    try {
      respond(200, publish(JSON.parse(parts.length === 1 ? parts[0] : Buffer.concat(parts))));
    } catch {
      respond(400, {});
    }
  });
}

function join(socket, names) {
  for (const name of names) {
    if (!rooms.has(name)) rooms.set(name, new Set());
    rooms.get(name).add(socket);
    socket.on('close', () => rooms.get(name).delete(socket));
  }
}

const server = http.createServer(handle);
new WebSocketServer({ server, path: '/ws', perMessageDeflate: false }).on('connection', (socket) => {
  socket.on('message', (text) => {
    const { event, data, id } = JSON.parse(text);
    if (event === 'join') join(socket, data.rooms);
    socket.send(JSON.stringify({ event: event === 'join' ? 'ack' : 'connected', data: {}, id }));
  });
});
server.listen(0, '127.0.0.1', () => console.log(`listening on 127.0.0.1:${server.address().port}`));
