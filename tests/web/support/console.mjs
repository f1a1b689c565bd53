// What a person does at the console, and what is read off it.
import assert from 'node:assert/strict';

export async function connect(tab, token, user = '') {
  await tab.getByTestId('token').fill(token);
  await tab.getByTestId('user').fill(user);
  await tab.getByTestId('connect').click();
}

export async function connected(tab, token, user = '') {
  await connect(tab, token, user);
  await inPhase(tab, 'connected');
}

export async function inPhase(tab, phase) {
  await tab.locator(`#phase[data-phase="${phase}"]`).waitFor();
}

export async function join(tab, room) {
  await tab.getByTestId('join-room').fill(room);
  await tab.getByTestId('join').click();
  await tab.getByTestId('room').filter({ hasText: room }).waitFor();
}

export async function publish(tab, room, event, data) {
  await tab.getByTestId('publish-room').fill(room);
  await tab.getByTestId('publish-event').fill(event);
  await tab.getByTestId('publish-data').fill(data);
  await tab.getByTestId('publish').click();
}

export async function send(tab, event, data, id = '') {
  await tab.getByText('Send any event').click();
  await tab.getByTestId('send-event').fill(event);
  await tab.getByTestId('send-data').fill(data);
  await tab.getByTestId('send-id').fill(id);
  await tab.getByTestId('send').click();
}

export function received(tab, text) {
  return tab.locator('[data-testid=row][data-way=in]').filter({ hasText: text });
}

export function sent(tab, text = '') {
  return tab.locator('[data-testid=row][data-way=out]').filter({ hasText: text });
}

export function notes(tab) {
  return tab.locator('[data-testid=row][data-way=note] .what');
}

export async function note(tab, text) {
  await notes(tab).filter({ hasText: text }).first().waitFor();
}

// The frames that the tab sends, whole, from here on: a list that grows.
export function framesFrom(tab) {
  const frames = [];
  tab.on('websocket', (socket) => socket.on('framesent', ({ payload }) => frames.push(payload)));
  return frames;
}

// And those that it receives.
export function framesTo(tab) {
  const frames = [];
  tab.on('websocket', (socket) => socket.on('framereceived', ({ payload }) => frames.push(payload)));
  return frames;
}

// The words of the padlock, which stand for it where it cannot be seen.
export async function lockWords(tab) {
  const lock = tab.getByTestId('lock');
  await lock.waitFor();
  assert.equal(await lock.getAttribute('role'), 'img');
  return lock.getAttribute('aria-label');
}

export async function ackWords(tab, pattern) {
  await tab.getByTestId('ack').filter({ hasText: pattern }).waitFor();
  return tab.getByTestId('ack').textContent();
}

export async function closedWords(tab) {
  // In one step: the page comes back by itself, and then they are gone.
  const words = await tab.waitForFunction(() => document.querySelector('[data-testid="closed"]').textContent);
  return words.jsonValue();
}
