// The clients of a user, and what can be done to the user.
import {awaitGone, call, callPath} from './calls.js';
import {clientColumns, clientRow, reasonInput} from './clients.js';
import {confirmed} from './confirm.js';
import {make, makeButton, section} from './make.js';
import {PagedList, rowsMax} from './list.js';
import {traceButton} from './trace.js';
import {countWords} from './words.js';

const revokeMinutesMax = 10_000_000;

function openUser(id, page) {
  const more = make('p', {class: 'hint'});
  const list = new PagedList({
    label: 'clients', columns: clientColumns, page, empty: 'This user has no clients.', row: clientRow,
    load: async () => {
      const {clients, unanswered} = await clientsOf(id, page);
      const cut = clients.length > rowsMax;
      more.textContent = cut ? `The first ${rowsMax} of ${countWords(clients.length)} are shown.` : '';
      return {items: clients, unanswered};
    },
  });
  list.show();
  const act = (words, testid, action) => (
    makeButton(words, () => action(id, page), {class: 'small danger', 'data-testid': testid}));
  const allow = makeButton('Allow again', () => change(id, page, {revokeSeconds: 0}, () => `${id} may connect.`),
    {class: 'small', 'data-testid': 'allow'});
  return {
    title: `User ${id}`,
    nodes: [make('div', {class: 'line acts'},
      act('Disconnect…', 'disconnect-user', disconnect), act('Revoke…', 'revoke', revoke), allow),
      section('Clients', [traceButton('user', id), list.refresh], ...list.nodes, more)],
  };
}

function clientsOf(id, page) {
  return call('GET', callPath('users', id), {signal: page.signal});
}

async function disconnect(id, page) {
  const reason = reasonInput();
  const yes = await confirmed({title: 'Disconnect all clients of this user?', words: id, action: 'Disconnect',
    inputs: [reason.input], problem: reason.problem});
  if (yes) change(id, page, reason.body(), (count) => `${clientsWords(count)} of ${id} disconnected.`);
}

async function revoke(id, page) {
  const input = make('input', {id: 'minutes', type: 'number', min: '1', max: String(revokeMinutesMax), value: '60',
    'data-testid': 'minutes'});
  const minutes = () => Number(input.value);
  const yes = await confirmed({title: 'Disconnect this user, and refuse it?', words: id, action: 'Revoke',
    inputs: [{words: 'For how many minutes', input}],
    problem: () => (Number.isInteger(minutes()) && minutes() >= 1 && minutes() <= revokeMinutesMax ? ''
      : `Minutes are a number from 1 to ${countWords(revokeMinutesMax)}.`)});
  if (!yes) return;
  change(id, page, {revokeSeconds: minutes() * 60},
    (count) => `${id} is refused for ${countWords(minutes())} minutes; ${clientsWords(count)} disconnected.`);
}

async function change(id, page, body, words) {
  try {
    const leaving = body.revokeSeconds === 0 ? [] : await idsOf(id, page).catch(() => []);
    const {disconnected} = await call('POST', `${callPath('users', id)}/disconnect`, {body});
    if (leaving.length > 0) await awaitGone(async () => (await idsOf(id, page)).some((one) => leaving.includes(one)));
    page.done(words(disconnected));
  } catch (error) {
    page.fail(error);
  }
}

// Those that come back have other ids.
async function idsOf(id, page) {
  return (await clientsOf(id, page)).clients.map((client) => client.id);
}

function clientsWords(count) {
  return count === 1 ? '1 client' : `${countWords(count)} clients`;
}

export const usersView = {
  name: 'users',
  under: 'clients',
  open: (page) => openUser(page.parts[0] ?? '', page),
};
