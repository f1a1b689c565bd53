#include "session/session.h"

#include <exception>
#include <utility>

#include "wscast/constants.h"

#include "base/message_trace.h"
#include "protocol/system_messages.h"
#include "session/inbound_message.h"

namespace wscast::session {
namespace {

using protocol::EnvelopeStatus;

std::optional<std::string> owned(std::optional<std::string_view> text) {
  return text ? std::optional<std::string>(*text) : std::nullopt;
}

}  // namespace

Session::Session(Context& context, const ClientId& client, Transport& transport, void* to)
    : Member(client, context.shard, context.clock.now(), context.clock.wall()),
      context_(context),
      outbound_(transport, *this) {
  sink = to;
  const SessionOptions& options = context_.options;
  const SteadyTime now = context_.clock.now();
  transport.set_deadline(authenticator_.deadline(now, options.auth_timeout));
  context_.hub.add(*this);  // Last: nothing may fail once others know of it.
}

Session::~Session() {
  outbound_.discard();
  context_.hub.remove(*this);
}

// What a client sends.

void Session::on_message(bool binary, std::string_view text) {
  if (ended_) return;
  const SteadyTime now = context_.clock.now();
  last_activity.store(now, std::memory_order_relaxed);
  if (!authenticated() && !authenticator_.count(text.size(), context_.options)) {
    return end(kPreAuthFlood);
  }
  const auto verdict = rates_.check_message(rates(), text.size(), now);
  if (verdict != RateLimiter::Verdict::pass) return drop(verdict, binary, text);
  return inbound_.must_wait() ? enqueue(binary, text) : handle(binary, text);
}

bool Session::on_control_frame(std::size_t payload_bytes) {
  if (ended_) return false;
  if (!authenticated() && !authenticator_.count(payload_bytes, context_.options)) {
    end(kPreAuthFlood);
    return false;
  }
  return passes(rates_.check_message(rates(), payload_bytes, context_.clock.now()));
}

void Session::enqueue(bool binary, std::string_view text) {
  if (inbound_.push(binary, text,
                    {.max_messages = context_.options.max_waiting_messages,
                     .max_bytes = transport_limit()})) {
    return update_reading();
  }
  drop(rates_.on_drop(context_.clock.now()), binary, text);
}

/// protocol.md O11. A message with an id gets an error each time (X1).
bool Session::passes(RateLimiter::Verdict verdict, std::optional<std::string_view> message_id) {
  if (verdict == RateLimiter::Verdict::pass) return true;
  context_.counters.add(Counter::rate_limited);
  if (message_id || verdict == RateLimiter::Verdict::drop_and_report) {
    outbound_.send_error("Rate limit exceeded", message_id);
  }
  if (verdict == RateLimiter::Verdict::close) end(kRateLimit);
  return false;
}

void Session::drop(RateLimiter::Verdict verdict, bool binary, std::string_view text) {
  const std::size_t max_depth = context_.options.max_json_depth;
  const auto parsed = parse_message(text, binary, max_depth);
  if (parsed.status != EnvelopeStatus::ok) {
    passes(verdict);
    return;
  }
  EncryptedChannel* channel = authenticated() ? outbound_.channel() : nullptr;
  passes(verdict, id_of_dropped(parsed.envelope, channel, max_depth));
}

void Session::handle(bool binary, std::string_view text) {
  auto parsed = parse_message(text, binary, context_.options.max_json_depth);
  switch (parsed.status) {
    case EnvelopeStatus::invalid:
      context_.counters.add(Counter::invalid_messages);
      outbound_.send_error("Invalid message format");
      return;
    case EnvelopeStatus::malformed:
      context_.counters.add(Counter::malformed_envelopes);
      return;
    case EnvelopeStatus::ok:
      handle_envelope(parsed.envelope);
      return;
  }
}

void Session::handle_envelope(protocol::Envelope& envelope) {
  if (envelope.event == events::heartbeat) return;
  if (envelope.event == events::authenticate) return handle_authenticate(envelope);
  if (!authenticated()) {
    context_.counters.add(Counter::not_authenticated);
    return outbound_.send_error("Not authenticated", envelope.id);
  }
  if (outbound_.channel() != nullptr && envelope.event == events::encrypted) {
    return handle_encrypted(envelope);
  }
  const bool join = envelope.event == events::join;
  if (!join && envelope.event != events::leave) return handle_event(envelope);
  if (!passes(rates_.check_join(rates(), context_.clock.now()), envelope.id)) return;
  return join ? handle_join(envelope) : handle_leave(envelope);
}

/// protocol.md S8.
void Session::handle_encrypted(const protocol::Envelope& envelope) {
  const auto text = envelope.data ? outbound_.channel()->open(*envelope.data) : std::nullopt;
  auto inside = text ? parse_message(*text, true, context_.options.max_json_depth)
                     : protocol::ParsedEnvelope{EnvelopeStatus::invalid, {}};
  if (inside.status != EnvelopeStatus::ok || inside.envelope.event == events::encrypted) {
    context_.counters.add(Counter::decryption_failures);
    return outbound_.send_error("Decryption failed", envelope.id);
  }
  handle_envelope(inside.envelope);
}

void Session::handle_event(protocol::Envelope& envelope) {
  if (context_.delegate.handle(
          *this, {std::move(envelope.event), owned(envelope.data), owned(envelope.id)})) {
    return inbound_.on_hook_requested();
  }
  context_.counters.add(Counter::unhandled_events);
  if (envelope.id) outbound_.send_error("Unhandled event", envelope.id);
}

// Rooms (protocol.md M7, M8, X1).

void Session::handle_join(const protocol::Envelope& envelope) {
  auto recovery = hold_recovered(envelope);
  auto request = rooms_.begin_join(envelope, context_.options.max_rooms_per_join);
  rooms_.recover(std::move(recovery));
  rates_.count_rooms(rates(), request.size());
  context_.counters.add(Counter::rooms_dropped, request.dropped);
  if (request.too_many) report_too_many_rooms();
  if (!request.rooms.empty()) {
    if (context_.delegate.validate_rooms(*this, std::move(request.rooms))) {
      return inbound_.on_hook_requested();
    }
    context_.counters.add(Counter::joins_refused);
  }
  if (finish_join()) return;
  inbound_.on_hook_requested();  // The client's messages wait for the positions, too.
  on_hook_started();
}

void Session::handle_leave(const protocol::Envelope& envelope) {
  const auto request =
      rooms_.leave(context_.hub, *this, envelope, context_.options.max_rooms_per_join);
  rates_.count_rooms(rates(), request.size());
  if (request.too_many) report_too_many_rooms();
  finish_rooms();
}

void Session::on_rooms_result(std::optional<std::vector<std::string>> rooms) {
  if (ended_) return;
  const auto validated = rooms_.on_validated(std::move(rooms), id);
  if (validated.invalid_result) context_.report_invalid_result("validate_rooms");
  context_.counters.add(Counter::rooms_dropped, validated.dropped_rooms);
  if (rooms_.subscribing()) {
    if (!context_.delegate.subscribe_rooms(*this, rooms_.rooms())) on_subscribed();
    return;
  }
  if (finish_join()) on_hook_done();
}

/// protocol.md O13. An `ack` says it already.
void Session::report_too_many_rooms() {
  context_.counters.add(Counter::too_many_rooms);
  if (!rooms_.has_ack()) outbound_.send_error("Too many rooms");
}

void Session::finish_rooms() {
  const auto ack = rooms_.finish();
  if (ack) outbound_.send(ws::make_frame(ws::Opcode::text, *ack));
}

// Messages that wait for a hook, and reading.

void Session::on_hook_started() {
  inbound_.on_hook_started();
  leave_if_idle();
}

void Session::on_hook_done() {
  if (ended_) return;
  inbound_.on_hook_done();
  while (const auto next = inbound_.pop()) handle(next->binary, next->text);
  update_reading();
  leave_if_idle();
}

void Session::hold() {
  inbound_.hold();
  update_reading();
}

void Session::release() {
  inbound_.release();
  update_reading();
}

void Session::update_reading() {
  if (ended_) return;
  switch (inbound_.update_reading()) {
    case InboundQueue::Reading::unchanged:
      return;
    case InboundQueue::Reading::pause:
      return transport().pause_reading();
    case InboundQueue::Reading::resume:
      last_activity.store(context_.clock.now(), std::memory_order_relaxed);  // It stood still.
      return transport().resume_reading();
  }
}

void Session::leave_if_idle() {
  if (!ended_ && inbound_.should_leave()) context_.delegate.on_idle(*this);
}

// What a client is sent.

/// protocol.md D1, D14: by its id a client is reached in any state, as one of many once connected.
int Session::deliver(const ws::FrameRef& frame, hub::Address address) noexcept try {
  if (!authenticated()) {
    if (address == hub::Address::group) {
      context_.counters.add(Counter::dropped_before_connected, frame.messages());
      return not_delivered(frame, "it is not authenticated yet");
    }
    if (authenticator_.handshaking()) {
      context_.counters.add(Counter::dropped_in_handshake, frame.messages());
      return not_delivered(frame, "its handshake is under way");
    }
  }
  if (frame.messages() > 1 && !outbound_.takes_joined()) return deliver_each(frame, address);
  const int result = outbound_.send(frame);
  return result != 0 ? result : not_delivered(frame, outbound_.why_dropped());
} catch (const std::exception&) {
  give_up();
  return 0;
}

/// Returns what became of the last.
int Session::deliver_each(const ws::FrameRef& frame, hub::Address address) noexcept {
  int result = 0;
  for (const ws::FrameRef& part : frame.parts()) result = deliver(part, address);
  return result;
}

int Session::not_delivered(const ws::FrameRef& frame, std::string_view why) noexcept {
  if (frame.trace() != nullptr) frame.trace()->on_dropped(id, why);
  return 0;
}

int Session::send_raw(const ws::FrameRef& frame) noexcept try {
  if (ended_) return 0;
  if (encrypted.load(std::memory_order_relaxed) || authenticator_.handshaking()) {
    context_.counters.add(Counter::raw_refused);
    return 0;
  }
  return outbound_.send_plain(frame);
} catch (const std::exception&) {
  give_up();
  return 0;
}

// Its end.

void Session::on_deadline() {
  if (outbound_.draining()) return outbound_.finish_draining();
  if (ended_) return;
  if (!authenticated()) return end(kAuthenticationTimeout);
  if (expiry_) on_expiry();
}

void Session::check_heartbeat() {
  if (EncryptedChannel* channel = outbound_.channel()) channel->rest();
  if (ended_ || !authenticated() || inbound_.reading_paused()) return;
  const auto silent = context_.clock.now() - last_activity.load(std::memory_order_relaxed);
  if (silent > context_.options.heartbeat_timeout) end(kHeartbeatTimeout);
}

void Session::give_up() noexcept {
  const std::size_t dropped = inbound_.clear();
  if (dropped > 0) context_.counters.add(Counter::dropped_after_close, dropped);
  inbound_.on_hook_done();  // Nothing is waited for any more.
  transport().give_up();
}

void Session::on_close(const CloseCause& cause) noexcept {
  if (!ended_) {
    inbound_.cancel_leaving();
    leave_everything(cause);
  }
  outbound_.discard();
}

void Session::end(const DisconnectReason& reason) {
  end(reason, authenticator_.message_id());
}

void Session::end(const DisconnectReason& reason, std::optional<std::string_view> message_id) {
  if (ended_) return;
  context_.counters.add(reason.counter);
  if (!reason.error.empty()) outbound_.send_error(reason.error, message_id);
  outbound_.close(reason);
  leave_everything({ws::to_number(reason.code), reason.reason, true});
}

void Session::close(std::uint16_t code, std::string_view reason) {
  end({.error = {},
       .code = ws::CloseCode(code),
       .reason = reason,
       .counter = Counter::closed_by_application});
}

void Session::leave_everything(const CloseCause& cause) noexcept {
  ended_ = true;
  if (inbound_.leaving()) context_.delegate.on_idle(*this);
  const std::size_t dropped = inbound_.clear();
  if (dropped > 0) context_.counters.add(Counter::dropped_after_close, dropped);
  context_.hub.remove(*this);
  context_.delegate.disconnected(*this, cause);
}

}  // namespace wscast::session
