// A client that brings a public key: `connected` comes in the clear, all that follows sealed.
import assert from 'node:assert/strict';
import { Client, connectedMessage } from '../../web/support/client.mjs';

const base64 = (bytes) => `[A-Za-z0-9+/]{${Math.ceil(bytes * 8 / 6)}}={${(3 - bytes % 3) % 3}}`;
const connectedWithKeys = new RegExp(connectedMessage.source.replace(/}}\$$/,
  `,"serverPublicKey":"(${base64(65)})","salt":"(${base64(32)})"}}$`));
const sealedMessage = new RegExp(
  `^{"event":"encrypted","data":{"iv":"(${base64(12)})","ct":"((?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2,3}={1,2})?)"}}$`);
const tagBytes = 16;

export class SealedClient extends Client {
  #crypto;
  #publicKey;
  #ivs = new Set();

  // Opens and authenticates; `crypto` is what startClientCrypto() started.
  static async join(t, url, token, crypto, rooms = []) {
    const client = await SealedClient.open(t, url);
    const { publicKey } = await crypto.call('offer', {});
    client.send('authenticate', { token, publicKey });
    const connected = connectedWithKeys.exec(await client.text());
    assert.ok(connected, 'not connected with keys');
    client.id = connected[1];
    client.serverPublicKey = connected[4];
    client.salt = connected[5];
    await crypto.call('agree', { publicKey, serverPublicKey: client.serverPublicKey, salt: client.salt });
    client.#crypto = crypto;
    client.#publicKey = publicKey;
    if (rooms.length > 0) await client.enter(...rooms);
    return client;
  }

  // The text inside the next message, which must be sealed and as long as that makes it.
  async text() {
    const received = await super.text();
    if (!this.#crypto) return received;
    const [whole, iv, ct] = sealedMessage.exec(received) ?? [];
    assert.ok(whole, `not sealed: ${received}`);
    assert.ok(!this.#ivs.has(iv), 'an IV came twice');
    this.#ivs.add(iv);
    const { text } = await this.#crypto.call('open', { publicKey: this.#publicKey, iv, ct });
    assert.equal(Buffer.from(ct, 'base64').length, Buffer.byteLength(text) + tagBytes);
    return text;
  }

  // The message that says this to the server alone.
  async sealed(event, data) {
    const envelope = await this.#crypto.call('seal', { publicKey: this.#publicKey, text: JSON.stringify({ event, data }) });
    return JSON.stringify({ event: 'encrypted', data: envelope });
  }
}
