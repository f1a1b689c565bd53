// Why a connection ended, in words.
import {closeWords} from './words.js';

/** Why the connection of `socket`, which is undefined if there never was one, is over. */
export async function explainEnd(socket, error, {encrypts, address}) {
  if (!socket) return error.message;
  if (socket.failed) return socket.failed;
  if (!socket.opened) return explainNoConnection(address);
  if (!socket.end) return `This page left the connection: ${error.message}.`;
  const {code, reason} = socket.end;
  const words = `${closeWords[code] || 'The server closed the connection.'}${code === 4004 ? encryptionAdvice(encrypts) : ''}`;
  return `${words} (code ${code}${reason === '' ? '' : `, “${reason}”`})`;
}

function encryptionAdvice(encrypts) {
  if (encrypts) return ' It did not agree on keys with this page.';
  return crypto.subtle ? ' Switch “Encrypt” on.' : ' Browsers allow encryption only to pages from https:// or localhost.';
}

// Browsers hide why a connection was rejected; a request to the server says more.
async function explainNoConnection(address) {
  const nobody = `No connection to ${address}: is the server running?`;
  try {
    const answer = await fetch('/ready', {cache: 'no-store'});
    if (answer.ok) return `The server refused the connection: it is full, or does not take connections from ${location.origin}.`;
    return `The server takes no connections now: ${(await answer.text()).trim()}.`;
  } catch {
    return nobody;
  }
}
