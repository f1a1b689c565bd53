#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "protocol/backplane_message.h"
#include "server/directory.h"
#include "server/shard_command.h"
#include "server/shard_router.h"
#include "server/tracer.h"
#include "ws/frame_joiner.h"

namespace wscast::server {

/// Delivers what other servers, and emitters, publish; and notifies clients of what was lost of
/// that. Messages to the same receivers that come one after the other wait for flush(), and go on
/// as one. Thread of the broker's shard.
class RemoteDelivery {
 public:
  /// All of them must outlive it. `clock`: as that of Dispatcher.
  RemoteDelivery(const Directory& directory, ShardRouter& router, Tracer& tracer,
                 const Clock* clock = nullptr)
      : directory_(directory),
        router_(router),
        tracer_(tracer),
        clock_(clock),
        gap_pending_(make_flags(directory.shards())) {}

  /// Delivers a message to its receivers here (protocol.md R4), or keeps it until flush().
  void deliver(const protocol::BackplaneMessage& message);

  /// Delivers what waits. Call it when nothing more was received together, and before anything else
  /// that came later is handled. It throws without memory: then messages may be lost.
  void flush();

  /// Notifies all authenticated clients that messages of other servers were lost (protocol.md X3).
  void report_gap();

  /// The same for those whom messages to these channels of the broker are for. An empty name: for
  /// all.
  void report_loss(const std::vector<std::string>& channels);

 private:
  /// Where messages go to.
  struct Receivers {
    protocol::BackplaneTarget type;
    FanOut fan_out;  ///< Without a message.
    std::vector<std::size_t> shards;
  };

  static std::vector<std::shared_ptr<std::atomic<bool>>> make_flags(std::size_t count);

  bool goes_to(const protocol::BackplaneMessage& message, const Receivers& receivers) const;
  Receivers receivers_of(const protocol::BackplaneMessage& message) const;
  void deliver_alone(const protocol::BackplaneMessage& message);
  void deliver(FanOut fan_out, const std::vector<std::size_t>& shards);
  /// The shards that have receivers.
  std::vector<std::size_t> shards_of(protocol::BackplaneTarget type, std::string_view target) const;
  void report_gap(std::size_t shard);

  const Directory& directory_;
  ShardRouter& router_;
  Tracer& tracer_;
  const Clock* const clock_;
  /// By shard: whether a GapNotice is on its way there.
  const std::vector<std::shared_ptr<std::atomic<bool>>> gap_pending_;
  std::optional<Receivers> receivers_;  ///< Of what waits in `joiner_`.
  ws::FrameJoiner joiner_;
};

}  // namespace wscast::server
