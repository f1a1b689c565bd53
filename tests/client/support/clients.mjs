// Clients of the package at a real server, for tests.
import '../../web/support/browser_globals.mjs';
import { connect } from '../../../clients/js/dist/esm/index.js';
import { within } from '../../web/support/client.mjs';

// Until test `t` is over; comes back soon.
export function open(t, url, options = {}) {
  const client = connect(url, { token: 'alice', minDelayMs: 20, maxDelayMs: 100, ...options });
  t.after(() => client.close());
  return client;
}

// The same, connected and in these rooms.
export async function join(t, url, options, ...rooms) {
  const client = open(t, url, options);
  await within(client.ready(), 'the client was not connected');
  await Promise.all(rooms.map((room) => client.room(room).join()));
  return client;
}

// Resolves with the first change to `state`.
export async function reached(client, wanted) {
  return within(new Promise((resolve) => {
    const off = client.on('state', (change) => {
      if (change.state !== wanted) return;
      off();
      resolve(change);
    });
  }), `the client was not ${wanted}`);
}

export { within };
