import type { Room } from './room.js';

/** Where a message stands in the history of its room (protocol.md H2). */
export interface Position {
  offset: number;
  epoch: string;
}

/** Messages of a room with a history that the client cannot get any more. */
export interface Gap {
  room: string;
  /** The first and the last that are missing; null where nobody knows. */
  from: number | null;
  to: number | null;
  /** `epoch`, `window`, `limit` or `unavailable` (protocol.md H5). */
  reason: string;
}

/** How far the client has seen the history of a room; null where the server could not find out. */
export type Seen = { [member in keyof Position]: Position[member] | null };

/** What the server says of a room that the client has come into. */
export type Entry = (Seen & { recovered?: boolean; reason?: string }) | null;

/** The entries of rooms by their names (protocol.md H4). */
export type Entries = Record<string, Entry>;

export function seenOf(entry: Seen | null): Seen {
  return { offset: entry?.offset ?? null, epoch: entry?.epoch ?? null };
}

/** The client has come into the room; returns what it missed since it was there before. */
export function enter(room: Room, entry: Entry | undefined): Gap | undefined {
  const last = room.seen;
  if (last && entry?.recovered) return undefined;
  const seen = room.seen = entry === undefined ? undefined : seenOf(entry);
  if (!last) return undefined;
  const to = seen?.epoch && seen.epoch === last.epoch ? seen.offset : null;
  if (to !== null && to === last.offset) return undefined;
  const from = last.offset === null ? null : last.offset + 1;
  return { room: room.name, from, to, reason: entry?.reason ?? 'unavailable' };
}

/**
 * The client does not receive what it published itself at `position`. If that is next it counts as
 * seen, or a later connection, whose id is another, would get it (protocol.md H5).
 */
export function skip(room: Room, { offset, epoch }: Position): void {
  const last = room.seen;
  if (last?.epoch === epoch && last.offset === offset - 1) last.offset = offset;
}
