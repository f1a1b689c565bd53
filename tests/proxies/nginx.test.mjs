// deploy/nginx.conf and deploy/nginx-stream.conf, run by nginx.
import { test } from 'node:test';
import { freePort } from '../web/support/free_port.mjs';
import { certificate, configured, runProxy } from './support/proxy.mjs';
import { addressesAreLimited, clientsAreServed, othersAreClosed, othersAreNotBelieved, pagesAreServed, serve }
  from './support/rules.mjs';

async function start(t, server, name) {
  const files = certificate(t);
  const port = await freePort();
  const file = configured(name, files, [
    ['listen 443 ssl;', `listen 127.0.0.1:${port} ssl;`],
    ['127.0.0.1:8080;', `${server.address};`],
    ['/etc/ssl/certs/wscast.pem', files.file('certificate.pem')],
    ['/etc/ssl/private/wscast.key', files.file('key.pem')],
    ['/run/nginx.pid', files.file('nginx.pid')],
    ['/var/log/nginx/error.log', 'stderr'],
    ['worker_rlimit_nofile 65536;', ''],
    ['worker_connections 32768;', 'worker_connections 1024;'],
    ['load_module modules/', 'load_module /usr/lib/nginx/modules/'],
  ].filter(([from]) => name === 'nginx-stream.conf' || !from.startsWith('load_module')));
  await runProxy(t, port, 'nginx', ['-p', files.file('.'), '-c', file, '-g', 'daemon off;']);
  return { port, ca: files.ca };
}

test('clients come through nginx with their addresses', async (t) => {
  const server = await serve(t);
  const site = await start(t, server, 'nginx.conf');
  await clientsAreServed(t, server, site);
  await pagesAreServed(site);
  await othersAreNotBelieved(t, server);
});

test('clients come through nginx by the PROXY protocol, version 1', async (t) => {
  const server = await serve(t, '--proxy-protocol');
  const site = await start(t, server, 'nginx-stream.conf');
  await clientsAreServed(t, server, site);
  await pagesAreServed(site);
  await othersAreClosed(t, server);
});

test('behind nginx each client counts for itself', async (t) => {
  for (const [name, ...flags] of [['nginx.conf'], ['nginx-stream.conf', '--proxy-protocol']]) {
    const server = await serve(t, '--max-connections-per-address', '2', ...flags);
    await addressesAreLimited(t, await start(t, server, name));
  }
});
