// previous_version.mjs PREVIOUS THIS: two `wscast` programs on one Redis. Each message of a client,
// and of `emit`, of either must reach those whom it is for on the servers of both, once. Prints a
// table; run by tools/check_previous_version.
import assert from 'node:assert/strict';
import { Client } from '../web/support/client.mjs';
import { runProgram, startServer } from '../web/support/server.mjs';
import { startRedis } from './support/redis.mjs';

process.env.WSCAST_BIN_DIR = '/';
const [previous, current] = process.argv.slice(2);
const programs = { previous, this: current };
const data = { n: 1.5, text: 'wörld "😀"\n\u2028', list: [null, true, []] };

const cleaning = [];
const t = { after: (task) => cleaning.push(task) };

function said(event, what = data) {
  return JSON.stringify({ event, data: what });
}

// Each version with each way to subscribe, and on each server two clients of one user in a room of
// their own and in the lobby.
async function startWorld() {
  const redis = await startRedis(t);
  const servers = [];
  for (const [version, program] of Object.entries(programs)) {
    for (const mode of ['exact', 'patterns']) {
      const server = await startServer(t, program, 'serve', '--dev', '--redis', redis.url, '--redis-subscribe', mode,
        '--message-rate', '0');
      const clients = [await Client.join(t, server.url, 'alice', ['lobby', 'here']),
        await Client.join(t, server.url, 'bob', ['lobby'])];
      servers.push({ version, mode, server, clients });
    }
  }
  return { redis, servers };
}

const { redis, servers } = await startWorld();
const everybody = servers.flatMap(({ version, clients }) => clients.map((client) => ({ version, client })));

async function emit(version, ...args) {
  const { code, stderr } = await runProgram(programs[version], 'emit', '--redis', redis.url, ...args);
  assert.equal(code, 0, stderr);
}

// What came to each client before a mark that is published behind everything else.
let marks = 0;
async function arrivals(version) {
  const mark = said('mark', ++marks);
  await emit(version, 'broadcast', 'mark', String(marks));
  return Promise.all(everybody.map(async ({ client }) => {
    const texts = [];
    for (let text = await client.text(); text !== mark; text = await client.text()) texts.push(text);
    return texts;
  }));
}

// One row: `send` sends `text` to those whom `isFor` says, and to nobody else.
const rows = [];
async function check(what, version, isFor, send, text = said('said')) {
  await send();
  const came = await arrivals(version);
  const columns = {};
  for (const at of Object.keys(programs)) {
    const there = everybody.map((who, i) => ({ ...who, came: came[i] })).filter((who) => who.version === at);
    const due = there.filter(({ client }) => isFor(client));
    const once = due.filter((who) => who.came.length === 1 && who.came[0] === text);
    const wrong = there.filter(({ client, came: texts }) => !isFor(client) && texts.length > 0);
    columns[at] = `${once.length} of ${due.length}${wrong.length ? `, ${wrong.length} to others` : ''}`;
    columns.good = (columns.good ?? true) && once.length === due.length && wrong.length === 0;
  }
  rows.push({ what, from: version, ...columns });
}

const isAlice = (client) => servers.some(({ clients }) => clients[0] === client);
for (const { version, mode, clients: [alice, bob] } of servers) {
  await check(`publish to a room (${mode})`, version, (client) => client !== bob,
    async () => assert.equal((await bob.acknowledged('lobby', 'said', data)).ok, true));
  await check(`publish to a room, with echo (${mode})`, version, (client) => isAlice(client) && client !== alice, async () => {
    alice.send('publish', { room: 'here', event: 'said', data, echo: true }, 1);
    const came = [await alice.text(), await alice.text()];
    assert.ok(came.includes(said('said')) && came.some((text) => text.startsWith('{"event":"ack","data":{"ok":true')), came.join());
  });
  await check(`publish to a default room (${mode})`, version, (client) => client !== alice,
    async () => assert.equal((await alice.acknowledged('ws-default', 'said', data)).ok, true));
}
for (const version of Object.keys(programs)) {
  const json = JSON.stringify(data);
  await check('emit to a room', version, isAlice, () => emit(version, 'room', 'here', 'said', json));
  await check('emit to a user', version, isAlice, () => emit(version, 'user', 'alice', 'said', json));
  await check('emit to everybody', version, () => true, () => emit(version, 'broadcast', 'said', json));
  await check('emit to a room without one client', version, (client) => isAlice(client) && client !== everybody[0].client,
    () => emit(version, 'room', '--exclude', everybody[0].client.id, 'here', 'said', json));
  for (const { version: at, mode, clients: [alice] } of servers) {
    await check(`emit to a client of ${at} (${mode})`, version, (client) => client === alice,
      () => emit(version, 'client', alice.id, 'said', json));
  }
}

const widths = ['what', 'from', 'previous', 'this'].map((name) =>
  [name, Math.max(name.length, ...rows.map((row) => row[name].length)) + 2]);
const line = (row) => widths.map(([name, width]) => row[name].padEnd(width)).join('');
console.log(line({ what: 'what', from: 'from', previous: 'previous', this: 'this' }));
for (const row of rows) console.log(`${line(row)}${row.good ? 'ok' : 'FAILED'}`);
const failed = rows.filter(({ good }) => !good).length;
console.log(`${rows.length} ways, ${failed} failed: each message reached those whom it is for ${failed ? 'NOT always ' : ''}once`);
for (const task of cleaning.reverse()) await task();
process.exit(failed ? 1 : 0);
