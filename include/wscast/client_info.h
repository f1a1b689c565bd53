#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "wscast/constants.h"
#include "wscast/metadata.h"

namespace wscast {

/// Where a client is on its way in (`TWebSocketClientState`, protocol.md section 1). A client that
/// has left is in no query any more: the reference's `disconnected` is a constant alone (O20).
enum class ClientState : std::uint8_t { unauthorized, authenticating, authenticated };

/// The state as the reference spells it.
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

/// A copy of what the server knew of one client at one moment (`IWebSocketClient`, without its
/// socket and timer).
struct ClientInfo {
  std::string id;
  std::string user_id;  ///< Empty: none.
  ClientState state = ClientState::unauthorized;
  std::vector<std::string> rooms;  ///< In no order; the room of its own id included.
  bool backpressured = false;      ///< The kernel refused bytes for it that still wait.
  bool encrypted = false;
  std::chrono::system_clock::time_point connected_at;
  std::chrono::system_clock::time_point last_activity;  ///< Of its last whole message (M13).
  Metadata metadata;
  std::string server_public_key;  ///< What the handshake hook answered; empty: none.
  std::string salt;
};

}  // namespace wscast
