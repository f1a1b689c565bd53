#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/client_id.h"
#include "server/directory.h"
#include "server/tally.h"
#include "ws/frame.h"

namespace wscast::server {

// What threads hand to a shard, in the order in which they said it. Values; the bytes of messages
// are shared.

/// A message on its way to its receivers on one shard.
struct Message {
  enum class To : std::uint8_t { client, user, room, everybody, topic };

  To to = To::everybody;
  std::string target{};              ///< A user, a room or a topic.
  std::optional<ClientId> client{};  ///< Of To::client.
  ws::SharedFrame frame{};
  std::shared_ptr<const std::vector<ClientId>> exclude{};  ///< May be null.
  std::shared_ptr<Tally> tally{};                          ///< Null: nobody wants to know.
};

/// The directory's entry for this client and room has changed; the directory waits for it to be
/// settled.
struct MembershipChange {
  ClientId client;
  std::string room;
  bool in;
};

struct EncryptionChange {
  ClientId client;
};

/// Of one client, or of all that a user has on the shard.
struct Closing {
  std::variant<ClientId, std::string> whom;
  std::uint16_t code;
  std::string reason;
};

// For the shard that the broker lives on.

inline constexpr std::size_t kBrokerShard = 0;

/// A message for the other servers.
struct Publication {
  std::string channel;
  std::string envelope;
  std::shared_ptr<Tally> tally;  ///< Null: nobody wants to know.
};

/// Channels are needed, or not any more.
struct OccupancyChange {
  Occupancy occupancy;
};

/// A client waits until `channels` are heard; they are needed until its shard, told by Heard, says
/// otherwise.
struct Hearing {
  ClientId client;
  std::size_t shard;
  std::vector<std::string> channels;
};

/// The answer to Hearing.
struct Heard {
  ClientId client;
  std::vector<std::string> channels;
  std::vector<std::string> refused;  ///< Of `channels`: not heard, since Redis refuses them.
};

using Delivery = std::variant<Message, MembershipChange, EncryptionChange, Closing, Publication,
                              OccupancyChange, Hearing, Heard>;

/// What a delivery counts for in the inbox of a shard. Only messages can be refused.
inline std::size_t cost_of(const Delivery& delivery) {
  if (const auto* message = std::get_if<Message>(&delivery)) {
    return sizeof(Delivery) + message->target.size() + message->frame.size;
  }
  if (const auto* publication = std::get_if<Publication>(&delivery)) {
    return sizeof(Delivery) + publication->channel.size() + publication->envelope.size();
  }
  return 0;
}

}  // namespace wscast::server
