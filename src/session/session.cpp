#include "session/session.h"

#include <algorithm>
#include <deque>
#include <set>
#include <utility>

#include "wscast/constants.h"

#include "base/log.h"
#include "protocol/rooms_request.h"
#include "protocol/system_messages.h"
#include "protocol/utf8.h"

namespace wscast::session {
namespace {

std::optional<std::string> owned(std::optional<std::string_view> text) {
  return text ? std::optional<std::string>(*text) : std::nullopt;
}

/// protocol.md D14: nobody gets into another client's own room, whatever a hook says.
bool is_room_of_another(const ClientId& client, std::string_view room) {
  const auto owner = ClientId::parse(room);
  return owner && *owner != client;
}

}  // namespace

bool may_close_with(std::uint16_t code, std::string_view reason) {
  return ws::may_be_sent(code) && reason.size() <= ws::kControlPayloadMax - 2 &&
         protocol::is_utf8(reason);
}

/// Messages that came while a hook of this client ran.
struct Session::Waiting {
  struct Item {
    bool binary;
    std::string text;
  };
  std::deque<Item> items;
  bool full = false;  ///< Until it is empty again.
};

Session::Session(Context& context, const ClientId& client, Outlet& outlet)
    : Member(client, context.shard, context.clock.now(), context.clock.wall()),
      context_(context),
      outlet_(outlet) {
  const SessionOptions& options = context_.options;
  const SteadyTime now = context_.clock.now();
  if (options.message_rate > 0 || options.join_rate > 0) {
    rates_ = std::make_unique<RateLimiter>(options.message_rate, options.join_rate, now);
  }
  context_.hub.add(*this);
  outlet_.set_deadline(now + options.auth_timeout);
}

Session::~Session() {
  stop_lingering();
  context_.hub.remove(*this);
}

void Session::on_message(bool binary, std::string_view text) {
  if (ended_) return;
  last_activity.store(context_.clock.now(), std::memory_order_relaxed);
  if (!authenticated() && !count_before_auth(text.size())) return end(kFlood);
  if (rates_ && !passes(rates_->take_message(context_.clock.now()))) return;
  if (hook_runs_ || waiting_) {
    wait(binary, text);
  } else {
    take(binary, text);
  }
}

bool Session::count_before_auth(std::size_t bytes) {
  const auto& options = context_.options;
  ++messages_before_auth_;
  bytes_before_auth_ += static_cast<std::uint32_t>(bytes);
  return messages_before_auth_ <= options.messages_before_auth_max &&
         bytes_before_auth_ <= options.bytes_before_auth_max;
}

bool Session::passes(RateLimiter::Verdict verdict) {
  if (verdict == RateLimiter::Verdict::pass) return true;
  context_.counters.add(Counter::rate_limited);
  if (verdict == RateLimiter::Verdict::close) {
    end(kRateLimit);
  } else if (verdict == RateLimiter::Verdict::drop_and_tell) {
    send_error("Rate limit exceeded");
  }
  return false;
}

void Session::take(bool binary, std::string_view text) {
  const bool readable = !binary || protocol::is_utf8(text);
  auto parsed = readable ? protocol::parse_envelope(text, context_.options.json_depth_max)
                         : protocol::ParsedEnvelope{protocol::EnvelopeStatus::invalid, {}};
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
  if (envelope.event == events::authenticate) return take_authenticate(envelope.data);
  if (!authenticated()) {
    context_.counters.add(Counter::not_authenticated);
    return send_error("Not authenticated");
  }
  if (channel_ && envelope.event == events::encrypted) return take_encrypted(envelope.data);
  const bool join = envelope.event == events::join;
  if (!join && envelope.event != events::leave) return take_other(envelope);
  if (rates_ && !passes(rates_->take_join(context_.clock.now()))) return;
  if (join) {
    take_join(envelope.data);
  } else {
    take_leave(envelope.data);
  }
}

/// protocol.md S8.
void Session::take_encrypted(std::optional<std::string_view> data) {
  const auto text = data ? channel_->open(*data) : std::nullopt;
  auto inside = text && protocol::is_utf8(*text)
                    ? protocol::parse_envelope(*text, context_.options.json_depth_max)
                    : protocol::ParsedEnvelope{protocol::EnvelopeStatus::invalid, {}};
  if (inside.status != protocol::EnvelopeStatus::ok || inside.envelope.event == events::encrypted) {
    context_.counters.add(Counter::decryption_failures);
    return send_error("Decryption failed");
  }
  take_envelope(inside.envelope);
}

void Session::take_join(std::optional<std::string_view> data) {
  auto request = protocol::parse_rooms(data, context_.options.rooms_a_join_max);
  context_.counters.add(Counter::rooms_dropped, request.dropped);
  if (request.too_many) refuse_rooms();
  if (request.rooms.empty()) return;
  hook_runs_ = context_.host.validate_rooms(*this, std::move(request.rooms));
  if (!hook_runs_) context_.counters.add(Counter::joins_refused);
}

void Session::take_leave(std::optional<std::string_view> data) {
  const auto request = protocol::parse_rooms_to_leave(data, context_.options.rooms_a_join_max);
  for (const auto& room : request.rooms) context_.hub.leave(*this, room);
  if (request.too_many) refuse_rooms();
}

/// protocol.md O13.
void Session::refuse_rooms() {
  context_.counters.add(Counter::too_many_rooms);
  send_error("Too many rooms");
}

void Session::take_other(protocol::Envelope& envelope) {
  hook_runs_ = context_.host.handle(
      *this, {std::move(envelope.event), owned(envelope.data), owned(envelope.id)});
  if (!hook_runs_) context_.counters.add(Counter::unhandled_events);
}

void Session::on_rooms_answer(const std::optional<std::vector<std::string>>& rooms) {
  if (ended_) return;
  const bool usable = rooms && std::ranges::all_of(*rooms, protocol::is_utf8);
  if (rooms && !usable) count_as_throwing("validate_rooms");
  auto fit = usable ? fit_rooms(*rooms) : std::vector<std::string>();
  if (fit.empty()) return on_hook_done();
  hearing_ = std::make_unique<Hearing>(Hearing{.who = {}, .rooms = std::move(fit)});
  if (!context_.host.hear_rooms(*this, hearing_->rooms)) on_heard();
}

void Session::on_heard(std::span<const std::string> refused_rooms) {
  if (ended_ || !hearing_) return;
  auto hearing = std::exchange(hearing_, nullptr);
  if (hearing->who) return connect(std::move(*hearing->who));
  join(hearing->rooms, refused_rooms);
  on_hook_done();
}

/// protocol.md M16, E3: an answer in invalid UTF-8, or that is no message, is as good as a throw.
Threw Session::count_as_throwing(std::string_view hook) {
  context_.counters.add(Counter::hook_failures);
  log(LogLevel::error, "the " + std::string(hook) + " hook's answer is not fit to be sent");
  return {};
}

/// Those that a client may be in.
std::vector<std::string> Session::fit_rooms(std::vector<std::string> rooms) {
  const auto dropped = std::erase_if(rooms, [this](const std::string& room) {
    return !protocol::is_valid_room_name(room) || is_room_of_another(id, room);
  });
  context_.counters.add(Counter::rooms_dropped, dropped);
  return rooms;
}

void Session::join(const std::vector<std::string>& rooms, std::span<const std::string> refused) {
  const std::set<std::string_view> unheard(refused.begin(), refused.end());
  for (const auto& room : rooms) {
    if (context_.hub.in_room(*this, room)) continue;
    if (unheard.contains(room)) continue;
    if (context_.hub.room_count(*this) >= context_.options.rooms_a_client_max) {
      return refuse_rooms();
    }
    context_.hub.join(*this, room);
  }
}

void Session::on_hook_done() {
  if (ended_) return;
  hook_runs_ = false;
  take_waiting();
}

void Session::wait(bool binary, std::string_view text) {
  if (!waiting_) waiting_ = std::make_unique<Waiting>();
  waiting_->items.push_back({binary, std::string(text)});
  if (waiting_->items.size() >= context_.options.waiting_messages_max) waiting_->full = true;
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
  if (pause) return outlet_.pause_reading();
  last_activity.store(context_.clock.now(), std::memory_order_relaxed);  // It stood still.
  outlet_.resume_reading();
}

void Session::on_deadline() {
  if (lingering_) return close_at_last();
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
  if (ended_) return stop_lingering();
  leave_everything();
  outbox_.reset();
}

/// What waits to be encrypted was accepted: it goes first, unless the client takes nothing.
void Session::end(const Ending& ending) {
  if (ended_) return;
  context_.counters.add(ending.counter);
  if (!ending.error.empty()) send_error(ending.error);
  seal_outbox();
  if (outbox_ && !outbox_->empty() && ending.code != ws::CloseCode::slow_consumer) {
    linger(ending);
  } else {
    outbox_.reset();
    outlet_.close(ws::to_number(ending.code), ending.reason);
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
  if (waiting_) context_.counters.add(Counter::dropped_after_close, waiting_->items.size());
  waiting_.reset();
  context_.hub.remove(*this);
  context_.host.disconnected(*this);
}

void Session::send_error(std::string_view message) {
  send(ws::make_frame(ws::Opcode::text, protocol::error_message(message)));
}

}  // namespace wscast::session
