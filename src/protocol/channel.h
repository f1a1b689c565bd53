#pragma once

#include <string>
#include <string_view>

#include "wscast/constants.h"

#include "protocol/backplane_message.h"

namespace wscast::protocol {

// The Pub/Sub channels of protocol.md section 3, without an installation's prefix.

inline constexpr std::string_view kBroadcastChannel = channels::broadcast;

std::string room_channel(std::string_view room);
std::string client_channel(std::string_view client_id);
std::string user_channel(std::string_view user_id);

/// The channel for a message of that type and target.
std::string channel_of(BackplaneTarget type, std::string_view target);

/// For a server of that id, or for all of them (kAllServers).
std::string server_channel(std::string_view server_id);

std::string probe_channel(std::string_view server_id);

}  // namespace wscast::protocol
