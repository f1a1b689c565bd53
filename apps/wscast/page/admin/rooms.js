// Rooms, and the members of one.
import {call, callPath, isMissing} from './calls.js';
import {findForm, link, make, makeButton, section} from './make.js';
import {PagedList, rowsMax} from './list.js';
import {traceButton} from './trace.js';
import {countWords} from './words.js';

const columns = [{title: 'Room', kind: 'id'}, {title: 'Members', kind: 'number'}];
const memberColumns = [{title: 'Client', kind: 'id'}, {title: 'User', kind: 'id'}];

// Names are listed in order, so those that begin with a text are next to each other, behind it.
async function loadRooms(prefix, after, signal) {
  const query = {limit: rowsMax, after: after || prefix};
  const {rooms, next, unanswered} = await call('GET', 'rooms', {query, signal});
  const fitting = rooms.filter(({name}) => name.startsWith(prefix));
  const exact = after === '' && prefix !== '' ? await loadExact(prefix, signal) : [];
  const items = [...exact, ...fitting];
  if (items.length > rowsMax) return {items: items.slice(0, rowsMax), next: items[rowsMax - 1].name, unanswered};
  return {items, next: fitting.length === rooms.length ? next : undefined, unanswered};
}

// A list begins behind a name, not with it.
async function loadExact(name, signal) {
  try {
    const room = await call('GET', callPath('rooms', name), {query: {limit: 1}, signal});
    return [{name: room.name, members: room.members}];
  } catch (error) {
    if (!isMissing(error)) throw error;
    return [];
  }
}

function openRooms(page) {
  const {signal, params} = page;
  const prefix = params.get('prefix') ?? '';
  const form = findForm({
    id: 'room-prefix', words: 'Name, or how it begins', value: prefix,
    buttons: [make('button', {type: 'submit', 'data-testid': 'find'}, 'Find')],
    find(text) {
      location.hash = text === '' ? '#/rooms' : `#/rooms?${new URLSearchParams({prefix: text})}`;
    },
  });
  const list = new PagedList({
    label: 'rooms', columns, page,
    empty: prefix === '' ? 'No client is in a room.' : 'No room begins like that.',
    load: (after) => loadRooms(prefix, after, signal),
    row: ({name, members}) => [link(['rooms', name], name), countWords(members)],
  });
  list.show();
  return {title: 'Rooms', nodes: [section('All rooms', [list.refresh], form, ...list.nodes)]};
}

function openRoom(name, page) {
  const count = make('span', {'data-testid': 'members'}, '–');
  const list = new PagedList({
    label: 'members', columns: memberColumns, page, empty: 'No client is in this room.',
    load: async (after) => {
      const found = await loadMembers(name, after, page.signal);
      count.textContent = countWords(found.members);
      return {items: found.clients, next: found.next, unanswered: found.unanswered};
    },
    row: ({id, userId}) => [link(['clients', id], id), userId === undefined ? '–' : link(['users', userId], userId)],
  });
  list.show();
  const publish = makeButton('Publish to it', () => {
    location.hash = `#/publish?${new URLSearchParams({room: name})}`;
  }, {class: 'small'});
  return {
    title: `Room ${name}`,
    nodes: [make('p', {class: 'hint'}, 'Members: ', count), section('Members', [publish, traceButton('room', name), list.refresh], ...list.nodes)],
  };
}

async function loadMembers(name, after, signal) {
  try {
    return await call('GET', callPath('rooms', name), {query: {limit: rowsMax, after}, signal});
  } catch (error) {
    if (!isMissing(error)) throw error;
    return {members: 0, clients: [], unanswered: error.said?.unanswered};
  }
}

export const roomsView = {
  name: 'rooms',
  label: 'Rooms',
  open: (page) => (page.parts.length === 0 ? openRooms(page) : openRoom(page.parts[0], page)),
};
