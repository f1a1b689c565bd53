// A client cannot see which server it is on: the same dialogue is held with each kind, and all that
// it receives is the same, to the letter, but for ids and times.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client, connectedMessage } from '../web/support/client.mjs';
import { exact, patterns, reference, startServer } from './support/peer.mjs';
import { commands, startRedis } from './support/redis.mjs';

// What a client says to hear, behind the answers to all before, these of it: nothing else is
// answered like that in a row.
const invalid = '{"event":"error","data":{"message":"Invalid message format"}}';
const probes = {
  unauthenticated: [['no JSON', '{"event":"probe"}', 'no JSON'],
    [invalid, '{"event":"error","data":{"message":"Not authenticated"}}', invalid]],
  authenticated: [['no JSON', '{"event":"authenticate"}', 'no JSON'],
    [invalid, '{"event":"error","data":{"message":"Already authenticated"}}', invalid]],
};

class Dialogue {
  #told = [];
  #ids = new Map();

  constructor(t, server, redis) {
    Object.assign(this, { t, server, redis });
  }

  async open(name) {
    const client = await Client.open(this.t, this.server.url);
    client.name = name;
    return client;
  }

  // Notes all that `client` received in answer to `texts`.
  async say(client, ...texts) {
    for (const text of texts) client.sendRaw(text);
    await this.hear(client);
  }

  // Notes all that `client` received so far.
  async hear(client) {
    const [probe, end] = client.id ? probes.authenticated : probes.unauthenticated;
    for (const text of probe) client.sendRaw(text);
    const heard = [];
    while (heard.slice(-end.length).join() !== end.join()) heard.push(await client.text());
    for (const text of heard.slice(0, -end.length)) this.#note(client, text);
  }

  async logIn(client, text) {
    client.sendRaw(text);
    const connected = await client.text();
    client.id = connectedMessage.exec(connected)?.[1] ?? /"id":"([^"]+)"/.exec(connected)?.[1];
    this.#ids.set(client.id, `<${client.name}>`);
    this.#note(client, connected);
  }

  // By the way of Redis; received, since one server receives all in order, once `everybody` received a mark.
  async publish(everybody, channel, envelope) {
    await this.redis.publish(channel, JSON.stringify({ serverId: 'emitter', ...envelope }));
    await this.redis.publish('ws:broadcast', JSON.stringify({ serverId: 'emitter', type: 'broadcast', event: 'mark' }));
    for (const client of everybody) {
      for (let text = await client.text(); text !== '{"event":"mark"}'; text = await client.text()) this.#note(client, text);
    }
  }

  async ended(client) {
    const { code, reason } = await client.closed();
    for (let text = await client.text().catch(() => null); text !== null; text = await client.text().catch(() => null)) {
      this.#note(client, text);
    }
    this.#told.push(`${client.name} closed ${code} ${reason}`);
  }

  get told() {
    return this.#told;
  }

  #note(client, text) {
    let said = text.replace(/"time":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"/g, '"time":"<time>"');
    for (const [id, name] of this.#ids) said = said.replaceAll(id, name);
    this.#told.push(`${client.name} <- ${said}`);
  }
}

async function hold(dialogue) {
  const refused = await dialogue.open('refused');
  refused.sendRaw('{"event":"authenticate","data":{}}');
  await dialogue.ended(refused);

  const alice = await dialogue.open('alice');
  await dialogue.say(alice, 'no JSON', '', '{"event":"heartbeat"}', '{}', '{"event":""}', '[]', '1', '"x"', '{"event":"x"',
    '{"event":"join","data":{"rooms":["early"]}}', '{"event":"leave"}', '{"event":"send","data":{}}', '\ufeff{"event":"x"}');
  await dialogue.logIn(alice, ' {"data":{"token":"\\u0061lice","more":[1]},"event":"\\u0061uthenticate"}\n');
  await dialogue.say(alice, '{"event":"heartbeat"}', 'no JSON', '{}', '{"event":"unknown"}', '{"event":"authenticate","data":{}}');

  const bob = await dialogue.open('bob');
  await dialogue.logIn(bob, '{"event":"authenticate","data":{"token":"bob"}}');
  const both = [alice, bob];
  await dialogue.say(alice, '{"event":"join","data":{"rooms":["lobby","lobby","ws:x","",5,null,"über"]}}');
  await dialogue.say(bob, '{"event":"join","data":{"rooms":["lobby"]}}', '{"event":"join"}', '{"event":"join","data":null}',
    '{"event":"join","data":{"rooms":[]}}', '{"event":"leave","data":{"rooms":["never joined"]}}');

  const room = (target, more) => dialogue.publish(both, `ws:room:${target}`, { type: 'room', target, event: 'to', data: target, ...more });
  for (const target of ['lobby', 'ws:x', 'early', 'über', 'ws-default', 'ws-notification', alice.id]) await room(target);
  await room('lobby', { exclude: [alice.id] });
  await room('lobby', { exclude: [] });
  await room('lobby', { data: { text: '\u2028 "\\ \u0001 😀', n: [0.5, -1, 1e21], none: null } });
  for (const target of ['alice', 'bob', 'nobody']) {
    await dialogue.publish(both, `ws:user:${target}`, { type: 'user', target, event: 'to user', data: target });
  }
  for (const target of [alice.id, 'nobody']) {
    await dialogue.publish(both, `ws:client:${target}`, { type: 'client', target, event: 'to client', data: 1 });
  }
  await dialogue.publish(both, 'ws:broadcast', { type: 'broadcast', event: 'to all', data: null, exclude: [bob.id] });
  await dialogue.publish(both, 'ws:broadcast', { type: 'broadcast', event: 'to all' });

  // What is no message goes nowhere.
  for (const envelope of [{ type: 'shout', event: 'x' }, { type: 'room', event: 'x' }, { type: 'user', target: '', event: 'x' },
    { type: 'broadcast' }, { type: 'broadcast', event: 5 }, { serverId: 5, type: 'broadcast', event: 'x' }]) {
    await dialogue.publish(both, 'ws:broadcast', envelope);
  }

  await dialogue.say(alice, '{"event":"send","data":{"destination":"lobby","payload":{"topic":"hello","data":[1]}}}');
  await dialogue.hear(bob);
  await dialogue.say(bob, '{"event":"leave","data":{"rooms":["lobby","ws-default"]}}');
  await room('lobby');
  await room('ws-default');
  alice.socket.close(4321, 'bye');
  await dialogue.ended(alice);
  await dialogue.server.stop();
  await dialogue.ended(bob);
  return dialogue.told;
}

test('what a client receives is the same on every server', async (t) => {
  const told = {};
  for (const kind of [reference, exact, patterns]) {
    const redis = await startRedis(t);
    const server = await startServer(t, kind, redis);
    told[kind] = await hold(new Dialogue(t, server, commands(t, redis)));
  }
  assert.ok(told[reference].length > 30, 'there was something to compare');
  assert.deepEqual(told[exact], told[reference]);
  assert.deepEqual(told[patterns], told[reference]);
});
