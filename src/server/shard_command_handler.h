#pragma once

#include <cstddef>

#include "base/counters.h"
#include "hub/hub.h"
#include "server/backplane_port.h"
#include "server/channel_interest.h"
#include "server/directory.h"
#include "server/history_feed.h"
#include "server/room_occupancy.h"
#include "server/shard_command.h"
#include "server/shard_executor.h"
#include "server/shard_hooks.h"
#include "server/shard_measures.h"
#include "server/shard_receiver.h"
#include "server/shard_router.h"
#include "server/topics.h"
#include "session/session.h"

namespace wscast::server {

/// The parts of a shard, and of its node, that commands are executed on. They outlive the handler.
struct CommandTargets {
  Counters& counters;
  hub::Hub& hub;
  ShardHooks& hooks;
  Topics& topics;
  Directory& directory;
  ShardRouter& router;
  BackplanePort& backplane;
  ChannelInterest& interest;
  RoomOccupancy& occupancy;
  FanOutSizes* fan_out = nullptr;  ///< Null: not measured.
  HistoryFeed* history = nullptr;  ///< Null: no room has a history.
  ShardExecutor* shard = nullptr;  ///< Null: need not know of fan-outs.
};

/// Executes the commands that are routed to one shard, and settles those for which there is no
/// memory. Shard thread only.
class ShardCommandHandler final : public ShardReceiver {
 public:
  explicit ShardCommandHandler(const CommandTargets& targets) : targets_(targets) {}

  void execute(const ShardCommand& command) noexcept override;
  int send_to_client(const ClientId& client, const ws::FrameRef& frame) noexcept override;
  void on_overload() noexcept override { targets_.hooks.on_overload(); }

 private:
  void handle(const FanOut& fan_out);
  void handle(const MembershipChange& change);
  void handle(const EncryptionChange& change);
  void handle(const HoleNotice& hole);
  void handle(const GapNotice& gap);
  void handle(const LossNotice& loss);
  void handle(const Disconnect& disconnect);
  void handle(const Revocation& revocation);
  void handle(const PublishCompleted& completed);
  void handle(const RemotePublish& publish);
  void handle(const InterestChange& change);
  void handle(const SubscribeRequest& request);
  void handle(const SubscribeConfirmed& confirmed);
  void handle(const RoomCheck& check);
  void handle(const HistoryGapNotice& notice);
  void handle(const HistoryAnswered& answered);
  void handle(const HistoryAsk& ask);
  void handle(const HistoryFollow& follow);
  std::vector<hub::Member*> members_of(const LossNotice::Target& target) const;
  hub::Delivered deliver(const FanOut& fan_out);
  int deliver(const ClientId& client, const ws::FrameRef& frame) noexcept;
  void note_fan_out(std::size_t clients, std::size_t messages = 1) noexcept {
    if (targets_.fan_out == nullptr) return;
    for (; messages > 0; --messages) targets_.fan_out->add(clients);
  }

  void confirm(const SubscribeRequest& request, const std::vector<std::string>& refused) noexcept;
  void release(const std::vector<std::string>& channels) noexcept;

  // What becomes of a command that could not be executed, for want of memory.

  void lose(const FanOut& fan_out) noexcept;
  void lose(const MembershipChange& change) noexcept { give_up(change.client); }
  void lose(const EncryptionChange& change) noexcept { give_up(change.client); }
  void lose(const HoleNotice& hole) noexcept { give_up(hole.client); }
  void lose(const GapNotice&) noexcept { note_gap(); }
  void lose(const LossNotice&) noexcept { note_gap(); }
  void lose(const Disconnect& disconnect) noexcept;
  void lose(const Revocation& revocation) noexcept { give_up_user(revocation.user); }
  void lose(const PublishCompleted&) noexcept {}
  void lose(const RemotePublish& publish) noexcept;
  void lose(const InterestChange&) noexcept {}
  void lose(const SubscribeRequest& request) noexcept;
  void lose(const SubscribeConfirmed& confirmed) noexcept;
  void lose(const RoomCheck&) noexcept { targets_.occupancy.on_checked(); }
  void lose(const HistoryGapNotice& notice) noexcept;
  void lose(const HistoryAnswered& answered) noexcept { give_up(answered.client); }
  void lose(const HistoryAsk& ask) noexcept;
  void lose(const HistoryFollow&) noexcept {}
  void note_gap() noexcept;
  void give_up_room(const std::string& room) noexcept;
  void give_up(const ClientId& client) noexcept;
  void give_up_user(std::string_view user) noexcept;
  void report_lost(const std::shared_ptr<PublishAggregator>& aggregator,
                   Backplane backplane) noexcept;
  session::Session* find(const ClientId& client) const;

  const CommandTargets targets_;
};

}  // namespace wscast::server
