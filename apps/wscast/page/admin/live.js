// The figures of the server, read every two seconds while the page can be seen. What is kept is
// bounded.
import {call, hasKey, Refused} from './calls.js';

const everyMs = 2_000;
const serversEvery = 3;
const keptMs = 300_000;

export const keptSeconds = keptMs / 1000;

class Live extends EventTarget {
  samples = [];       // By sampleOf(), oldest first.
  counters;           // All that the server counted, last,
  firstCounters;      // and when the page began to look.
  servers = [];       // What GET /servers said last; this server is the first.
  problem = '';       // Why there is nothing new.
  #timer = 0;
  #turn = 0;
  #serverId;

  start() {
    this.stop();
    this.#next(0);
  }

  stop() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    this.#begin(undefined);
    this.servers = [];
    this.problem = '';
    this.#turn = 0;
  }

  #next(delay) {
    this.#timer = setTimeout(() => this.#run(), delay);
  }

  async #run() {
    const timer = this.#timer;
    if (!document.hidden && hasKey()) await this.#sample(timer);
    if (timer === this.#timer) this.#next(everyMs);
  }

  async #sample(timer) {
    try {
      const {servers} = this.#turn % serversEvery === 0 ? await call('GET', 'servers') : this;
      const stats = await call('GET', 'stats');
      if (timer === this.#timer) this.#add(stats, servers);
      this.problem = '';
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      if (timer === this.#timer) this.problem = error.message;
    }
    if (timer === this.#timer) this.dispatchEvent(new Event('sample'));
  }

  // What a server that has started again counts begins at 0.
  #begin(serverId) {
    this.#serverId = serverId;
    this.samples = [];
    this.counters = undefined;
    this.firstCounters = undefined;
  }

  #add(stats, servers) {
    ++this.#turn;
    this.servers = servers;
    if (stats.serverId !== this.#serverId) this.#begin(stats.serverId);
    this.counters = stats.counters;
    this.firstCounters ??= stats.counters;
    const at = performance.now();
    this.samples = this.samples.filter((sample) => at - sample.at <= keptMs);
    this.samples.push(sampleOf(at, stats, servers[0].counts.rooms));
  }

  get problemWords() {
    return this.problem === '' ? '' : `${this.problem} The figures are no longer new.`;
  }

  get serverId() {
    return this.#serverId;
  }
}

export function dropCauses(counters) {
  return Object.keys(counters).filter((name) => /^dropped_(?!notices)/.test(name));
}

// What charts are made of.
function sampleOf(at, {clients, authenticated, counters}, rooms) {
  const dropped = dropCauses(counters).reduce((sum, name) => sum + counters[name], 0);
  const {messages_received: received, messages_sent: sent, bytes_received: bytesIn, bytes_sent: bytesOut} = counters;
  return {at, clients, authenticated, rooms, received, sent, dropped, bytesIn, bytesOut};
}

export const live = new Live();

// How much a count grew a second between samples: undefined before the first.
export function rateBetween(before, after, count) {
  if (before === undefined) return undefined;
  return Math.max(0, (after[count] - before[count]) / ((after.at - before.at) / 1000));
}
