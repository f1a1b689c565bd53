#include "session/session.h"

#include <algorithm>
#include <deque>
#include <set>
#include <utility>

#include "wscast/constants.h"

#include "base/log.h"
#include "protocol/system_messages.h"
#include "protocol/utf8.h"

namespace wscast::session {
namespace {

std::optional<std::string> owned(std::optional<std::string_view> text) {
  return text ? std::optional<std::string>(*text) : std::nullopt;
}

}  // namespace

bool may_close_with(std::uint16_t code, std::string_view reason) {
  return ws::may_be_sent(code) && reason.size() <= ws::kMaxControlPayload - 2 &&
         protocol::is_utf8(reason);
}

/// Messages that came while a hook of this client ran.
struct Session::Waiting {
  struct Item {
    bool binary;
    std::string text;

    /// Memory that it takes at most, in bytes.
    std::size_t cost() const { return 2 * sizeof(Item) + text.size(); }
  };
  std::deque<Item> items;
  std::size_t bytes = 0;  ///< Cost of the items.
  bool full = false;      ///< Until it is empty again.
};

Session::Session(Context& context, const ClientId& client, Transport& transport)
    : Member(client, context.shard, context.clock.now(), context.clock.wall()),
      context_(context),
      transport_(transport) {
  const SessionOptions& options = context_.options;
  const SteadyTime now = context_.clock.now();
  if (options.message_rate > 0 || options.join_rate > 0) {
    rates_ = std::make_unique<RateLimiter>(options.message_rate, options.join_rate, now);
  }
  context_.hub.add(*this);
  transport_.set_deadline(now + options.auth_timeout);
}

Session::~Session() {
  cancel_draining();
  context_.hub.remove(*this);
}

void Session::on_message(bool binary, std::string_view text) {
  if (ended_) return;
  last_activity.store(context_.clock.now(), std::memory_order_relaxed);
  if (!authenticated() && !count_before_auth(text.size())) return end(kPreAuthFlood);
  if (rates_) {
    const auto verdict = rates_->take_message(context_.clock.now());
    if (verdict != RateLimiter::Verdict::pass) return drop(verdict, binary, text);
  }
  if (hook_runs_ || waiting_) {
    wait(binary, text);
  } else {
    take(binary, text);
  }
}

bool Session::on_control_frame(std::size_t payload_bytes) {
  if (ended_) return false;
  if (!authenticated() && !count_before_auth(payload_bytes)) {
    end(kPreAuthFlood);
    return false;
  }
  return !rates_ || passes(rates_->take_message(context_.clock.now()));
}

bool Session::count_before_auth(std::size_t bytes) {
  const auto& options = context_.options;
  ++messages_before_auth_;
  bytes_before_auth_ += static_cast<std::uint32_t>(bytes);
  return messages_before_auth_ <= options.max_messages_before_auth &&
         bytes_before_auth_ <= options.max_bytes_before_auth;
}

/// protocol.md O11. Who asks by an id is told each time (X1).
bool Session::passes(RateLimiter::Verdict verdict, MessageId message) {
  if (verdict == RateLimiter::Verdict::pass) return true;
  context_.counters.add(Counter::rate_limited);
  if (message || verdict == RateLimiter::Verdict::drop_and_tell) {
    send_error("Rate limit exceeded", message);
  }
  if (verdict == RateLimiter::Verdict::close) end(kRateLimit);
  return false;
}

/// Drops a message that came.
void Session::drop(RateLimiter::Verdict verdict, bool binary, std::string_view text) {
  const auto parsed = parse(text, binary);
  const auto answered =
      parsed.status == protocol::EnvelopeStatus::ok ? id_to_answer(parsed.envelope) : std::nullopt;
  passes(verdict, answered);
}

/// The id for the answer to a message that is not handled: from an encrypted client, the one
/// inside.
std::optional<std::string> Session::id_to_answer(const protocol::Envelope& envelope) const {
  if (envelope.event == events::heartbeat) return std::nullopt;
  if (authenticated() && channel_ && envelope.event == events::encrypted && envelope.data) {
    const auto text = channel_->peek(*envelope.data);
    const auto inside = parse(text ? std::string_view(*text) : std::string_view(), true);
    const bool heartbeat = inside.envelope.event == events::heartbeat;
    if (inside.status == protocol::EnvelopeStatus::ok && inside.envelope.id && !heartbeat) {
      return owned(inside.envelope.id);
    }
  }
  return owned(envelope.id);
}

/// `check_utf8`: it need not be UTF-8.
protocol::ParsedEnvelope Session::parse(std::string_view text, bool check_utf8) const {
  if (check_utf8 && !protocol::is_utf8(text)) return {protocol::EnvelopeStatus::invalid, {}};
  return protocol::parse_envelope(text, context_.options.max_json_depth);
}

void Session::take(bool binary, std::string_view text) {
  auto parsed = parse(text, binary);
  switch (parsed.status) {
    case protocol::EnvelopeStatus::invalid:
      context_.counters.add(Counter::invalid_messages);
      send_error("Invalid message format");
      return;
    case protocol::EnvelopeStatus::malformed:
      context_.counters.add(Counter::malformed_envelopes);
      return;
    case protocol::EnvelopeStatus::ok:
      take_envelope(parsed.envelope);
      return;
  }
}

void Session::take_envelope(protocol::Envelope& envelope) {
  if (envelope.event == events::heartbeat) return;
  if (envelope.event == events::authenticate) return take_authenticate(envelope);
  if (!authenticated()) {
    context_.counters.add(Counter::not_authenticated);
    return send_error("Not authenticated", envelope.id);
  }
  if (channel_ && envelope.event == events::encrypted) return take_encrypted(envelope);
  const bool join = envelope.event == events::join;
  if (!join && envelope.event != events::leave) return take_other(envelope);
  if (rates_ && !passes(rates_->take_join(context_.clock.now()), envelope.id)) return;
  if (join) {
    take_join(envelope);
  } else {
    take_leave(envelope);
  }
}

/// protocol.md S8.
void Session::take_encrypted(const protocol::Envelope& envelope) {
  const auto text = envelope.data ? channel_->open(*envelope.data) : std::nullopt;
  auto inside =
      text ? parse(*text, true) : protocol::ParsedEnvelope{protocol::EnvelopeStatus::invalid, {}};
  if (inside.status != protocol::EnvelopeStatus::ok || inside.envelope.event == events::encrypted) {
    context_.counters.add(Counter::decryption_failures);
    return send_error("Decryption failed", envelope.id);
  }
  take_envelope(inside.envelope);
}

void Session::take_other(protocol::Envelope& envelope) {
  hook_runs_ = context_.delegate.handle(
      *this, {std::move(envelope.event), owned(envelope.data), owned(envelope.id)});
  if (hook_runs_) return;
  context_.counters.add(Counter::unhandled_events);
  if (envelope.id) send_error("Unhandled event", envelope.id);
}

void Session::on_subscribed(std::span<const std::string> refused_rooms) {
  if (ended_ || !pending_subscription_) return;
  auto hearing = std::exchange(pending_subscription_, nullptr);
  if (hearing->who) return connect(std::move(*hearing->who));
  context_.counters.add(Counter::rooms_dropped, refused_rooms.size());
  join(hearing->rooms, refused_rooms);
  end_rooms_request();
}

/// protocol.md M16, E3: an answer in invalid UTF-8, or that is no message, is as good as a throw.
Threw Session::count_as_throwing(std::string_view hook) {
  context_.counters.add(Counter::hook_failures);
  log(LogLevel::error, "the " + std::string(hook) + " hook's answer is not fit to be sent");
  return {};
}

void Session::on_hook_done() {
  if (ended_) return;
  hook_runs_ = hook_started_ = false;
  take_waiting();
  leave_if_idle();
}

void Session::on_hook_started() {
  hook_started_ = true;
  leave_if_idle();
}

/// protocol.md O15: what the hook that runs answers is not waited for.
void Session::leave_if_idle() {
  if (leaving_ && !ended_ && !busy()) context_.delegate.left(*this);
}

/// What waits is bounded as what is to be sent: then nothing is read, and what comes all the same,
/// from a connection that cannot hold back, is dropped.
void Session::wait(bool binary, std::string_view text) {
  if (!waiting_) waiting_ = std::make_unique<Waiting>();
  if (waiting_->bytes > context_.transport.backpressure_limit) {
    const SteadyTime now = context_.clock.now();
    if (!rates_) rates_ = std::make_unique<RateLimiter>(0, 0, now);
    return drop(rates_->drop(now), binary, text);
  }
  waiting_->items.push_back({binary, std::string(text)});
  waiting_->bytes += waiting_->items.back().cost();
  waiting_->full = waiting_->full ||
                   waiting_->items.size() >= context_.options.max_waiting_messages ||
                   waiting_->bytes > context_.transport.backpressure_limit;
  update_reading();
}

void Session::take_waiting() {
  while (waiting_ && !hook_runs_ && !ended_) {
    if (waiting_->items.empty()) {
      waiting_.reset();
      break;
    }
    const Waiting::Item item = std::move(waiting_->items.front());
    waiting_->items.pop_front();
    waiting_->bytes -= item.cost();
    take(item.binary, item.text);
  }
  update_reading();
}

void Session::hold() {
  held_ = true;
  update_reading();
}

void Session::release() {
  held_ = false;
  update_reading();
}

void Session::update_reading() {
  const bool pause = !ended_ && (held_ || (waiting_ && waiting_->full));
  if (ended_ || pause == reading_paused_) return;
  reading_paused_ = pause;
  if (pause) return transport_.pause_reading();
  last_activity.store(context_.clock.now(), std::memory_order_relaxed);  // It stood still.
  transport_.resume_reading();
}

void Session::on_deadline() {
  if (draining_) return close_at_last();
  if (!ended_ && !authenticated()) end(kAuthenticationTimeout);
}

void Session::on_drain() {
  backpressured.store(false, std::memory_order_relaxed);
  update_full();
  ask_to_seal();
}

void Session::check_heartbeat() {
  if (ended_ || !authenticated() || reading_paused_) return;
  const auto silent = context_.clock.now() - last_activity.load(std::memory_order_relaxed);
  if (silent > context_.options.heartbeat_timeout) end(kHeartbeatTimeout);
}

void Session::on_close() {
  if (ended_) return cancel_draining();
  leaving_ = false;
  leave_everything();
  outbox_.reset();
}

/// What waits to be encrypted was accepted: it goes first, unless the client takes nothing.
void Session::end(const DisconnectReason& ending) {
  if (ended_) return;
  context_.counters.add(ending.counter);
  if (!ending.error.empty()) send_error(ending.error, authenticate_id());
  seal_outbox();
  if (outbox_ && !outbox_->empty() && ending.code != ws::CloseCode::slow_consumer) {
    on_draining(ending);
  } else {
    outbox_.reset();
    transport_.close(ws::to_number(ending.code), ending.reason);
  }
  leave_everything();
}

void Session::close(std::uint16_t code, std::string_view reason) {
  end({.error = {},
       .code = ws::CloseCode(code),
       .reason = reason,
       .counter = Counter::closed_by_application});
}

void Session::leave_everything() {
  ended_ = true;
  if (leaving_) context_.delegate.left(*this);
  if (waiting_) context_.counters.add(Counter::dropped_after_close, waiting_->items.size());
  waiting_.reset();
  context_.hub.remove(*this);
  context_.delegate.disconnected(*this);
}

void Session::send_error(std::string_view message, MessageId answered) {
  send(ws::make_frame(ws::Opcode::text, protocol::error_message(message, answered)));
}

}  // namespace wscast::session
