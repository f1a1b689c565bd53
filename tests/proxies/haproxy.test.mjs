// deploy/haproxy-http.cfg and deploy/haproxy-tcp.cfg, run by HAProxy.
import { test } from 'node:test';
import { freePort } from '../web/support/free_port.mjs';
import { certificate, configured, runProxy } from './support/proxy.mjs';
import { addressesAreLimited, clientsAreServed, othersAreClosed, othersAreNotBelieved, pagesAreServed, serve }
  from './support/rules.mjs';

// Only root can become another user.
const asUser = process.getuid() === 0 ? [] : [['    user haproxy\n', ''], ['    group haproxy\n', '']];

async function start(t, server, name) {
  const files = certificate(t);
  const port = await freePort();
  const file = configured(name, files, [
    ['bind :443 ssl', `bind 127.0.0.1:${port} ssl`],
    ['127.0.0.1:8080 ', `${server.address} `],
    ['/etc/haproxy/wscast.pem', files.file('both.pem')],
    ['maxconn 20000', 'maxconn 1000'],
    ...asUser,
  ]);
  await runProxy(t, port, 'haproxy', ['-db', '-f', file]);
  return { port, ca: files.ca };
}

test('clients come through HAProxy with their addresses', async (t) => {
  const server = await serve(t);
  const site = await start(t, server, 'haproxy-http.cfg');
  await clientsAreServed(t, server, site);
  await pagesAreServed(site);
  await othersAreNotBelieved(t, server);
});

test('clients come through HAProxy by the PROXY protocol, version 2', async (t) => {
  const server = await serve(t, '--proxy-protocol');
  const site = await start(t, server, 'haproxy-tcp.cfg');
  await clientsAreServed(t, server, site);
  await pagesAreServed(site);
  await othersAreClosed(t, server);
});

test('behind HAProxy each client counts for itself', async (t) => {
  for (const [name, ...flags] of [['haproxy-http.cfg'], ['haproxy-tcp.cfg', '--proxy-protocol']]) {
    const server = await serve(t, '--max-connections-per-address', '2', ...flags);
    await addressesAreLimited(t, await start(t, server, name));
  }
});
