#include "session/outbound_encryption.h"

#include <utility>

#include "base/message_trace.h"
#include "protocol/envelope.h"
#include "protocol/json_scanner.h"
#include "protocol/utf8.h"

namespace wscast::session {
namespace {

bool is_message(const Transformed& made) {
  if (!protocol::is_utf8(made.event) || !protocol::is_utf8(made.data)) return false;
  return made.data.empty() || protocol::scan_json(made.data, protocol::kMaxDataDepth).has_value();
}

/// A message is measured and followed from when the server took it, however it was encrypted.
ws::FrameRef of_same_origin(const ws::FrameRef& plain, ws::FrameRef made) {
  if (made) made.set_origin_of(plain);
  return made;
}

}  // namespace

bool OutboundEncryption::push(const ws::FrameRef& frame, std::size_t limit) {
  if (full(limit)) return false;
  if (!waiting_) waiting_ = std::make_unique<Waiting>();
  waiting_->outbox.push(frame);
  return true;
}

bool OutboundEncryption::request() {
  if (empty() || requested()) return false;
  waiting_->outbox.front_requested = true;
  return true;
}

std::string_view OutboundEncryption::front() const {
  const ws::FrameRef& frame = waiting_->outbox.front();
  const auto payload = frame.bytes().last(frame.payload_size());
  return {reinterpret_cast<const char*>(payload.data()), payload.size()};
}

void OutboundEncryption::note_front_lost(const ClientId& client) const noexcept {
  MessageTrace* trace = waiting_->outbox.front().trace();
  if (trace != nullptr) trace->on_dropped(client, "it could not be encrypted");
}

void OutboundEncryption::note_all_lost(const ClientId& client) const noexcept {
  if (!waiting_) return;
  waiting_->outbox.for_each([&client](const ws::FrameRef& frame) {
    MessageTrace* trace = frame.trace();
    if (trace != nullptr) trace->on_dropped(client, "its connection ended before it was encrypted");
  });
}

ws::FrameRef OutboundEncryption::seal_front() {
  const ws::FrameRef& plain = waiting_->outbox.front();
  return of_same_origin(plain, channel_->seal(plain));
}

ws::FrameRef OutboundEncryption::transform_front(const TransformResult& result) const {
  if (std::holds_alternative<Unchanged>(result)) return waiting_->outbox.front();
  const auto* made = std::get_if<Transformed>(&result);
  if (made == nullptr || !is_message(*made)) return {};
  const auto data = made->data.empty() ? std::nullopt : std::optional<std::string_view>(made->data);
  return of_same_origin(
      waiting_->outbox.front(),
      ws::make_frame(ws::Opcode::text, protocol::make_envelope({made->event, data})));
}

void OutboundEncryption::drain(ws::CloseCode code, std::string_view reason) {
  waiting_->close = std::make_unique<PendingClose>(PendingClose{code, std::string(reason)});
}

PendingClose OutboundEncryption::finish_draining() {
  const auto last = std::exchange(waiting_, nullptr);
  return std::move(*last->close);
}

}  // namespace wscast::session
