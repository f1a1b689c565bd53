#!/usr/bin/env python3
"""Writes the first inputs of the fuzz targets, from readable cases, to fuzz/corpus/<target>/seed-*.

An input is one byte of choices, two bytes that say how to cut (fuzz/stream.h), then the stream; that
of a target which reads texts is the text, that of encrypted_channel_fuzz, of session_fuzz and of tls_stream_fuzz
a sequence of choices (fuzz/choices.h).
What fuzzing added lies beside the seeds, named by libFuzzer; `-merge=1` keeps that small.
"""

import base64
import pathlib
import struct
import zlib

CORPUS = pathlib.Path(__file__).parent / "corpus"
BYTEWISE, SMALL_PIECES, LARGE_PIECES = 0, 0x0101, 0x0107
CUTS = (BYTEWISE, SMALL_PIECES, LARGE_PIECES)
MASK = bytes([0x37, 0xFA, 0x21, 0x3D])
CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10


def frame(opcode, payload=b"", fin=True, masked=True, rsv=0):
    size = len(payload)
    first = (0x80 if fin else 0) | rsv << 4 | opcode
    flag = 0x80 if masked else 0
    if size <= 125:
        head = struct.pack("!BB", first, flag | size)
    elif size <= 0xFFFF:
        head = struct.pack("!BBH", first, flag | 126, size)
    else:
        head = struct.pack("!BBQ", first, flag | 127, size)
    if not masked:
        return head + payload
    return head + MASK + bytes(b ^ MASK[i % 4] for i, b in enumerate(payload))


def close(code, reason=b"", **options):
    return frame(CLOSE, struct.pack("!H", code) + reason, **options)


def streams_of_frames(masked):
    def f(*arguments, **options):
        return frame(*arguments, masked=masked, **options)

    return {
        "text": f(TEXT, "h\u00e9llo \U0001f600".encode()),
        "empty": f(TEXT) + f(BINARY) + f(PING) + f(PONG),
        "binary-126": f(BINARY, bytes(range(126))),
        "limit": f(BINARY, b"x" * 100) + f(BINARY, b"x" * 101),
        "fragments": f(TEXT, b"a", fin=False) + f(PING, b"p") + f(CONTINUATION, b"b", fin=False)
        + f(CONTINUATION) + f(TEXT, b"next"),
        "fragments-over-limit": f(BINARY, b"x" * 60, fin=False) + f(CONTINUATION, b"x" * 60),
        "split-character": f(TEXT, b"\xf0\x9f", fin=False) + f(CONTINUATION, b"\x98\x80"),
        "bad-utf8": f(TEXT, b"ok") + f(TEXT, b"\xed\xa0\x80"),
        "bad-utf8-fragment": f(TEXT, b"\xf4", fin=False) + f(CONTINUATION, b"\x90"),
        "unfinished-utf8": f(TEXT, b"\xe2\x82"),
        "close": close(1000, b"bye", masked=masked),
        "close-empty": f(CLOSE),
        "close-one-byte": f(CLOSE, b"\x03"),
        "close-1005": close(1005, masked=masked),
        "close-bad-utf8": close(1000, b"\xff", masked=masked),
        "lone-continuation": f(CONTINUATION, b"x"),
        "message-inside": f(TEXT, b"a", fin=False) + f(TEXT, b"b"),
        "rsv1": f(TEXT, b"x", rsv=4),
        "rsv2": f(TEXT, b"x", rsv=2),
        "opcode-3": f(3, b"x"),
        "long-ping": f(PING, b"x" * 126),
        "fragmented-ping": f(PING, b"x", fin=False),
        "wrong-mask": frame(TEXT, b"x", masked=not masked),
        "not-minimal-16": bytes([0x82, (0x80 if masked else 0) | 126, 0, 125]),
        "not-minimal-64": bytes([0x82, (0x80 if masked else 0) | 127]) + struct.pack("!Q", 65535),
        "top-bit": bytes([0x82, (0x80 if masked else 0) | 127]) + struct.pack("!Q", 1 << 63),
        "huge": bytes([0x82, (0x80 if masked else 0) | 127]) + struct.pack("!Q", (1 << 63) - 1) + MASK,
        "half": f(BINARY, b"0123456789")[:-3],
    }


def deflated(message, bits=15):
    """The payload of a compressed message (RFC 7692 section 7.2.1)."""
    compressor = zlib.compressobj(wbits=-bits)
    return (compressor.compress(message) + compressor.flush(zlib.Z_SYNC_FLUSH))[:-4]


HELLO = deflated(b"Hello")
FINAL = b"\xf3\x48\xcd\xc9\xc9\x07\x00"
COMPRESSED = {
    "deflate": frame(TEXT, HELLO, rsv=4) + frame(BINARY, HELLO, rsv=4) + frame(TEXT, b"plain"),
    "deflate-fragments": frame(TEXT, HELLO[:3], fin=False, rsv=4) + frame(PING, b"p")
    + frame(CONTINUATION, HELLO[3:], fin=False) + frame(CONTINUATION),
    "deflate-empty": frame(TEXT, b"\0", rsv=4) + frame(TEXT, b"", rsv=4),
    "deflate-stored": frame(TEXT, b"\0\5\0\xfa\xffHello\0", rsv=4),
    "deflate-final": frame(TEXT, FINAL + b"\0", rsv=4) + frame(TEXT, FINAL, rsv=4)
    + frame(TEXT, FINAL + HELLO, rsv=4),
    "deflate-two-blocks": frame(TEXT, b"\xf2\x48\5\0\0\0\xff\xff\xca\xc9\xc9\7\0", rsv=4),
    "deflate-takeover": frame(TEXT, HELLO, rsv=4) + frame(TEXT, b"\xf2\0\x11\0\0", rsv=4),
    "deflate-dynamic": frame(TEXT, deflated(b"".join(b"%d," % (i * i) for i in range(600)), 9), rsv=4),
    "deflate-bomb": frame(BINARY, deflated(b"x" * 100_000), rsv=4),
    "deflate-limit": frame(BINARY, deflated(b"x" * 70_000), rsv=4),
    "deflate-bad-utf8": frame(TEXT, deflated(b"\xc0\xaf"), rsv=4),
    "deflate-invalid": frame(TEXT, b"\xff\xff", rsv=4),
    "deflate-half": frame(TEXT, HELLO[:4], rsv=4),
    "deflate-continuation": frame(TEXT, HELLO, fin=False, rsv=4) + frame(CONTINUATION, rsv=4),
    "deflate-ping": frame(PING, b"", rsv=4),
}

OFFERS = {
    "plain": "permessage-deflate",
    "all": "permessage-deflate; server_no_context_takeover; client_no_context_takeover; "
           "server_max_window_bits=12; client_max_window_bits=8",
    "window-without-value": "permessage-deflate; client_max_window_bits",
    "server-8": "permessage-deflate; server_max_window_bits=8, permessage-deflate",
    "quoted": 'permessage-deflate; server_max_window_bits="1\\0"',
    "repeated": "permessage-deflate; client_max_window_bits; client_max_window_bits=9",
    "unknown": "permessage-deflate; foo, bar;a=1, permessage-deflate;server_max_window_bits=9",
    "value": "permessage-deflate; server_no_context_takeover=1",
    "range": "permessage-deflate; server_max_window_bits=16, permessage-deflate; "
             "client_max_window_bits=09",
    "malformed": 'permessage-deflate; a="',
    "response": "permessage-deflate; server_no_context_takeover; server_max_window_bits=9",
}

GOOD = {
    "Host": "example.com",
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version": "13",
}


def request(line="GET /ws HTTP/1.1", extra=(), **changed):
    fields = {**GOOD, **{name.replace("_", "-"): value for name, value in changed.items()}}
    lines = [line] + [f"{name}: {value}" for name, value in fields.items() if value is not None]
    return "\r\n".join([*lines, *extra, "", ""]).encode("latin-1")


REQUESTS = {
    "good": request(),
    "good-with-frames": request() + frame(TEXT, b"hello"),
    "empty-line-first": b"\r\n" + request(),
    "protocols": request(extra=["Sec-WebSocket-Protocol: superchat, chat", "Sec-WebSocket-Protocol: b"]),
    "protocols-bad": request(extra=["Sec-WebSocket-Protocol: a,,a"]),
    "extensions": request(
        extra=['Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits="1\\0", foo']),
    "extensions-bad": request(extra=['Sec-WebSocket-Extensions: foo; a="']),
    "post": request(line="POST /ws HTTP/1.1", extra=["Content-Length: 3"]) + b"abc",
    "absolute": request(line="GET http://example.com?x HTTP/1.1"),
    "absolute-path": request(line="GET wss://[::1]:8443/ws?x HTTP/1.1"),
    "options": request(line="OPTIONS * HTTP/1.1"),
    "connect": request(line="CONNECT example.com:443 HTTP/1.1"),
    "http-1.0": request(line="GET /ws HTTP/1.0"),
    "http-2.0": request(line="GET /ws HTTP/2.0"),
    "no-upgrade": request(Upgrade=None),
    "upgrade-list": request(Upgrade="h2c, WebSocket", Connection="keep-alive, upgrade"),
    "no-connection": request(Connection=None),
    "version-8": request(Sec_WebSocket_Version="8"),
    "two-versions": request(extra=["sec-websocket-version: 8"]),
    "bad-key": request(Sec_WebSocket_Key="dGhl"),
    "no-host": request(Host=None),
    "two-hosts": request(extra=["host: other"]),
    "fold": request(extra=["A: b", " c"]),
    "bare-lf": request().replace(b"\r\n", b"\n"),
    "nul": request(extra=["A: b\0c"]),
    "smuggle": request(extra=["Content-Length: 4", "Transfer-Encoding: chunked"]),
    "xchunked": request(extra=["Transfer-Encoding: xchunked"]),
    "two-lengths": request(extra=["Content-Length: 4", "Content-Length: 5"]),
    "many-fields": request(extra=[f"F{i}: x" for i in range(120)]),
    "long-field": request(extra=["F: " + "x" * 400]),
    "half": request()[:60],
    "tls": bytes([0x16, 3, 1, 2, 0, 1]),
}


def bulk(value):
    return b"$%d\r\n%s\r\n" % (len(value), value)


def array(*values):
    return b"*%d\r\n" % len(values) + b"".join(values)


REPLIES = {
    "each-kind": b"+OK\r\n-ERR no\r\n:-12\r\n$-1\r\n*-1\r\n*0\r\n" + bulk(b"a\r\nb") + bulk(b""),
    "message": array(bulk(b"message"), bulk(b"ws:room:a"), bulk(b'{"serverId":"s"}')),
    "subscribe": array(bulk(b"subscribe"), bulk(b"ws:broadcast"), b":1\r\n") * 2,
    "role": array(bulk(b"master"), b":3129659\r\n",
                  array(array(bulk(b"127.0.0.1"), bulk(b"9001"), bulk(b"3129242")))),
    "oversize": array(bulk(b"message"), bulk(b"x" * 17), bulk(b"\r\n" * 100)) + b"+OK\r\n",
    "oversize-alone": bulk(b"x" * 16) + bulk(b"x" * 17) + b":1\r\n",
    "nested": array(array(array(b":1\r\n"), b"*0\r\n"), b"$-1\r\n"),
    "deep": b"*1\r\n" * 8 + b":1\r\n" + b"*1\r\n" * 9 + b":1\r\n",
    "many": array(*[b":1\r\n"] * 5),
    "long-line": b"+" + b"x" * 32 + b"\r\n+" + b"x" * 33 + b"\r\n",
    "half-ends": b"+a\rb\nc\r\r\n:1\r\n",
    "integers": b":9223372036854775807\r\n:-9223372036854775808\r\n:9223372036854775808\r\n",
    "bad-length": b":1\r\n$-2\r\n",
    "bad-count": b"*-2\r\n",
    "leading-zero": b"$01\r\na\r\n",
    "huge": b"$9223372036854775807\r\nabc",
    "huge-count": b"*9223372036854775807\r\n",
    "too-long": b"$1\r\nabc\r\n",
    "no-type": b":1\r\nHTTP/1.1 400 Bad Request\r\n",
    "half": array(bulk(b"message"), bulk(b"ws:room:a"))[:-4],
}

PUBLISHED = {
    "room": '{"serverId":"s","type":"room","target":"r","event":"e","data":{"a":[1]},"exclude":["c"]}',
    "client": '{"serverId":"emitter","type":"client","target":"c","event":"e","data":null}',
    "user": '{"serverId":"s","type":"user","target":"\\u0061\\n","event":"\\ud83d\\ude00"}',
    "broadcast": '{"serverId":"s","type":"broadcast","event":"","exclude":[]}',
    "own": '{"serverId":"own","type":"broadcast","event":"e"}',
    "duplicates": '{"serverId":"s","type":"room","type":"user","target":"a","t\\u0061rget":"b",'
                  '"event":"e"}',
    "exclude-forgiving": '{"serverId":"s","type":"broadcast","event":"e",'
                         '"exclude":[1,"a",null,["b"],"\\ud800",{"c":"d"}]}',
    "exclude-object": '{"serverId":"s","type":"broadcast","event":"e","exclude":{"0":"a","length":1}}',
    "unknown-type": '{"serverId":"s","type":"rooms","target":"r","event":"e"}',
    "no-target": '{"serverId":"s","type":"room","event":"e"}',
    "surrogate": '{"serverId":"\\ud800","type":"room","target":"\\udc00","event":"e"}',
    "event-surrogate": '{"serverId":"s","type":"broadcast","event":"\\ud800"}',
    "no-event": '{"serverId":"s","type":"broadcast"}',
    "array": '[{"serverId":"s"}]',
    "deep": '{"serverId":"s","type":"broadcast","event":"e","data":[[[[[[[[]]]]]]]]}',
    "announce": '{"serverId":"s","type":"server","target":"all","event":"announce","data":'
                '{"identifier":"a\\n","version":"1.2.3","startedAt":1769860800000,"draining":false,'
                '"connections":4,"clients":3,"authenticated":2,"rooms":1,"stopped":true,'
                '"greeting":true}}',
    "announce-number": '{"serverId":"s","type":"server","target":"all","event":"announce","data":'
                       '{"identifier":"a","version":"1","startedAt":9999999999999999,'
                       '"draining":false,"connections":-1,"clients":3.5,"authenticated":2,'
                       '"rooms":1,"stopped":0,"greeting":"true"}}',
    "request": '{"serverId":"s","type":"server","target":"t","event":"request","data":'
               '{"id":18446744073709551615,"timeoutMs":500,"request":[1, {"a":2}]}}',
    "request-late": '{"serverId":"s","type":"server","target":"t","event":"request","data":'
                    '{"id":1,"timeoutMs":10001,"request":1}}',
    "response": '{"serverId":"s","type":"server","target":"t","event":"response","data":'
                '{"id":7,"response":{"status":200,"body":{}}}}',
    "response-failed": '{"serverId":"s","type":"server","target":"t","event":"response",'
                       '"data":{"id":7}}',
    "server-surrogate": '{"serverId":"\\ud800","type":"server","target":"t","event":"response"}',
    "white-space": ' { "serverId" : "s" , "type" : "broadcast" , "event" : "e" , "data" : [ 1 ] } ',
}

KEY = b"BLaVGXdu+TcdDXOpuA6RnfCX1Szkh2XrOvfdrg6WI+TzbbKiFHR/I9hqOs6NIwCKsvLyy/a1ZraUaE1MYNRgFJ0="
INSIDE = b'{"event":"e","data":1}'
ENCRYPTED = b'{"iv":"////AQAAAAAAAAAB","ct":"AAAAAAAAAAAAAAAAAAAAAA=="}'


def text(characters):
    return bytes([len(characters)]) + characters


# What encrypted_channel_fuzz does, first which of it.
CHANNELS = {
    "agree": b"\0\0" + text(KEY),
    "agree-unpadded": b"\0\0" + text(KEY[:-1]),
    "agree-last-bits": b"\0\0" + text(KEY[:-2] + b"1="),
    "agree-off-curve": b"\0\0" + text(KEY[:-4] + b"FJ4="),
    "agree-hybrid": b"\0\0" + text(b"B" + KEY[1:]),
    "agree-no-random": b"\0\1" + text(KEY),
    "open": b"\1" + text(ENCRYPTED) + b"\1" + text(ENCRYPTED.replace(b"/", b"\\/")),
    "open-short": b"\1" + text(ENCRYPTED.replace(b"A==", b"")) + b"\1" + text(b'{"iv":1,"ct":[]}'),
    "change-iv": b"\2" + text(INSIDE) + b"\0\x20\1" + text(b"B"),
    "change-text": b"\2" + text(INSIDE) + b"\1\x80\1" + text(b"B") + b"\xa0\0" + text(b" "),
    "escape": b"\2" + text(INSIDE) + b"\0\x1c\1" + text(b"\\/"),
    "receive": b"\3\0" + text(INSIDE) + b"\3\0" + text(b"") + b"\3\0" + text(b"x" * 200),
    "receive-no-random": b"\3\1" + text(INSIDE) + b"\3\0" + text(INSIDE),
    "send": b"".join(b"\4" + text(INSIDE) + bytes([n]) for n in (1, 2, 2, 1, 9, 255)),
}

# Of session_fuzz: no rates, encryption required, all hooks but connected, and the ready-made
# encryption; then steps, first of which client. See step() there.
REQUIRED = bytes([0, 0, 2, 32 + 7, 0])
CONNECT = bytes([0, 0, 0, 1, 1]) + bytes([0, 2, 5, 1])
SEAL = bytes([0, 3, 1])
SEND = bytes([0, 5, 0, 0, 0])


def inside(number):
    return bytes([0, 0, 0, 1, 0, 0, number])


SESSIONS = {
    "encrypted": REQUIRED + CONNECT + SEND * 3 + SEAL + SEND + SEAL,
    "encrypted-inside": REQUIRED + CONNECT + b"".join(
        inside(number) + bytes([0, 3, 0, 1, 0]) + SEAL for number in range(8)),
    "encrypted-replay": REQUIRED + CONNECT + bytes([0, 0, 0, 1, 0, 1, 5, 9]) * 2 + SEAL,
    "encrypted-backpressure": REQUIRED + CONNECT + bytes([0, 1, 3]) + SEND * 2
    + bytes([0, 1, 4]) + SEAL,
    "encrypted-lingers": REQUIRED + CONNECT + bytes([0, 1, 3]) + SEND + bytes([0, 4, 0, 4])
    + bytes([0, 1, 4]) + SEAL,
    "encrypted-lingers-on": REQUIRED + CONNECT + bytes([0, 1, 3]) + SEND + bytes([0, 4, 0, 5])
    + bytes([0, 1, 1, 200, 0, 1, 5]),
    "encrypted-hearing": bytes([0, 0, 2, 32 + 31, 0]) + CONNECT + SEND + bytes([0, 3, 0]) + SEND
    + SEAL,
    "encrypted-optional": bytes([0, 0, 1, 32 + 7, 0]) + bytes([0, 0, 0, 0, 1]) + bytes([0, 2, 5, 1]),
}


def node(name, port, *metadata):
    more = [array(*map(bulk, metadata))] if metadata else []
    return array(bulk(name), b":%d\r\n" % port, bulk(b"id"), *more)


# What a Cluster and a Sentinel reply.
DISCOVERIES = {
    "slots": array(array(b":0\r\n", b":100\r\n", node(b"10.0.0.1", 7000), node(b"10.0.0.2", 7001)),
                   array(b":101\r\n", b":200\r\n", node(b"10.0.0.2", 7001), node(b"10.0.0.3", 7002))),
    "slots-hostname": array(array(b":0\r\n", b":100\r\n",
                                  node(b"?", 7000, b"hostname", b"a.example.com", b"ip", b"10.0.0.1"))),
    "slots-unknown": array(array(b":0\r\n", b":100\r\n",
                                 array(b"$-1\r\n", b":7000\r\n", bulk(b"id"), array()),
                                 array(bulk(b""), b":7001\r\n"), array(bulk(b"a"), b":70000\r\n"))),
    "slots-odd-metadata": array(array(b":0\r\n", b":1\r\n", node(b"?", 1, b"ip", b"10.0.0.1", b"port"))),
    "master": array(bulk(b"10.0.0.1"), bulk(b"6379")),
    "master-port": array(bulk(b"10.0.0.1"), bulk(b"0")) + array(bulk(b"10.0.0.1"), bulk(b"66000")),
    "no-master": b"*-1\r\n",
    "login": b"-NOAUTH Authentication required.\r\n+OK\r\n" + array(bulk(b"::1"), bulk(b"6379")),
    "login-refused": b"-NOPERM no\r\n-WRONGPASS invalid\r\n",
    "not-yet": b"-LOADING Redis is loading\r\n",
}

RESPONSE = ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n")

RESPONSES = {
    "granted": RESPONSE + "\r\n",
    "protocol": RESPONSE + "Sec-WebSocket-Protocol: chat\r\n\r\n",
    "wrong-proof": RESPONSE.replace("s3p", "s3q") + "\r\n",
    "refused": "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 10\r\nContent-Length: 0\r\n\r\n",
    "no-colon": "HTTP/1.1 101 x\r\nUpgrade\r\n\r\n",
    "no-reason": "HTTP/1.1 101\r\n\r\n",
    "other": "HTTP/1.0 200 OK\r\n\r\n",
    "half": RESPONSE[:-5],
}

URLS = {
    "listen": "127.0.0.1:9001", "listen-v6": "[::1]:9001", "unix": "unix:/run/wscast.sock",
    "ws": "ws://example.com:8080/ws?a=b", "ws-v6": "ws://[2001:db8::1]/ws",
    "ws-plain": "ws://example.com", "ws-unix": "ws+unix:/run/wscast.sock:/ws",
    "port": "example.com:65536", "no-port": "example.com:", "control": "ws://a/\r\nb",
    "redis": "redis://user:pass%40word@example.com:6380/3", "rediss": "rediss://:secret@[::1]",
    "redis-unix": "unix://user:secret@/run/redis.sock?db=2",
    "sentinel": "redis-sentinel://:secret@a:26379,b,[::1]:26380/main?db=1",
    "cluster": "redis-cluster://user:secret@a:7000,b:7001",
    "bad-escape": "redis://user:%zz@host", "bad-database": "redis://host/99999999999",
}

TOKENS = {
    "one": '{"token": {"userId": "alice", "rooms": ["lobby", "team-*"], "metadata": {"a": [1]}}}',
    "twice": '{"token": {"userId": "a"},\n "token": {"userId": "b"}}',
    "name-twice": '{"token": {"userId": "a",\n "userId": "b"}}',
    "misspelt": '{"token": {"userId": "a", "room": []}}',
    "empty-token": '{"": {"userId": "a"}}', "empty": "{}", "array": "[]", "number": '{"a": 1}',
    "rooms": '{"token": {"userId": "a", "rooms": [1]}}', "no-user": '{"token": {"rooms": []}}',
    "huge-number": '{"token": {"userId": "a", "metadata": 1e999}}', "not-json": '{"token": {',
    "pattern": "team-*-*\nteam-a-b", "pattern-plain": "lobby\nlobby", "pattern-star": "*\n",
}

CONFIGS = {
    "values": '[server]\nlisten = ["127.0.0.1:1", "unix:/x"]\nshards = 3\nunix_mode = "0660"\n'
              'dual_stack = true\n[timeouts]\nauth_timeout = "5s"\n[log]\nlevel = "debug"\n'
              '[auth.jwt]\nleeway = "1m"\nissuers = ["a", ""]\n[messages]\nsend_buffer = "64KiB"\n'
              '[redis]\nwait = "forever"\n',
    "rooms": '[[rooms]]\nmatch = "user-{userId}"\njoin = true\npublish = true\nevents = ["chat", "note-*"]\n'
             '[[rooms]]\nmatch = "\\u007f"\njoin = "webhook"\n',
    "large-number": '[limits]\nmax_connections = "9999999999"\nmessage_rate = 9999999999\n',
    "unreadable": '[server]\nshards = 5000\npath = 1979-05-27\nconsole = 1\n[tls]\nmax_handshakes = 0\n'
                  'min_version = "1.1"\n[timeouts]\nidle_timeout = "5"\n[messages]\nsend_buffer = "1GB"\n',
    "unknown": '[limitz]\nx = 1\n[limits]\nmesage_rate = 1\nlevel = "debug"\nlisten = [1.5]\n"\\n" = 1\n[a.b]\n',
    "wrong-rooms": '[[rooms]]\njoin = 3\n[[rooms]]\nmatch = "a{b"\npublish = "x"\nevents = []\nmach = 1\n',
    "rooms-table": '[rooms]\nmatch = "a"\n', "rooms-number": "rooms = 1\n", "rooms-list": "rooms = [1]\n",
    "not-toml": "[server]\nlisten = \n", "twice": "a = 1\na = 2\n", "date": "a = 2020-13-45\n",
    "texts": 'a = """x\n\\\ny"""\nb = \'c\'\nd = "\\U0001F600"\n', "inline": "[log]\nformat = {a = [1, {b = 2}]}\n",
    **{f"secret-{kind}": f"[auth.jwt]\0{chr(kind)}[log]\n" for kind in range(10)},
    "secrets": "[auth.webhook]\0\2", "secret-of-redis": "[redis]\0\3",
}

CONNECTED = '{"event":"connected","data":{"id":"c","userId":"alice"},"id":"wscast-listen"}'
JOINED = '{"event":"ack","data":{"ok":true,"rooms":{"lobby":"joined"}},"id":"wscast-listen"}'
LISTENED = {
    "chat": "\0".join((CONNECTED, JOINED, '{"event":"chat","data":{"n": 1.50},"room":"lobby","id":[7]}')),
    "refused": CONNECTED + '\0{"event":"ack","data":{"ok":false,"rooms":{"lobby":"not allowed"},"error":"x"},"id":"wscast-listen"}',
    "error": CONNECTED + '\0{"event":"error","data":{"message":"Too many rooms"},"id":"wscast-listen"}',
    "rejected": '{"event":"error","data":{"message":"Authentication failed"}}',
    "controls": "\0".join((CONNECTED, JOINED, '{"event":"\x9b\\u001b","data":"\x7f\u202e"}', "\x1b[2J\n", "[]", '{"event":""}')),
    "surrogate": "\0".join((CONNECTED, JOINED, '{"event":"\\ud800","data":"\\ud800"}', '{"event":"a b","data":1e999}')),
}

WEBHOOK_ANSWERS = {
    "grant": '{"other":[1],"userId":"a","metadata":{"n": 1e2,"deep":[{}]},"rooms":["lobby","team-*"],"expiresIn":60}',
    "user": '{"userId":"alice"}', "rooms": '{"rooms":["lobby","team-2","lobby",""]}',
    "twice": '{"userId":"a","userId":"b","metadata":1,"metadata":{"a":1},"metadata":{"b":\n2}}',
    "escaped": '{"\\u0075serId":"\\ud83d\\ude00","metadat\\u0061":{"x":"\\u0000"},"rooms":["\\u002a"]}',
    "far": '{"userId":"a","expiresIn":18446744073709551615}', "never": '{"userId":"a","expiresIn":0}',
    "fraction": '{"userId":"a","expiresIn":1.5}', "before": '{"userId":"a","expiresIn":-1}',
    "no-user": '{"userId":""}', "number": '{"userId":7}', "nobody": "{}", "array": '["userId"]', "empty": "",
    "html": "<html>", "metadata": '{"userId":"a","metadata":[]}', "no-rooms": '{"userId":"a","rooms":"lobby"}',
    "mixed": '{"userId":"a","rooms":["lobby",1]}', "behind": '{"userId":"a"} x',
    "deep": '{"userId":"a","metadata":{"a":' + "[" * 300 + "]" * 300 + "}}",
    "numbers": '{"userId":"a","metadata":{"a":1e999,"b":-0,"c":123456789012345678901234567890}}',
}

CHARACTERS = {
    "ascii": b"hello", "two": "\u00e9\u07ff".encode(), "three": "\u0800\ud7ff\ue000\uffff".encode(),
    "four": "\U00010000\U0010ffff".encode(), "surrogate": b"a\xed\xa0\x80", "overlong": b"\xc0\x80",
    "overlong-three": b"\xe0\x9f\xbf", "overlong-four": b"\xf0\x8f\xbf\xbf",
    "too-high": b"\xf4\x90\x80\x80", "half": b"ab\xf0\x9f\x98", "lone": b"\x80", "long": b"x" * 200,
}

FORWARDED = {
    "list": "192.0.2.1, 10.0.0.1, 10.0.0.2", "lines": "192.0.2.1\n10.0.0.1",
    "pairs": "for=192.0.2.1;proto=https;by=203.0.113.43, FOR=\"[2001:db8:cafe::17]:4711\"",
    "quoted": "for=\"192.0.2.1\";ext=\"a\\\"b,c;d\", for=\"\\1\\92.0.2.1\"",
    "hidden": "for=unknown, for=_hidden, for=\"_hidden:_port\", for=10.0.0.1",
    "open-quote": "for=\"10.0.0.1", "escaped-quote": "for=\"10.0.0.1\\\"",
    "ports": "192.0.2.1:80, [2001:db8:1::1]:80, [2001:db8:1::1]", "empty": ",,, ;;;",
    "twice": "for=10.0.0.1;for=10.0.0.2", "many": ", ".join(["10.0.0.1"] * 40),
}


def proxy_header(command, family, body):
    return b"\r\n\r\n\0\r\nQUIT\n" + struct.pack("!BBH", command, family, len(body)) + body


IPV4 = bytes([192, 0, 2, 7, 203, 0, 113, 2, 0x30, 0x39, 0, 80])
PROXY_HEADERS = {
    "tcp4": b"PROXY TCP4 192.0.2.7 203.0.113.2 12345 80\r\nGET /",
    "tcp6": b"PROXY TCP6 2001:db8::7 2001:db8::2 12345 443\r\n",
    "unknown": b"PROXY UNKNOWN whatever\r\n", "bad-port": b"PROXY TCP4 1.2.3.4 1.2.3.4 080 1\r\n",
    "bad-address": b"PROXY TCP4 1.2.3 1.2.3.4 1 1\r\n", "no-cr": b"PROXY TCP4 1.2.3.4\n",
    "long": b"PROXY UNKNOWN " + b"x" * 120, "request": b"GET / HTTP/1.1\r\n",
    "bad-protocol": b"PROXY TCP5 1.2.3.4 1.2.3.4 1 1\r\n",
    "binary4": proxy_header(0x21, 0x11, IPV4) + b"GET /", "local": proxy_header(0x20, 0, b""),
    "binary6": proxy_header(0x21, 0x21, bytes(range(36))),
    "unix": proxy_header(0x21, 0x31, b"x" * 216), "unspecified": proxy_header(0x21, 0, b""),
    "extensions": proxy_header(0x21, 0x11, IPV4 + b"\x04\0\0" + b"\x02\0\x0bexample.com"),
    "checksum": proxy_header(0x21, 0x11, IPV4 + b"\x03\0\x04\x95\x9b\x44\x0d"),
    "bad-checksum": proxy_header(0x21, 0x11, IPV4 + b"\x03\0\x04\0\0\0\0"),
    "odd-checksum": proxy_header(0x21, 0x11, IPV4 + b"\x03\0\x01\0"),
    "cut-extension": proxy_header(0x21, 0x11, IPV4 + b"\x04\0\x09x"),
    "cut-extension-head": proxy_header(0x21, 0x11, IPV4 + b"\x04\0"),
    "short": proxy_header(0x21, 0x11, b"x"), "bad-command": proxy_header(0x22, 0, b""),
    "bad-family": proxy_header(0x21, 0x12, IPV4), "too-long": proxy_header(0x21, 0, b"x" * 2040),
}


# Choices of tls_stream_fuzz: three for the client, one whether it connects undisturbed, then steps.
TLS_SEND, TLS_SEND_LARGE, TLS_CARRY, TLS_CARRY_MORE, TLS_QUEUE, TLS_ROOM = range(6)
TLS_CUT, TLS_TAKE, TLS_KEYS, TLS_FINISH, TLS_TAMPER, TLS_SETTLE = range(6, 12)


def tls(*steps, old=0, connected=1, alpn=1):
    return bytes([1, alpn, old, connected]) + b"".join(bytes(step) for step in steps)


HELLO = (TLS_SEND, 5, *b"hello")
TLS_STREAMS = {
    "both-ways": tls(HELLO, (TLS_SETTLE,), (TLS_QUEUE, 9, 0), (TLS_SETTLE,)),
    "tls-1.2": tls(HELLO, (TLS_SETTLE,), (TLS_QUEUE, 9, 0), (TLS_SETTLE,), old=1),
    "bytewise": tls((TLS_CUT, 0), *[(TLS_CARRY, 9), (TLS_TAKE, 200)] * 40, HELLO, connected=0),
    "blocked-handshake": tls((TLS_ROOM, 3), (TLS_CARRY, 255), (TLS_CARRY, 255), (TLS_CARRY_MORE, 9),
                             (TLS_ROOM, 200), (TLS_ROOM, 255), (TLS_TAKE, 255), connected=0),
    "large": tls((TLS_SEND_LARGE, 255), (TLS_CARRY_MORE, 200), (TLS_QUEUE, 250, 1), (TLS_SETTLE,)),
    "blocked-write": tls((TLS_ROOM, 9), (TLS_QUEUE, 50, 0, 1), HELLO, (TLS_CARRY, 255),
                         (TLS_ROOM, 20, 1), (TLS_ROOM, 255, 0)),
    "keys": tls((TLS_KEYS,), HELLO, (TLS_CARRY, 255), (TLS_ROOM, 9), (TLS_QUEUE, 50, 0, 0), HELLO,
                (TLS_CARRY, 255), (TLS_KEYS,), (TLS_SETTLE,)),
    "close": tls(HELLO, (TLS_FINISH, 0), (TLS_CARRY, 255), (TLS_QUEUE, 3, 0), (TLS_FINISH, 2)),
    "fin": tls(HELLO, (TLS_FINISH, 1), (TLS_CARRY, 255)),
    "damaged": tls(HELLO, (TLS_TAMPER, 1, 200, 0, 0, 1), (TLS_SETTLE,)),
    "dropped": tls(HELLO, (TLS_TAMPER, 1, 100, 9, 1), HELLO, (TLS_SETTLE,)),
    "repeated": tls(HELLO, (TLS_TAMPER, 1, 0, 31, 2), (TLS_SETTLE,)),
    "garbage": tls((TLS_TAMPER, 1, 0, 31, 3, 4, *b"GET "), (TLS_CARRY, 255), connected=0),
    "broken": tls(HELLO, (TLS_TAMPER, 1, 0, 0, 4), (TLS_QUEUE, 9, 0), (TLS_SETTLE,)),
}


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


# RFC 7515 appendix A.1 to A.3 and A.5.
RFC_PAYLOAD = base64url(b'{"iss":"joe",\r\n "exp":1300819380,\r\n '
                        b'"http://example.com/is_root":true}')
RFC_TOKENS = {
    "hs256": ('{"typ":"JWT",\r\n "alg":"HS256"}', "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
    "rs256": ('{"alg":"RS256"}',
              "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt"
              "_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArL"
              "IARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7no"
              "OPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQ"
              "Ge77Rw"),
    "es256": ('{"alg":"ES256"}', "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSAp"
                                 "mWQxfKTUJqPP3-Kg6NU1Q"),
    "none": ('{"alg":"none"}', ""),
    "zeros": ('{"alg":"ES256"}', base64url(bytes(64))),
}
OCT_KEY = ('{"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4h'
           'cgUuTwjAzZr1Z9CAow","kid":"a"}')
RSA_KEY = ('{"kty":"RSA","e":"AQAB","alg":"RS256","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTb'
           'ji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG'
           '6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R'
           '2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8'
           'q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"}')
EC_X, EC_Y = ("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
              "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0")
EC_KEY = f'{{"kty":"EC","crv":"P-256","use":"sig","key_ops":["verify"],"x":"{EC_X}","y":"{EC_Y}"}}'


def pem(label, data):
    body = base64.b64encode(data).decode()
    lines = "\n".join(body[i:i + 64] for i in range(0, len(body), 64))
    return f"-----BEGIN {label}-----\n{lines}\n-----END {label}-----\n"


EC_POINT = b"\4" + b"".join(base64.urlsafe_b64decode(part + "=") for part in (EC_X, EC_Y))
EC_PEM = pem("PUBLIC KEY", bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d030107034200")
             + EC_POINT)

JWTS = {
    **{f"token-{name}": f"t{base64url(header.encode())}.{RFC_PAYLOAD}.{signature}"
       for name, (header, signature) in RFC_TOKENS.items()},
    "token-five-parts": "ta.b.c.d.e", "token-padded": "teyJ9=.e30=.AA==",
    "claims": 'c{"sub":"alice","exp":1300000060,"nbf":1,"iat":1,"iss":"i","aud":["a"],"jti":"j",'
              '"rooms":["lobby","team-*"],"role":"admin","more":[1,2.5e3,null,{"a":true}]}',
    "claims-fraction": 'c{"sub":"a","exp":1300000060.5,"aud":"a"}', "claims-far": 'c{"sub":"a","exp":1e300}',
    "claims-overflow": 'c{"sub":"a","exp":1e400}', "claims-expired": 'c{"sub":"a","exp":-1}',
    "claims-twice": 'c{"sub":"a","sub":"b","exp":1300000060}', "claims-text": 'c{"sub":"a","exp":"1"}',
    "claims-no-user": 'c{"sub":"","exp":1300000060}', "claims-rooms": 'c{"sub":"a","exp":2e9,"rooms":[1]}',
    "header": 'h{"alg":"HS256","typ":"JWT","kid":"k","jku":"u"}', "header-crit": 'h{"alg":"HS256","crit":[]}',
    "header-none": 'h{"alg":"none"}', "header-twice": 'h{"alg":"none","alg":"HS256"}',
    "header-escaped": 'h{"\\u0061lg":"HS256"}', "header-zip": 'h{"alg":"HS256","zip":"DEF"}',
    "keys": f'k{{"keys":[{OCT_KEY},{RSA_KEY},{EC_KEY}]}}', "keys-none": 'k{"keys":[]}',
    "keys-short": 'k{"keys":[{"kty":"oct","k":"AAAA"}]}', "keys-object": 'k{"keys":{}}',
    "keys-zero": 'k{"keys":[{"kty":"EC","crv":"P-256","x":"' + "A" * 43 + '","y":"' + "A" * 43 + '"}]}',
    "keys-exponent": "k" + f'{{"keys":[{RSA_KEY}]}}'.replace("AQAB", "AQ"),
    "keys-encryption": 'k{"keys":[{"kty":"RSA","use":"enc"},{"kty":"OKP"},1]}',
    "pem": "p" + EC_PEM, "pem-two": "p" + EC_PEM + EC_PEM, "pem-none": "pkey",
    "pem-private": "p" + EC_PEM.replace("PUBLIC", "PRIVATE"),
    "pem-certificate": "p" + EC_PEM.replace("PUBLIC KEY", "CERTIFICATE"),
    "pem-rsa": "p" + EC_PEM.replace("PUBLIC", "RSA PUBLIC"),
}


def write(target, streams, choices):
    folder = CORPUS / target
    folder.mkdir(parents=True, exist_ok=True)
    for number, (name, stream) in enumerate(sorted(streams.items())):
        prefix = struct.pack("!BH", choices, CUTS[number % len(CUTS)])
        (folder / f"seed-{choices}-{name}").write_bytes(prefix + stream)


def write_choices(target, cases):
    folder = CORPUS / target
    folder.mkdir(parents=True, exist_ok=True)
    for name, choices in cases.items():
        (folder / f"seed-{name}").write_bytes(choices)


def write_texts(target, texts):
    folder = CORPUS / target
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / f"seed-{name}").write_bytes(text.encode())


def main():
    for target in ("frame_reader_fuzz", "message_assembler_fuzz"):
        write(target, streams_of_frames(masked=True), 0 if target.startswith("frame") else 2)
    write("message_assembler_fuzz", {"limit": streams_of_frames(True)["limit"]}, 0)
    write("frame_reader_fuzz", {"text": frame(TEXT, b"hello", masked=False)}, 1)
    write("message_assembler_fuzz", {"text": frame(TEXT, b"hello", masked=False)}, 1)
    write("message_assembler_fuzz", COMPRESSED, 4)
    write("message_assembler_fuzz", {name: COMPRESSED[name] for name in ("deflate", "deflate-bomb")}, 6)
    write_texts("deflate_offer_fuzz", OFFERS)
    write("handshake_fuzz", REQUESTS, 1)
    write("resp_reader_fuzz", REPLIES, 0)
    write("discovery_fuzz", DISCOVERIES, 2)
    write("discovery_fuzz", {"slots-hostname": DISCOVERIES["slots-hostname"]}, 1)
    write("utf8_validator_fuzz", CHARACTERS, 0)
    write_choices("frame_compressor_fuzz", {
        "json": b"\x07" + b'{"event":"chat","data":{"text":"hello"}}', "empty": b"\x01",
        "plain": b"\xf8" + b"a" * 20, "in-vain": b"\x02" + bytes(range(256)),
        "long": b"\x07" + b"wscast " * 300,
    })
    write_texts("response_head_fuzz", RESPONSES)
    write_texts("jwt_fuzz", JWTS)
    write_texts("tokens_file_fuzz", TOKENS)
    write_texts("config_file_fuzz", CONFIGS)
    write_texts("webhook_answer_fuzz", WEBHOOK_ANSWERS)
    write_texts("listen_fuzz", LISTENED)
    write_texts("url_fuzz", URLS)
    write_texts("backplane_message_fuzz", PUBLISHED)
    write_texts("forwarded_fuzz", FORWARDED)
    write("proxy_header_fuzz", PROXY_HEADERS, 0)
    write_choices("encrypted_channel_fuzz", CHANNELS)
    write_choices("session_fuzz", SESSIONS)
    write_choices("tls_stream_fuzz", TLS_STREAMS)
    write("handshake_fuzz", {name: REQUESTS[name] for name in ("protocols", "many-fields")}, 2)


if __name__ == "__main__":
    main()
