// What one client got of a room whose messages are numbered 1, 2, 3, ...; without I/O.
export class DeliveryRecord {
  #deliveries = [];  // By number.
  #late = new Set();
  #told = new Set();
  #toldUntilNext = false;
  #last = 0;

  receive(n) {
    const known = this.#deliveries[n] ?? 0;
    this.#deliveries[n] = known + 1;
    if (n < this.#last && !known) this.#late.add(n);
    if (n <= this.#last) return;
    if (this.#toldUntilNext) this.#tellRange(this.#last + 1, n - 1);
    this.#toldUntilNext = false;
    this.#last = n;
  }

  /** These messages are lost; null for an end that nobody knows: what is missing until the next message. */
  tell(from, to) {
    if (from === null || to === null) this.#toldUntilNext = true;
    else this.#tellRange(from, to);
  }

  /** Whether each of the first `total` messages came, or was told to be lost. */
  complete(total) {
    return this.result(total).lost === 0;
  }

  result(total) {
    if (this.#last > total) throw new Error(`message ${this.#last} of ${total}`);
    const counts = { expected: total, inOrder: 0, duplicates: 0, outOfOrder: this.#late.size, told: 0, lost: 0 };
    for (let n = 1; n <= total; n++) {
      const deliveries = this.#deliveries[n] ?? 0;
      if (deliveries > 1) counts.duplicates += deliveries - 1;
      else if (deliveries && !this.#late.has(n)) counts.inOrder++;
      else if (!deliveries) counts[this.#isTold(n) ? 'told' : 'lost']++;
    }
    return counts;
  }

  #isTold(n) {
    return this.#told.has(n) || (this.#toldUntilNext && n > this.#last);
  }

  #tellRange(from, to) {
    for (let n = from; n <= to; n++) this.#told.add(n);
  }
}
