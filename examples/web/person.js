// Who this is, in both examples: a name and a colour that this tab keeps, and the client.
import { connect } from './client/index.js';

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

/** `?server=` says where the server is; its token is the name, as `wscast serve --dev` has it. */
export function connectAs(options) {
  const url = query.get('server') ?? `ws://${location.hostname}:8080/ws`;
  return connect(url, { token: name.replace(/ /g, '-'), ...options });
}

/** Keeps `element` showing how the client is. */
export function showState(client, element) {
  const words = { connecting: 'connecting', connected: 'connected', waiting: 'offline', closed: 'closed' };
  const show = (state) => {
    element.dataset.state = state;
    element.textContent = words[state];
  };
  show(client.state);
  client.on('state', ({ state }) => show(state));
}
