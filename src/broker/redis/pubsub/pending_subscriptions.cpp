#include "broker/redis/pubsub/pending_subscriptions.h"

#include <memory>

namespace wscast::redis {

void PendingSubscriptions::wait_for(ChannelEntry& channel, std::uint64_t number) {
  if (!channel.pending) channel.pending = std::make_unique<std::vector<std::uint64_t>>();
  channel.pending->push_back(number);
}

void PendingSubscriptions::add(Done done, std::size_t missing, SteadyTime deadline) {
  calls_.push_back({std::move(done), missing, deadline});
  if (missing == 0) complete(calls_.back(), false);
  drop_completed();
}

void PendingSubscriptions::add_late(Done done) {
  completed_.push_back({std::move(done), {}});
  ++late_;
}

void PendingSubscriptions::on_settled(ChannelEntry& channel, const std::string_view* refused) {
  const auto numbers = std::move(channel.pending);
  if (!numbers) return;
  for (const auto number : *numbers) {
    if (number < first_) continue;  // It was late.
    Call& call = calls_[number - first_];
    if (!call.done) continue;
    if (refused != nullptr) call.refused.emplace_back(*refused);
    if (--call.missing == 0) complete(call, false);
  }
  drop_completed();
}

void PendingSubscriptions::expire(SteadyTime now) {
  for (auto& call : calls_) {
    if (call.deadline > now) break;
    if (call.done) complete(call, true);
  }
  drop_completed();
}

void PendingSubscriptions::expire_all() {
  for (auto& call : calls_) {
    if (call.done) complete(call, true);
  }
  drop_completed();
}

std::optional<SteadyTime> PendingSubscriptions::next_deadline() const {
  if (calls_.empty()) return std::nullopt;
  return calls_.front().deadline;
}

void PendingSubscriptions::complete(Call& call, bool late) {
  completed_.push_back({std::exchange(call.done, {}), std::move(call.refused)});
  if (late) ++late_;
}

void PendingSubscriptions::drop_completed() {
  while (!calls_.empty() && !calls_.front().done) {
    calls_.pop_front();
    ++first_;
  }
}

}  // namespace wscast::redis
