#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "wscast/servers.h"

namespace wscast::protocol {

// The data of messages for servers themselves (protocol.md X11).

namespace server_events {

inline constexpr std::string_view announce = "announce";
inline constexpr std::string_view request = "request";
inline constexpr std::string_view response = "response";

}  // namespace server_events

/// The target of a message for all servers.
inline constexpr std::string_view kAllServers = "all";

/// What a server says about itself.
struct ServerAnnouncement {
  ServerInfo server{};    ///< Without `id` and `self`.
  bool stopped = false;   ///< It ends: forget it.
  bool greeting = false;  ///< It has just started: the others are to announce themselves, too.
};

std::string announcement_data(const ServerAnnouncement& announcement);
std::optional<ServerAnnouncement> read_announcement(std::string_view data);

/// The longest that a caller may wait.
inline constexpr std::chrono::milliseconds kMaxServerCallTimeout{10'000};

/// A call to servers. `body` is valid JSON.
struct ServerCallData {
  std::uint64_t id = 0;                  ///< Of the caller.
  std::chrono::milliseconds timeout{0};  ///< Of a request: how long the caller waits.
  std::string_view body{};               ///< Of a response: empty means that the call failed.
};

std::string request_data(const ServerCallData& call);
std::optional<ServerCallData> read_request(std::string_view data);

std::string response_data(const ServerCallData& call);
std::optional<ServerCallData> read_response(std::string_view data);

}  // namespace wscast::protocol
