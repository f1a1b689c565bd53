// deploy/Caddyfile, run by Caddy.
import { test } from 'node:test';
import { freePort } from '../web/support/free_port.mjs';
import { certificate, configured, runProxy } from './support/proxy.mjs';
import { addressesAreLimited, clientsAreServed, othersAreNotBelieved, pagesAreServed, serve } from './support/rules.mjs';

async function start(t, server) {
  const files = certificate(t);
  const port = await freePort();
  const file = configured('Caddyfile', files, [
    ['wscast.example.com {', `https://localhost:${port} {`],
    ['reverse_proxy 127.0.0.1:8080 {', `reverse_proxy ${server.address} {`],
    ['/etc/ssl/certs/wscast.pem', files.file('certificate.pem')],
    ['/etc/ssl/private/wscast.key', files.file('key.pem')],
  ]);
  const home = files.file('home');
  await runProxy(t, port, 'caddy', ['run', '--adapter', 'caddyfile', '--config', file],
    { HOME: home, XDG_DATA_HOME: home, XDG_CONFIG_HOME: home });
  return { port, ca: files.ca };
}

test('clients come through Caddy with their addresses', async (t) => {
  const server = await serve(t);
  const site = await start(t, server);
  await clientsAreServed(t, server, site);
  await pagesAreServed(site);
  await othersAreNotBelieved(t, server);
});

test('behind Caddy each client counts for itself', async (t) => {
  const server = await serve(t, '--max-connections-per-address', '2');
  await addressesAreLimited(t, await start(t, server));
});
