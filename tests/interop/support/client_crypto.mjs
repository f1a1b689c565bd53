// A client's half of protocol.md S1 to S8 by the reference's own helper class and Bun's Web Crypto. Takes
// calls on standard input and answers on standard output, one JSON text a line, as reference.mjs does;
// tests/interop/client_crypto.cpp does the same with wscast's cryptography. A client is known by its
// public key:
//
//     offer  {}                                   {publicKey}
//     agree  {publicKey,serverPublicKey,salt}     {}
//     open   {publicKey,iv,ct}                    {text}       what the server sent
//     seal   {publicKey,text}                     {iv,ct}      for the server
import { createInterface } from 'node:readline';
import { ECDH } from '@venizia/ignis-helpers';

const toClient = ECDH.withAlgorithm();
const toServer = ECDH.withAlgorithm({ algorithm: 'ecdh-p256', hkdfInfo: 'wscast-c2s-v1' });
const say = (said) => process.stdout.write(`${JSON.stringify(said)}\n`);
const clients = new Map();

const calls = {
  async offer() {
    const { keyPair, publicKeyB64 } = await toClient.generateKeyPair();
    clients.set(publicKeyB64, { privateKey: keyPair.privateKey, fixed: crypto.getRandomValues(new Uint8Array(4)), counter: 0n });
    return { publicKey: publicKeyB64 };
  },

  async agree({ publicKey, serverPublicKey, salt }) {
    const client = clients.get(publicKey);
    const peerPublicKey = await toClient.importPublicKey({ rawKeyB64: serverPublicKey });
    const material = { privateKey: client.privateKey, peerPublicKey, salt };
    client.toClient = (await toClient.deriveAESKey(material)).key;
    client.toServer = (await toServer.deriveAESKey(material)).key;
  },

  async open({ publicKey, iv, ct }) {
    return { text: await toClient.decrypt({ message: { iv, ct }, secret: clients.get(publicKey).toClient }) };
  },

  // The class makes its own IVs, and the server wants them to grow.
  async seal({ publicKey, text }) {
    const client = clients.get(publicKey);
    const iv = Buffer.alloc(12);
    iv.set(client.fixed);
    iv.writeBigUInt64BE(++client.counter, 4);
    const ct = await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, client.toServer, new TextEncoder().encode(text));
    return { iv: iv.toString('base64'), ct: Buffer.from(ct).toString('base64') };
  },
};

say({ ready: '' });
for await (const line of createInterface({ input: process.stdin })) {
  const { n, call, with: options } = JSON.parse(line);
  try {
    say({ n, ...await calls[call](options) });
  } catch (error) {
    say({ n, error: error.message });
  }
}
process.exit(0);
