#include "server/remote_delivery.h"

#include <optional>
#include <utility>
#include <variant>

#include "protocol/envelope.h"
#include "server/message_frame.h"
#include "server/sorted_ids.h"

namespace wscast::server {

void RemoteDelivery::deliver(const protocol::BackplaneMessage& message) {
  using protocol::BackplaneTarget;
  std::optional<std::size_t> home;
  std::vector<std::size_t> found;
  std::span<const std::size_t> shards;
  ShardCommand command{FanOut{.origin = {.taken = ws::time_taken(clock_)}}};
  FanOut& fan_out = std::get<FanOut>(command);
  // That of a client is needed to follow the message only: its id says where it goes.
  if (message.type != BackplaneTarget::client || tracer_.active()) fan_out.target = message.target;
  switch (message.type) {
    case BackplaneTarget::client:
      fan_out.to = FanOut::To::client;
      fan_out.client = ClientId::spelled(message.target);
      home = fan_out.client ? directory_.shard_of(*fan_out.client) : std::nullopt;
      if (home) shards = {&*home, 1};
      break;
    case BackplaneTarget::user:
      fan_out.to = FanOut::To::user;
      shards = found = directory_.shards_of_user(message.target);
      break;
    case BackplaneTarget::room:
      fan_out.to = FanOut::To::room;
      fan_out.exclude = shared_ids(message.exclude);
      shards = found = directory_.shards_of_room(message.target);
      break;
    case BackplaneTarget::server:
      return;  // Not for clients.
    case BackplaneTarget::broadcast:
      fan_out.to = FanOut::To::everybody;
      fan_out.exclude = shared_ids(message.exclude);
      shards = router_.all_shards();
      break;
  }
  if (tracer_.active()) {
    tracer_.take(fan_out, TraceStep::received, message.event,
                 protocol::envelope_size({message.event, message.data, {}}), message.trace);
  }
  if (shards.empty()) return;
  fan_out.frame = message_frame({message.event, message.data, {}});
  deliver(std::move(command), shards);
}

void RemoteDelivery::deliver(ShardCommand&& command, std::span<const std::size_t> shards) {
  const auto trace = std::get<FanOut>(command).origin.trace;
  for (const std::size_t& shard : shards) {
    const bool last = &shard == &shards.back();
    const bool routed = last ? router_.route(shard, std::move(command))
                             : router_.route(shard, ShardCommand(command));
    if (routed) continue;
    report_gap(shard);  // Its publisher is not told.
    if (trace) trace->on_dropped({}, kInboxFull);
  }
}

void RemoteDelivery::report_gap() {
  for (const std::size_t shard : router_.all_shards()) report_gap(shard);
}

void RemoteDelivery::report_loss(const std::vector<std::string>& channels) {
  std::vector<LossNotice> notices(directory_.shards());
  for (const std::string& channel : channels) {
    const auto target = protocol::target_of(channel);
    const bool for_all =
        channel.empty() || (target && target->type == protocol::BackplaneTarget::broadcast);
    if (for_all) return report_gap();
    if (!target) continue;  // Not for clients.
    for (const std::size_t shard : shards_of(*target)) {
      notices[shard].targets.push_back({target->type, std::string(target->target)});
    }
  }
  for (std::size_t shard = 0; shard < notices.size(); ++shard) {
    if (!notices[shard].targets.empty()) router_.route(shard, std::move(notices[shard]));
  }
}

std::vector<std::size_t> RemoteDelivery::shards_of(const protocol::ChannelTarget& target) const {
  using protocol::BackplaneTarget;
  if (target.type == BackplaneTarget::user) return directory_.shards_of_user(target.target);
  if (target.type == BackplaneTarget::room) return directory_.shards_of_room(target.target);
  const auto client = ClientId::spelled(target.target);
  const auto home = client ? directory_.shard_of(*client) : std::nullopt;
  return home ? std::vector{*home} : std::vector<std::size_t>();
}

void RemoteDelivery::report_gap(std::size_t shard) {
  const auto& pending = gap_pending_[shard];
  if (pending->exchange(true)) return;
  try {
    router_.route(shard, GapNotice{pending});
  } catch (...) {
    pending->store(false);
    throw;
  }
}

std::vector<std::shared_ptr<std::atomic<bool>>> RemoteDelivery::make_flags(std::size_t count) {
  std::vector<std::shared_ptr<std::atomic<bool>>> flags(count);
  for (auto& flag : flags) flag = std::make_shared<std::atomic<bool>>(false);
  return flags;
}

}  // namespace wscast::server
