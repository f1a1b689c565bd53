// Serves the pages of this folder, and the client that they use, for browsers on this machine:
//
//   wscast serve --dev --listen 127.0.0.1:8080     the server that the pages talk to
//   node examples/web/serve.mjs                    http://localhost:8000/chat.html
//
// The client is built first: npm ci && npm run build in clients/js.
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import http from 'node:http';
import process from 'node:process';
import { pathToFileURL } from 'node:url';

const folders = { '/': new URL('./', import.meta.url), '/client/': new URL('../../clients/js/dist/esm/', import.meta.url) };
const types = { html: 'text/html', css: 'text/css', js: 'text/javascript' };

/** Resolves with the site, which listens; 0 is any free port. */
export async function startSite(port) {
  const site = http.createServer(async ({ url }, response) => {
    const [, folder, name, type] = /^(\/(?:client\/)?)(\w+\.(html|css|js))(?:\?.*)?$/.exec(url) ?? [];
    try {
      const content = await readFile(new URL(name, folders[folder]));
      response.setHeader('Content-Type', `${types[type]}; charset=utf-8`).end(content);
    } catch {
      response.writeHead(404).end();
    }
  });
  site.listen(port, 'localhost');
  await once(site, 'listening');
  return site;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const port = Number(process.argv[2] ?? 8000);
  await startSite(port);
  for (const page of ['chat', 'cursors']) console.log(`http://localhost:${port}/${page}.html`);
}
