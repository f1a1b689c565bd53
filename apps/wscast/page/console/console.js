// The page of the console. Its connection is that of @wscast/client; what is here shows it.
import {connect} from '../client.js';
import {element, field, jsonProblem, onCtrlEnter, onSubmit, showProblem} from '../common.js';
import {explainEnd} from './explain.js';
import {addMessage, addNote, addRow, startLog} from './log.js';
import {button, span} from './make.js';
import {messageIn, overheard} from './wire.js';
import {
  againWords, deliveredWords, lockWords, lossWords, phaseWords, refusalWords, roomProblem, wordsOfGap,
} from './words.js';

const beatSecondsMax = 3600;
const neverMs = 2 ** 31 - 1;  // The longest that timers can wait.

// What the page knows of one client, from ‘Connect’ on; the next replaces it as a whole.
let session = newSession();

function newSession() {
  return {client: undefined, socket: undefined, phase: 'closed', encrypts: false, holds: false, error: undefined,
    rooms: new Set(), byHand: new Set(), places: new Map(), waiting: new Map(), beat: 0, noted: '', lostAt: undefined};
}

function setting(name) {
  return document.querySelector(`meta[name=wscast-${name}]`).content;
}

// --- connection ---

function serverAddress() {
  return `${location.origin.replace(/^http/, 'ws')}${setting('path')}`;
}

// The next step of the button: connect when closed, authenticate when connected.
function connectOrAuthenticate() {
  if (session.phase === 'open') authenticate(session.socket);
  const data = session.phase === 'closed' ? authenticateData() : undefined;
  if (data !== undefined) begin(data);
}

function begin({token, ...data}) {
  session = newSession();
  session.holds = !element('auth-now').checked;
  session.encrypts = element('encrypt').checked;
  const made = (socket) => { session.socket = socket; };
  const {WebSocket, encryption} = overheard({made, opened, sent, received, unreadable});
  const client = session.client = connect(serverAddress(), {
    token, data, WebSocket, encryption: session.encrypts ? encryption : undefined,
    heartbeatMs: neverMs,  // The heartbeat of this page can be changed at any time.
    connectTimeoutMs: session.holds ? neverMs : undefined,
    replyTimeoutMs: 0,
  });
  showClosed('');
  showAck('');
  client.on('state', followState);
  client.on('dropped', ({count}) => addNote('', lossWords(count), true));
  client.on('gap', (gap) => addNote('gap', wordsOfGap(gap), true));
}

function opened(socket) {
  if (session.holds) setPhase('open');
  else authenticate(socket);
}

function authenticate(socket) {
  session.holds = false;
  setPhase('authenticating');
  socket.authenticate();
}

// Returns nothing when the extra data is not a JSON object, after showing that.
function authenticateData() {
  const text = field('auth-data');
  const more = text.trim() === '' ? {} : objectOf(text);
  showProblem('auth-problem', ['auth-data'], more ? '' : 'More data must be a JSON object, such as {"device": "laptop"}.');
  if (!more) return undefined;
  const user = field('user');
  return {...more, token: field('token'), ...(user === '' ? {} : {userId: user})};
}

function objectOf(text) {
  try {
    const value = JSON.parse(text);
    return value !== null && typeof value === 'object' && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function followState({state, error, delayMs}) {
  if (state === 'connecting') {
    session.socket = undefined;
    setPhase(state);
  } else if (state === 'connected') {
    welcomed();
  } else if (state === 'waiting' && session.holds) {
    session.error = error;  // Nobody is there to authenticate the next connection.
    session.client.close();
  } else {
    ended(state, session.error ?? error, delayMs);
  }
}

function welcomed() {
  const {client, socket, lostAt} = session;
  Object.assign(session, {holds: false, noted: '', lostAt: undefined});
  showClosed('');
  showLock();
  setPhase('connected');
  element('client-id').textContent = String(client.id);
  element('user-id').textContent = client.userId === undefined ? 'none' : String(client.userId);
  element('since').textContent = String(socket.welcome?.time);
  startHeartbeat();
  showRooms();
  focusIfLost('join-room');
  if (lostAt !== undefined) addNote('connected again', `after ${((performance.now() - lostAt) / 1000).toFixed(1)} s`);
}

async function ended(state, error, delayMs) {
  const over = session;
  const {socket} = over;
  clearInterval(over.beat);
  over.byHand.clear();
  if (state === 'closed') over.rooms.clear();
  else if (over.phase === 'connected') {
    over.lostAt = performance.now();
    for (const room of over.rooms) enter(over, room);
  }
  if (over.waiting.size > 0) showAck('The connection ended before the server answered.', 'bad');
  over.waiting.clear();
  setPhase(state);
  showRooms();
  focusIfLost(state === 'closed' ? 'connect' : 'disconnect');
  const hungUp = error.code === 'closed';
  const asked = {encrypts: over.encrypts, address: serverAddress()};
  const words = hungUp ? 'You disconnected.' : await explainEnd(socket, error, asked);
  if (words !== over.noted) addNote('closed', words, !hungUp);
  over.noted = words;
  const stillOver = over.phase === state || (state === 'waiting' && over.phase === 'connecting');
  if (session === over && stillOver) showClosed(`${words}${state === 'waiting' ? againWords(delayMs) : ''}`, hungUp);
}

function startHeartbeat() {
  clearInterval(session.beat);
  if (session.phase !== 'connected' || !element('heartbeat').checked) return;
  const seconds = Math.min(Math.max(Number(field('heartbeat-every')) || 25, 1), beatSecondsMax);
  session.beat = setInterval(() => transmit('heartbeat'), seconds * 1000);
}

// --- messages ---

function transmit(event, data, id) {
  if (event === 'authenticate' && session.phase === 'open') setPhase('authenticating');
  session.socket.sendByHand(JSON.stringify({event, data, id}));
}

function sent(socket, frame, text) {
  addMessage('out', frame, text, messageIn(text).event === 'heartbeat' ? 'quiet' : '');
}

function received(socket, frame, text) {
  const message = messageIn(text) ?? {};
  const {event, data} = message;
  const refused = event === 'ack' && data?.ok === false;
  addMessage('in', frame, text, refused || ['error', 'dropped', 'gap'].includes(event) ? 'bad' : '');
  if (event === 'connected') socket.welcome ??= data;
  if (event === 'ack') acknowledged(message);
  notePlaces(message);
}

function unreadable(socket, frame) {
  const words = 'This message cannot be decrypted: it is not what the server encrypted.';
  addRow('in', 'encrypted', words, {size: frame.length, look: 'bad'});
}

// --- rooms ---

function join(room) {
  const problem = roomProblem(room);
  showProblem('join-problem', ['join-room'], problem);
  if (problem !== '') return;
  element('join-room').value = '';
  element('publish-room').value = room;
  session.rooms.add(room);
  session.byHand.delete(room);
  enter(session, room);
  showRooms();
}

// Shows the room as joined once it is, or why it is not.
async function enter({client, rooms}, room) {
  try {
    await client.room(room).join();
  } catch ({code, message}) {
    if (code !== 'refused') return;
    rooms.delete(room);
    showProblem('join-problem', [], `The server did not let you into “${room}”: ${message}.`);
  }
  showRooms();
}

function leave(room) {
  const {client, rooms, byHand, places} = session;
  for (const each of [rooms, byHand, places]) each.delete(room);
  showRooms();
  client.room(room).leave().catch(() => {});
}

// Of messages of its own the client knows nothing, so the page derives what they did; a later connection
// will not do it again.
function followByHand(event, data) {
  const {phase, rooms, byHand} = session;
  if (phase !== 'connected' || !data || !Array.isArray(data.rooms)) return;
  for (const room of data.rooms) {
    if (event === 'join' && roomProblem(room) === '' && !rooms.has(room)) byHand.add(room);
    if (event === 'leave' && rooms.has(room)) leave(room);
    if (event === 'leave') byHand.delete(room);
  }
  showRooms();
}

// How far each room with a history is, by what the server says (protocol.md H4).
function notePlaces({data, room, offset}) {
  if (offset !== undefined) session.places.set(room, offset);
  const entries = Object.entries(data?.positions ?? {});
  for (const [name, entry] of entries) {
    if (!entry?.recovered) session.places.set(name, entry?.offset);
  }
  if (offset !== undefined || entries.length > 0) showPlaces();
}

// --- publish and send ---

function publish(room, event, text) {
  const problem = publishProblem(room, event, text);
  showProblem('publish-problem', problem.fields, problem.words);
  if (problem.words !== '') return;
  const data = text.trim() === '' ? undefined : JSON.parse(text);
  const id = field('publish-id') === '' ? undefined : field('publish-id');
  showAck(id === undefined ? '' : 'Waiting for the ack…', 'waiting');
  if (id !== undefined) session.waiting.set(id, {room, since: performance.now()});
  transmit('publish', {room, event, data, echo: element('echo').checked || undefined}, id);
  if (/^\d{1,9}$/.test(field('publish-id'))) element('publish-id').value = String(Number(id) + 1);
}

function publishProblem(room, event, text) {
  if (room === '') return {fields: ['publish-room'], words: 'Say which room it goes to.'};
  if (event === '') return {fields: ['publish-event'], words: 'Give the event a name.'};
  const words = jsonProblem(text);
  return {fields: words === '' ? [] : ['publish-data'], words};
}

function acknowledged({id, data}) {
  const asked = session.waiting.get(id);
  if (asked === undefined || !data) return;
  session.waiting.delete(id);
  const ms = Math.round(performance.now() - asked.since);
  if (!data.ok) showAck(`Refused (${data.error}): ${refusedBecause(data.error, asked.room)}.`, 'bad');
  else showAck(deliveredWords(data, ms));
  if (data.position) notePlaces({...asked, offset: Math.max(data.position.offset, session.places.get(asked.room) ?? 0)});
}

function refusedBecause(error, room) {
  if (error === 'not a member' && (session.rooms.has(room) || session.byHand.has(room))) {
    leave(room);
    return 'the server did not let you into that room';
  }
  return refusalWords[error] || 'the server gave no other reason';
}

function sendAny(event, text) {
  const words = event === '' ? 'Give the event a name.' : jsonProblem(text);
  showProblem('send-problem', [event === '' ? 'send-event' : 'send-data'], words);
  if (words !== '') return;
  const data = text.trim() === '' ? undefined : JSON.parse(text);
  transmit(event, data, field('send-id') === '' ? undefined : field('send-id'));
  followByHand(event, data);
}

// --- what the page shows; all of it through textContent, never as HTML ---

function setPhase(phase) {
  session.phase = phase;
  element('phase').dataset.phase = phase;
  element('phase').textContent = phaseWords[phase];
  for (const id of ['identity', 'lock']) element(id).hidden = phase !== 'connected';
  element('connection-form').hidden = phase !== 'closed' && phase !== 'open';
  element('encrypt-choice').hidden = phase !== 'closed';
  element('connect').textContent = phase === 'open' ? 'Authenticate' : 'Connect';
  for (const id of ['token', 'user', 'auth-data', 'auth-now']) element(id).disabled = phase === 'open';
  element('disconnect').hidden = phase === 'closed';
  for (const id of ['join', 'publish']) element(id).disabled = phase !== 'connected';
  element('send').disabled = !['open', 'authenticating', 'connected'].includes(phase);
}

function showLock() {
  const encrypted = session.socket.encrypted === true;
  const [lock, words] = lockWords(session.socket, setting('encryption'));
  element('lock').classList.toggle('on', encrypted);
  element('lock').textContent = encrypted ? 'Encrypted' : 'Not encrypted';
  element('lock').title = lock;
  element('lock').setAttribute('aria-label', lock);
  element('encryption').textContent = words;
}

// Hiding what has the focus would send keyboard users back to the top of the page.
function focusIfLost(id) {
  const focused = document.activeElement;
  if (focused === document.body || focused.closest('[hidden]')) element(id).focus();
}

function showClosed(words, calm = false) {
  element('closed').textContent = words;
  element('closed').hidden = words === '';
  element('closed').classList.toggle('calm', calm);
}

function showAck(words, look = '') {
  element('ack').textContent = words;
  element('ack').hidden = words === '';
  element('ack').className = `ack ${look}`.trim();
}

function showRooms() {
  const {rooms, byHand} = session;
  element('rooms').replaceChildren(...[...rooms, ...byHand].map(roomItem));
  showPlaces();
}

function roomItem(room) {
  const item = document.createElement('li');
  item.dataset.testid = 'room';
  item.classList.toggle('joining', session.rooms.has(room) && session.client.room(room).state !== 'joined');
  const aim = button(room, `Publish to ${room}`, () => aimAt(room));
  aim.append(span('place', ''));
  const away = button('×', `Leave ${room}`, () => {
    leave(room);
    element('join-room').focus();
  });
  item.append(aim, away);
  return item;
}

// Beside the name of a room with a history: the number of its last message.
function showPlaces() {
  const names = [...session.rooms, ...session.byHand];
  document.querySelectorAll('#rooms .place').forEach((place, index) => {
    place.textContent = session.places.get(names[index]) ?? '';
  });
}

function aimAt(room) {
  showKind('publish');
  element('publish-room').value = room;
  element('publish-data').focus();
}

function showKind(kind) {
  document.querySelector(`[name=kind][value=${kind}]`).checked = true;
  element('publish-form').hidden = kind !== 'publish';
  element('send-form').hidden = kind !== 'send';
}

// On a phone the messages are below the controls; the link leads to the part that is not visible.
function aimJump() {
  const below = element('log-title').getBoundingClientRect().top > innerHeight / 2;
  element('jump').textContent = below ? 'Messages ↓' : 'Controls ↑';
  element('jump').href = below ? '#log-title' : '#connection-title';
}

// --- start ---

function start() {
  element('address').textContent = serverAddress();
  onSubmit('connection-form', connectOrAuthenticate);
  onSubmit('join-form', () => join(field('join-room')));
  onSubmit('publish-form', () => publish(field('publish-room'), field('publish-event'), field('publish-data')));
  onSubmit('send-form', () => sendAny(field('send-event'), field('send-data')));
  onCtrlEnter('publish-data', 'publish');
  onCtrlEnter('send-data', 'send');
  element('disconnect').addEventListener('click', () => session.client.close());
  element('heartbeat').addEventListener('change', startHeartbeat);
  element('heartbeat-every').addEventListener('change', startHeartbeat);
  for (const kind of document.querySelectorAll('[name=kind]')) kind.addEventListener('change', () => showKind(kind.value));
  addEventListener('scroll', aimJump, {passive: true});
  addEventListener('resize', aimJump);
  const offered = setting('encryption') !== 'off';
  if (!offered || !crypto.subtle) {
    element('encrypt').checked = false;
    element('encrypt').disabled = true;
    element('encrypt-hint').hidden = !offered;
  }
  element('examples').hidden = setting('examples') === 'none';
  setPhase('closed');
  startLog();
  aimJump();
}

start();
