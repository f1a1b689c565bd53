// The admin page: asks for a key, and shows the view that the address names.
import {element, field, onSubmit, showProblem} from './common.js';
import {call, forgetKey, hasKey, keepKey, Refused, useKey, whenKeyRefused} from './calls.js';
import {clientsView} from './clients.js';
import {live} from './live.js';
import {make, viewAt} from './make.js';
import {overview} from './overview.js';
import {publishView} from './publish.js';
import {roomsView} from './rooms.js';
import {serversView} from './servers.js';
import {traceView} from './trace.js';
import {usersView} from './users.js';

// A view has a name, which its address begins with, and a label in the navigation, or is under another's.
const views = [overview, serversView, roomsView, clientsView, usersView, publishView, traceView];

const refusedWords = 'The server does not accept this key.';

let leaving = new AbortController();

// --- addresses: #/NAME/PART?PARAMETERS ---

function address() {
  const [path, query = ''] = location.hash.replace(/^#\/?/, '').split('?');
  try {
    const [name, ...parts] = path.split('/').map(decodeURIComponent);
    return {view: views.find((view) => view.name === name) ?? overview, parts, params: new URLSearchParams(query)};
  } catch {
    return {view: overview, parts: [], params: new URLSearchParams()};
  }
}

function openView(words = '') {
  leaving.abort();
  leaving = new AbortController();
  say(words);
  showFailure('');
  const {view, parts, params} = address();
  const {signal} = leaving;
  const reopen = (what) => openView(what).focus();
  const done = (what) => (signal.aborted ? say(what) : reopen(what));
  const page = {parts, params, signal, say, fail: failIn(signal), well: () => showFailure(''), reopen, done};
  const {title, nodes, opened = () => {}} = view.open(page);
  const heading = make('h2', {tabindex: '-1', id: 'view-title'}, title);
  element('view').replaceChildren(heading, ...nodes);
  document.title = `${title} – wscast admin`;
  for (const item of element('nav').children) {
    if (item.dataset.name === (view.under ?? view.name)) item.setAttribute('aria-current', 'page');
    else item.removeAttribute('aria-current');
  }
  opened();
  return heading;
}

// --- what happened ---

function say(words) {
  element('result').textContent = words;
  if (words !== '') showFailure('');
}

function showFailure(words) {
  element('failure').textContent = words;
}

// Of a view that was left, nothing is shown.
function failIn(signal) {
  return (error, words = error.message) => {
    if (signal.aborted) return;
    if (!(error instanceof Refused)) throw error;
    if (error.status === 401) return;
    say('');
    showFailure(words);
  };
}

// --- the key ---

async function tryKey() {
  const key = field('key').trim();
  const typed = key === '' ? 'Type a key.' : /^[\x20-\x7e]+$/.test(key) ? '' : refusedWords;
  showProblem('key-problem', ['key'], typed);
  if (typed !== '') return;
  useKey(key);
  try {
    await call('GET', 'stats');
  } catch (error) {
    if (error.status === 401) return;
    if (error.status !== 403) {
      forgetKey();
      showProblem('key-problem', ['key'], error.message);
      return;
    }
  }
  keepKey();
  element('key').value = '';
  begin();
  element('view-title').focus();
}

function begin() {
  showKeyForm(false);
  live.start();
  openView();
}

function end(words) {
  forgetKey();
  live.stop();
  leaving.abort();
  for (const dialog of document.querySelectorAll('dialog')) dialog.close();
  element('view').replaceChildren();
  element('server').textContent = '';
  say('');
  showFailure('');
  showKeyForm(true);
  showProblem('key-problem', ['key'], words);
  document.title = 'wscast admin';
  element('key').focus();
}

function showKeyForm(shown) {
  element('key-view').hidden = !shown;
  for (const id of ['view', 'nav', 'forget']) element(id).hidden = shown;
}

// --- start ---

function start() {
  element('nav').append(...views.filter(({label}) => label).map(({name, label}) => (
    make('a', {href: viewAt(name), 'data-name': name}, label))));
  onSubmit('key-form', tryKey);
  element('forget').addEventListener('click', () => end(''));
  element('skip').addEventListener('click', (event) => {
    event.preventDefault();
    element('main').focus();
  });
  whenKeyRefused(() => end(refusedWords));
  live.addEventListener('sample', () => {
    element('server').textContent = live.serverId === undefined ? '' : `server ${live.serverId}`;
  });
  addEventListener('hashchange', () => {
    if (hasKey()) openView().focus();
  });
  if (hasKey()) begin();
  else end('');
}

start();
