// The handlers of bench-app on npm's `ws`, with a plain map of rooms: `ws.mjs`. Prints where it listens.
import { randomUUID } from 'node:crypto';
import { WebSocketServer } from 'ws';

const rooms = new Map();  // Each a set of sockets.

function join(socket, room) {
  if (!rooms.has(room)) rooms.set(room, new Set());
  rooms.get(room).add(socket);
  socket.rooms.add(room);
}

function leave(socket, room) {
  const members = rooms.get(room);
  members?.delete(socket);
  if (members?.size === 0) rooms.delete(room);
}

function publish(data, except) {
  const text = Buffer.from(JSON.stringify({ event: 'bench', data }));
  for (const member of rooms.get(data.room) ?? []) {
    if (member !== except) member.send(text, { binary: false });
  }
}

const handlers = {
  authenticate(socket, { token }) {
    if (!token) return socket.close(4003, 'Authentication failed');
    if (socket.id) return socket.send(JSON.stringify({ event: 'error', data: { message: 'Already authenticated' } }));
    socket.id = randomUUID();
    const connected = { id: socket.id, userId: token, time: new Date().toISOString() };
    socket.send(JSON.stringify({ event: 'connected', data: connected }));
  },
  heartbeat() {},
  join: (socket, data) => data.rooms.forEach((room) => join(socket, room)),
  echo: (socket, data) => socket.send(JSON.stringify({ event: 'echo', data })),
  pub: (socket, data) => publish(data),
  pubx: (socket, data) => publish(data, socket),
};

const server = new WebSocketServer({ host: '127.0.0.1', port: 0, path: '/ws', perMessageDeflate: false, backlog: 4096 });
server.on('connection', (socket) => {
  socket.rooms = new Set();
  socket.on('message', (text) => {
    const { event, data } = JSON.parse(text);
    if (event === 'authenticate' || socket.id) handlers[event]?.(socket, data);
  });
  socket.on('close', () => socket.rooms.forEach((room) => leave(socket, room)));
  socket.on('error', () => {});
});
server.on('listening', () => console.log(`listening on 127.0.0.1:${server.address().port}`));
