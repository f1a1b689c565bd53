#include "broker/redis/history/script_replies.h"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <utility>

#include "broker/redis/resp/error_text.h"

namespace wscast::redis {
namespace {

using Kind = RespValue::Kind;

bool is_array(const RespValue& reply, std::size_t min_elements) {
  return reply.kind == Kind::array && reply.elements.size() >= min_elements;
}

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t number = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc() || stop != text.data() + text.size()) return {};
  return number;
}

std::optional<std::uint64_t> number(const RespValue& value) {
  return value.kind == Kind::bulk ? number(value.text) : std::nullopt;
}

/// An epoch and an offset.
std::optional<Position> position(const RespValue& epoch, const RespValue& offset) {
  const auto at = number(offset);
  if (!at || epoch.kind != Kind::bulk || epoch.text.empty()) return std::nullopt;
  return Position{*at, std::string(epoch.text)};
}

std::optional<AppendReply> parse_append_line(std::string_view text) {
  if (text.starts_with('-')) {
    AppendReply refused;
    refused.kept = false;
    refused.refusal = error_text({.kind = Kind::error, .text = text.substr(1)});
    return refused;
  }
  const auto first = text.find(' ');
  const auto second = text.find(' ', first + 1);
  if (first == std::string_view::npos || second == std::string_view::npos) return std::nullopt;
  const auto offset = number(text.substr(0, first));
  const auto epoch = text.substr(first + 1, second - first - 1);
  if (!offset || epoch.empty()) return std::nullopt;
  const auto outcome = text.substr(second + 1);
  AppendReply append{{*offset, std::string(epoch)}, outcome == "1"};
  if (outcome != "0" && outcome != "1")
    append.refusal = error_text({.kind = Kind::error, .text = outcome});
  return append;
}

}  // namespace

std::optional<std::vector<AppendReply>> parse_append_reply(const RespValue& reply,
                                                           std::size_t messages) {
  if (reply.kind != Kind::bulk) return std::nullopt;
  std::string_view text = reply.text;
  std::vector<AppendReply> appends;
  while (appends.size() < messages) {
    const auto line = text.substr(0, text.find('\n'));
    auto append = parse_append_line(line);
    if (!append) return std::nullopt;
    appends.push_back(*std::move(append));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
  }
  return text.empty() ? std::optional(std::move(appends)) : std::nullopt;
}

/// A message over the limit of what is received is left out: what lies before it is then not
/// contiguous with what follows.
std::optional<ReadReply> parse_read_reply(const RespValue& reply) {
  constexpr std::size_t first = 3;
  if (!is_array(reply, first) || reply.elements.size() % 2 == 0) return std::nullopt;
  const auto last = position(reply.elements[0], reply.elements[1]);
  const auto through = number(reply.elements[2]);
  if (!last || !through) return std::nullopt;
  ReadReply read{*last, *through};
  read.entries.reserve((reply.elements.size() - first) / 2);
  for (std::size_t i = first; i < reply.elements.size(); i += 2) {
    const auto offset = number(reply.elements[i]);
    const auto& message = reply.elements[i + 1];
    if (!offset) return std::nullopt;
    if (message.kind == Kind::bulk) read.entries.push_back({*offset, std::string(message.text)});
  }
  return read;
}

std::optional<PositionsReply> parse_positions_reply(const RespValue& reply, std::size_t rooms) {
  if (reply.kind != Kind::array || reply.elements.size() != 2 * rooms) return std::nullopt;
  PositionsReply read;
  for (std::size_t i = 0; i < reply.elements.size(); i += 2) {
    const auto& epoch = reply.elements[i];
    if (epoch.kind == Kind::error) read.refusal = error_text(epoch);
    read.positions.push_back(position(epoch, reply.elements[i + 1]));
  }
  return read;
}

}  // namespace wscast::redis
