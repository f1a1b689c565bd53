#pragma once

#include <string>

namespace wscast::redis {

/// A Lua script. Its ARGV begins with a text that is empty when it has run on this Redis before, by
/// which it leaves out a check of the user's rights, and a text that a new epoch is to have.
struct Script {
  std::string text;
  std::string sha1;  ///< Hexadecimal, for EVALSHA.
};

/// KEYS: position, stream, and the idempotency key of each message if they have some. ARGV:
/// channel, the stream's size, the messages' time to live in ms, and each envelope. Returns a text
/// with a line for each: `OFFSET EPOCH 0`; or, in place of `0`, `1` when the key was known, or why
/// the message was kept but not published; or `-` and why it was not kept.
const Script& append_script();

/// KEYS: position, stream. ARGV: the offset behind which to read, up to which (empty: the last),
/// the stream's size, the messages' time to live in ms. Returns the epoch, the newest offset, the
/// one that it came to, and offset and message of each entry. It stops at some 1 MiB.
const Script& read_script();

/// KEYS: position and stream of each room. ARGV: the messages' time to live in ms of each room.
/// Returns epoch and newest offset of each, or an error and an empty text.
const Script& positions_script();

}  // namespace wscast::redis
