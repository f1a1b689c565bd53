#include "session/inbound_queue.h"

#include <utility>

namespace wscast::session {

/// What comes although reading is paused, from a connection that cannot hold back, is bounded, too.
bool InboundQueue::push(bool binary, std::string_view text, const Limits& limits) {
  if (!waiting_) waiting_ = std::make_unique<Waiting>();
  if (waiting_->bytes > limits.max_bytes) return false;
  waiting_->messages.push_back({binary, std::string(text)});
  waiting_->bytes += waiting_->messages.back().cost();
  waiting_->full = waiting_->full || waiting_->messages.size() >= limits.max_messages ||
                   waiting_->bytes > limits.max_bytes;
  return true;
}

std::optional<QueuedMessage> InboundQueue::pop() {
  if (!waiting_ || hook_runs_) return std::nullopt;
  if (waiting_->messages.empty()) {
    waiting_.reset();
    return std::nullopt;
  }
  std::optional<QueuedMessage> next = std::move(waiting_->messages.front());
  waiting_->messages.pop_front();
  waiting_->bytes -= next->cost();
  return next;
}

InboundQueue::Reading InboundQueue::update_reading() {
  const bool pause = held_ || (waiting_ && waiting_->full);
  if (pause == reading_paused_) return Reading::unchanged;
  reading_paused_ = pause;
  return pause ? Reading::pause : Reading::resume;
}

std::size_t InboundQueue::clear() noexcept {
  const auto dropped = std::exchange(waiting_, nullptr);
  return dropped ? dropped->messages.size() : 0;
}

}  // namespace wscast::session
