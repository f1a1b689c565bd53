/** What happens once: an action that is added later runs at once. */
export class Ending {
  readonly #actions = new Set<() => void>();
  #ended = false;

  /** Returns what takes it back. */
  add(action: () => void): () => void {
    if (this.#ended) action();
    else this.#actions.add(action);
    return () => this.#actions.delete(action);
  }

  end(): void {
    this.#ended = true;
    for (const action of [...this.#actions]) action();
  }
}
