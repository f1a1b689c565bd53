// The reference, run by Bun: `reference.mjs server|emitter REDIS_PORT [PREFIX]`. Says on standard output what
// happens and takes calls on standard input, one JSON text a line; tests/interop/driver.cpp does the
// same with wscast:
//
//     out  {"ready":"127.0.0.1:4711"}                    (an emitter: {"ready":""})
//     in   {"n":1,"call":"sendToRoom","with":{...}}      the options of that call
//     out  {"n":1}  or  {"n":1,"error":"..."}            once it has returned
//
// It writes log files into the current folder.
import { createInterface } from 'node:readline';
import { RedisHelper, WebSocketEmitter, WebSocketServerHelper } from '@venizia/ignis-helpers';

const [what, port] = process.argv.slice(2);
const out = process.stdout;
const redis = new RedisHelper({ name: 'interop', host: '127.0.0.1', port, password: '' });
const say = (said) => out.write(`${JSON.stringify(said)}\n`);

async function startServer() {
  const upgrade = (request, server) => {
    if (new URL(request.url).pathname !== '/ws') return new Response('', { status: 404 });
    return server.upgrade(request, { data: { clientId: crypto.randomUUID() } })
      ? undefined : new Response('', { status: 426 });
  };
  const server = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: upgrade, websocket: { message() {} } });
  const helper = new WebSocketServerHelper({
    identifier: 'interop',
    redisConnection: redis,
    server,
    authenticateFn: ({ token }) => (token ? { userId: token } : null),
    validateRoomFn: ({ rooms }) => rooms,
    messageHandler: ({ message: { event, data } }) => {
      if (event === 'send') helper.send(data);
    },
  });
  await helper.configure();
  server.reload({ fetch: upgrade, websocket: helper.getBunWebSocketHandler() });
  say({ ready: `127.0.0.1:${server.port}` });
  return helper;
}

async function startEmitter() {
  const emitter = new WebSocketEmitter({ identifier: 'interop', redisConnection: redis });
  await emitter.configure();
  say({ ready: '' });
  return emitter;
}

const target = await (what === 'server' ? startServer() : startEmitter());
for await (const line of createInterface({ input: process.stdin })) {
  const { n, call, with: options } = JSON.parse(line);
  try {
    await target[call](options);
    say({ n });
  } catch (error) {
    say({ n, error: error.message });
  }
}
await target.shutdown();
process.exit(0);
