#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "wscast/json.h"

namespace wscast::client {

/// A message of a server (protocol.md sections 1, 6 and 7). `data` and `id` are views of its text.
struct ServerMessage {
  std::string event;
  Json data{};
  std::optional<std::string_view> id{};  ///< JSON text.
  std::optional<std::string> room{};     ///< Of a message with a position in that room's history.
  std::optional<std::uint64_t> offset{};
  bool by_server = false;  ///< The server itself says this.
};

/// `std::nullopt` if `text` is no message.
std::optional<ServerMessage> parse_server_message(std::string_view text);

/// The words of an `error` message, or of an `ack` that says no.
std::string words_of(const ServerMessage& message);

/// The member of a JSON object as text, number, or object; empty if it is none.
std::string text_member(Json object, std::string_view name);
std::optional<std::uint64_t> number_member(Json object, std::string_view name);
Json object_member(Json object, std::string_view name);

/// The members of a JSON object, in order; none if it is no object.
std::vector<std::pair<std::string, Json>> members_of(Json object);

}  // namespace wscast::client
