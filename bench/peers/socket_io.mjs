// The handlers of bench-app on Socket.IO with its Redis adapter: `socket_io.mjs REDIS_PORT`. Prints where it listens.
import http from 'node:http';
import { createAdapter } from '@socket.io/redis-adapter';
import { createClient } from 'redis';
import { Server } from 'socket.io';

const publisher = createClient({ url: `redis://127.0.0.1:${process.argv[2]}` });
const subscriber = publisher.duplicate();
await Promise.all([publisher.connect(), subscriber.connect()]);

const server = http.createServer();
const io = new Server(server, { serveClient: false, transports: ['websocket'], adapter: createAdapter(publisher, subscriber) });
io.use((socket, next) => next(socket.handshake.auth.token ? undefined : new Error('Authentication failed')));
io.on('connection', (socket) => {
  socket.on('join', ({ rooms }) => socket.join(rooms));
  socket.on('echo', (data) => socket.emit('echo', data));
  socket.on('pub', (data) => io.to(data.room).emit('bench', data));
  socket.on('pubx', (data) => socket.to(data.room).emit('bench', data));
});
server.listen({ host: '127.0.0.1', port: 0, backlog: 4096 }, () => console.log(`listening on 127.0.0.1:${server.address().port}`));
