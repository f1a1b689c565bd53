// A client of the ready-made encryption, by Web Crypto as browsers have it (protocol.md S1 to S8).
import assert from 'node:assert/strict';
import { webcrypto } from 'node:crypto';
import { Client } from './client.mjs';

const { subtle } = webcrypto;
const curve = { name: 'ECDH', namedCurve: 'P-256' };

// After `join` it is used as a Client is: what it sends goes out sealed, and `text()` opens what
// must have come sealed.
export class SealedClient extends Client {
  frames = [];  // As they came.
  #pair;
  #keys;
  #iv = webcrypto.getRandomValues(new Uint8Array(12));
  #count = 0n;
  #sending = Promise.resolve();

  static async join(t, url, token, rooms = []) {
    const client = await SealedClient.open(t, url);
    client.#pair = await subtle.generateKey(curve, false, ['deriveBits']);
    super.prototype.send.call(client, 'authenticate', { token, publicKey: await client.publicKey() });
    client.connected = JSON.parse(await client.frame()).data;
    client.id = client.connected.id;
    client.#keys = await agree(client.#pair.privateKey, client.connected);
    if (rooms.length > 0) await client.enter(...rooms);
    return client;
  }

  async publicKey() {
    return base64Of(await subtle.exportKey('raw', this.#pair.publicKey));
  }

  // The next message as it came.
  async frame() {
    this.frames.push(await super.text());
    return this.frames.at(-1);
  }

  async text() {
    const frame = await this.frame();
    assert.match(frame, /^{"event":"encrypted","data":{"iv":"[\w+/]{16}","ct":"[\w+/]+={0,2}"}}$/);
    const { iv, ct } = JSON.parse(frame).data;
    const algorithm = { name: 'AES-GCM', iv: bytesOf(iv) };
    return Buffer.from(await subtle.decrypt(algorithm, this.#keys.toClient, bytesOf(ct))).toString();
  }

  send(event, data, id) {
    this.sendSealed(JSON.stringify({ event, data, id }));
  }

  sendSealed(text) {
    this.#sending = this.#sending.then(async () => this.sendRaw(await this.seal(text)));
  }

  sendPlain(event, data, id) {
    super.send(event, data, id);
  }

  // The frame that says `text`; each has a later IV than the one before.
  async seal(text) {
    new DataView(this.#iv.buffer).setBigUint64(4, this.#count++);
    const algorithm = { name: 'AES-GCM', iv: this.#iv.slice() };
    const ct = await subtle.encrypt(algorithm, this.#keys.toServer, Buffer.from(text));
    return JSON.stringify({ event: 'encrypted', data: { iv: base64Of(algorithm.iv), ct: base64Of(ct) } });
  }
}

async function agree(privateKey, { serverPublicKey, salt }) {
  const server = await subtle.importKey('raw', bytesOf(serverPublicKey), curve, false, []);
  const shared = await subtle.deriveBits({ name: 'ECDH', public: server }, privateKey, 256);
  const material = await subtle.importKey('raw', shared, 'HKDF', false, ['deriveKey']);
  const key = (info, use) => subtle.deriveKey(
    { name: 'HKDF', hash: 'SHA-256', salt: bytesOf(salt), info: Buffer.from(info) },
    material, { name: 'AES-GCM', length: 256 }, false, [use]);
  return { toClient: await key('ignis-ecdh-p256-aes-256-gcm-v1', 'decrypt'), toServer: await key('wscast-c2s-v1', 'encrypt') };
}

export function bytesOf(base64) {
  return Buffer.from(base64, 'base64');
}

export function base64Of(bytes) {
  return Buffer.from(bytes).toString('base64');
}
