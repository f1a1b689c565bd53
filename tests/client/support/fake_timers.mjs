// Time that passes when the test says so: setTimeout, setInterval and Date.now. (That of node:test came
// after Node.js 18.)
const names = ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'];

export class FakeTimers {
  now = 0;
  #timers = new Map();
  #last = 0;

  // Until `uninstall()`.
  install() {
    this.real = { ...Object.fromEntries(names.map((name) => [name, globalThis[name]])), dateNow: Date.now };
    globalThis.setTimeout = (action, ms = 0) => this.#add({ action, at: this.now + Math.max(0, ms) });
    globalThis.setInterval = (action, ms) => this.#add({ action, at: this.now + ms, ms });
    globalThis.clearTimeout = globalThis.clearInterval = (id) => this.#timers.delete(id);
    Date.now = () => this.now;
  }

  uninstall() {
    for (const name of names) globalThis[name] = this.real[name];
    Date.now = this.real.dateNow;
  }

  // How many are to fire.
  get size() {
    return this.#timers.size;
  }

  // Fires what is due within `ms`, in its order.
  tick(ms) {
    const end = this.now + ms;
    for (;;) {
      const due = [...this.#timers].filter(([, { at }]) => at <= end).sort(([, a], [, b]) => a.at - b.at);
      if (due.length === 0) break;
      const [id, timer] = due[0];
      this.now = timer.at;
      if (timer.ms === undefined) this.#timers.delete(id);
      else timer.at += timer.ms;
      timer.action();
    }
    this.now = end;
  }

  #add(timer) {
    this.#timers.set(++this.#last, timer);
    return this.#last;
  }
}
