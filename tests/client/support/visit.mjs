// What the package does in any runtime: visit.mjs URL. Two clients, one of them encrypted, talk; prints
// what they heard. Without a global WebSocket it is npm's `ws`.
import { connect } from '../../../clients/js/dist/esm/index.js';
import { encryption } from '../../../clients/js/dist/esm/encryption.js';

export async function visit(url, WebSocket) {
  const alice = connect(url, { token: 'alice', encryption: encryption(), WebSocket });
  const bob = connect(url, { token: async () => 'bob', WebSocket });
  const heard = alice.room('lobby').iterate('chat');
  await Promise.all([alice.room('lobby').join(), bob.room('lobby').join()]);
  const { delivered } = await bob.room('lobby').publish('chat', 'hi');
  const { value } = await heard.next();
  alice.close();
  bob.close();
  return `${alice.userId} heard: ${value.data} (${delivered} of ${bob.userId}'s)`;
}
