#include "session/outbound.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "base/message_trace.h"
#include "protocol/history_messages.h"
#include "protocol/system_messages.h"
#include "session/drop_reasons.h"
#include "session/session.h"

namespace wscast::session {
namespace {

constexpr auto kDrainTimeout = std::chrono::seconds(3);

/// protocol.md X2.
bool is_notice(std::string_view message) {
  return message.starts_with(R"({"event":"dropped",)");
}

}  // namespace

std::string_view Outbound::why_dropped() const {
  if (session_.ended() || transport_.ready_state() != ReadyState::open) {
    return "its connection is ending";
  }
  return kReadsTooSlowly;
}

void Outbound::send_error(std::string_view message, std::optional<std::string_view> id) {
  if (!id) return say(protocol::error_message(message));
  send(ws::make_frame(ws::Opcode::text, protocol::error_message(message, id)));
}

void Outbound::say(std::string message) {
  send(own_frame(std::move(message)));
}

ws::FrameRef Outbound::own_frame(std::string message) const {
  if (session_.gets_positions()) message = protocol::marked(std::move(message));
  return ws::make_frame(ws::Opcode::text, message);
}

bool Outbound::takes_joined() const {
  return !session_.encrypted.load(std::memory_order_relaxed) && transport_.takes_joined();
}

bool Outbound::full() const {
  const bool encrypted = session_.encrypted.load(std::memory_order_relaxed);
  return encrypted ? encryption_.full(context().transport_options.backpressure_limit)
                   : transport_.full();
}

bool Outbound::busy() const {
  return session_.backpressured.load(std::memory_order_relaxed) || !encryption_.empty();
}

/// A message that was accepted in the clear may still meet a connection that has become full.
void Outbound::send_accepted(const ws::FrameRef& frame) {
  const bool open = transport_.ready_state() == ReadyState::open;
  if (transmit(frame) != 0) return;
  if (open) context().counters.add(Counter::dropped_late);
  if (frame.trace() != nullptr) frame.trace()->on_dropped(session_.id, why_dropped());
}

/// protocol.md O9, T5: the client is closed for a drop if that is enabled.
int Outbound::on_dropped(std::uint32_t messages) {
  if (session_.ended() || transport_.ready_state() != ReadyState::open) return 0;
  count_drop(messages);
  update_full();
  if (context().transport_options.close_on_backpressure_limit) {
    context().delegate.on_slow_consumer(session_);
  }
  return 0;
}

/// Before `connected` nothing is promised, so nothing is told.
void Outbound::count_drop(std::uint32_t messages) {
  session_.lost.fetch_add(messages, std::memory_order_relaxed);
  if (!session_.authenticated()) return;
  if (!session_.has_hole.exchange(true)) context().counters.add(Counter::drop_episodes);
}

/// protocol.md X2: the notice takes the place of what is missing, before anything newer, and is
/// never dropped: it is sent where there is room only. Returns false if an external transport
/// refused it; then what follows must not overtake it.
bool Outbound::report_hole() {
  if (session_.ended() || !session_.authenticated()) return true;
  if (full()) return true;
  session_.has_hole.exchange(false);  // Before the count is read: a later drop sets it again.
  const std::uint32_t total = session_.lost.load();
  const auto count = session_.lost_uncounted ? std::nullopt : std::optional(session_.untold(total));
  if (context().options.notify_dropped) {
    if (!push_notice(own_frame(protocol::dropped_message(count)))) {
      session_.has_hole = true;
      return false;
    }
    context().counters.add(Counter::dropped_notices);
  }
  session_.lost_uncounted = false;
  session_.set_told(total);
  return true;
}

bool Outbound::push_notice(const ws::FrameRef& notice) {
  if (!session_.encrypted.load(std::memory_order_relaxed)) return transport_.send(notice) != 0;
  encryption_.push(notice, context().transport_options.backpressure_limit);
  request_encryption();
  return true;
}

/// What was missed meanwhile is told, or asked for, once nothing waits.
void Outbound::on_nothing_waits() {
  if (busy()) return;
  if (session_.has_hole.load(std::memory_order_relaxed)) report_hole();
  if (session_.replay_due()) context().delegate.on_replay_due(session_);
}

void Outbound::on_hole() {
  session_.hole_announced.exchange(false);  // Before the count is read.
  if (!session_.authenticated() || session_.untold(session_.lost.load()) == 0) return;
  if (!session_.has_hole.exchange(true)) context().counters.add(Counter::drop_episodes);
  on_nothing_waits();
}

void Outbound::on_gap() {
  if (session_.ended() || !session_.authenticated()) return;
  note_gap();
  on_nothing_waits();
}

void Outbound::note_gap() noexcept {
  session_.lost_uncounted = true;
  session_.has_hole = true;
}

/// A message was dropped, or there is room again. Only what waits makes a client full: the shard is
/// notified when that has gone.
void Outbound::update_full() {
  const bool waits = session_.backpressured.load(std::memory_order_relaxed) ||
                     encryption_.full(context().transport_options.backpressure_limit);
  session_.full.store(waits, std::memory_order_relaxed);
}

/// protocol.md E1: what waits to be encrypted has a limit of the same size.
int Outbound::enqueue(const ws::FrameRef& frame) {
  if (session_.ended()) return 0;
  if (session_.has_hole.load(std::memory_order_relaxed)) report_hole();
  if (!encryption_.push(frame, context().transport_options.backpressure_limit)) {
    context().counters.add(Counter::dropped_backpressure);
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
  if (encryption_.request()) context().delegate.transform(session_);
}

bool Outbound::seal_waiting() {
  if (encryption_.channel() == nullptr) return false;
  if (encryption_.empty()) return true;
  bool notice_lost = false;
  while (!encryption_.empty() && !session_.backpressured.load(std::memory_order_relaxed) &&
         !transport_.full()) {
    const ws::FrameRef sealed = encryption_.seal_front();
    notice_lost = !sealed && is_notice(encryption_.front());
    if (sealed) {
      send_accepted(sealed);
    } else {
      lose_front();
    }
    encryption_.pop_front();
  }
  on_encrypted();
  if (!notice_lost) on_nothing_waits();
  return true;
}

void Outbound::on_transform_result(const TransformResult& result) {
  if (!encryption_.requested()) return;
  bool notice_lost = false;
  if (const ws::FrameRef frame = encryption_.transform_front(result)) {
    send_accepted(frame);
  } else {  // E4
    if (std::holds_alternative<Transformed>(result)) context().report_invalid_transform();
    notice_lost = is_notice(encryption_.front());
    lose_front();
  }
  encryption_.pop_front();
  on_encrypted();
  // A notice that was lost is made anew with the next message, or it might be lost for ever.
  if (!notice_lost) on_nothing_waits();
}

/// protocol.md E4: the message was accepted, but cannot be sent.
void Outbound::lose_front() {
  context().counters.add(Counter::transform_failures);
  encryption_.note_front_lost(session_.id);
  if (session_.ended()) return;
  if (!is_notice(encryption_.front())) return count_drop();
  note_gap();  // What it said is unknown to the client.
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
  on_nothing_waits();
  request_encryption();
}

void Outbound::close(const DisconnectReason& reason) {
  seal_waiting();
  if (encryption_.empty() || reason.code == ws::CloseCode::slow_consumer) {
    encryption_.note_all_lost(session_.id);
    encryption_.clear();
    return transport_.close(ws::to_number(reason.code), reason.reason);
  }
  encryption_.drain(reason.code, reason.reason);
  transport_.set_deadline(context().clock.now() + kDrainTimeout);
  context().delegate.on_draining_started(session_);
}

void Outbound::finish_draining() {
  context().counters.add(Counter::transform_failures, encryption_.size());
  encryption_.note_all_lost(session_.id);
  const PendingClose close = encryption_.finish_draining();
  context().delegate.on_draining_finished(session_);
  transport_.set_deadline(SteadyTime::max());
  transport_.close(ws::to_number(close.code), close.reason);
}

void Outbound::discard() noexcept {
  const bool was_draining = draining();
  encryption_.note_all_lost(session_.id);
  encryption_.clear();
  if (was_draining) context().delegate.on_draining_finished(session_);
}

}  // namespace wscast::session
