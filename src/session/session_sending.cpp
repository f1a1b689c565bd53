#include <algorithm>
#include <utility>

#include "base/log.h"
#include "protocol/json_scanner.h"
#include "protocol/system_messages.h"
#include "protocol/utf8.h"
#include "session/session.h"

// What a session sends, and how it is encrypted on the way.
namespace wscast::session {
namespace {

constexpr auto kDrainTimeout = std::chrono::seconds(3);

/// protocol.md E3: what the transformer made must be a message that any client can read.
bool is_message(const Transformed& made) {
  if (!protocol::is_utf8(made.event) || !protocol::is_utf8(made.data)) return false;
  return made.data.empty() || protocol::scan_json(made.data, protocol::kMaxDataDepth).has_value();
}

}  // namespace

/// protocol.md D1, D14: by its id a client is reached in any state, as one of many once connected.
int Session::deliver(const ws::FrameRef& frame, hub::Address address) {
  if (!authenticated()) {
    if (address == hub::Address::group) {
      context_.counters.add(Counter::dropped_before_connected);
      return 0;
    }
    if (handshaking()) {
      context_.counters.add(Counter::dropped_in_handshake);
      return 0;
    }
  }
  return send(frame);
}

int Session::send_raw(const ws::FrameRef& frame) {
  if (ended_) return 0;
  if (encrypted.load(std::memory_order_relaxed) || handshaking()) {
    context_.counters.add(Counter::raw_refused);
    return 0;
  }
  return send_plain(frame);
}

int Session::send(const ws::FrameRef& frame) {
  return encrypted.load(std::memory_order_relaxed) ? seal(frame) : send_plain(frame);
}

int Session::send_plain(const ws::FrameRef& frame) {
  return note(transport_.send(frame));
}

/// What was accepted in the clear, and may still meet a connection that has become full.
void Session::send_accepted(const ws::FrameRef& frame) {
  const bool open = transport_.ready_state() == ReadyState::open;
  if (send_plain(frame) == 0 && open) context_.counters.add(Counter::dropped_late);
}

/// protocol.md O9, T5: the client is told of a drop by being closed, if that was asked for.
int Session::note(int result) {
  if (result != 0 || ended_ || transport_.ready_state() != ReadyState::open) return result;
  update_full();
  if (context_.transport.close_on_backpressure_limit) context_.delegate.slow(*this);
  return 0;
}

/// A message was dropped, or there is room again. Only what waits makes a client full: it is told
/// when that has gone.
void Session::update_full() {
  const bool waits = backpressured.load(std::memory_order_relaxed) || outbox_full();
  full.store(waits, std::memory_order_relaxed);
}

bool Session::outbox_full() const {
  return outbox_ && outbox_->bytes() > context_.transport.backpressure_limit;
}

/// protocol.md E1: what waits to be encrypted has a limit of the same size.
int Session::seal(const ws::FrameRef& frame) {
  if (ended_) return 0;
  if (!outbox_) outbox_ = std::make_unique<Outbox>();
  if (outbox_full()) {
    context_.counters.add(Counter::dropped_backpressure);
    return note(0);
  }
  outbox_->push(frame);
  ask_to_seal();
  if (backpressured.load(std::memory_order_relaxed)) return -1;
  return static_cast<int>(std::max<std::size_t>(1, frame.payload_size()));
}

std::string_view Session::front_of_outbox() const {
  const ws::FrameRef& frame = outbox_->front();
  const auto payload = frame.bytes().last(frame.payload_size());
  return {reinterpret_cast<const char*>(payload.data()), payload.size()};
}

/// While the kernel takes nothing messages wait as they came, so that what was accepted is never
/// dropped for being encrypted.
void Session::ask_to_seal() {
  const bool waits = backpressured.load(std::memory_order_relaxed);
  if (!outbox_ || outbox_->empty() || outbox_->asked || waits) return;
  outbox_->asked = true;
  context_.delegate.transform(*this);
}

bool Session::seal_outbox() {
  if (!channel_) return false;
  if (!outbox_) return true;
  while (!outbox_->empty() && !backpressured.load(std::memory_order_relaxed) &&
         !transport_.full()) {
    const ws::FrameRef sealed = channel_->seal(outbox_->front());
    if (sealed) {
      send_accepted(sealed);
    } else {
      context_.counters.add(Counter::transform_failures);
    }
    outbox_->pop();
  }
  sealed_some();
  return true;
}

void Session::on_transform_answer(const TransformAnswer& answer) {
  if (!outbox_ || !outbox_->asked) return;
  const auto* made = std::get_if<Transformed>(&answer);
  if (std::holds_alternative<AsItIs>(answer)) {
    send_accepted(outbox_->front());
  } else if (made != nullptr && is_message(*made)) {
    const auto data =
        made->data.empty() ? std::nullopt : std::optional<std::string_view>(made->data);
    send_accepted(ws::make_frame(ws::Opcode::text, protocol::make_envelope({made->event, data})));
  } else {  // E4
    if (made != nullptr) count_unfit();
    context_.counters.add(Counter::transform_failures);
  }
  outbox_->pop();
  sealed_some();
}

/// Told once, as the transformer's exceptions are: it may happen for each message.
void Session::count_unfit() {
  context_.counters.add(Counter::hook_failures);
  if (std::exchange(context_.told_unfit, true)) return;
  log(LogLevel::error,
      "the outbound_transformer hook's answer is not fit to be sent; further ones are only "
      "counted");
}

void Session::sealed_some() {
  outbox_->asked = false;
  if (full.load(std::memory_order_relaxed)) update_full();
  ask_to_seal();
  if (outbox_->empty() && draining_) close_at_last();
}

/// The close waits until what was accepted before it has been encrypted and sent, but not for ever.
void Session::on_draining(const DisconnectReason& ending) {
  draining_ = std::make_unique<Draining>(Draining{ending.code, std::string(ending.reason)});
  transport_.set_deadline(context_.clock.now() + kDrainTimeout);
  context_.delegate.on_draining(*this);
}

void Session::close_at_last() {
  const auto how = std::move(draining_);
  context_.delegate.on_drain_end(*this);
  context_.counters.add(Counter::transform_failures, outbox_->size());
  outbox_.reset();
  transport_.set_deadline(SteadyTime::max());
  transport_.close(ws::to_number(how->code), how->reason);
}

/// The connection is over.
void Session::cancel_draining() {
  if (!draining_) return;
  draining_.reset();
  context_.delegate.on_drain_end(*this);
  outbox_.reset();
}

}  // namespace wscast::session
