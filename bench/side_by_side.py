"""Servers that run beside each other, each under a load that measures when it is asked to."""

import contextlib
import json
import os
import re
import statistics
import subprocess
import sys

from ratio_statistics import quantile
from service import await_port


def milliseconds(seconds):
    """A time as `wscast bench` reads it."""
    return f"{round(seconds * 1000)}ms"


def pinned(core, command):
    return ["taskset", "-c", str(core), *command] if (os.cpu_count() or 1) > 1 else command


def await_address(server, command):
    """What a server prints when it is there."""
    address = next((match[1] for match in (re.search(r"(?:listening on |\"ready\":\")(\S+:\d+)", line)
                                           for line in server.stdout) if match), None)
    if address is None:
        sys.exit(f"did not start: {' '.join(map(str, command))}")
    return address


class Server:
    """A server with a core of its own. `address`: of one that does not print it."""

    def __init__(self, command, folder=None, address=None):
        self.process = subprocess.Popen(pinned(0, command), stdin=subprocess.PIPE, cwd=folder,
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        if address:
            await_port(int(address.rpartition(":")[2]))
        self.address = address or await_address(self.process, command)

    def load(self, words, *flags):
        """The command of a load for it, where ADDRESS stands for its own."""
        words = [str(word).replace("ADDRESS", self.address) for word in words]
        return pinned(1, [*words, "--pid", str(self.process.pid), "--json", *map(str, flags)])

    def end(self):
        self.process.terminate()
        self.process.wait()


class Driven:
    """One server and its load, which takes turns of `turn` seconds; server and load get a core each.

    `load` is a command of `wscast bench`, with ADDRESS where the server's stands.
    """

    def __init__(self, server, load, turn, folder=None, address=None, warm_up=0.2):
        self.used_us = self.messages = 0
        self.server = Server(server, folder, address)
        self.load = subprocess.Popen(
            self.server.load(load, "--duration", milliseconds(turn), "--warm-up", milliseconds(warm_up),
                             "--on-request"),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if "ready" not in self.load.stdout.readline():
            self.server.end()
            sys.exit(f"failed: {' '.join(map(str, load))}")

    def take_turn(self):
        with contextlib.suppress(BrokenPipeError):  # Then there is no line.
            self.load.stdin.write("\n")
            self.load.stdin.flush()
        line = self.load.stdout.readline()
        if not line:
            sys.exit("a load has failed")
        answer = json.loads(line)
        self.messages += answer["messages"]
        self.used_us += answer["messages"] * answer["serverCpuUsPerMessage"]

    def us_a_message(self):
        return self.used_us / self.messages

    def end(self):
        with contextlib.suppress(BrokenPipeError):  # It has failed.
            self.load.stdin.close()
        failed = self.load.wait()
        self.server.end()
        if failed:
            sys.exit(f"load failed: {failed}")


def measure(makers, turns):
    """Starts each, in the order given, and lets them take turns. Server CPU a message, by name."""
    driven = {}
    with contextlib.ExitStack() as ends:  # All, also when one has failed.
        for name, make in makers.items():
            driven[name] = make()
            ends.callback(driven[name].end)
        for _ in range(turns):
            for one in driven.values():
                one.take_turn()
    return {name: one.us_a_message() for name, one in driven.items()}


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
          f"{median:.3f} | {quantile(ratios, 0.05):.3f} to {quantile(ratios, 0.95):.3f} |",
          flush=True)
    return median


def add_arguments(parser, binaries):
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--turns", type=int, default=15, help="of each server in a round")
    parser.add_argument("--turn", type=float, default=0.1, metavar="SECONDS")
    parser.add_argument("--bin", type=type(binaries), default=binaries)
    parser.add_argument("--max-ratio", type=float, help="fail when a median ratio is over this")


def add_warm_up(parser):
    """For comparisons with JavaScript, which is compiled while it runs: not all of it in 2 s."""
    parser.add_argument("--warm-up", type=float, default=8, metavar="SECONDS", help="of load before the turns")


def exit_if_over(max_ratio, ratios):
    over = [f"{name} {ratio:.3f}" for name, ratio in ratios.items()
            if ratio > (max_ratio or float("inf"))]
    if over:
        sys.exit(f"over --max-ratio {max_ratio}: {', '.join(over)}")
