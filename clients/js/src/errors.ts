/**
 * - `authentication`: the server rejects the token.
 * - `closed`: the client is closed.
 * - `connection`: a connection ended, or none could be made; `closeCode` says more.
 * - `encryption`: the server does not encrypt, or what came cannot be decrypted.
 * - `left`: the room was left meanwhile.
 * - `lost`: the connection ended before the reply. The message may have been handled, or not.
 * - `offline`: there is no connection; nothing was sent.
 * - `outbox`: the outbox is full, or the message waited there too long; nothing was sent.
 * - `overflow`: an iterator was not read, and too much waits in it.
 * - `refused`: the server handled the message, and says no; `message` has its words.
 * - `server`: an error that the server reports of no message in particular.
 * - `timeout`: no reply, or no connection, in time.
 * - `unsupported`: this runtime lacks something; `message` says what.
 */
export type ErrorCode =
  | 'authentication' | 'closed' | 'connection' | 'encryption' | 'left' | 'lost' | 'offline'
  | 'outbox' | 'overflow' | 'refused' | 'server' | 'timeout' | 'unsupported';

/** Why something failed: `code` for programs, `message` for people. */
export class WscastError extends Error {
  override readonly name = 'WscastError';
  /** The close code, where a connection ended. */
  readonly closeCode: number | undefined;
  /** The room that it is about, if it is about one. */
  readonly room: string | undefined;

  constructor(
    readonly code: ErrorCode,
    message: string,
    details: { closeCode?: number; room?: string; cause?: unknown } = {},
  ) {
    super(message, details);
    this.closeCode = details.closeCode;
    this.room = details.room;
  }
}

/** The same for any thrown thing. */
export function errorOf(thrown: unknown): WscastError {
  if (thrown instanceof WscastError) return thrown;
  const message = String((thrown as Partial<Error> | undefined)?.message ?? thrown);
  return new WscastError('connection', message, { cause: thrown });
}
