#include "net/connection.h"

// What a connection adds to the gauges of its shard.
namespace wscast::net {

void Connection::clear_queue() noexcept {
  queue_.for_each_traced([this](MessageTrace& trace) {
    trace.on_dropped(traced_client(), "its connection ended before it was written");
  });
  context_.gauges.on_dequeued(queue_.depth());
  queue_.clear();
}

void Connection::set_backpressured(bool backpressured) noexcept {
  if (backpressured == backpressured_) return;
  backpressured_ = backpressured;
  backpressured ? context_.gauges.on_blocked() : context_.gauges.on_unblocked();
}

ConnectionState Connection::state() const {
  if (!established_) return ConnectionState::establishing;
  if (phase_ == Phase::head) return ConnectionState::requesting;
  if (phase_ != Phase::open) return ConnectionState::closing;
  return trusted_ ? ConnectionState::authenticated : ConnectionState::open;
}

void Connection::note_state() noexcept {
  const ConnectionState now = state();
  if (now == counted_as_) return;
  if (counted_as_ != ConnectionState::count_) context_.gauges.leave(encrypted_, counted_as_);
  context_.gauges.enter(encrypted_, now);
  counted_as_ = now;
}

}  // namespace wscast::net
