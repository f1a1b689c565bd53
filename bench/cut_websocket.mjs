// Connections of npm's `ws` that are cut off.
const abandonedMs = 10_000;

/**
 * Ends it for its user, without a close frame. The server sees the end of the connection; or, if `silent`, nothing for
 * 10 s: then what it sends arrives nowhere, as at a device that has left its network.
 */
export function cut(socket, silent) {
  socket.on('error', () => {});
  if (!silent) {
    socket.terminate();
    return;
  }
  socket.pause();
  const end = socket.terminate.bind(socket);
  setTimeout(end, abandonedMs);
  socket.send = socket.close = socket.terminate = () => {};
  socket.emit('close', 1006, Buffer.alloc(0));
  for (const event of ['message', 'close']) socket.removeAllListeners(event);
}
