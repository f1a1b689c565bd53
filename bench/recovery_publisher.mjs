// Publishes for bench/recovery, to all rooms in turn, each message with its number in the room: writes
// "ready", begins with the first line of stdin, and writes how many each room had once all are acknowledged.
import { once } from 'node:events';
import { nowMs } from './monotonic_clock.mjs';
import { peers } from './recovery_peers.mjs';

const config = JSON.parse(process.argv[2]);
const publisher = new peers[config.peer].Publisher(config.url);
const tickMs = 5;

await publisher.join(config.rooms);
console.log('ready');
await once(process.stdin, 'data');

const totals = Object.fromEntries(config.rooms.map((room) => [room, 0]));
const acks = [];
const start = nowMs();
const publishDue = () => {
  const due = Math.min(nowMs() - start, config.publishMs) / 1000 * config.rate;
  while (acks.length < due) {
    const room = config.rooms[acks.length % config.rooms.length];
    acks.push(publisher.publish(room, { n: ++totals[room], sentAt: nowMs() }));
  }
};
await new Promise((resolve) => {
  const timer = setInterval(() => {
    publishDue();
    if (nowMs() - start < config.publishMs) return;
    clearInterval(timer);
    resolve();
  }, tickMs);
});
await Promise.all(acks);
process.stdout.write(`${JSON.stringify(totals)}\n`, () => process.exit());
