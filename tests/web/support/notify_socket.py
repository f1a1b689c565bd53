"""Receives as systemd does: prints each datagram that comes to the Unix socket, as a line of JSON.

notify_socket.py PATH; the first line is `ready`.
"""

import json
import socket
import sys

with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
    receiver.bind(sys.argv[1])
    print("ready", flush=True)
    while True:
        print(json.dumps(receiver.recv(65536).decode()), flush=True)
