// Ports for servers that are told where to listen.
import net from 'node:net';

// Not among those that the system gives to connections (from 32,768): these would be taken again before the
// server has its port, or while it restarts. Below 22,000 are those of tests/support/redis_process.cpp.
const first = 22_000;
const count = 10_000;

// On 127.0.0.1; nobody listens there.
export async function freePort() {
  for (;;) {
    const port = first + Math.floor(Math.random() * count);
    if (await isFree(port)) return port;
  }
}

function isFree(port) {
  return new Promise((resolve, reject) => {
    const probe = net.createServer();
    probe.once('error', (error) => {
      if (error.code === 'EADDRINUSE') resolve(false);
      else reject(error);
    });
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}
