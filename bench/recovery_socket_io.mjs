// What bench/recovery compares wscast with: rooms on Socket.IO, which keeps what clients missed in memory.
import http from 'node:http';
import { Server } from 'socket.io';

const server = http.createServer();
const io = new Server(server, {
  serveClient: false, transports: ['websocket'], connectionStateRecovery: { maxDisconnectionDuration: 10 * 60_000 },
});
io.on('connection', (socket) => {
  socket.on('join', (room, acknowledge) => {
    socket.join(room);
    acknowledge();
  });
  socket.on('publish', (room, data, acknowledge) => {
    io.to(room).emit('news', data);
    acknowledge();
  });
});
server.listen(0, '127.0.0.1', () => console.log(`listening on 127.0.0.1:${server.address().port}`));
