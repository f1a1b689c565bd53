#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/client_id.h"
#include "base/clock.h"
#include "broker/history.h"
#include "hub/history_message.h"
#include "protocol/backplane_message.h"
#include "protocol/history_messages.h"
#include "server/interest.h"
#include "server/publish_aggregator.h"
#include "server/traced_message.h"
#include "session/history_request.h"
#include "ws/frame.h"

namespace wscast::server {

// What any thread may have a shard do. Values; the bytes of messages are shared.

/// Deliver a message to its receivers on the shard.
struct FanOut {
  enum class To : std::uint8_t { client, user, room, everybody, topic };

  To to = To::everybody;
  std::string target{};              ///< The name of the user, room or topic.
  std::optional<ClientId> client{};  ///< For To::client.
  ws::SharedFrame frame{};
  ws::FrameOrigin origin{};
  std::shared_ptr<const std::vector<ClientId>> exclude{};  ///< May be null.
  std::shared_ptr<PublishAggregator> aggregator{};         ///< Null: the call has no `on_result`.
  hub::SharedHistoryMessage history{};  ///< Of a room with history: in place of `frame`.
};

/// Follow a change of membership that is in the directory already, and settle it there.
struct MembershipChange {
  ClientId client;
  std::string room;
  bool in;
};

/// See whether this room, which belongs to the shard, has got its first member, or lost its last
/// (RoomOccupancy).
struct RoomCheck {
  std::string room;
};

/// Encrypt everything for this client from now on.
struct EncryptionChange {
  ClientId client;
};

/// A client lost a message on its way to the shard, which the directory has counted: tell it
/// (protocol.md X2). One at a time for each client.
struct HoleNotice {
  ClientId client;
};

/// Messages of other servers were lost, nobody knows which: tell all clients of the shard
/// (protocol.md X3). `pending` is cleared first, so that one at a time is on its way to a shard.
struct GapNotice {
  std::shared_ptr<std::atomic<bool>> pending;
};

/// Messages of other servers to some of the shard's clients were lost: tell these (protocol.md X3).
struct LossNotice {
  struct Target {
    protocol::BackplaneTarget type;  ///< A client, user or room.
    std::string name;
  };

  std::vector<Target> targets;
};

/// Messages of a room with history were lost: tell its members (protocol.md H6).
struct HistoryGapNotice {
  std::string room;
  std::optional<std::uint64_t> from;
  std::optional<std::uint64_t> to;
  protocol::LossReason reason;
  Position position;
};

/// What a client wanted to know of rooms with history.
struct HistoryAnswered {
  ClientId client;
  session::HistoryAnswer answer;
};

/// Close one client, or all clients of a user on the shard.
/// No variant of the two: that of GCC 12 is not destroyed well when copying a text throws.
struct Disconnect {
  std::optional<ClientId> client;
  std::string user;  ///< Without `client`.
  std::uint16_t code;
  std::string reason;
};

/// End the shard's clients of a user that was revoked (protocol.md X9).
struct Revocation {
  std::string user;
};

/// Complete a message that had no receivers at all.
struct PublishCompleted {
  std::shared_ptr<PublishAggregator> aggregator;
};

/// A client's channels are confirmed: let it go on (result of SubscribeRequest).
struct SubscribeConfirmed {
  ClientId client;
  std::vector<std::string> channels;
  std::vector<std::string> refused;  ///< Those of `channels` that Redis refuses.
};

// For the shard that the broker lives on.

inline constexpr std::size_t kBrokerShard = 0;

/// Publish a message to the other servers.
struct RemotePublish {
  std::string channel;
  std::string envelope;
  std::shared_ptr<PublishAggregator> aggregator;   ///< Null: the call has no `on_result`.
  std::shared_ptr<TracedMessage> trace{};          ///< Null: the message is not followed.
  std::shared_ptr<const HistoryAppend> history{};  ///< Into a room with history: has the envelope.
};

/// A client wants to know of rooms with history.
struct HistoryAsk {
  std::size_t shard;
  ClientId client;
  session::HistoryRequest request;
};

/// This server may have got the first member of a room with history.
struct HistoryFollow {
  std::string room;
};

/// Subscribe to channels, or unsubscribe from them.
struct InterestChange {
  Interest interest;
};

/// Subscribe to `channels` for a client that waits for it, and confirm to its shard. They stay
/// subscribed until that shard has handled SubscribeConfirmed.
struct SubscribeRequest {
  ClientId client;
  std::size_t shard;
  std::vector<std::string> channels;
};

using ShardCommand =
    std::variant<FanOut, MembershipChange, EncryptionChange, HoleNotice, GapNotice, LossNotice,
                 Disconnect, Revocation, PublishCompleted, RemotePublish, InterestChange,
                 SubscribeRequest, SubscribeConfirmed, RoomCheck, HistoryGapNotice, HistoryAnswered,
                 HistoryAsk, HistoryFollow>;

/// Bytes that a command is charged while it waits for a shard. Only messages cost anything, so only
/// they can be refused.
inline std::size_t cost_of(const ShardCommand& command) {
  if (const auto* fan_out = std::get_if<FanOut>(&command)) {
    const std::size_t history = fan_out->history ? fan_out->history->bytes() : 0;
    return sizeof(ShardCommand) + fan_out->target.size() + fan_out->frame.size + history;
  }
  if (const auto* publish = std::get_if<RemotePublish>(&command)) {
    const std::size_t history = publish->history ? publish->history->envelope.size() : 0;
    return sizeof(ShardCommand) + publish->channel.size() + publish->envelope.size() + history;
  }
  return 0;
}

/// How many messages it has, as counters count them: what is no FanOut counts as one.
inline std::uint64_t messages_of(const ShardCommand& command) {
  const auto* fan_out = std::get_if<FanOut>(&command);
  return fan_out != nullptr ? fan_out->frame.messages : 1;
}

/// The aggregator of a message; null for one without, and for other commands.
inline PublishAggregator* aggregator_of(const ShardCommand& command) {
  if (const auto* fan_out = std::get_if<FanOut>(&command)) return fan_out->aggregator.get();
  const auto* publish = std::get_if<RemotePublish>(&command);
  return publish == nullptr ? nullptr : publish->aggregator.get();
}

}  // namespace wscast::server
