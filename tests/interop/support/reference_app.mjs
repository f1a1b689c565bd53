// The reference with the handlers of bench-app, run by Bun: `reference_app.mjs REDIS_PORT [CERTIFICATE KEY]`,
// over TLS with the PEM files of the two. Prints {"ready":"127.0.0.1:4711"} and runs until it is ended. It
// writes log files into the current folder.
import { RedisHelper, WebSocketServerHelper } from '@venizia/ignis-helpers';

const [redisPort, certificate, key] = process.argv.slice(2);
const redis = new RedisHelper({ name: 'bench', host: '127.0.0.1', port: redisPort, password: '' });

const upgrade = (request, server) => server.upgrade(request, { data: { clientId: crypto.randomUUID() } })
  ? undefined : new Response('', { status: 426 });
const tls = certificate ? { tls: { cert: Bun.file(certificate), key: Bun.file(key) } } : {};
const server = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: upgrade, websocket: { message() {} }, ...tls });

const handlers = {
  echo: (clientId, data) => helper.sendToClient({ clientId, event: 'echo', data }),
  pub: (clientId, data) => helper.send({ destination: data.room, payload: { topic: 'bench', data } }),
  pubx: (clientId, data) => helper.sendToRoom({ room: data.room, event: 'bench', data, exclude: [clientId] }),
};
const helper = new WebSocketServerHelper({
  identifier: 'bench',
  redisConnection: redis,
  server,
  authenticateFn: ({ token }) => (token ? { userId: token } : null),
  validateRoomFn: ({ rooms }) => rooms,
  messageHandler: ({ clientId, message: { event, data } }) => handlers[event]?.(clientId, data),
});
await helper.configure();
server.reload({ fetch: upgrade, websocket: helper.getBunWebSocketHandler(), ...tls });
console.log(JSON.stringify({ ready: `127.0.0.1:${server.port}` }));
