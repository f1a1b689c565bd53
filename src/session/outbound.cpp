#include "session/outbound.h"

#include <algorithm>
#include <chrono>

#include "protocol/system_messages.h"
#include "session/session.h"

namespace wscast::session {
namespace {

constexpr auto kDrainTimeout = std::chrono::seconds(3);

}  // namespace

void Outbound::send_error(std::string_view message, std::optional<std::string_view> id) {
  send(ws::make_frame(ws::Opcode::text, protocol::error_message(message, id)));
}

/// A message that was accepted in the clear may still meet a connection that has become full.
void Outbound::send_accepted(const ws::FrameRef& frame) {
  const bool open = transport_.ready_state() == ReadyState::open;
  if (send_plain(frame) == 0 && open) context_.counters.add(Counter::dropped_late);
}

/// protocol.md O9, T5: the client is closed for a drop if that is enabled.
int Outbound::on_dropped() {
  if (session_.ended() || transport_.ready_state() != ReadyState::open) return 0;
  update_full();
  if (context_.transport_options.close_on_backpressure_limit) {
    context_.delegate.on_slow_consumer(session_);
  }
  return 0;
}

/// A message was dropped, or there is room again. Only what waits makes a client full: the shard is
/// notified when that has gone.
void Outbound::update_full() {
  const bool waits = session_.backpressured.load(std::memory_order_relaxed) ||
                     encryption_.full(context_.transport_options.backpressure_limit);
  session_.full.store(waits, std::memory_order_relaxed);
}

/// protocol.md E1: what waits to be encrypted has a limit of the same size.
int Outbound::enqueue(const ws::FrameRef& frame) {
  if (session_.ended()) return 0;
  if (!encryption_.push(frame, context_.transport_options.backpressure_limit)) {
    context_.counters.add(Counter::dropped_backpressure);
    return on_dropped();
  }
  request_encryption();
  if (session_.backpressured.load(std::memory_order_relaxed)) return -1;
  return static_cast<int>(std::max<std::size_t>(1, frame.payload_size()));
}

/// While the kernel takes nothing messages wait as they came, so that what was accepted is never
/// dropped for being encrypted.
void Outbound::request_encryption() {
  if (session_.backpressured.load(std::memory_order_relaxed)) return;
  if (encryption_.request()) context_.delegate.transform(session_);
}

bool Outbound::seal_waiting() {
  if (encryption_.channel() == nullptr) return false;
  if (encryption_.empty()) return true;
  while (!encryption_.empty() && !session_.backpressured.load(std::memory_order_relaxed) &&
         !transport_.full()) {
    const ws::FrameRef sealed = encryption_.seal_front();
    if (sealed) {
      send_accepted(sealed);
    } else {
      context_.counters.add(Counter::transform_failures);
    }
    encryption_.pop_front();
  }
  on_encrypted();
  return true;
}

void Outbound::on_transform_result(const TransformResult& result) {
  if (!encryption_.requested()) return;
  if (const ws::FrameRef frame = encryption_.transform_front(result)) {
    send_accepted(frame);
  } else {  // E4
    if (std::holds_alternative<Transformed>(result)) context_.report_invalid_transform();
    context_.counters.add(Counter::transform_failures);
  }
  encryption_.pop_front();
  on_encrypted();
}

void Outbound::on_encrypted() {
  encryption_.end_request();
  if (session_.full.load(std::memory_order_relaxed)) update_full();
  request_encryption();
  if (encryption_.empty() && encryption_.draining()) finish_draining();
}

void Outbound::on_drain() {
  session_.backpressured.store(false, std::memory_order_relaxed);
  update_full();
  request_encryption();
}

void Outbound::close(const DisconnectReason& reason) {
  seal_waiting();
  if (encryption_.empty() || reason.code == ws::CloseCode::slow_consumer) {
    encryption_.clear();
    return transport_.close(ws::to_number(reason.code), reason.reason);
  }
  encryption_.drain(reason.code, reason.reason);
  transport_.set_deadline(context_.clock.now() + kDrainTimeout);
  context_.delegate.on_draining_started(session_);
}

void Outbound::finish_draining() {
  context_.counters.add(Counter::transform_failures, encryption_.size());
  const PendingClose close = encryption_.finish_draining();
  context_.delegate.on_draining_finished(session_);
  transport_.set_deadline(SteadyTime::max());
  transport_.close(ws::to_number(close.code), close.reason);
}

void Outbound::discard() noexcept {
  const bool was_draining = draining();
  encryption_.clear();
  if (was_draining) context_.delegate.on_draining_finished(session_);
}

}  // namespace wscast::session
