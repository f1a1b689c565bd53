/** Calls `action` when `signal` is aborted, or at once if it is. Returns what undoes that. */
export function onAbort(signal: AbortSignal | undefined, action: () => void): () => void {
  if (signal?.aborted) action();
  else signal?.addEventListener('abort', action);
  return () => signal?.removeEventListener('abort', action);
}
