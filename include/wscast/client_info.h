#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "wscast/constants.h"
#include "wscast/metadata.h"

namespace wscast {

/// How far a client's authentication is (the reference's `TWebSocketClientState`). A client that
/// has disconnected is in no query: the reference's `disconnected` is only a constant, of
/// `client_states` (protocol.md O20).
enum class ClientState : std::uint8_t { unauthorized, authenticating, authenticated };

/// The state's name, as the reference spells it.
constexpr std::string_view to_string(ClientState state) noexcept {
  switch (state) {
    case ClientState::unauthorized:
      return client_states::unauthorized;
    case ClientState::authenticating:
      return client_states::authenticating;
    case ClientState::authenticated:
      break;
  }
  return client_states::authenticated;
}

/// A copy of the server's state of one client at one moment (the reference's `IWebSocketClient`,
/// without its socket and timer).
struct ClientInfo {
  std::string id;
  std::string user_id;  ///< Empty if it has none.
  ClientState state = ClientState::unauthorized;
  std::vector<std::string> rooms;  ///< In no order; with the room of its own id.
  bool backpressured = false;      ///< Bytes that the kernel refused are still queued.
  bool encrypted = false;
  std::string remote_address;  ///< As ClientSocket::remote_address().
  /// Messages to it that were dropped, for whatever cause; the client is told (protocol.md X2).
  std::uint64_t dropped_messages = 0;
  std::chrono::system_clock::time_point connected_at;
  /// The time of its last complete message (protocol.md M13).
  std::chrono::system_clock::time_point last_activity;
  Metadata metadata;
  std::string server_public_key;  ///< From the handshake hook; empty if there was none.
  std::string salt;               ///< The same.
};

}  // namespace wscast
