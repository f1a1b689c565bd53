// The log: a row for each message, and notes between them.
import {element, field} from '../common.js';
import {button, span} from './make.js';
import {messageIn} from './wire.js';

const rowsMax = 500;
const shownCharsMax = 2000;
const wayWords = {in: '↓ in', out: '↑ out', note: 'note'};

// The full text of each row, oldest first, for the filter.
let rows = [];

export function addNote(event, words, bad) {
  addRow('note', event, words, {look: bad ? 'bad' : ''});
}

/** `text` is what `frame` says; they differ if it travelled encrypted. */
export function addMessage(way, frame, text, look) {
  const size = new TextEncoder().encode(frame).length;
  const message = messageIn(text);
  const [event, shown] = message ? [message.event, shownText(withoutToken(message))] : ['', String(text)];
  addRow(way, event, shown, {size, look, sealed: text === frame ? '' : frame});
}

// The log shows that a token was sent, not the token.
function withoutToken(message) {
  if (message.event !== 'authenticate' || !message.data?.token) return message;
  return {...message, data: {...message.data, token: '•••'}};
}

// A message without its event, which the row shows before it.
function shownText({event, data, ...rest}) {
  const shown = Object.entries(rest).map(([name, value]) => `· ${name} ${JSON.stringify(value)}`);
  return [...(data === undefined ? [] : [JSON.stringify(data)]), ...shown].join(' ');
}

export function addRow(way, event, data, {size, look = '', sealed = ''} = {}) {
  const added = {item: row(way, event, data, {size, look, sealed}), way, text: `${event} ${data}`.toLowerCase()};
  added.item.hidden = !passes(added);
  const scroll = element('scroll');
  const atEnd = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 40;
  element('log').append(added.item);
  rows.push(added);
  if (rows.length > rowsMax) rows.shift().item.remove();
  showCount();
  if (atEnd) scroll.scrollTop = scroll.scrollHeight;
}

function row(way, event, data, {size, look, sealed}) {
  const item = document.createElement('li');
  item.className = `row ${way} ${look}`.trim();
  item.dataset.testid = 'row';
  item.dataset.way = way;
  const what = span('what', '');
  if (event !== '') what.append(strong(event), ' ');
  what.append(...(way === 'note' ? [span('words', data)] : shownData(data)));
  const went = span('way', wayWords[way]);
  if (sealed) went.append(sealedMark(sealed));
  item.append(clock(new Date()), went, span('size', size === undefined ? '' : sizeWords(size)), what);
  return item;
}

function sealedMark(frame) {
  const mark = span('sealed', '');
  mark.setAttribute('role', 'img');
  mark.title = `It travelled encrypted: ${frame.slice(0, shownCharsMax)}`;
  mark.setAttribute('aria-label', 'encrypted');
  return mark;
}

// Long texts are truncated until they are expanded.
function shownData(text) {
  if (text.length <= shownCharsMax) return [coloured(text)];
  const data = coloured(`${text.slice(0, shownCharsMax)}…`);
  const more = button('Show all', `Show all ${text.length} characters`, () => {
    data.textContent = text;
    more.remove();
  });
  more.className = 'more';
  return [data, more];
}

const jsonToken = /("(?:[^"\\]|\\.)*")(:?)|-?\b\d[\d.eE+-]*|\b(?:true|false|null)\b/g;

function coloured(text) {
  const made = span('data', '');
  let end = 0;
  for (const match of text.matchAll(jsonToken)) {
    const [whole, string, colon] = match;
    made.append(text.slice(end, match.index));
    if (string) made.append(span(colon ? 'key' : 'string', string), colon);
    else made.append(span(/[a-z]$/.test(whole) ? 'word' : 'number', whole));
    end = match.index + whole.length;
  }
  made.append(text.slice(end));
  return made;
}

function sizeWords(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1024 * 1024 ? `${(bytes / 1024).toFixed(1)} KiB` : `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}

function strong(text) {
  const made = document.createElement('strong');
  made.className = 'event';
  made.textContent = text;
  return made;
}

function clock(now) {
  const made = document.createElement('time');
  made.dateTime = now.toISOString();
  const two = (number) => String(number).padStart(2, '0');
  const millis = String(now.getMilliseconds()).padStart(3, '0');
  made.textContent = `${two(now.getHours())}:${two(now.getMinutes())}:${two(now.getSeconds())}.${millis}`;
  return made;
}

function passes({way, text}) {
  const wanted = field('filter-way');
  return (wanted === '' || way === wanted) && text.includes(field('filter').toLowerCase());
}

function applyFilter() {
  for (const each of rows) each.item.hidden = !passes(each);
  showCount();
  element('scroll').scrollTop = element('scroll').scrollHeight;
}

function showCount() {
  const shown = rows.filter(({item}) => !item.hidden).length;
  const all = rows.length < rowsMax ? String(rows.length) : `the last ${rowsMax}`;
  element('log-count').textContent = rows.length === 0 ? '' : shown < rows.length ? `${shown} of ${all}` : all;
  element('log-empty').hidden = rows.length > 0;
  element('clear').disabled = rows.length === 0;
}

function clearLog() {
  rows = [];
  element('log').replaceChildren();
  showCount();
}

export function startLog() {
  element('clear').addEventListener('click', clearLog);
  element('filter').addEventListener('input', applyFilter);
  element('filter-way').addEventListener('change', applyFilter);
  showCount();
}
