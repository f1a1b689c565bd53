// `wscast serve` whose clients are decided on elsewhere: by webhooks and by keys that are fetched. The
// parts alone are tried in webhook_auth.test.mjs and jwks_refresh.test.mjs.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, test } from 'node:test';
import * as jose from 'jose';
import { Client, connectedMessage, errorMessage } from './support/client.mjs';
import { runProgram, startServer } from './support/server.mjs';
import { Backend, reply, secret, verified } from './support/webhook.mjs';

async function written(t, name, content) {
  const folder = await mkdtemp(path.join(tmpdir(), 'wscast-'));
  t.after(() => rm(folder, { recursive: true }));
  const file = path.join(folder, name);
  await writeFile(file, content);
  return file;
}

async function asking(t, server, data) {
  const client = await Client.open(t, server.url);
  client.send('authenticate', data);
  return client;
}

async function joined(client, ...rooms) {
  client.send('join', { rooms }, 'join');
  return JSON.parse(await client.text()).data.rooms;
}

describe('webhooks that decide', () => {
  // Who is asked about is in the data; `teams` are who may join a team's room.
  const decide = (request, response, body) => {
    const asked = verified(body, request.headers);
    if (asked.rooms) return reply(response, 200, { rooms: asked.rooms.filter((room) => room === `team-${asked.metadata.team}`) });
    const { name, expiresIn } = asked.data;
    if (name === 'nobody') return reply(response, 401, 'no');
    if (name === 'trouble') return reply(response, 500, 'sorry');
    return reply(response, 200, { userId: name, metadata: { team: 'red' }, rooms: ['own'], ...(expiresIn && { expiresIn }) });
  };

  async function serve(t, more = '') {
    const backend = await Backend.start(t, { answer: decide });
    const file = await written(t, 'wscast.toml', `
[auth.webhook]
url = "${backend.url}"
rooms_url = "${backend.url}"
secrets = ["${secret}"]
[timeouts]
expiry_grace = "1s"
[[rooms]]
match = "team-*"
join = "webhook"
publish = true
${more}`);
    return startServer(t, 'wscast', 'serve', '--config', file);
  }

  test('accept, reject and fail', async (t) => {
    const server = await serve(t);
    const alice = await asking(t, server, { name: 'alice' });
    assert.equal(JSON.parse(await alice.text()).data.userId, 'alice');
    const nobody = await asking(t, server, { name: 'nobody' });
    assert.equal(await nobody.text(), errorMessage('Authentication failed'));
    assert.deepEqual(await nobody.closed(), { code: 4003, reason: 'Authentication failed' });
    const trouble = await asking(t, server, { name: 'trouble' });
    assert.equal(await trouble.text(), errorMessage('Authentication error'));
    assert.equal((await trouble.closed()).code, 4003);
  });

  test('allow rooms that a rule leaves to them', async (t) => {
    const server = await serve(t);
    const alice = await asking(t, server, { name: 'alice' });
    assert.match(await alice.text(), connectedMessage);
    assert.deepEqual(await joined(alice, 'team-red', 'team-blue', 'own', 'other'),
      { 'team-red': 'joined', 'team-blue': 'not allowed', own: 'joined', other: 'not allowed' });
  });

  test('say how long a client is who it is; it may renew that, as itself only', async (t) => {
    const server = await serve(t);
    const [alice, bob, carol] = await Promise.all(['alice', 'bob', 'carol'].map(async (name) => {
      const client = await asking(t, server, { name, expiresIn: 1 });
      assert.match(await client.text(), connectedMessage);
      assert.equal(await client.text(), errorMessage('Token expired'));
      return client;
    }));
    alice.send('authenticate', { name: 'alice' });
    assert.match(await alice.text(), connectedMessage);
    bob.send('authenticate', { name: 'alice' });
    assert.equal(await bob.text(), errorMessage('Authentication failed'));
    assert.equal((await bob.closed()).code, 4003);
    assert.deepEqual(await carol.closed(), { code: 4003, reason: 'Token expired' });
    await alice.settled();
  });

  test('need a secret, and an address when a rule asks them', async (t) => {
    const url = ['--auth-webhook-url', 'http://127.0.0.1:1/'];
    for (const [args, line] of [
      [url, /--auth-webhook-url needs --auth-webhook-secret-file or auth\.webhook\.secrets/],
      [['--auth-mode', 'webhook'], /--auth-mode webhook needs --auth-webhook-url/],
      [['--dev', '--config', await written(t, 'wscast.toml', '[[rooms]]\nmatch = "*"\njoin = "webhook"\n')],
        /rooms whose join is "webhook" need auth\.webhook\.rooms_url/],
    ]) {
      const { code, stderr } = await runProgram('wscast', 'serve', ...args);
      assert.match(stderr, line);
      assert.equal(code, 2);
    }
  });
});

describe('keys that are fetched', () => {
  async function keyPair(kid) {
    const { publicKey, privateKey } = await jose.generateKeyPair('ES256');
    const sign = (sub) => new jose.SignJWT({}).setProtectedHeader({ alg: 'ES256', kid })
      .setSubject(sub).setExpirationTime('1h').sign(privateKey);
    return { jwk: { ...await jose.exportJWK(publicKey), kid, alg: 'ES256' }, sign };
  }

  test('verify tokens; an unknown one has them fetched again', async (t) => {
    const [first, second] = [await keyPair('first'), await keyPair('second')];
    const keys = [first.jwk];
    const backend = await Backend.start(t, { answer: (_, response) => reply(response, 200, { keys }) });
    const server = await startServer(t, 'wscast', 'serve', '--jwt-jwks-url', backend.url);
    const alice = await asking(t, server, { token: await first.sign('alice') });
    assert.equal(JSON.parse(await alice.text()).data.userId, 'alice');
    const early = await asking(t, server, { token: await second.sign('bob') });
    assert.equal((await early.closed()).code, 4003);
  });

  test('that do not come end the start with a line', async (t) => {
    for (const [answer, why] of [
      [(response) => reply(response, 500, 'no'), 'status 500'],
      [(response) => reply(response, 200, 'no'), 'it is not a JSON Web Key Set'],
    ]) {
      const backend = await Backend.start(t, { answer: (_, response) => answer(response) });
      const { code, stderr } = await runProgram('wscast', 'serve', '--jwt-jwks-url', backend.url);
      assert.match(stderr, new RegExp(`^wscast: auth\\.jwt\\.jwks_url: http[^\n]*${why}[^\n]*\n$`));
      assert.equal(code, 2);
    }
  });
});
