"""What live blocks of the heap are for, from profiles that valgrind's DHAT wrote when the process ended."""

import json
import re

# What a block is for: by the function nearest to malloc that matches any of these.
TYPES = [
    (r"BackplanePort|ShardRouter|ShardCommandHandler", "commands of shards under way"),
    (r"redis::(Pending)?Subscriptions|redis::ChannelEntry", "channels of the client at Redis"),
    (r"redis::", "connections to Redis"),
    (r"Session::agree_on_keys", "keys of the encryption (EncryptedChannel)"),
    (r"KeyAgreement|Authenticator::on_handshake_result", "what was agreed with the client"),
    (r"CRYPTO_malloc|CRYPTO_zalloc|SSL_|BIO_|TlsLayer|TlsStream", "OpenSSL: TLS, or expanded keys"),
    (r"Shard::add_slot", "slots, deadlines and queues of the shard"),
    (r"Shard::adopt|Shard::open", "socket and connection (Shard::Client)"),
    (r"follow_rates|RateLimiter", "rates (RateLimiter)"),
    (r"Directory::add_to_room", "rooms of the directory"),
    (r"Directory::(add|identify)\b", "clients and users of the directory"),
    (r"hub::Hub::add\b", "clients of the hub, by id"),
    (r"Group::add|Member::sit_down", "rooms of the hub"),
    (r"hub::Hub::authenticate", "users of the hub"),
    (r"ShardApplication::on_open", "session and client record (ConnectionSession)"),
]
ALLOCATORS = re.compile(r"operator new|malloc|calloc|realloc|^(std|boost|__gnu_cxx)::|^void std::")


def chunk_bytes(asked):
    """What glibc's malloc takes for a block: 8 bytes more, in steps of 16, at least 32."""
    return max(32, (int(asked) + 8 + 15) // 16 * 16)


def type_of(stack):
    for function in stack:
        for pattern, name in TYPES:
            if re.search(pattern, function):
                return name
    own = next((function for function in stack if not ALLOCATORS.search(function)), "unknown")
    return own.split("(")[0]


def live_blocks(profile):
    """{type: [blocks, bytes asked for, bytes taken]} of what lived at the end."""
    functions = [re.sub(r"^0x[0-9A-F]+: | \((in )?[^()]*\)$", "", line) for line in profile["ftbl"]]
    live = {}
    for point in profile["pps"]:
        blocks, asked = point["ebk"], point["eb"]
        if blocks == 0:
            continue
        sums = live.setdefault(type_of([functions[i] for i in point["fs"]]), [0, 0, 0])
        for i, more in enumerate((blocks, asked, blocks * chunk_bytes(asked / blocks))):
            sums[i] += more
    return live


def table(few_file, few, many_file, many):
    """Lines of a table: what each of the `many` clients has that the `few` had not."""
    before, after = (live_blocks(json.loads(file.read_text())) for file in (few_file, many_file))
    rows = []
    for name, sums in after.items():
        was = before.get(name, [0, 0, 0])
        rows.append([name, *((now - then) / (many - few) for now, then in zip(sums, was))])
    rows.sort(key=lambda row: -row[3])
    total = ["all", *(sum(row[i] for row in rows) for i in (1, 2, 3))]
    lines = ["| what | blocks | bytes | with malloc's own |", "|---|---|---|---|"]
    return lines + [f"| {name} | {blocks:.1f} | {asked:.0f} | {taken:.0f} |"
                    for name, blocks, asked, taken in [*rows, total] if taken >= 1]
