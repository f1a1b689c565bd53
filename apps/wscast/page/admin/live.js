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
  servers;            // What GET /servers said last, each by serverOf(); undefined: nothing yet, or no such call.
  unanswered = [];    // Ids of servers that are missing there.
  problem = '';       // Why there is nothing new.
  #timer = 0;
  #turn = 0;
  #serverId;
  #knowsServers = true;

  start() {
    this.stop();
    this.#next(0);
  }

  stop() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    this.#begin(undefined);
    this.servers = undefined;
    this.problem = '';
    this.#turn = 0;
    this.#knowsServers = true;
  }

  get last() {
    return this.samples.at(-1);
  }

  // This server's part of what /servers said.
  get self() {
    return this.servers?.find(({self}) => self);
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
      if (this.#knowsServers && this.#turn++ % serversEvery === 0) await this.#readServers();
      const stats = await call('GET', 'stats');
      if (timer === this.#timer) this.#add(stats);
      this.problem = '';
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      if (timer === this.#timer) this.problem = error.message;
    }
    if (timer === this.#timer) this.dispatchEvent(new Event('sample'));
  }

  async #readServers() {
    try {
      const {servers, unanswered = []} = await call('GET', 'servers');
      this.servers = servers.map(serverOf);
      this.unanswered = unanswered;
    } catch (error) {
      if (error.status !== 404) throw error;
      this.#knowsServers = false;
    }
  }

  // What a server that has started again counts begins at 0.
  #begin(serverId) {
    this.#serverId = serverId;
    this.samples = [];
    this.counters = undefined;
    this.firstCounters = undefined;
  }

  #add(stats) {
    if (stats.serverId !== this.#serverId) this.#begin(stats.serverId);
    this.counters = stats.counters;
    this.firstCounters ??= stats.counters;
    const at = performance.now();
    this.samples = this.samples.filter((sample) => at - sample.at <= keptMs);
    this.samples.push(sampleOf(at, stats, this.self?.rooms));
  }

  get serverId() {
    return this.#serverId;
  }
}

export function dropCauses(counters) {
  return Object.keys(counters).filter((name) => /^dropped_(?!notices)/.test(name));
}

// What charts are made of; `undefined` is what the server does not say.
function sampleOf(at, {clients, authenticated, counters}, rooms) {
  const dropped = dropCauses(counters).reduce((sum, name) => sum + counters[name], 0);
  const {messages_received: received, messages_sent: sent} = counters;
  return {at, clients, authenticated, rooms, received, sent, dropped};
}

// A server as the views show it.
function serverOf({id, identifier, address, version, startedAt, uptime_seconds, self, draining, counts, ...flat}) {
  const since = startedAt === undefined ? undefined : Math.max(0, (Date.now() - Date.parse(startedAt)) / 1000);
  const {clients = 0, authenticated = 0, rooms} = counts ?? flat;
  return {id, name: address ?? identifier, version, seconds: uptime_seconds ?? since, self, draining,
    clients, authenticated, rooms};
}

export const live = new Live();

// How much a count grew a second between samples: undefined where that is not known.
export function rateBetween(before, after, count) {
  if (before?.[count] === undefined || after[count] === undefined) return undefined;
  return Math.max(0, (after[count] - before[count]) / ((after.at - before.at) / 1000));
}
