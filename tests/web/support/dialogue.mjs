// Holds a dialogue of the documents with a server: dialogue.mjs URL, the dialogue on standard input.
//
//     alice -> {"event":"authenticate","data":{"token":"alice"}}     alice, connected anew, sends
//     alice <- {"event":"connected",...}                             the next that she receives
//     alice closed 1000 bye                                          how her connection ended
//
// `...` stands for anything, `#` begins a remark. Nothing else may be received than is written.
import assert from 'node:assert/strict';
import { text } from 'node:stream/consumers';
import { Client } from './client.mjs';

const [url] = process.argv.slice(2);
const clients = new Map();

async function named(name) {
  if (!clients.has(name)) clients.set(name, await Client.open({ after() {} }, url));
  return clients.get(name);
}

function assertFits(expected, actual) {
  const escaped = expected.split('...').map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  assert.match(actual, new RegExp(`^${escaped.join('.*?')}$`));
}

async function step(line) {
  const [, name, what, rest] = /^(\w+) +(->|<-|closed) *(.*)$/.exec(line) ?? assert.fail(`what is ${line}`);
  const client = await named(name);
  if (what === '->') client.sendRaw(rest);
  if (what === '<-') assertFits(rest, await client.text());
  if (what === 'closed') {
    const { code, reason } = await client.closed();
    assert.equal(`${code} ${reason}`.trim(), rest);
    clients.delete(name);
  }
}

let current = '';
try {
  for (current of (await text(process.stdin)).split('\n')) {
    if (current.trim() && !current.startsWith('#')) await step(current.trim());
  }
  for (const [name, client] of clients) {
    current = `the end of ${name}`;
    client.socket.close(1000);
    await client.closed();
    await assert.rejects(client.message(), /closed/, 'there was more');
  }
} catch (error) {
  console.error(`${current}\n${error.message}`);
  process.exit(1);
}
