// Calls of the HTTP API. The key is kept by this tab until it is closed.
import {sentence} from './words.js';

const store = 'wscast-key';
const base = new URL('api/v1/', document.baseURI);
const leavingMs = 200;
const leavingTriesMax = 15;

let key = sessionStorage.getItem(store) ?? '';
let onKeyRefused = () => {};

export class Refused extends Error {
  // `status`: 0 when nothing answered. `said`: the whole response.
  constructor(status, words, said) {
    super(words);
    this.status = status;
    this.said = said;
  }
}

export function hasKey() {
  return key !== '';
}

// Makes calls with this key from now on.
export function useKey(text) {
  key = text;
}

// Keeps it for when the tab is loaded again.
export function keepKey() {
  sessionStorage.setItem(store, key);
}

export function forgetKey() {
  key = '';
  sessionStorage.removeItem(store);
}

// `action` is called when the server does not take the key, at first or any longer.
export function whenKeyRefused(action) {
  onKeyRefused = action;
}

// The path of a call from its parts, which are encoded.
export function callPath(...parts) {
  return parts.map(encodeURIComponent).join('/');
}

// Whether what a call named is on none of the servers that answered.
export function isMissing({status, said}) {
  return status === 404 || (status === 503 && said?.unanswered !== undefined);
}

// `body`: JSON text, or what becomes JSON. Throws Refused; when `signal` is aborted its reason.
export async function call(method, path, {query = {}, body, signal} = {}) {
  const [status, said] = await exchange(method, path, query, body, signal);
  if (status >= 200 && status < 300) return said;
  if (status === 401) onKeyRefused();
  throw new Refused(status, wordsFor(status, said), said);
}

// Resolves once `isThere` resolves with false or is refused, after some seconds at most: a disconnect is answered
// before the client has left.
export async function awaitGone(isThere) {
  for (let tries = 0; tries < leavingTriesMax; ++tries) {
    if (!await isThere().catch(() => false)) return;
    await new Promise((resolve) => { setTimeout(resolve, leavingMs); });
  }
}

async function exchange(method, path, query, body, signal) {
  const url = new URL(path, base);
  // The API takes a plus as a plus: URLSearchParams would write one for a space.
  url.search = Object.entries(query).map((pair) => pair.map(encodeURIComponent).join('=')).join('&');
  try {
    const response = await fetch(url, {
      method, signal, body: body === undefined || typeof body === 'string' ? body : JSON.stringify(body),
      headers: {authorization: `Bearer ${key}`}, cache: 'no-store', credentials: 'omit',
    });
    return [response.status, jsonOf(await response.text())];
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Refused(0, 'The server does not answer.');
  }
}

function jsonOf(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function wordsFor(status, said) {
  if (status === 401) return 'The server does not accept this key.';
  return said?.detail ? sentence(String(said.detail)) : `The server answered with status ${status}.`;
}
