"""Processes that listen on ports of their own, for benchmarks that end them and start them again."""

import random
import signal
import socket
import subprocess
import sys
import time


def free_port():
    """Not among those that the system gives to connections, which would take it while it is free."""
    while True:
        port = random.randrange(22_000, 32_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                pass


def await_port(port, seconds=20):
    end = time.monotonic() + seconds
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            if time.monotonic() > end:
                sys.exit(f"nothing listens on port {port}")
            time.sleep(0.05)


class Service:
    """A process that listens on ports of its own, and can be started again there."""

    def __init__(self, command, folder, *ports):
        self.command, self.folder, self.ports = command, folder, ports
        self.log_file = folder / f"{ports[0]}.log"
        self.log = self.log_file.open("a", encoding="utf8")
        self.start()

    def start(self):
        self.process = subprocess.Popen(self.command, cwd=self.folder, stdout=self.log,
                                        stderr=self.log)
        for port in self.ports:
            await_port(port)

    def end(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        self.process.wait()

    def memory_mib(self):
        for line in open(f"/proc/{self.process.pid}/status"):
            if line.startswith("VmRSS"):
                return int(line.split()[1]) / 1024
        return 0


def make_redis(folder):
    port = free_port()
    return Service(["redis-server", "--port", str(port), "--save", "", "--bind", "127.0.0.1"],
                   folder, port)


def end_all(services):
    for service in services:
        if service.process.poll() is None:
            service.process.terminate()
            service.process.wait()
