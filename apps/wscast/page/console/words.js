// What the console says in words.

const roomNameUnitsMax = 256;

export const phaseWords = {
  closed: 'Not connected',
  connecting: 'Connecting…',
  open: 'Not authenticated',
  authenticating: 'Authenticating…',
  connected: 'Connected',
  waiting: 'Offline',
};

export const closeWords = {
  1000: 'The server closed the connection in the ordinary way.',
  1001: 'The server is shutting down.',
  1002: 'The server saw a breach of the WebSocket protocol.',
  1003: 'The server does not take that kind of message.',
  1005: 'The server closed the connection and gave no reason.',
  1006: 'The connection was lost: the server went away without a word, or the network did.',
  1007: 'The server received text that is not valid UTF-8.',
  1008: 'A message took too long to arrive whole.',
  1009: 'A message was larger than the server accepts.',
  1011: 'The server ran into an error of its own.',
  1012: 'The server is starting again.',
  1013: 'The server is too busy; try again later.',
  4001: 'The server waited for authentication and none came in time.',
  4002: 'The server received nothing from this page for too long.',
  4003: 'The server refused the token.',
  4004: 'The server takes encrypted clients alone.',
  4008: 'This page read too slowly and messages piled up at the server.',
  4009: 'This page sent too many messages for too long.',
  4010: 'This page sent too much before it was authenticated.',
  4011: 'This user has too many connections.',
};

export const refusalWords = {
  'not a member': 'you are not in that room; join it first',
  'not allowed': 'the rules of that room do not allow it',
  'no history': 'this room keeps no messages, so a key has no use',
  'no answer': 'Redis did not answer in time, so it may have been sent',
  'room over its rate': 'too many messages in that room, try again later',
  'invalid publish': 'the server could not make sense of it',
  'reserved event': 'that event’s name belongs to the server',
  'overloaded': 'the server has too much to do; try again',
  'message too big': 'it is longer than the servers pass on to each other',
  'invalid text': 'its room or event is no proper text',
  'shutting down': 'the server is about to end',
  'not sent': 'the server could not send it',
};

const gapWords = {
  epoch: 'its history has begun anew',
  window: 'the server does not keep them any more',
  limit: 'they are too many',
  unavailable: 'the server cannot tell',
};

// What the event ‘dropped’ means (protocol.md X2, X3).
export function lossWords(count) {
  if (count === 1) return 'One message was lost here: this page did not read fast enough.';
  if (Number.isInteger(count)) return `${count} messages were lost here: this page did not read fast enough.`;
  return 'Messages may be missing here: the server was cut off from the others for a while.';
}

export function wordsOfGap({room, from, to, reason}) {
  const which = from === null || to === null ? 'Messages' : from === to ? `Message ${from}` : `Messages ${from} to ${to}`;
  return `${which} of “${room}” cannot be had: ${gapWords[reason] ?? reason}.`;
}

function others(count) {
  return count === 0 ? 'nobody else' : count === 1 ? '1 other' : `${count} others`;
}

function backplaneWords(backplane) {
  if (backplane === 'ok') return ', and passed on to the other servers';
  return backplane === 'none' ? '' : ` here; the other servers: ${backplane}`;
}

export function againWords(delayMs) {
  return delayMs < 1000 ? ' Connecting again…' : ` Connecting again in ${Math.round(delayMs / 1000)} s…`;
}

// What the server would refuse.
export function roomProblem(room) {
  if (typeof room !== 'string' || room === '') return 'Type the name of a room.';
  if (room.length > roomNameUnitsMax) return `A room's name has at most ${roomNameUnitsMax} characters.`;
  if (room.startsWith('ws:')) return 'Names that start with “ws:” belong to the server.';
  return '';
}

export function deliveredWords({delivered, backplane, position}, ms) {
  if (position) return `Kept as message ${position.offset} of the room in ${ms} ms.`;
  return `Delivered to ${others(delivered)} in ${ms} ms${backplaneWords(backplane)}.`;
}

export function lockWords({encrypted, welcome}, serverEncryption) {
  if (encrypted) return ['This connection is encrypted with keys of its own', 'with keys of its own'];
  if (welcome?.serverPublicKey !== undefined) {
    return ['What comes is encrypted and this page cannot read it', 'for the publicKey in your own data, not for this page'];
  }
  const why = serverEncryption === 'off' ? 'the server does not encrypt' : 'this page did not ask for it';
  return [`This connection is not encrypted: ${why}`, `none: ${why}`];
}
