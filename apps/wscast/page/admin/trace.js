// What happens to the next messages of a room, a user or a client.
import {element, field, onSubmit, showProblem} from './common.js';
import {call, callPath, Refused} from './calls.js';
import {link, make, makeButton, section, table} from './make.js';
import {countWords} from './words.js';

const everyMs = 1_000;
const stepsMax = 500;  // That are shown: the last ones.
const kinds = [['room', 'Name of the room'], ['user', 'Id of the user'], ['client', 'Id of the client']];
const columns = [{title: 'Time', kind: 'short'}, {title: 'Message', kind: 'short'}, {title: 'Step', kind: 'short'},
  {title: 'What', kind: 'id'}, {title: 'Server', kind: 'short'}];

function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(8));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

// Microseconds since 1970, as a time of the day in UTC.
function timeWords(time) {
  const part = String(time % 1_000).padStart(3, '0');
  return `${new Date(Math.floor(time / 1_000)).toISOString().slice(11, 23)}${part}`;
}

function what({step, event, bytes, accepted, dropped, client, detail = ''}) {
  if (step === 'published' || step === 'received') return `${event}, ${countWords(bytes)} bytes`;
  if (step === 'delivered') return `accepted for ${countWords(accepted)}, dropped for ${countWords(dropped)}`;
  if (client === undefined) return detail;
  return make('span', {}, link(['clients', client], client), detail === '' ? '' : `: ${detail}`);
}

function row(step) {
  return [timeWords(step.time), step.message.slice(0, 8), step.step, what(step), step.serverId.slice(0, 8)];
}

function stateWords({running, messages, eventsLost, unanswered = []}) {
  const state = running > 0 ? 'Waiting for messages' : 'The trace is over';
  const lost = eventsLost > 0 ? ` ${countWords(eventsLost)} steps were too many to be kept.` : '';
  const silent = unanswered.length > 0 ? ` Servers that did not answer: ${countWords(unanswered.length)}.` : '';
  return `${state}; messages followed: ${countWords(messages)}.${lost}${silent}`;
}

// One that runs until it is over, another takes its place, or the view is left.
class Trace {
  #id = newId();
  #stopped = false;
  #page;
  #place;

  constructor(page, place) {
    this.#page = page;
    this.#place = place;
    page.signal.addEventListener('abort', () => this.stop());
  }

  async start(target) {
    await call('POST', 'traces', {body: {id: this.#id, ...target}});
    await this.#read();
  }

  async #read() {
    if (this.#stopped) return;
    const report = await call('GET', callPath('traces', this.#id));
    if (this.#stopped) return;
    this.#show(report);
    if (report.running > 0) setTimeout(() => this.#read().catch((error) => this.fail(error)), everyMs);
  }

  fail(error) {
    if (!this.#stopped) this.#page.fail(error);
  }

  #show(report) {
    const shown = report.events.slice(-stepsMax);
    const cut = report.events.length > stepsMax ? ` The last ${countWords(stepsMax)} steps are shown.` : '';
    this.#page.say(stateWords(report) + cut);
    this.#place.replaceChildren(shown.length === 0 ? make('p', {class: 'hint'}, 'Nothing yet.') :
      table('Steps', columns, shown.map(row)));
  }

  stop() {
    if (this.#stopped) return;
    this.#stopped = true;
    call('POST', callPath('traces', this.#id, 'stop')).catch((error) => {
      if (!(error instanceof Refused)) throw error;
    });
  }
}

function kindChoice(chosen) {
  return make('fieldset', {class: 'segments'}, make('legend', {class: 'unseen'}, 'Whose messages'),
    ...kinds.map(([value]) => make('label', {},
      make('input', {type: 'radio', name: 'trace-kind', value, checked: value === chosen, 'data-testid': `trace-${value}`}),
      make('span', {}, `${value.charAt(0).toUpperCase()}${value.slice(1)}`))));
}

function chosenKind() {
  return document.querySelector('[name=trace-kind]:checked').value;
}

function showKind() {
  element('trace-target').labels[0].textContent = wordsOf(chosenKind());
}

function wordsOf(kind) {
  return kinds.find(([value]) => value === kind)[1];
}

function form(kind, target) {
  const input = make('input', {id: 'trace-target', type: 'text', autocapitalize: 'none', spellcheck: 'false',
    value: target, 'data-testid': 'trace-target', 'aria-describedby': 'trace-problem'});
  const label = make('label', {class: 'label', for: 'trace-target'}, wordsOf(kind));
  return make('form', {id: 'trace-form', autocomplete: 'off'}, kindChoice(kind), make('div', {}, label, input),
    make('p', {class: 'problem', id: 'trace-problem', 'data-testid': 'trace-problem', role: 'alert', hidden: true}),
    make('div', {class: 'foot'},
      make('p', {class: 'hint'}, 'The next 10 messages within a minute are followed on all servers.'),
      make('button', {id: 'trace-start', type: 'submit', class: 'primary', 'data-testid': 'trace-start'}, 'Follow')));
}

// A button that opens this view for a room, a user or a client.
export function traceButton(kind, name) {
  return makeButton('Trace', () => {
    location.hash = `#/trace?${new URLSearchParams({[kind]: name})}`;
  }, {class: 'small', 'data-testid': 'trace'});
}

export const traceView = {
  name: 'trace',
  label: 'Trace',
  open(page) {
    const [kind, target] = kinds.map(([value]) => [value, page.params.get(value)]).find(([, name]) => name !== null) ?? ['room', ''];
    const place = make('div', {class: 'stack', 'data-testid': 'steps'}, make('p', {class: 'hint'}, 'Nothing is followed.'));
    let running;
    const start = async () => {
      const name = field('trace-target');
      showProblem('trace-problem', ['trace-target'], name === '' ? `Say which ${chosenKind()}.` : '');
      if (name === '') return;
      running?.stop();
      const trace = new Trace(page, place);
      running = trace;
      try {
        await trace.start({[chosenKind()]: name});
      } catch (error) {
        trace.fail(error);
      }
    };
    return {
      title: 'Trace',
      nodes: [section('Messages', [], form(kind, target)), section('Steps', [], place)],
      opened() {
        onSubmit('trace-form', start);
        for (const choice of document.querySelectorAll('[name=trace-kind]')) choice.addEventListener('change', showKind);
      },
    };
  },
};
