// Clients, and one of them.
import {field} from './common.js';
import {awaitGone, call, callPath, isMissing} from './calls.js';
import {confirmed} from './confirm.js';
import {findForm, link, make, makeButton, section, terms, viewAt} from './make.js';
import {PagedList, rowsMax} from './list.js';
import {traceButton} from './trace.js';
import {bytesIn, countWords, moment} from './words.js';

const metadataCharsMax = 4_000;
const reasonBytesMax = 123;

export const clientColumns = [{title: 'Client', kind: 'id'}, {title: 'User', kind: 'id'},
  {title: 'State', kind: 'short'}, {title: 'Address', kind: 'short'}, {title: 'Connected', kind: 'short'},
  {title: 'Rooms', kind: 'number'}];

export function clientRow({id, userId, state, remoteAddress, connectedAt, rooms}) {
  const count = countWords(rooms.length);
  return [link(['clients', id], id), userWords(userId), state, remoteAddress, moment(connectedAt), count];
}

function userWords(userId) {
  return userId === undefined ? '–' : link(['users', userId], userId);
}

// The reason of a close frame, for confirmed().
export function reasonInput() {
  const input = make('input', {id: 'reason', type: 'text', 'data-testid': 'reason'});
  return {
    input: {words: 'Reason', hint: 'optional; the client gets it', input},
    body: () => (input.value === '' ? {} : {reason: input.value}),
    problem: () => (bytesIn(input.value) > reasonBytesMax ? `A reason has at most ${reasonBytesMax} bytes.` : ''),
  };
}

function openClients(page) {
  const list = new PagedList({
    label: 'clients', columns: clientColumns, page, empty: 'No client is connected.', row: clientRow,
    load: async (after) => {
      const query = {limit: rowsMax, after};
      const {clients, next, unanswered} = await call('GET', 'clients', {query, signal: page.signal});
      return {items: clients, next, unanswered};
    },
  });
  list.show();
  return {title: 'Clients', nodes: [section('All clients', [list.refresh], clientForm(), ...list.nodes)]};
}

function clientForm() {
  const to = (kind, text) => {
    if (text !== '') location.hash = viewAt(kind, text);
  };
  const findClient = makeButton('Find client', () => to('clients', field('client-find')),
    {'data-testid': 'find-client'});
  return findForm({
    id: 'client-find', words: 'Id of a user or a client', find: (text) => to('users', text),
    buttons: [make('button', {type: 'submit', 'data-testid': 'find-user'}, 'Find user'), findClient],
  });
}

function openClient(id, page) {
  const place = make('div', {class: 'stack', 'data-testid': 'client'}, make('p', {class: 'hint'}, 'Loading…'));
  load(id, place, page);
  return {title: `Client ${id}`, nodes: [place]};
}

async function load(id, place, page) {
  try {
    const client = await call('GET', callPath('clients', id), {signal: page.signal});
    place.replaceChildren(...details(client, page));
  } catch (error) {
    if (!isMissing(error)) return page.fail(error);
    const words = error.status === 404 ? 'There is no client of this id, or it has left.' : error.message;
    place.replaceChildren(make('p', {class: 'hint', 'data-testid': 'gone'}, words));
  }
}

function details(client, page) {
  const end = makeButton('Disconnect…', () => disconnect(client, page),
    {class: 'small danger', 'data-testid': 'disconnect'});
  const refresh = makeButton('Refresh', () => page.reopen(), {class: 'small'});
  const yes = (value) => (value ? 'yes' : 'no');
  const pairs = [['Server', client.serverId], ['User', userWords(client.userId)], ['State', client.state], ['Address', client.remoteAddress],
    ['Connected', moment(client.connectedAt)], ['Last activity', moment(client.lastActivity)],
    ['Encrypted', yes(client.encrypted)], ['Slow now', yes(client.backpressured)],
    ['Messages dropped', countWords(client.droppedMessages)]];
  return [section('Details', [traceButton('client', client.id), refresh, end], terms(pairs)), section('Rooms', [], roomsOf(client.rooms)),
    ...metadataOf(client)];
}

function roomsOf(rooms) {
  if (rooms.length === 0) return make('p', {class: 'hint'}, 'None.');
  const items = rooms.slice(0, rowsMax).map((room) => make('li', {}, link(['rooms', room], room)));
  const more = rooms.length > rowsMax ? [make('li', {}, `and ${countWords(rooms.length - rowsMax)} more`)] : [];
  return make('ul', {class: 'names'}, ...items, ...more);
}

function metadataOf({metadata}) {
  if (metadata === undefined) return [];
  const text = JSON.stringify(metadata, null, 2);
  const shown = text.length > metadataCharsMax ? `${text.slice(0, metadataCharsMax)}…` : text;
  const attributes = {'data-testid': 'metadata', tabindex: '0', role: 'group', 'aria-label': 'Metadata'};
  return [section('Metadata', [], make('pre', attributes, shown))];
}

async function disconnect({id}, page) {
  const reason = reasonInput();
  const yes = await confirmed({title: 'Disconnect this client?', words: id, action: 'Disconnect',
    inputs: [reason.input], problem: reason.problem});
  if (!yes) return;
  try {
    await call('POST', `${callPath('clients', id)}/disconnect`, {body: reason.body()});
    await awaitGone(async () => Boolean(await call('GET', callPath('clients', id), {signal: page.signal})));
    page.done(`Client ${id} is disconnected.`);
  } catch (error) {
    page.fail(error);
  }
}

export const clientsView = {
  name: 'clients',
  label: 'Clients',
  open: (page) => (page.parts.length === 0 ? openClients(page) : openClient(page.parts[0], page)),
};
