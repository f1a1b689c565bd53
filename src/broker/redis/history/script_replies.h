#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "broker/history.h"
#include "broker/redis/resp/resp_value.h"

namespace wscast::redis {

/// What a script of scripts.h returned; each is nothing for any other reply. No I/O.
struct AppendReply {
  Position position{};
  bool repeated = false;
  bool kept = true;       ///< False: it is not in the history; `refusal` is why.
  std::string refusal{};  ///< With `kept`: why it was not published; empty: it was.
};
std::optional<std::vector<AppendReply>> parse_append_reply(const RespValue& reply,
                                                           std::size_t messages);

/// A part of a page.
struct ReadReply {
  Position last;
  std::uint64_t through = 0;  ///< Nothing up to here, but `entries`, is kept.
  std::vector<HistoryEntry> entries{};
};
std::optional<ReadReply> parse_read_reply(const RespValue& reply);

/// Those that cannot be told are nothing; `refusal` is why, in Redis' words.
struct PositionsReply {
  std::vector<std::optional<Position>> positions;
  std::string refusal{};
};
std::optional<PositionsReply> parse_positions_reply(const RespValue& reply, std::size_t rooms);

}  // namespace wscast::redis
