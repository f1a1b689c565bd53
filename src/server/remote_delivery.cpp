#include "server/remote_delivery.h"

#include <optional>
#include <utility>
#include <variant>

#include "protocol/channel.h"
#include "protocol/envelope.h"
#include "server/message_frame.h"
#include "server/sorted_ids.h"

namespace wscast::server {

void RemoteDelivery::deliver(const protocol::BackplaneMessage& message) {
  const protocol::Content content{message.event, message.data, {}};
  const std::size_t size = protocol::envelope_size(content);
  const bool same = receivers_ && goes_to(message, *receivers_);
  if (!same || !joiner_.fits(size)) flush();
  if (!message.exclude.empty() || tracer_.active() || !joiner_.fits(size)) {
    return deliver_alone(message);
  }
  if (joiner_.empty()) {
    receivers_ = receivers_of(message);
    receivers_->fan_out.origin.taken = ws::time_taken(clock_);
  }
  if (receivers_->shards.empty()) return;
  protocol::write_envelope(joiner_.add(ws::Opcode::text, size).data(), content);
}

void RemoteDelivery::flush() {
  if (!joiner_.empty()) {
    receivers_->fan_out.frame = joiner_.take();
    deliver(std::move(receivers_->fan_out), receivers_->shards);
  }
  receivers_.reset();
}

bool RemoteDelivery::goes_to(const protocol::BackplaneMessage& message,
                             const Receivers& receivers) const {
  return message.exclude.empty() && message.type == receivers.type &&
         message.target == receivers.fan_out.target;
}

RemoteDelivery::Receivers RemoteDelivery::receivers_of(
    const protocol::BackplaneMessage& message) const {
  using protocol::BackplaneTarget;
  Receivers all{
      .type = message.type, .fan_out = {}, .shards = shards_of(message.type, message.target)};
  FanOut& fan_out = all.fan_out;
  fan_out.target = message.target;
  fan_out.exclude = shared_ids(message.exclude);
  switch (message.type) {
    case BackplaneTarget::client:
      fan_out.to = FanOut::To::client;
      fan_out.client = ClientId::spelled(message.target);
      break;
    case BackplaneTarget::user:
      fan_out.to = FanOut::To::user;
      break;
    case BackplaneTarget::room:
      fan_out.to = FanOut::To::room;
      break;
    case BackplaneTarget::broadcast:
    case BackplaneTarget::server:
      fan_out.to = FanOut::To::everybody;
      break;
  }
  return all;
}

void RemoteDelivery::deliver_alone(const protocol::BackplaneMessage& message) {
  Receivers receivers = receivers_of(message);
  FanOut& fan_out = receivers.fan_out;
  const protocol::Content content{message.event, message.data, {}};
  fan_out.origin.taken = ws::time_taken(clock_);
  if (tracer_.active()) {
    tracer_.take(fan_out, TraceStep::received, message.event, protocol::envelope_size(content),
                 message.trace);
  }
  if (receivers.shards.empty()) return;
  fan_out.frame = message_frame(content);
  deliver(std::move(fan_out), receivers.shards);
}

void RemoteDelivery::deliver(FanOut fan_out, const std::vector<std::size_t>& shards) {
  const auto trace = fan_out.origin.trace;
  ShardCommand command(std::move(fan_out));
  for (const std::size_t& shard : shards) {
    const bool last = &shard == &shards.back();
    const bool routed = last ? router_.route(shard, std::move(command))
                             : router_.route(shard, ShardCommand(command));
    if (routed) continue;
    report_gap(shard);  // Its publisher does not learn of it.
    if (trace) trace->on_dropped({}, kInboxFull);
  }
}

void RemoteDelivery::report_gap() {
  flush();
  for (const std::size_t shard : router_.all_shards()) report_gap(shard);
}

void RemoteDelivery::report_loss(const std::vector<std::string>& channels) {
  flush();
  std::vector<LossNotice> notices(directory_.shards());
  for (const std::string& channel : channels) {
    const auto target = protocol::target_of(channel);
    const bool for_all =
        channel.empty() || (target && target->type == protocol::BackplaneTarget::broadcast);
    if (for_all) return report_gap();
    if (!target) continue;  // Not for clients.
    for (const std::size_t shard : shards_of(target->type, target->target)) {
      notices[shard].targets.push_back({target->type, std::string(target->target)});
    }
  }
  for (std::size_t shard = 0; shard < notices.size(); ++shard) {
    if (!notices[shard].targets.empty()) router_.route(shard, std::move(notices[shard]));
  }
}

std::vector<std::size_t> RemoteDelivery::shards_of(protocol::BackplaneTarget type,
                                                   std::string_view target) const {
  using protocol::BackplaneTarget;
  switch (type) {
    case BackplaneTarget::user:
      return directory_.shards_of_user(target);
    case BackplaneTarget::room:
      return directory_.shards_of_room(target);
    case BackplaneTarget::broadcast:
      return router_.all_shards();
    case BackplaneTarget::server:
      return {};  // Not for clients.
    case BackplaneTarget::client:
      break;
  }
  const auto client = ClientId::spelled(target);
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
