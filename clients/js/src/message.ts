/** A message as it is on the wire. */
export interface Message {
  event: string;
  data?: unknown;
  id?: unknown;
  /** Of a message with a position in the history of this room (protocol.md H4). */
  room?: string;
  offset?: number;
  /** The server itself says this. */
  server?: boolean;
}

/** The message, or undefined if `text` is none. */
export function parseMessage(text: unknown): Message | undefined {
  try {
    const message = JSON.parse(text as string);
    return typeof message?.event === 'string' ? message : undefined;
  } catch {
    return undefined;
  }
}

/** The words of an `error` message, or of an `ack` that says no. */
export function wordsOf({ data }: Message): string {
  const { message, error } = (data ?? {}) as { message?: unknown; error?: unknown };
  return String(message ?? error ?? 'refused');
}
