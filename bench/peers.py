"""Servers, honest rooms and attackers, for the benchmarks of slow and hostile peers."""

import base64
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import urllib.request

from side_by_side import milliseconds

ROOT = pathlib.Path(__file__).resolve().parent.parent
UPGRADE = (b"GET /ws HTTP/1.1\r\nHost: bench\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
           b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
           + base64.b64encode(b"0123456789abcdef") + b"\r\n")


def masked_frame(payload, first=0x81):
    """One frame of a client; the key is 0, so the payload stays as it is."""
    size = len(payload)
    if size < 126:
        head = bytes([first, 0x80 | size])
    elif size < 65536:
        head = bytes([first, 0x80 | 126]) + size.to_bytes(2, "big")
    else:
        head = bytes([first, 0x80 | 127]) + size.to_bytes(8, "big")
    return head + b"\0\0\0\0" + payload


def message(event, data):
    return masked_frame(json.dumps({"event": event, "data": data}).encode())


class Process:
    """A program whose stdout is read line by line; ended with the context."""

    def __init__(self, command, nice=0, stderr=None):
        self.process = subprocess.Popen([str(word) for word in command], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=stderr, text=True,
                                        preexec_fn=lambda: os.nice(nice))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    def line_with(self, pattern):
        for line in self.process.stdout:
            if found := re.search(pattern, line):
                return found
        return sys.exit(f"ended early: {' '.join(map(str, self.process.args))}")


class BenchServer(Process):
    """bench-app, with what it counts."""

    def __init__(self, binaries, *flags):
        super().__init__([binaries / "bench-app", "--listen", "127.0.0.1:0", *flags])
        self.address = self.line_with(r"listening on (\S+:\d+)")[1]
        self.tls_address = None
        if "--listen-tls" in flags:
            self.tls_address = self.line_with(r"listening on (\S+:\d+) \(TLS\)")[1]

    def stats(self):
        with urllib.request.urlopen(f"http://{self.address}/stats", timeout=20) as answer:
            return json.load(answer)

    def counters(self):
        return self.stats()["counters"]

    def resident_bytes(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) * 1024

    def await_stats(self, condition, what, seconds=60):
        end = time.monotonic() + seconds
        while not condition(self.stats()):
            if time.monotonic() > end:
                sys.exit(f"it never came: {what}")
            time.sleep(0.1)


class PacedRoom(Process):
    """Honest clients of a room, of which the first publishes so many messages a second."""

    def __init__(self, binaries, server, clients, size, rate, seconds, room="lobby"):
        super().__init__([binaries / "wscast", "bench", "fanout", f"ws://{server.address}",
                          "--publish-event", "pub", "--publishers", 1, "--clients", clients, "--size", size,
                          "--rate", rate, "--duration", milliseconds(seconds), "--warm-up", 0, "--room", room,
                          "--json", "--on-request"])
        self.line_with("ready")

    def start(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def result(self):
        line = self.process.stdout.readline()
        return json.loads(line) if line else sys.exit("the honest room lost a connection")

    def measure(self):
        self.start()
        return self.result()


class Attack(Process):
    """Connections that send the given bytes, to the port with TLS if there is one; see `bench-driver attack`.
    Nice, so that it is the server and not the processor that they take."""

    def __init__(self, binaries, server, clients, prologue, drip=b"", flood=b"", every_ms=500,
                 deaf=False):
        self.folder = tempfile.TemporaryDirectory()
        command = [binaries / "bench-driver", "attack", "--connect", server.tls_address or server.address,
                   "--clients", clients, "--every-ms", every_ms]
        for name, content in (("prologue", prologue), ("drip", drip), ("flood", flood)):
            if content:
                file = pathlib.Path(self.folder.name) / name
                file.write_bytes(content)
                command += [f"--{name}", file]
        super().__init__(command + (["--deaf"] if deaf else []), nice=19)
        self.line_with("ready")

    def end(self):
        """Answers how many connections were opened, and ended by the server."""
        self.process.stdin.close()
        return json.loads(self.process.stdout.readline())

    def __exit__(self, *arguments):
        super().__exit__(*arguments)
        self.folder.cleanup()
