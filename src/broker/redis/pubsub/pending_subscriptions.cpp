#include "broker/redis/pubsub/pending_subscriptions.h"

#include <memory>

namespace wscast::redis {

void PendingSubscriptions::begin(Done done, SteadyTime deadline) {
  Call call{.call = {}, .missing = 1, .deadline = deadline};
  call.call.push_back({std::move(done), {}});
  calls_.push_back(std::move(call));
}

void PendingSubscriptions::wait_for(ChannelEntry& channel) {
  if (!channel.pending) channel.pending = std::make_unique<std::vector<std::uint64_t>>();
  channel.pending->push_back(first_ + calls_.size() - 1);
  ++calls_.back().missing;
}

void PendingSubscriptions::end() noexcept {
  if (--calls_.back().missing == 0) complete(calls_.back(), false);
  drop_completed();
}

/// Its number stays taken as long as a channel may have it.
void PendingSubscriptions::cancel() noexcept {
  calls_.back().call.clear();
  drop_completed();
}

void PendingSubscriptions::add_late(Done done) {
  completed_.push_back({std::move(done), {}});
  ++late_;
}

bool PendingSubscriptions::on_settled(ChannelEntry& channel, const std::string_view* refused) {
  const auto numbers = std::move(channel.pending);
  if (!numbers) return false;
  bool late = false;
  for (const auto number : *numbers) {
    if (number < first_ || calls_[number - first_].call.empty()) {
      late = true;
      continue;
    }
    Call& call = calls_[number - first_];
    if (refused != nullptr) call.call.front().refused.emplace_back(*refused);
    if (--call.missing == 0) complete(call, false);
  }
  drop_completed();
  return late;
}

void PendingSubscriptions::expire(SteadyTime now) {
  for (auto& call : calls_) {
    if (call.deadline > now) break;
    if (!call.call.empty()) complete(call, true);
  }
  drop_completed();
}

void PendingSubscriptions::expire_all() {
  for (auto& call : calls_) {
    if (!call.call.empty()) complete(call, true);
  }
  drop_completed();
}

std::optional<SteadyTime> PendingSubscriptions::next_deadline() const {
  if (calls_.empty()) return std::nullopt;
  return calls_.front().deadline;
}

void PendingSubscriptions::complete(Call& call, bool late) noexcept {
  completed_.splice(completed_.end(), call.call);
  if (late) ++late_;
}

void PendingSubscriptions::drop_completed() noexcept {
  while (!calls_.empty() && calls_.front().call.empty()) {
    calls_.pop_front();
    ++first_;
  }
}

}  // namespace wscast::redis
