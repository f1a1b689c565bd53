"""The servers that bench/compare starts, each with the handlers of bench-app as far as it can have them."""

import contextlib
import functools
import pathlib
import tempfile

from redis_process import running_redis
from service import free_port
from side_by_side import Driven

ROOT = pathlib.Path(__file__).resolve().parent.parent
INTEROP = ROOT / "tests/interop"
BUN = INTEROP / "node_modules/@oven/bun-linux-x64/bin/bun"
MODULES = ROOT / "bench/node_modules"
NATS = pathlib.Path("/usr/sbin/nats-server")


class Peer:
    """How to start a server, what it lacks here, and with which wscast it is compared."""

    def __init__(self, title, command, beside="wscast", protocol=(), cases=("fanout", "echo", "connect", "idle"),
                 needs=None, lack=""):
        self.title, self.command, self.beside = title, command, beside
        self.protocol, self.cases, self.needs, self.lack = protocol, cases, needs, lack

    def missing(self):
        return self.lack if self.needs and not self.needs.exists() else None


class Context:
    """What commands need: programs, a folder for files, and a Redis each, since the reference and wscast
    would take part in each other's rooms on one. Use it by `with`."""

    def __init__(self, binaries):
        self.binaries, self.ports, self.open = binaries, {}, contextlib.ExitStack()

    def __enter__(self):
        self.folder = pathlib.Path(self.open.enter_context(tempfile.TemporaryDirectory()))
        return self

    def __exit__(self, *_):
        self.open.close()

    def redis(self, name):
        """Its port."""
        if name not in self.ports:
            self.ports[name] = self.open.enter_context(running_redis(self.folder))
        return str(self.ports[name])


def bench_app(context, *flags):
    return [context.binaries / "bench-app", "--listen", "127.0.0.1:0", "--shards", "1", *flags], None


def floor(mode, context):
    return [context.binaries / "floor", "--listen", "127.0.0.1:0", "--mode", mode], None


def nats(context):
    port, other = free_port(), free_port()
    file = context.folder / f"nats-{port}.conf"
    file.write_text(f'listen: "127.0.0.1:{other}"\n'
                    f'websocket {{ listen: "127.0.0.1:{port}", no_tls: true }}\n')
    return [NATS, "-c", file], f"127.0.0.1:{port}"


PEERS = {
    "wscast": Peer("wscast", bench_app),
    "wscast-redis": Peer("wscast with Redis", lambda context: bench_app(
        context, "--redis", f"redis://127.0.0.1:{context.redis('wscast')}"), beside="wscast-redis"),
    "reference": Peer("the reference on Bun, with Redis",
                      lambda context: ([BUN, INTEROP / "support/reference_app.mjs",
                                        context.redis("reference")], None),
                      beside="wscast-redis", needs=BUN, lack="npm ci in tests/interop"),
    "socket.io": Peer("Socket.IO on Node, with its Redis adapter",
                      lambda context: (["node", ROOT / "bench/peers/socket_io.mjs",
                                        context.redis("socket.io")], None),
                      beside="wscast-redis", protocol=("--protocol", "socket.io"),
                      needs=MODULES / "@socket.io/redis-adapter", lack="npm ci in bench"),
    "ws": Peer("ws on Node", lambda context: (["node", ROOT / "bench/peers/ws.mjs"], None),
               needs=MODULES / "ws", lack="npm ci in bench"),
    "nats": Peer("nats-server", nats, protocol=("--protocol", "nats"), cases=("fanout",), needs=NATS,
                 lack="scripts/install-deps test"),
    "floor": Peer("the floor", functools.partial(floor, "fanout"), cases=("fanout",)),
}

CASES = {
    "fanout": ("fan-out to {clients:,}, 64 bytes", "CPU a delivery, µs"),
    "echo": ("echo, 100 clients, 64 bytes", "CPU a round trip, µs"),
    "connect": ("connect and authenticate", "CPU a connection, µs"),
    "idle": ("{idle:,} idle clients", "memory a connection, bytes"),
}


def idle_clients(clients):
    """More, because the memory of the first 200, which come and go, may be used again."""
    return 2 * clients


def load_of(case, name, arguments):
    peer = PEERS[name]
    # The floor knows no other event, and sends to all but the sender.
    event = "publish" if name == "floor" else "pub"
    flags = {"fanout": ["--clients", arguments.clients, "--publish-event", event, "--publishers", 1],
             "echo": ["--clients", 100, "--publish-event", "echo"],
             "connect": ["--clients", 20], "idle": ["--clients", idle_clients(arguments.clients)]}[case]
    return [arguments.bin / "wscast", "bench", case, "ws://ADDRESS", *peer.protocol, *flags]


def start(case, name, context, arguments):
    """Starts a server with its load."""
    command, address = PEERS[name].command(context)
    return Driven(command, load_of(case, name, arguments), arguments.turn, context.folder, address=address,
                  warm_up=arguments.warm_up)
