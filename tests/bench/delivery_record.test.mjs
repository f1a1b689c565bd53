// What bench/recovery counts, from messages in an order that is known.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DeliveryRecord } from '../../bench/delivery_record.mjs';

const none = { expected: 0, inOrder: 0, duplicates: 0, outOfOrder: 0, told: 0, lost: 0 };

// `steps` are numbers that arrive, and gaps that are told, [from, to].
function counted(total, ...steps) {
  const record = new DeliveryRecord();
  for (const step of steps) {
    if (Array.isArray(step)) record.tell(...step);
    else record.receive(step);
  }
  return { ...record.result(total), complete: record.complete(total) };
}

test('each once and in order', () => {
  assert.deepEqual(counted(3, 1, 2, 3), { ...none, expected: 3, inOrder: 3, complete: true });
});

test('a message that comes twice is not delivered exactly once', () => {
  const expected = { ...none, expected: 3, inOrder: 2, duplicates: 2, complete: true };
  assert.deepEqual(counted(3, 1, 2, 2, 2, 3), expected);
  assert.deepEqual(counted(3, 1, 2, 3, 2, 2), expected);
});

test('a message behind a later one is out of order, and is not missing', () => {
  assert.deepEqual(counted(4, 1, 3, 2, 4), { ...none, expected: 4, inOrder: 3, outOfOrder: 1, complete: true });
});

test('what nobody told is lost, also at the beginning and at the end', () => {
  assert.deepEqual(counted(6, 2, 3, 5), { ...none, expected: 6, inOrder: 3, lost: 3, complete: false });
  assert.deepEqual(counted(2), { ...none, expected: 2, lost: 2, complete: false });
});

test('a gap with its ends covers these messages, and no others', () => {
  assert.deepEqual(counted(6, 1, [2, 3], 6), { ...none, expected: 6, inOrder: 2, told: 2, lost: 2, complete: false });
});

test('a gap without an end covers what is missing until the next message', () => {
  const told = { ...none, expected: 6, inOrder: 3, told: 2, lost: 1, complete: false };
  for (const gap of [[null, null], [2, null]]) assert.deepEqual(counted(6, 1, gap, 4, 6), told);
  assert.deepEqual(counted(4, 1, 2, [null, null]), { ...none, expected: 4, inOrder: 2, told: 2, complete: true });
});

test('what comes although it was told to be lost is no loss', () => {
  assert.deepEqual(counted(3, 1, [2, 2], 2, 3), { ...none, expected: 3, inOrder: 3, complete: true });
});

test('what was not published cannot come', () => {
  assert.throws(() => counted(2, 1, 2, 3), /3 of 2/);
});
