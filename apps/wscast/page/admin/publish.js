// A message to a room, a user, a client or all.
import {element, field, jsonProblem, onCtrlEnter, onSubmit, showProblem} from './common.js';
import {call} from './calls.js';
import {confirmed} from './confirm.js';
import {labelled, make, section} from './make.js';
import {countWords} from './words.js';

const targets = [['room', 'Room'], ['user', 'User'], ['client', 'Client'], ['all', 'Everyone']];
const everyone = {title: 'Send to everyone?', words: 'All clients of all servers get it.', action: 'Publish'};
const targetWords = {room: 'Name of the room', user: 'Id of the user', client: 'Id of the client'};

function targetChoice(chosen) {
  return make('fieldset', {class: 'segments'}, make('legend', {class: 'unseen'}, 'To whom'),
    ...targets.map(([value, words]) => make('label', {},
      make('input', {type: 'radio', name: 'target', value, checked: value === chosen, 'data-testid': `to-${value}`}),
      make('span', {}, words))));
}

function inputNamed(id, more = {}) {
  return make('input', {id, type: 'text', autocapitalize: 'none', spellcheck: 'false', 'data-testid': id,
    'aria-describedby': 'publish-problem', ...more});
}

function dataInput() {
  return make('textarea', {id: 'publish-data', rows: '5', autocapitalize: 'none', spellcheck: 'false',
    'data-testid': 'publish-data', 'aria-describedby': 'publish-problem'}, '{"text": "Hello"}');
}

function chosenTarget() {
  return document.querySelector('[name=target]:checked').value;
}

function showTarget() {
  const target = chosenTarget();
  element('publish-target').parentElement.hidden = target === 'all';
  if (target !== 'all') element('publish-target').labels[0].textContent = targetWords[target];
}

function problemOf(target) {
  if (target !== 'all' && field('publish-target') === '') return ['publish-target', `Say which ${target} it goes to.`];
  if (field('publish-event') === '') return ['publish-event', 'Give the event a name.'];
  return ['publish-data', jsonProblem(field('publish-data'))];
}

// The data goes as it was typed: numbers keep all their digits.
function bodyFor(target) {
  const to = target === 'all' ? {all: true} : {[target]: field('publish-target')};
  const head = JSON.stringify({...to, event: field('publish-event')});
  const data = field('publish-data').trim();
  return data === '' ? head : `${head.slice(0, -1)},"data":${data}}`;
}

function resultWords({accepted, backplane}) {
  const clients = accepted === 1 ? '1 client' : `${countWords(accepted)} clients`;
  return `Sent to ${clients} of this server${backplane === 'ok' ? ', and to the other servers' : ''}.`;
}

function failureWords(error) {
  const {said} = error;
  if (said?.backplane === undefined) return error.message;
  const certainty = said.backplane === 'down' ? 'did not get it' : 'may not have got it';
  return `Sent to ${countWords(said.local)} clients of this server, but the other servers ${certainty}: ` +
    `Redis is ${said.backplane}.`;
}

async function publish(page) {
  const target = chosenTarget();
  const [input, words] = problemOf(target);
  showProblem('publish-problem', [input], words);
  if (words !== '') return;
  if (target === 'all' && !await confirmed(everyone)) return;
  try {
    page.say(resultWords(await call('POST', 'publish', {body: bodyFor(target)})));
  } catch (error) {
    page.fail(error, failureWords(error));
  }
}

function form(room) {
  return make('form', {id: 'publish-form', autocomplete: 'off'}, targetChoice('room'),
    make('div', {class: 'pair'},
      labelled(targetWords.room, inputNamed('publish-target', {value: room})),
      labelled('Event', inputNamed('publish-event', {value: 'news'}))),
    labelled('Data', dataInput(), 'JSON, or nothing; Ctrl+Enter publishes'),
    make('p', {class: 'problem', id: 'publish-problem', 'data-testid': 'publish-problem', role: 'alert', hidden: true}),
    make('div', {class: 'foot'},
      make('p', {class: 'hint'}, 'A room’s members, a user’s clients and everyone are reached on all servers.'),
      make('button', {id: 'publish', type: 'submit', class: 'primary', 'data-testid': 'publish'}, 'Publish')));
}

export const publishView = {
  name: 'publish',
  label: 'Publish',
  open(page) {
    return {
      title: 'Publish',
      nodes: [section('A message', [], form(page.params.get('room') ?? ''))],
      opened() {
        onSubmit('publish-form', () => publish(page));
        onCtrlEnter('publish-data', 'publish');
        for (const choice of document.querySelectorAll('[name=target]')) choice.addEventListener('change', showTarget);
      },
    };
  },
};
