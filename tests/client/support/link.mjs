// The way between a client and a server, which a test can cut, shut, block, and lead elsewhere.
import { once } from 'node:events';
import net from 'node:net';

export class Link {
  #sockets = new Set();
  #server = net.createServer((socket) => this.#pass(socket));
  #port;

  // Until test `t` is over; `server` is what startServer() returned.
  static async to(t, server) {
    const link = new Link();
    link.lead(server);
    t.after(() => link.#end());
    link.#server.listen(0, '127.0.0.1');
    await once(link.#server, 'listening');
    link.url = `ws://127.0.0.1:${link.#server.address().port}/ws`;
    return link;
  }

  // New connections go to this server.
  lead({ address }) {
    this.#port = Number(address.split(':')[1]);
  }

  // All connections are reset, without a word.
  cut() {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  // And new ones are, too, until it leads somewhere again.
  shut() {
    this.#port = undefined;
    this.cut();
  }

  // Connections stay open, but nothing passes any more; new ones are served.
  block() {
    for (const socket of this.#sockets) socket.pause();
  }

  #pass(inner) {
    if (!this.#port) return inner.resetAndDestroy();
    const outer = net.connect(this.#port, '127.0.0.1');
    for (const [from, to] of [[inner, outer], [outer, inner]]) {
      this.#sockets.add(from);
      from.setNoDelay(true);
      from.on('error', () => {}).on('close', () => {
        this.#sockets.delete(from);
        to.destroy();
      });
      from.on('data', (bytes) => to.write(bytes)).on('end', () => to.end());
    }
  }

  #end() {
    this.cut();
    this.#server.close();
  }
}
