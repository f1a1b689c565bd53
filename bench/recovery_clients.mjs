// Some of the clients of bench/recovery, which starts it: it writes "ready" once all have joined, cuts them
// from the first line of stdin on, and writes what they got as JSON once it has read how many messages each
// room had. The configuration is the first argument.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import readline from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { DeliveryRecord } from './delivery_record.mjs';
import { nowMs } from './monotonic_clock.mjs';
import { peers } from './recovery_peers.mjs';

const config = JSON.parse(process.argv[2]);
const connectingAtOnce = 50;
const { Client } = peers[config.peer];
const stdin = readline.createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const nextLine = async () => JSON.parse((await stdin.next()).value);

/** A client, what it got, and how long it took to get what it had missed. */
class Member {
  record = new DeliveryRecord();
  recoveryMs = [];
  gaps = 0;
  recovered = 0;
  cuts = 0;
  #connectingAt = Infinity;
  #lastMissedAt;

  constructor(name, room) {
    this.room = room;
    this.client = new Client({ url: config.url, name, room, awayMs: config.awayMs }, {
      connecting: () => { this.#connectingAt = nowMs(); },
      message: (data) => this.#receive(data),
      gap: (from, to) => {
        this.gaps++;
        this.record.tell(from, to);
      },
    });
  }

  cut() {
    if (!this.client.connected) return;
    this.endRecovery();
    this.cuts++;
    this.client.cut(config.silent);
  }

  /** Of the last reconnect: no more of what was missed is expected. */
  endRecovery() {
    if (this.#lastMissedAt !== undefined) this.recoveryMs.push(this.#lastMissedAt - this.#connectingAt);
    this.#lastMissedAt = undefined;
  }

  #receive({ n, sentAt }) {
    this.record.receive(n);
    if (!this.cuts || sentAt >= this.#connectingAt) return;
    this.recovered++;
    this.#lastMissedAt = nowMs();
  }
}

async function connectMembers() {
  const members = [];
  for (const room of config.rooms) {
    for (let i = 0; i < config.clientsPerRoom; i++) {
      members.push(new Member(`${room}-${i}`, room));
      if (members.length % connectingAtOnce === 0) await members.at(-1).client.joined;
    }
  }
  await Promise.all(members.map(({ client }) => client.joined));
  return members;
}

// Each at a time of its own in every period, for `cutMs` in all.
function cutAll(members, cutMs) {
  const end = nowMs() + cutMs;
  const again = (member, at) => {
    if (at >= end) return;
    setTimeout(() => {
      member.cut();
      again(member, at + config.everyMs);
    }, at - nowMs());
  };
  const start = nowMs();
  for (const member of members) again(member, start + Math.random() * config.everyMs);
}

async function settle(members, totals) {
  const end = nowMs() + config.settleMs;
  const complete = ({ record, room }) => record.complete(totals[room]);
  while (nowMs() < end && !members.every(complete)) await delay(100);
}

function resultOf(members, totals) {
  const sum = {};
  const add = (counts) => {
    for (const [name, count] of Object.entries(counts)) sum[name] = (sum[name] ?? 0) + count;
  };
  for (const member of members) {
    member.endRecovery();
    const { gaps, recovered, cuts } = member;
    add({ ...member.record.result(totals[member.room]), gaps, recovered, cuts });
  }
  return sum;
}

const members = await connectMembers();
console.log('ready');
const { cutMs } = await nextLine();
const lag = monitorEventLoopDelay({ resolution: 1 });
lag.enable();
cutAll(members, cutMs);
const totals = await nextLine();
lag.disable();
await settle(members, totals);
const counts = resultOf(members, totals);
const recoveryMs = members.flatMap((member) => member.recoveryMs.map((ms) => Math.round(ms * 100) / 100));
process.stdout.write(`${JSON.stringify({ counts, recoveryMs, lagMs: lag.percentile(99) / 1e6 })}\n`, () => process.exit());
