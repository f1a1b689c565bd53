// Who this is, in both examples: a name and a colour that this tab keeps, and the client.
import { connect, encryption } from '../client.js';  // `wscast serve --dev` has @wscast/client there.

const first = ['Amber', 'Brisk', 'Calm', 'Dapper', 'Eager', 'Fond', 'Gentle', 'Happy', 'Lucky', 'Merry', 'Nimble', 'Quiet'];
const second = ['Badger', 'Crane', 'Dolphin', 'Falcon', 'Hare', 'Ibex', 'Lynx', 'Otter', 'Panda', 'Robin', 'Seal', 'Wren'];
const pick = (words) => words[Math.floor(Math.random() * words.length)];

const query = new URLSearchParams(location.search);
export const name = query.get('name') ?? sessionStorage.name ?? `${pick(first)} ${pick(second)}`;
sessionStorage.name = name;

export const roomName = query.get('room') ?? 'lobby';

/** The same for the same name, with enough contrast to white. */
export function colourOf(text) {
  let hash = 0;
  for (const character of text) hash = (hash * 31 + character.codePointAt(0)) >>> 0;
  return `hsl(${hash % 360} 60% 34%)`;
}

// What the server that the page is from says of itself.
const setting = (key) => document.querySelector(`meta[name=wscast-${key}]`).content;

/** To the server that the page is from, or `?server=` says which; its token is the name, as `--dev` has it. */
export function connectAs(options) {
  const url = query.get('server') ?? `${location.origin.replace(/^http/, 'ws')}${setting('path')}`;
  const keys = setting('encryption') === 'required' ? encryption() : undefined;
  return connect(url, { token: name.replace(/ /g, '-'), encryption: keys, ...options });
}

/** Keeps `element` showing how the client is, and on the mouse why. */
export function showState(client, element) {
  const words = { connecting: 'connecting', connected: 'connected', waiting: 'offline', closed: 'closed' };
  const show = ({ state, error }) => {
    element.dataset.state = state;
    element.textContent = words[state];
    element.title = error?.message ?? '';
  };
  show(client);
  client.on('state', show);
}
