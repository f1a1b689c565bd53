"""A redis-server of one's own."""

import contextlib
import socket
import subprocess
import sys


@contextlib.contextmanager
def running_redis(folder):
    """Runs one without persistence on a free port, which it gives, until the block is left."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with subprocess.Popen(["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "",
                           "--dir", folder], stdout=subprocess.PIPE, text=True) as redis:
        try:
            if not any("Ready to accept connections" in line for line in redis.stdout):
                sys.exit("redis-server did not start")
            yield port
        finally:
            redis.kill()
