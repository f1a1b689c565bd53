#pragma once

#include <optional>
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

/// Whom messages of a channel are for.
struct ChannelTarget {
  BackplaneTarget type;
  std::string_view target;  ///< Inside the channel; empty for a broadcast.
};

/// The reverse of channel_of(); nothing for a channel that carries no messages to clients.
std::optional<ChannelTarget> target_of(std::string_view channel);

/// For a server of that id, or for all of them (kAllServers).
std::string server_channel(std::string_view server_id);

std::string probe_channel(std::string_view server_id);

}  // namespace wscast::protocol
