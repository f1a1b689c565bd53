// What must hold behind every proxy of deploy/.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import https from 'node:https';
import net from 'node:net';
import { Client, within } from '../../web/support/client.mjs';
import { upgradeRequest } from '../../web/support/raw.mjs';
import { startServer } from '../../web/support/server.mjs';

const clientAddress = '127.0.0.2';
const forgedAddress = '192.0.2.66';
const forgedFields = {
  'X-Forwarded-For': forgedAddress,
  Forwarded: `for=${forgedAddress}`,
  'X-Real-IP': forgedAddress,
};

export function serve(t, ...more) {
  return startServer(t, 'wscast', 'serve', '--dev', '--log-level', 'debug', '--trusted-proxy', '127.0.0.1', ...more);
}

// `site` is { port, ca }: what is outside of the proxy.
function outside(site, more = {}) {
  return {
    ca: site.ca,
    localAddress: clientAddress,
    lookup: (_, options, done) => (options.all ? done(null, [{ address: '127.0.0.1', family: 4 }]) : done(null, '127.0.0.1', 4)),
    ...more,
  };
}

async function join(t, url, options, token) {
  const client = await Client.open(t, url, [], options);
  client.send('authenticate', { token });
  client.id = JSON.parse(await client.text()).data.id;
  await client.enter('lobby');
  return client;
}

async function addressOf(server, client) {
  return (await server.logged(new RegExp(`client ${client.id} opened on shard \\d+ from (\\S+)`)))[1];
}

// Messages pass both ways, of all sizes, and the server sees the client's address, not a forged one.
export async function clientsAreServed(t, server, site) {
  const url = `wss://localhost:${site.port}/ws`;
  const alice = await join(t, url, outside(site), 'alice');
  const bob = await join(t, url, outside(site, { headers: forgedFields }), 'bob');
  for (const text of ['hello', 'x'.repeat(100_000)]) {
    alice.publish('lobby', 'chat', { text });
    assert.equal(await bob.text(), JSON.stringify({ event: 'chat', data: { text } }));
    bob.publish('lobby', 'chat', { text });
    assert.equal(await alice.text(), JSON.stringify({ event: 'chat', data: { text } }));
  }
  assert.equal(await addressOf(server, alice), clientAddress);
  assert.equal(await addressOf(server, bob), clientAddress);
  bob.socket.close(1000, 'bye');
  assert.deepEqual(await bob.closed(), { code: 1000, reason: 'bye' });
}

export async function pagesAreServed(site) {
  const request = https.get(`https://localhost:${site.port}/health`, { agent: false, ...outside(site) });
  const [response] = await within(once(request, 'response'), 'no response');
  response.resume();
  assert.equal(response.statusCode, 200);
}

// The third connection of an address is refused, whatever it says; one of another is not.
export async function addressesAreLimited(t, site) {
  const url = `wss://localhost:${site.port}/ws`;
  const headers = { 'X-Forwarded-For': '192.0.2.67', Forwarded: 'for=192.0.2.68' };
  await join(t, url, outside(site), 'alice');
  await join(t, url, outside(site), 'bob');
  await assert.rejects(Client.open(t, url, [], outside(site, { headers })), /503/);
  await join(t, url, outside(site, { localAddress: '127.0.0.4' }), 'carol');
}

// Who comes past the proxy is seen as who he is.
export async function othersAreNotBelieved(t, server) {
  const stranger = await join(t, server.url, { localAddress: '127.0.0.3', headers: forgedFields }, 'mallory');
  assert.equal(await addressOf(server, stranger), '127.0.0.3');
}

// Where the PROXY protocol is due, nobody comes past the proxy, and nobody without its header.
export async function othersAreClosed(t, server) {
  assert.equal(await answerTo(t, server, '127.0.0.3', `PROXY TCP4 ${forgedAddress} 127.0.0.1 1 2\r\n`), '');
  await server.logged(/a connection from 127\.0\.0\.3:\d+ was closed: it is no trusted proxy/);
  assert.equal(await answerTo(t, server, '127.0.0.1', ''), '');
  await server.logged(/a connection from 127\.0\.0\.1 was closed: its PROXY header is not valid/);
}

// What comes back, until the server ends the connection.
async function answerTo(t, server, localAddress, start) {
  const [host, port] = server.address.split(':');
  const socket = net.connect({ host, port: Number(port), localAddress });
  t.after(() => socket.destroy());
  socket.on('error', () => {});  // A reset is an end, too; once() would fail with it.
  socket.write(start + upgradeRequest(server));
  let answer = '';
  socket.setEncoding('latin1').on('data', (text) => { answer += text; });
  await within(new Promise((resolve) => socket.on('close', resolve)), 'the connection was not ended');
  return answer;
}
