"""Servers that run beside each other, each under a load that measures when it is asked to."""

import json
import os
import re
import statistics
import subprocess
import sys


def milliseconds(seconds):
    """A time as `wscast bench` reads it."""
    return f"{round(seconds * 1000)}ms"


def pinned(core, command):
    return ["taskset", "-c", str(core), *command] if (os.cpu_count() or 1) > 1 else command


class Driven:
    """One server and its load, which takes turns of `turn` seconds; server and load get a core each.

    `load` is a command of `wscast bench`, with ADDRESS where the server's stands.
    """

    def __init__(self, server, load, turn, folder=None):
        self.used_us = self.messages = 0
        self.server = subprocess.Popen(pinned(0, server), stdin=subprocess.PIPE, cwd=folder,
                                       stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        address = next((match[1] for match in (re.search(r"(?:listening on |\"ready\":\")(\S+:\d+)",
                                                         line) for line in self.server.stdout)
                        if match), None)
        if address is None:
            sys.exit(f"did not start: {' '.join(map(str, server))}")
        self.load = subprocess.Popen(
            pinned(1, [*(str(word).replace("ADDRESS", address) for word in load), "--duration",
                       milliseconds(turn), "--warm-up", "200ms", "--pid", str(self.server.pid), "--json",
                       "--on-request"]),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if "ready" not in self.load.stdout.readline():
            self.server.terminate()
            sys.exit(f"failed: {' '.join(map(str, load))}")

    def take_turn(self):
        self.load.stdin.write("\n")
        self.load.stdin.flush()
        answer = json.loads(self.load.stdout.readline())
        self.messages += answer["messages"]
        self.used_us += answer["messages"] * answer["serverCpuUsPerMessage"]

    def us_a_message(self):
        return self.used_us / self.messages

    def end(self):
        self.load.stdin.close()
        failed = self.load.wait()
        self.server.terminate()
        self.server.wait()
        if failed:
            sys.exit(f"load failed: {failed}")


def measure(makers, turns):
    """Starts each, in the order given, and lets them take turns. Server CPU a message, by name."""
    driven = {name: make() for name, make in makers.items()}
    try:
        for _ in range(turns):
            for one in driven.values():
                one.take_turn()
    finally:
        for one in driven.values():
            one.end()
    return {name: one.us_a_message() for name, one in driven.items()}


def percentile(values, share):
    ordered = sorted(values)
    position = share * (len(ordered) - 1)
    low = int(position)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (position - low)


def compare(title, makers, rounds, turns):
    """Prints a row about two servers, the second against the first; answers the median ratio."""
    first, second = makers
    seen = {name: [] for name in makers}
    for number in range(rounds):
        order = [first, second] if number % 2 == 0 else [second, first]
        for name, used in measure({name: makers[name] for name in order}, turns).items():
            seen[name].append(used)
    ratios = [ours / theirs for ours, theirs in zip(seen[second], seen[first])]
    median = statistics.median(ratios)
    print(f"| {title} | {statistics.median(seen[first]):.2f} | {statistics.median(seen[second]):.2f} | "
          f"{median:.3f} | {percentile(ratios, 0.05):.3f} to {percentile(ratios, 0.95):.3f} |",
          flush=True)
    return median


def add_arguments(parser, binaries):
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--turns", type=int, default=15, help="of each server in a round")
    parser.add_argument("--turn", type=float, default=0.1, metavar="SECONDS")
    parser.add_argument("--bin", type=type(binaries), default=binaries)
    parser.add_argument("--max-ratio", type=float, help="fail when a median ratio is over this")


def exit_if_over(max_ratio, ratios):
    over = [f"{name} {ratio:.3f}" for name, ratio in ratios.items()
            if ratio > (max_ratio or float("inf"))]
    if over:
        sys.exit(f"over --max-ratio {max_ratio}: {', '.join(over)}")
