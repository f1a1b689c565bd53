// JSON Web Tokens side by side with npm's `jose`: what it makes is accepted, what it rejects is
// rejected, with the same message and close code whatever the reason is (protocol.md O4).
import assert from 'node:assert/strict';
import * as crypto from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, test } from 'node:test';
import * as jose from 'jose';
import { Client, errorMessage } from './support/client.mjs';
import { runProgram, startServer as startLimited } from './support/server.mjs';

// Many are rejected here, all from one address.
const startServer = (...args) => startLimited(...args, '--max-failed-authentications-per-address', '0');

const issuer = 'https://issuer.example';
const audience = 'chat';
const leewaySeconds = 5;

const secret = crypto.randomBytes(48).toString('base64');  // 64 bytes
const otherSecret = crypto.randomBytes(48).toString('base64');
const rsa = crypto.generateKeyPairSync('rsa', { modulusLength: 2048 });
const otherRsa = crypto.generateKeyPairSync('rsa', { modulusLength: 2048 });
const p256 = crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' });
const otherP256 = crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' });
const p384 = crypto.generateKeyPairSync('ec', { namedCurve: 'P-384' });
const smallRsa = crypto.generateKeyPairSync('rsa', { modulusLength: 1024 });

const pem = (key, type = 'spki') => key.export({ type, format: 'pem' });
const der = (key, type = 'spki') => key.export({ type, format: 'der' });
const jwk = (key, more) => ({ ...key.export({ format: 'jwk' }), ...more });
const bytes = (text) => Buffer.from(text);
const encode = (part) => Buffer.from(Buffer.isBuffer(part) || typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url');
const seconds = () => Math.floor(Date.now() / 1000);

const keySet = {
  keys: [
    jwk(rsa.publicKey, { kid: 'rsa', alg: 'RS256', use: 'sig' }),
    jwk(p256.publicKey, { kid: 'ec', use: 'sig', key_ops: ['verify'] }),
    jwk(otherP256.publicKey, { kid: 'ec-next' }),
    jwk(p384.publicKey, { kid: 'for-encryption', use: 'enc' }),
    jwk(otherRsa.publicKey, { kid: 'for-wrapping', key_ops: ['wrapKey'] }),
  ],
};

// The servers that tokens are tried at: how each is started with the files of `folder`, and the key
// that jose verifies with instead.
const servers = {
  secret: { flags: (folder) => ['--jwt-secret-file', folder.secret], key: async () => bytes(secret) },
  rsa: { flags: (folder) => ['--jwt-key-file', folder.rsa], key: async () => rsa.publicKey },
  ec: {
    flags: (folder) => ['--jwt-key-file', folder.p256, '--jwt-key-file', folder.p384],
    key: async ({ alg }) => alg === 'ES384' ? p384.publicKey : p256.publicKey,
  },
  set: { flags: (folder) => ['--jwt-jwks-file', folder.jwks], key: jose.createLocalJWKSet(keySet) },
};

async function joseTakes(server, token) {
  const options = { issuer, audience, clockTolerance: leewaySeconds, requiredClaims: ['sub', 'exp'] };
  try {
    await jose.jwtVerify(token, servers[server].key, options);
    return true;
  } catch (error) {
    if (error.code !== 'ERR_JWKS_MULTIPLE_MATCHING_KEYS') {
      assert.ok(error instanceof jose.errors.JOSEError || error instanceof TypeError, error.stack);
      return false;
    }
    for await (const key of error) {
      if (await jose.jwtVerify(token, key, options).then(() => true, () => false)) return true;
    }
    return false;
  }
}

// Tokens by jose. Good unless something is said otherwise.
function claims(more) {
  return { sub: 'alice', iss: issuer, aud: audience, iat: seconds(), exp: seconds() + 600, ...more };
}
const made = (alg, key, more, header) => () =>
  new jose.SignJWT(claims(more)).setProtectedHeader({ alg, ...header }).sign(key);
const bySecret = (more, header) => made('HS256', bytes(secret), more, header);
const byRsa = (more, header) => made('RS256', rsa.privateKey, more, header);
const byP256 = (more, header) => made('ES256', p256.privateKey, more, header);

// Tokens that jose does not make: header and claims as texts or objects.
function hmac(header, payload, key = secret) {
  const input = `${encode(header)}.${encode(payload)}`;
  return `${input}.${crypto.createHmac('sha256', key).update(input).digest('base64url')}`;
}
const raw = (header, payload = claims(), key = secret) => () => hmac(header, payload, key);
const hs256 = { alg: 'HS256' };
function signed(header, payload, hash, key) {
  const input = `${encode(header)}.${encode(payload)}`;
  return `${input}.${crypto.sign(hash, Buffer.from(input), key).toString('base64url')}`;
}
const withSignature = (signature) => () => `${encode({ alg: 'ES256' })}.${encode(claims())}.${encode(signature)}`;
const changed = (make, change) => async () => change(await make());
const parts = (change) => (token) => change(...token.split('.'));
const unsecured = (alg, signature = '') => () => `${encode({ alg })}.${encode(claims())}.${signature}`;
const text = (object) => JSON.stringify(object);
const withClaim = (name, value) => () => hmac(hs256, text(claims()).replace(/}$/, `,"${name}":${value}}`));
const replacing = (name, value) => () => {
  const { [name]: _, ...rest } = claims();
  return hmac(hs256, text(rest).replace(/}$/, `,"${name}":${value}}`));
};

const p256Order = Buffer.from('ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551', 'hex');
const zeros = (count) => Buffer.alloc(count);
const rsaInput = () => `${encode({ alg: 'RS256' })}.${encode(claims())}`;

// [name, server, token, user]: jose takes it, and so do we.
const taken = [
  ['HS256', 'secret', made('HS256', bytes(secret))],
  ['HS384', 'secret', made('HS384', bytes(secret))],
  ['HS512', 'secret', made('HS512', bytes(secret))],
  ['RS256', 'rsa', made('RS256', rsa.privateKey)],
  ['RS384', 'rsa', made('RS384', rsa.privateKey)],
  ['RS512', 'rsa', made('RS512', rsa.privateKey)],
  ['PS256', 'rsa', made('PS256', rsa.privateKey)],
  ['ES256', 'ec', made('ES256', p256.privateKey)],
  ['ES384', 'ec', made('ES384', p384.privateKey)],
  ['typ JWT', 'secret', bySecret({}, { typ: 'JWT' })],
  ['typ at+jwt', 'secret', bySecret({}, { typ: 'at+jwt' })],
  ['an audience of several', 'secret', bySecret({ aud: ['other', audience] })],
  ['an expiry with a fraction', 'secret', bySecret({ exp: seconds() + 600.5 })],
  ['an expiry far away', 'secret', bySecret({ exp: 1e15 })],
  ['nbf in the past', 'secret', bySecret({ nbf: seconds() - 60 })],
  ['no iat', 'secret', bySecret({ iat: undefined })],
  ['a user in other letters', 'secret', bySecret({ sub: 'ålice "\u{1f600}"' }), 'ålice "\u{1f600}"'],
  ['claims of the application', 'secret', bySecret({ role: 'admin', nested: { a: [1, null, 2.5] } })],
  ['white space in the JSON', 'secret', () => hmac('{\r\n "alg" : "HS256" }', JSON.stringify(claims(), null, 2))],
  ['an escaped name', 'secret', () => hmac('{"\\u0061lg":"HS256"}', claims())],
  ['a kid for a key without one', 'rsa', byRsa({}, { kid: 'whatever' })],
  ['somebody else\'s jwk in the header, ignored', 'rsa', byRsa({}, { jwk: jwk(otherRsa.publicKey) })],
  ['a jku in the header, ignored', 'rsa', byRsa({}, { jku: 'https://evil.example/jwks' })],
  ['an x5u in the header, ignored', 'rsa', byRsa({}, { x5u: 'https://evil.example/cert' })],
  ['an x5c in the header, ignored', 'rsa', byRsa({}, { x5c: ['AAAA'] })],
  ['a key of the set by kid', 'set', byRsa({}, { kid: 'rsa' })],
  ['another key of the set by kid', 'set', byP256({}, { kid: 'ec' })],
  ['one of two keys of a kind by kid', 'set', made('ES256', otherP256.privateKey, {}, { kid: 'ec-next' })],
  ['the only key of the set that fits', 'set', byRsa()],
  ['the second key of the set that fits', 'set', made('ES256', otherP256.privateKey)],
];

// [name, server, token]: jose rejects it, and so do we.
const rejected = [
  ['expired', 'secret', bySecret({ exp: seconds() - 60 })],
  ['expired, by RSA', 'rsa', byRsa({ exp: seconds() - 60 })],
  ['not yet valid', 'secret', bySecret({ nbf: seconds() + 600 })],
  ['no exp', 'secret', bySecret({ exp: undefined })],
  ['exp 0', 'secret', bySecret({ exp: 0 })],
  ['exp negative', 'secret', bySecret({ exp: -1 })],
  ['exp a string', 'secret', replacing('exp', `"${seconds() + 600}"`)],
  ['exp null', 'secret', replacing('exp', 'null')],
  ['exp true', 'secret', replacing('exp', 'true')],
  ['exp an array', 'secret', replacing('exp', `[${seconds() + 600}]`)],
  ['exp -1e400', 'secret', replacing('exp', '-1e400')],
  ['nbf a string', 'secret', withClaim('nbf', '"0"')],
  ['iat a string', 'secret', replacing('iat', '"0"')],
  ['no sub', 'secret', bySecret({ sub: undefined })],
  ['wrong secret', 'secret', made('HS256', bytes(otherSecret))],
  ['empty secret', 'secret', raw(hs256, claims(), '')],
  ['wrong RSA key', 'rsa', made('RS256', otherRsa.privateKey)],
  ['wrong RSA key for PS256', 'rsa', made('PS256', otherRsa.privateKey)],
  ['wrong EC key', 'ec', made('ES256', otherP256.privateKey)],
  ['wrong audience', 'secret', bySecret({ aud: 'mail' })],
  ['no audience', 'secret', bySecret({ aud: undefined })],
  ['an audience of none', 'secret', bySecret({ aud: [] })],
  ['audiences without ours', 'secret', bySecret({ aud: ['mail', 'Chat'] })],
  ['an audience that is an object', 'secret', replacing('aud', '{"0":"chat"}')],
  ['an audience that is null', 'secret', replacing('aud', 'null')],
  ['wrong issuer', 'secret', bySecret({ iss: 'https://evil.example' })],
  ['no issuer', 'secret', bySecret({ iss: undefined })],
  ['issuer with a slash more', 'secret', bySecret({ iss: `${issuer}/` })],
  ['an issuer that is an array', 'secret', replacing('iss', JSON.stringify([issuer]))],

  ...['none', 'None', 'NONE', 'nOnE', '', null, ['HS256'], 'hs256', 'HS256 ', 'HS1', 'RS1', 'ES512', 'EdDSA'].flatMap((alg) => [
    [`alg ${JSON.stringify(alg)}, no signature`, 'secret', unsecured(alg)],
    [`alg ${JSON.stringify(alg)}, by the secret`, 'secret', raw({ alg })],
  ]),
  ['no alg', 'secret', raw({ typ: 'JWT' })],
  ['no alg, no signature', 'rsa', () => `${encode({})}.${encode(claims())}.`],
  ['alg none at a public key', 'rsa', unsecured('none')],

  ...[['PEM', pem(rsa.publicKey)], ['PEM without its line feed', pem(rsa.publicKey).trimEnd()],
    ['PEM with CRLF', pem(rsa.publicKey).replaceAll('\n', '\r\n')], ['PKCS #1 PEM', pem(rsa.publicKey, 'pkcs1')],
    ['DER', der(rsa.publicKey)], ['PKCS #1 DER', der(rsa.publicKey, 'pkcs1')],
    ['JWK', JSON.stringify(jwk(rsa.publicKey))], ['modulus', Buffer.from(jwk(rsa.publicKey).n, 'base64url')]]
    .map(([form, key]) => [`HS256 signed with the RSA public key, ${form}`, 'rsa', raw(hs256, claims(), key)]),
  ['HS256 signed with the EC public key', 'ec', raw(hs256, claims(), pem(p256.publicKey))],
  ['HS256 signed with a public key of the set', 'set', raw({ ...hs256, kid: 'rsa' }, claims(), pem(rsa.publicKey))],
  ['RS256 at a secret', 'secret', byRsa()],
  ['ES256 at an RSA key', 'rsa', byP256()],
  ['RS256 at EC keys', 'ec', byRsa()],
  ['alg RS256 with a signature by PS256', 'rsa', () => signed({ alg: 'RS256' }, claims(), 'sha256',
    { key: rsa.privateKey, padding: crypto.constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 })],
  ['alg PS256 with a signature by RS256', 'rsa', () => signed({ alg: 'PS256' }, claims(), 'sha256', rsa.privateKey)],
  ['PS256 with a longer salt', 'rsa', () => signed({ alg: 'PS256' }, claims(), 'sha256',
    { key: rsa.privateKey, padding: crypto.constants.RSA_PKCS1_PSS_PADDING, saltLength: 64 })],
  ['alg RS512 with a signature by SHA-256', 'rsa', () => signed({ alg: 'RS512' }, claims(), 'sha256', rsa.privateKey)],

  ['unknown kid', 'set', byRsa({}, { kid: 'unknown' })],
  ['empty kid', 'set', byRsa({}, { kid: '' })],
  ['the kid of a key of another kind', 'set', byRsa({}, { kid: 'ec' })],
  ['the kid of another key', 'set', byP256({}, { kid: 'ec-next' })],
  ['another algorithm than the alg of its key', 'set', made('RS384', rsa.privateKey, {}, { kid: 'rsa' })],
  ['a key for encryption', 'set', made('ES384', p384.privateKey, {}, { kid: 'for-encryption' })],
  ['a key for wrapping', 'set', made('RS256', otherRsa.privateKey, {}, { kid: 'for-wrapping' })],

  ['signed with the jwk in its header', 'rsa', made('RS256', otherRsa.privateKey, {}, { jwk: jwk(otherRsa.publicKey) })],
  ['signed with a key at its jku', 'rsa', made('RS256', otherRsa.privateKey, {}, { jku: 'https://evil.example/jwks' })],
  ['signed with a key at its x5u', 'rsa', made('RS256', otherRsa.privateKey, {}, { x5u: 'https://evil.example/cert' })],
  ['signed with the jwk in its header, at a set', 'set', made('RS256', otherRsa.privateKey, {},
    { kid: 'rsa', jwk: jwk(otherRsa.publicKey) })],

  ['crit of an unknown name', 'secret', raw({ ...hs256, crit: ['x'], x: 1 })],
  ['crit of nothing', 'secret', raw({ ...hs256, crit: [] })],
  ['crit that is no array', 'secret', raw({ ...hs256, crit: 'exp' })],
  ['crit of a name that is missing', 'secret', raw({ ...hs256, crit: ['x'] })],
  ['b64 false', 'secret', () => {
    const header = encode({ ...hs256, b64: false, crit: ['b64'] });
    const input = `${header}.${text(claims()).replaceAll('.', '')}`;
    return `${input}.${crypto.createHmac('sha256', secret).update(input).digest('base64url')}`;
  }],
  ['b64 false, the payload encoded', 'secret', raw({ ...hs256, b64: false, crit: ['b64'] })],

  ['no token', 'secret', () => ''],
  ['a word', 'secret', () => 'token'],
  ['one dot', 'secret', changed(bySecret(), parts((header, payload) => `${header}.${payload}`))],
  ['four parts', 'secret', changed(bySecret(), (token) => `${token}.AAAA`)],
  ['four parts, the last one empty', 'secret', changed(bySecret(), (token) => `${token}.`)],
  ['a token for encryption (JWE)', 'secret', () => new jose.EncryptJWT(claims())
    .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' }).encrypt(Buffer.alloc(32, 1))],
  ['no header', 'secret', changed(bySecret(), parts((_, payload, signature) => `.${payload}.${signature}`))],
  ['no payload', 'secret', changed(bySecret(), parts((header, _, signature) => `${header}..${signature}`))],
  ['no signature', 'secret', changed(bySecret(), parts((header, payload) => `${header}.${payload}.`))],
  ['cut in the signature', 'secret', changed(bySecret(), (token) => token.slice(0, -4))],
  ['cut in the payload', 'secret', changed(bySecret(), parts((header, payload, signature) => `${header}.${payload.slice(0, -4)}.${signature}`))],
  ['cut in front', 'secret', changed(bySecret(), (token) => token.slice(1))],
  ['bytes after the signature', 'secret', changed(bySecret(), (token) => `${token}AAAA`)],
  ['bytes after the signature by RSA', 'rsa', changed(byRsa(), (token) => `${token}AAAA`)],
  ['bytes after the signature by EC', 'ec', changed(byP256(), (token) => `${token}AAAA`)],
  ['another payload', 'rsa', changed(byRsa(), parts((header, _, signature) => `${header}.${encode(claims({ sub: 'root' }))}.${signature}`))],
  ['another header', 'secret', changed(bySecret(), parts((_, payload, signature) => `${encode({ alg: 'HS256', typ: 'JWT' })}.${payload}.${signature}`))],
  ['a header that is not JSON', 'secret', raw('alg=HS256')],
  ['a header that is an array', 'secret', raw('["HS256"]')],
  ['a header that is null', 'secret', raw('null')],
  ['a header with a comma more', 'secret', raw('{"alg":"HS256",}')],
  ['a header in base64 of base64', 'secret', raw(encode(hs256))],
  ['claims that are not JSON', 'secret', raw(hs256, 'sub=alice')],
  ['claims that are an array', 'secret', raw(hs256, '["alice"]')],
  ['claims that are null', 'secret', raw(hs256, 'null')],
  ['claims in quotes', 'secret', raw(hs256, JSON.stringify(text(claims())))],
  ['two objects of claims', 'secret', raw(hs256, text(claims()) + text(claims()))],

  ['ES256 in DER', 'ec', () => signed({ alg: 'ES256' }, claims(), 'sha256', p256.privateKey)],
  ['ES256 by a P-384 key', 'ec', () => signed({ alg: 'ES256' }, claims(), 'sha256', { key: p384.privateKey, dsaEncoding: 'ieee-p1363' })],
  ['ES384 by a P-256 key', 'ec', () => signed({ alg: 'ES384' }, claims(), 'sha384', { key: p256.privateKey, dsaEncoding: 'ieee-p1363' })],
  ['r and s swapped', 'ec', changed(byP256(), parts((header, payload, signature) => {
    const both = Buffer.from(signature, 'base64url');
    return `${header}.${payload}.${encode(Buffer.concat([both.subarray(32), both.subarray(0, 32)]))}`;
  }))],
  ['r = s = 0 (CVE-2022-21449)', 'ec', withSignature(zeros(64))],
  ['r = 0', 'ec', withSignature(Buffer.concat([zeros(32), Buffer.alloc(32, 1)]))],
  ['s = 0', 'ec', withSignature(Buffer.concat([Buffer.alloc(32, 1), zeros(32)]))],
  ['r = s = the order of the curve', 'ec', withSignature(Buffer.concat([p256Order, p256Order]))],
  ['r = s = 0 in DER', 'ec', withSignature(Buffer.from('3006020100020100', 'hex'))],
  ['an RSA signature of 0', 'rsa', () => `${rsaInput()}.${encode(zeros(256))}`],
  ['an RSA signature of 1', 'rsa', () => `${rsaInput()}.${encode(Buffer.concat([zeros(255), Buffer.from([1])]))}`],
  ['an RSA signature with a zero before it', 'rsa', changed(byRsa(), parts((header, payload, signature) =>
    `${header}.${payload}.${encode(Buffer.concat([zeros(1), Buffer.from(signature, 'base64url')]))}`))],
];

const base64url = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
async function inBase64() {
  for (let n = 0; ; ++n) {
    const [header, payload, signature] = (await byRsa({ n })()).split('.');
    const changed = signature.replaceAll('-', '+').replaceAll('_', '/');
    if (changed !== signature) return `${header}.${payload}.${changed}`;
  }
}

// [name, server, token, why]: jose takes it, we do not.
const stricter = [
  ['padding', 'secret', changed(bySecret(), (token) => `${token}=`), 'RFC 7515 section 2: without padding'],
  ['white space', 'secret', changed(bySecret(), (token) => `${token}\n`), 'RFC 7515 section 3: no white space'],
  ['white space inside', 'secret', changed(bySecret(), (token) => `${token.slice(0, -5)} ${token.slice(-5)}`), 'the same'],
  ['the alphabet of base64', 'rsa', inBase64, 'RFC 7515 section 2: base64url'],
  ['another last character of the same bytes', 'secret', changed(bySecret(), (token) =>
    token.slice(0, -1) + base64url[base64url.indexOf(token.at(-1)) ^ 1]), 'a signature has one spelling'],
  ['alg twice in the header', 'secret', raw('{"alg":"none","alg":"HS256"}'), 'RFC 7515 section 4: names are unique'],
  ['sub twice', 'secret', withClaim('sub', '"root"'), 'RFC 7519 section 4: names are unique'],
  ['exp twice', 'secret', () => hmac(hs256, text(claims({ exp: 1 })).replace(/}$/, `,"exp":${seconds() + 600}}`)), 'the same'],
  ['exp 1e400', 'secret', replacing('exp', '1e400'), 'it would be good for ever'],
  ['an integer of more than 64 bits', 'secret', withClaim('n', '123456789012345678901'), 'it would not stay what it is'],
  ['iat in the future', 'secret', bySecret({ iat: seconds() + 600 }), 'it cannot have been issued'],
  ['sub a number', 'secret', replacing('sub', '1'), 'RFC 7519 section 4.1.2: a string'],
  ['sub null', 'secret', replacing('sub', 'null'), 'the same'],
  ['sub an array', 'secret', replacing('sub', '["alice"]'), 'the same'],
  ['sub empty', 'secret', bySecret({ sub: '' }), 'it names no user'],
  ['sub with U+0000', 'secret', replacing('sub', '"alice\\u0000"'), 'a name ends there elsewhere'],
  ['jti a number', 'secret', withClaim('jti', '1'), 'RFC 7519 section 4.1.7: a string'],
  ['an audience of ours and a number', 'secret', replacing('aud', '["chat",1]'), 'RFC 7519 section 4.1.3: strings'],
  ['rooms that are no array', 'secret', bySecret({ rooms: 'lobby' }), 'the claim is ours'],
  ['rooms that are no strings', 'secret', bySecret({ rooms: [1] }), 'the same'],
  ['zip', 'secret', raw({ ...hs256, zip: 'DEF' }), 'it is for encryption only'],
  ['b64 without crit', 'secret', raw({ ...hs256, b64: true }), 'RFC 7797 section 6'],
  ['a kid that is no string', 'secret', raw({ ...hs256, kid: 1 }), 'RFC 7515 section 4.1.4'],
  ['a typ that is no string', 'secret', raw({ ...hs256, typ: 1 }), 'RFC 7515 section 4.1.9'],
  ['over 8 KiB', 'secret', bySecret({ more: 'x'.repeat(6_200) }), 'the limit'],
  ['very deep', 'secret', withClaim('deep', '['.repeat(2_500) + ']'.repeat(2_500)), 'the limit'],
];

async function filesIn(folder) {
  const write = async (name, content) => {
    const file = path.join(folder, name);
    await writeFile(file, content);
    return file;
  };
  return {
    write,
    secret: await write('secret.txt', `${secret}\n`),
    rsa: await write('rsa.pem', pem(rsa.publicKey)),
    p256: await write('p256.pem', pem(p256.publicKey)),
    p384: await write('p384.pem', pem(p384.publicKey)),
    jwks: await write('jwks.json', JSON.stringify(keySet)),
  };
}

async function files(t) {
  const folder = await mkdtemp(path.join(tmpdir(), 'wscast-'));
  t.after(() => rm(folder, { recursive: true }));
  return filesIn(folder);
}

async function authenticate(t, server, token) {
  const client = await Client.open(t, server.url);
  client.send('authenticate', { token });
  return client;
}

async function assertTaken(t, server, token, user = 'alice') {
  const client = await authenticate(t, server, token);
  const { event, data } = JSON.parse(await client.text());
  assert.deepEqual({ event, user: data.userId }, { event: 'connected', user });
  return client;
}

async function assertRejected(t, server, token) {
  const client = await authenticate(t, server, token);
  assert.equal(await client.text(), errorMessage('Authentication failed'));
  assert.deepEqual(await client.closed(), { code: 4003, reason: 'Authentication failed' });
}

const strictFlags = ['--jwt-issuer', issuer, '--jwt-audience', audience, '--log-level', 'debug'];

test('side by side with jose', async (t) => {
  const folder = await files(t);
  const running = {};
  for (const [name, { flags }] of Object.entries(servers)) {
    running[name] = await startServer(t, 'wscast', 'serve', ...flags(folder), ...strictFlags);
  }
  const used = [];
  const token = async (make) => {
    used.push(await make());
    return used.at(-1);
  };
  for (const [name, server, make, user] of taken) {
    await t.test(`${name} is taken`, async (t) => {
      const given = await token(make);
      assert.equal(await joseTakes(server, given), true, 'by jose');
      await assertTaken(t, running[server], given, user);
    });
  }
  for (const [name, server, make] of rejected) {
    await t.test(`${name} is rejected`, async (t) => {
      const given = await token(make);
      assert.equal(await joseTakes(server, given), false, 'by jose');
      await assertRejected(t, running[server], given);
    });
  }
  for (const [name, server, make, why] of stricter) {
    await t.test(`${name} is rejected, ${why}`, async (t) => {
      const given = await token(make);
      assert.equal(await joseTakes(server, given), true, 'by jose');
      await assertRejected(t, running[server], given);
    });
  }
  await t.test('no token and no secret is in the log, but each reason is', () => {
    const logged = Object.values(running).map((server) => server.stderr).join('');
    for (const given of used.filter((each) => each.length > 20)) assert.ok(!logged.includes(given.slice(-20)));
    assert.ok(!logged.includes(secret));
    for (const reason of ['too long', 'malformed', 'its algorithm is not allowed', 'its header has crit, zip or b64',
      'there is no key for it', 'wrong signature', 'a claim has the wrong type', 'it has no exp', 'expired',
      'not yet valid', 'issued in the future', 'wrong issuer', 'wrong audience', 'it names no user', 'there is no token']) {
      assert.match(logged, new RegExp(`debug client [0-9a-f-]{36}: token rejected: ${reason}\n`));
    }
  });
});

// A good token for a server without --jwt-issuer and --jwt-audience.
const plain = (more, key = secret) => new jose.SignJWT({ sub: 'alice', exp: seconds() + 600, ...more })
  .setProtectedHeader({ alg: 'HS256' }).sign(bytes(key));

// Another `authenticate`, by which others await what they sent, would renew the token here (X4).
async function answered(client, event, rooms) {
  client.send(event, { rooms }, 'answer');
  assert.equal(JSON.parse(await client.text()).id, 'answer');
}

test('the rooms claim says which rooms may be joined', async (t) => {
  const folder = await files(t);
  const server = await startServer(t, 'wscast', 'serve', '--jwt-secret-file', folder.secret);
  const client = await assertTaken(t, server, await plain({ rooms: ['lobby', 'team-*'] }));
  await answered(client, 'join', ['lobby', 'team-1', 'other']);
  for (const [room, error] of [['lobby'], ['team-1'], ['other', 'not a member']]) {
    assert.equal((await client.acknowledged(room, 'said', 1)).error, error, room);
  }
});

test('the token of docs/backend.md is taken', async (t) => {
  const key = bytes(secret);
// The lines of that page:
const tokenOf = (user, rooms) => new jose.SignJWT({ rooms })
  .setProtectedHeader({ alg: 'HS256' })
  .setIssuer('https://app.example')
  .setAudience('chat')
  .setSubject(user)
  .setIssuedAt()
  .setExpirationTime('1h')
  .sign(key);
  const folder = await files(t);
  const server = await startServer(t, 'wscast', 'serve', '--jwt-secret-file', folder.secret,
    '--jwt-issuer', 'https://app.example', '--jwt-audience', 'chat');
  await assertTaken(t, server, await tokenOf('alice', ['lobby']));
});

describe('reloading', () => {
  test('SIGHUP reads the keys again; who is connected stays', async (t) => {
    const folder = await files(t);
    const server = await startServer(t, 'wscast', 'serve', '--jwt-secret-file', folder.secret);
    const alice = await assertTaken(t, server, await plain());
    await writeFile(folder.secret, otherSecret);
    await assertRejected(t, server, await plain({}, otherSecret));
    server.survivedSignal('SIGHUP');
    await server.logged(/info reloaded, options that changed: none\n/);
    await assertTaken(t, server, await plain({}, otherSecret));
    await assertRejected(t, server, await plain());
    await answered(alice, 'leave', ['nowhere']);
  });

  test('keys that cannot be used change nothing, with one line for each fault', async (t) => {
    const folder = await files(t);
    const server = await startServer(t, 'wscast', 'serve', '--jwt-secret-file', folder.secret, '--jwt-jwks-file', folder.jwks);
    await writeFile(folder.secret, 'hunter2');
    await writeFile(folder.jwks, '{}');
    server.survivedSignal('SIGHUP');
    await server.logged(/error not reloaded, \S+secret.txt: the secret has 7 bytes; HS256 needs at least 32\n/);
    await server.logged(/error not reloaded, \S+jwks.json: it is not a JSON Web Key Set/);
    assert.ok(!server.stderr.includes('hunter2'));
    await assertTaken(t, server, await plain());
    await rm(folder.jwks);
    server.survivedSignal('SIGHUP');
    await server.logged(/error not reloaded, \S+jwks.json: cannot be read\n/);
    await assertTaken(t, server, await plain());
  });

  test('SIGHUP reads the tokens file again', async (t) => {
    const { write } = await files(t);
    const file = await write('tokens.json', '{"one":{"userId":"alice"}}');
    const server = await startServer(t, 'wscast', 'serve', '--tokens', file);
    await assertTaken(t, server, 'one');
    await writeFile(file, '{"two":{"userId":"bob"}}');
    server.survivedSignal('SIGHUP');
    await server.logged(/info reloaded, options that changed: none\n/);
    await assertTaken(t, server, 'two', 'bob');
    await assertRejected(t, server, 'one');
    await writeFile(file, '[]');
    server.survivedSignal('SIGHUP');
    await server.logged(/error not reloaded, \S+tokens.json: must be an object/);
    await assertTaken(t, server, 'two', 'bob');
  });
});

describe('keys that cannot be used', () => {
  for (const [name, flag, content, line] of [
    ['a short secret', '--jwt-secret-file', 'hunter2', /: the secret has 7 bytes; HS256 needs at least 32$/],
    ['an empty secret', '--jwt-secret-file', '\n', /: the secret has 0 bytes; HS256 needs at least 32$/],
    ['a public key as a secret', '--jwt-secret-file', pem(rsa.publicKey), /: the secret is a PEM file: a public key is no secret$/],
    ['a private key', '--jwt-key-file', pem(rsa.privateKey, 'pkcs8'), /: it holds a private key; make its public key with: openssl/],
    ['a short RSA key', '--jwt-key-file', pem(smallRsa.publicKey), /: it is an RSA key of 1024 bits; at least 2,048 are needed$/],
    ['a text', '--jwt-key-file', 'key', /: it is not a PEM file$/],
    ['a key as a set', '--jwt-jwks-file', JSON.stringify(jwk(rsa.publicKey)), /: it is not a JSON Web Key Set, such as {"keys":\[...\]}$/],
    ['a set for encryption', '--jwt-jwks-file', JSON.stringify({ keys: [jwk(rsa.publicKey, { kid: 'a', use: 'enc' })] }),
      /: key 1 \(kid "a"\) is not for verifying, by its use or key_ops$/],
  ]) {
    test(`${name} at the start is one line`, async (t) => {
      const { write } = await files(t);
      const file = await write('key', content);
      const { code, stdout, stderr } = await runProgram('wscast', 'serve', flag, file);
      assert.equal(code, 2);
      assert.equal(stdout, '');
      assert.ok(stderr.startsWith(`wscast: ${file}: `), stderr);
      assert.match(stderr.trimEnd(), line);
      assert.equal(stderr.split('\n').length, 2);
      assert.ok(!stderr.includes('hunter2'));
    });
  }

  test('some keys of a set that are not used are warnings', async (t) => {
    const folder = await files(t);
    const server = await startServer(t, 'wscast', 'serve', '--jwt-jwks-file', folder.jwks);
    await server.logged(/warning \S+jwks.json: key 4 \(kid "for-encryption"\) is not for verifying, by its use or key_ops: it is not used\n/);
  });

  for (const [args, line] of [
    [['--dev', '--jwt-secret-file', 'x'], /keys of JSON Web Tokens exclude --dev and --tokens/],
    [['--tokens', 'x', '--jwt-jwks-file', 'x'], /keys of JSON Web Tokens exclude --dev and --tokens/],
    [['--dev', '--jwt-issuer', 'x'], /--jwt-issuer and --jwt-audience need a key/],
    [['--jwt-key-file', '/nowhere/key.pem'], /\/nowhere\/key.pem: cannot be read/],
    [[], /serve needs --tokens FILE or a key such as --jwt-key-file FILE/],
  ]) {
    test(`serve ${args.join(' ')} is refused`, async () => {
      const { code, stderr } = await runProgram('wscast', 'serve', ...args);
      assert.equal(code, 2);
      assert.match(stderr, line);
    });
  }
});

describe('wscast token', () => {
  for (const [alg, flags, key] of [
    ['HS256', (folder) => ['--secret-file', folder.secret], bytes(secret)],
    ['HS512', (folder) => ['--secret-file', folder.secret, '--algorithm', 'HS512'], bytes(secret)],
    ['RS256', (folder) => ['--key', folder.rsaPrivate], rsa.publicKey],
    ['PS256', (folder) => ['--key', folder.rsaPrivate, '--algorithm', 'PS256'], rsa.publicKey],
    ['ES256', (folder) => ['--key', folder.p256Private], p256.publicKey],
    ['ES384', (folder) => ['--key', folder.p384Private], p384.publicKey],
  ]) {
    test(`prints a token by ${alg} that jose takes`, async (t) => {
      const folder = await files(t);
      folder.rsaPrivate = await folder.write('rsa.key', pem(rsa.privateKey, 'pkcs1'));
      folder.p256Private = await folder.write('p256.key', pem(p256.privateKey, 'pkcs8'));
      folder.p384Private = await folder.write('p384.key', pem(p384.privateKey, 'sec1'));
      const { code, stdout, stderr } = await runProgram('wscast', 'token', ...flags(folder), '--user', 'alice', '--kid', 'k',
        '--expires-in', '1h', '--rooms', 'a,b-*', '--issuer', issuer, '--audience', audience,
        '--claim', 'role="admin"', '--claim', 'list=[1,2]', '--metadata', '{"plan":"pro"}');
      assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
      assert.match(stdout, /^[\w-]+\.[\w-]+\.[\w-]+\n$/);
      const { payload, protectedHeader } = await jose.jwtVerify(stdout.trim(), key, { issuer, audience, algorithms: [alg] });
      assert.deepEqual(protectedHeader, { alg, kid: 'k', typ: 'JWT' });
      const { iat, exp, ...rest } = payload;
      assert.ok(exp - iat >= 3600 && exp - iat <= 3601);
      assert.deepEqual(rest, { sub: 'alice', iss: issuer, aud: audience, rooms: ['a', 'b-*'], role: 'admin', list: [1, 2], plan: 'pro' });
    });
  }

  test('a server takes its tokens', async (t) => {
    const folder = await files(t);
    const server = await startServer(t, 'wscast', 'serve', '--jwt-secret-file', folder.secret);
    const { stdout } = await runProgram('wscast', 'token', '--secret-file', folder.secret, '--user', 'bob');
    await assertTaken(t, server, stdout.trim(), 'bob');
  });

  for (const [args, line] of [
    [[], /token needs --config FILE, --secret-file FILE or --key FILE, one of them/],
    [['--secret-file', '/nowhere'], /\/nowhere: cannot be read/],
    [['--secret', 'hunter2'], /--secret/],
    [['--expires-in', '0'], /--expires-in must not be 0/],
  ]) {
    test(`token ${args.join(' ')} is refused`, async (t) => {
      const folder = await files(t);
      const key = args[0] === '--expires-in' ? ['--secret-file', folder.secret] : [];
      const { code, stdout, stderr } = await runProgram('wscast', 'token', '--user', 'alice', ...key, ...args);
      assert.deepEqual({ code, stdout }, { code: 2, stdout: '' });
      assert.match(stderr, line);
    });
  }
});
