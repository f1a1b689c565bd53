import { WscastError } from './errors.js';
import type { WebSocketLike } from './options.js';
import { SealedSocket } from './sealed_socket.js';

/** The keys of one connection. */
export interface EncryptionSession {
  readonly publicKey: string;
  readonly receiveOnly: boolean;
  /** The same socket, encrypted from `connected` on; `fail` is called when it cannot go on. */
  wrap(socket: WebSocketLike, fail: (error: WscastError) => void): WebSocketLike;
  agree(serverPublicKey: string, salt: string): Promise<void>;
  seal(text: string): Promise<string>;
  open(data: { iv: string; ct: string }): Promise<string>;
}

export interface Encryption {
  begin(): Promise<EncryptionSession>;
}

export interface EncryptionOptions {
  /** Sends in the clear, to a server that does not decrypt: the reference. Default: false. */
  receiveOnly?: boolean;
  /** HKDF's info for the messages of a server that has one of its own. */
  info?: string;
}

/** What protects each connection by keys of its own (protocol.md S1 to S8), beside TLS. */
export function encryption({
  receiveOnly = false,
  info = 'ignis-ecdh-p256-aes-256-gcm-v1',
}: EncryptionOptions = {}): Encryption {
  return {
    async begin() {
      const web = await webCrypto();
      const pair = await web.subtle.generateKey(curve, false, ['deriveBits']);
      const publicKey = base64(await web.subtle.exportKey('raw', pair.publicKey));
      return new Session(web, pair.privateKey, publicKey, receiveOnly, info);
    },
  };
}

const curve = { name: 'ECDH', namedCurve: 'P-256' };
const utf8 = new TextEncoder();

// Not a literal: bundlers for browsers leave it alone.
const nodeCrypto = 'node:crypto';

async function webCrypto(): Promise<Crypto> {
  let web = globalThis.crypto;
  if (!web) {  // Node.js 18
    const node = await import(/* webpackIgnore: true */ /* @vite-ignore */ nodeCrypto).catch(() => ({}));
    web = node.webcrypto;
  }
  if (!web?.subtle) {
    throw new WscastError('unsupported', 'there is no Web Crypto here; browsers have it on https:// and localhost');
  }
  return web;
}

class Session implements EncryptionSession {
  readonly #iv: Uint8Array<ArrayBuffer>;
  #count = 0n;
  #receive: CryptoKey | undefined;
  #send: CryptoKey | undefined;

  constructor(
    readonly web: Crypto,
    readonly privateKey: CryptoKey,
    readonly publicKey: string,
    readonly receiveOnly: boolean,
    readonly info: string,
  ) {
    this.#iv = web.getRandomValues(new Uint8Array(12));
  }

  wrap(socket: WebSocketLike, fail: (error: WscastError) => void): WebSocketLike {
    return new SealedSocket(socket, this, fail);
  }

  async agree(serverPublicKey: string, salt: string): Promise<void> {
    const { subtle } = this.web;
    const server = await subtle.importKey('raw', bytes(serverPublicKey), curve, false, []);
    const shared = await subtle.deriveBits({ name: 'ECDH', public: server }, this.privateKey, 256);
    const secret = await subtle.importKey('raw', shared, 'HKDF', false, ['deriveKey']);
    const key = (info: string, use: KeyUsage) => subtle.deriveKey(
      { name: 'HKDF', hash: 'SHA-256', salt: bytes(salt), info: utf8.encode(info) },
      secret, { name: 'AES-GCM', length: 256 }, false, [use]);
    this.#receive = await key(this.info, 'decrypt');
    this.#send = await key('wscast-c2s-v1', 'encrypt');
  }

  // The counter in the IV grows with each message: protocol.md S8.
  async seal(text: string): Promise<string> {
    new DataView(this.#iv.buffer).setBigUint64(4, this.#count++);
    const iv = this.#iv.slice();
    const ct = await this.web.subtle.encrypt({ name: 'AES-GCM', iv }, this.#send!, utf8.encode(text));
    return JSON.stringify({ event: 'encrypted', data: { iv: base64(iv), ct: base64(ct) } });
  }

  async open({ iv, ct }: { iv: string; ct: string }): Promise<string> {
    try {
      const plain = await this.web.subtle.decrypt({ name: 'AES-GCM', iv: bytes(iv) }, this.#receive!, bytes(ct));
      return new TextDecoder().decode(plain);
    } catch (cause) {
      throw new WscastError('encryption', 'a message cannot be decrypted', { cause });
    }
  }
}

function bytes(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

function base64(buffer: ArrayBuffer | Uint8Array): string {
  return btoa(Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join(''));
}
