// The reference, run by Bun: `reference.mjs server|emitter REDIS_PORT [encrypted]`. Says on standard output
// what happens and takes calls on standard input, one JSON text a line; tests/interop/driver.cpp does
// the same with wscast:
//
//     out  {"ready":"127.0.0.1:4711"}                    (an emitter: {"ready":""})
//     in   {"n":1,"call":"sendToRoom","with":{...}}      the options of that call
//     out  {"n":1}  or  {"n":1,"error":"..."}            once it has returned
//
// With `encrypted` the server encrypts for each client whose `authenticate` has a publicKey, by the
// reference's own helper class. It writes log files into the current folder.
import { createInterface } from 'node:readline';
import { ECDH, RedisHelper, WebSocketEmitter, WebSocketServerHelper } from '@venizia/ignis-helpers';

const [what, port, encryption] = process.argv.slice(2);
const out = process.stdout;
const redis = new RedisHelper({ name: 'interop', host: '127.0.0.1', port, password: '' });
const say = (said) => out.write(`${JSON.stringify(said)}\n`);

// The options of a server that encrypts. A client without a key passes the handshake too, and what the
// transformer does not transform goes out as it is.
function encrypting() {
  const ecdh = ECDH.withAlgorithm();
  const keys = new Map();
  return {
    requireEncryption: true,
    handshakeFn: async ({ clientId, data: { publicKey } }) => {
      if (publicKey === undefined) return {};
      const { keyPair, publicKeyB64 } = await ecdh.generateKeyPair();
      const peerPublicKey = await ecdh.importPublicKey({ rawKeyB64: publicKey });
      const { key, salt } = await ecdh.deriveAESKey({ privateKey: keyPair.privateKey, peerPublicKey });
      keys.set(clientId, key);
      return { serverPublicKey: publicKeyB64, salt };
    },
    outboundTransformer: async ({ client, event, data }) => {
      const secret = keys.get(client.id);
      if (!secret || event === 'connected') return null;
      return { event: 'encrypted', data: await ecdh.encrypt({ message: JSON.stringify({ event, data }), secret }) };
    },
    clientDisconnectedFn: ({ clientId }) => { keys.delete(clientId); },
  };
}

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
    ...(encryption === 'encrypted' ? encrypting() : {}),
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
