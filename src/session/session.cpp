#include "session/session.h"

#include <algorithm>
#include <deque>
#include <utility>

#include "wscast/constants.h"

#include "base/log.h"
#include "protocol/rooms_request.h"
#include "protocol/system_messages.h"
#include "protocol/utf8.h"

namespace wscast::session {
namespace {

constexpr int kAuthenticatingFactor = 3;  // protocol.md O2.

std::optional<std::string> owned(std::optional<std::string_view> text) {
  return text ? std::optional<std::string>(*text) : std::nullopt;
}

/// protocol.md D14: nobody gets into another client's own room, whatever a hook says.
bool is_room_of_another(const ClientId& client, std::string_view room) {
  const auto owner = ClientId::parse(room);
  return owner && *owner != client;
}

}  // namespace

/// Messages that came while a hook of this client ran.
struct Session::Waiting {
  struct Item {
    bool binary;
    std::string text;
  };
  std::deque<Item> items;
  bool reading_paused = false;
};

Session::Session(Context& context, const ClientId& id, Outlet& outlet)
    : Member(id), context_(context), outlet_(outlet), last_activity_(context.clock.now()) {
  context_.hub.add(*this);
  outlet_.set_deadline(last_activity_ + context_.options.auth_timeout);
}

Session::~Session() {
  context_.hub.remove(*this);
}

void Session::on_message(bool binary, std::string_view text) {
  if (state_ == State::ended) return;
  last_activity_ = context_.clock.now();
  if (state_ != State::authenticated && !count_before_auth(text.size())) return end(kFlood);
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

void Session::take(bool binary, std::string_view text) {
  const bool readable = !binary || protocol::is_utf8(text);
  auto parsed = readable ? protocol::parse_envelope(text)
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
  if (state_ != State::authenticated) {
    context_.counters.add(Counter::not_authenticated);
    return send_error("Not authenticated");
  }
  if (envelope.event == events::join) return take_join(envelope.data);
  if (envelope.event == events::leave) return take_leave(envelope.data);
  take_other(envelope);
}

void Session::take_authenticate(std::optional<std::string_view> data) {
  if (state_ != State::unauthorized) {
    context_.counters.add(Counter::already_authenticated);
    return send_error("Already authenticated");
  }
  state_ = State::authenticating;
  outlet_.set_deadline(context_.clock.now() +
                       kAuthenticatingFactor * context_.options.auth_timeout);
  context_.host.authenticate(*this, std::string(!data || *data == "null" ? "{}" : *data));
}

void Session::take_join(std::optional<std::string_view> data) {
  auto request = protocol::parse_rooms(data, context_.options.rooms_a_join_max);
  context_.counters.add(Counter::rooms_dropped, request.dropped);
  if (request.too_many) {
    context_.counters.add(Counter::too_many_rooms);
    send_error("Too many rooms");
  }
  if (request.rooms.empty()) return;
  hook_runs_ = context_.host.validate_rooms(*this, std::move(request.rooms));
  if (!hook_runs_) context_.counters.add(Counter::joins_refused);
}

void Session::take_leave(std::optional<std::string_view> data) {
  const auto request = protocol::parse_rooms_to_leave(data, context_.options.rooms_a_join_max);
  for (const auto& room : request.rooms) context_.hub.leave(*this, room);
}

void Session::take_other(protocol::Envelope& envelope) {
  hook_runs_ = context_.host.handle(
      *this, {std::move(envelope.event), owned(envelope.data), owned(envelope.id)});
  if (!hook_runs_) context_.counters.add(Counter::unhandled_events);
}

void Session::on_authenticate_answer(const AuthenticateAnswer& answer) {
  if (state_ != State::authenticating) return;
  const auto* accepted = std::get_if<Accepted>(&answer);
  // protocol.md M16: a user id in invalid UTF-8 counts as the hook throwing.
  const bool threw = std::holds_alternative<Threw>(answer) ||
                     (accepted != nullptr && !protocol::is_utf8(accepted->user_id));
  if (threw) return end(kAuthenticationError);
  if (accepted == nullptr) return end(kAuthenticationFailed);
  accept(accepted->user_id);
}

/// protocol.md M17: one step, so nothing from rooms or broadcast precedes `connected`.
void Session::accept(const std::string& user_id) {
  state_ = State::authenticated;
  user_id_ = user_id;
  outlet_.set_deadline(SteadyTime::max());
  context_.counters.add(Counter::authentications);
  context_.hub.authenticate(*this, user_id_);
  for (const auto& room : context_.options.default_rooms) context_.hub.join(*this, room);
  outlet_.send(
      ws::make_frame(ws::Opcode::text,
                     protocol::connected_message(
                         {.id = id().text(), .user_id = user_id_, .time = context_.clock.wall()})));
  hook_runs_ = context_.host.connected(*this);
}

void Session::on_rooms_answer(const std::optional<std::vector<std::string>>& rooms) {
  if (state_ == State::ended) return;
  // protocol.md M16: a room in invalid UTF-8 counts as the hook throwing.
  if (rooms && std::ranges::all_of(*rooms, protocol::is_utf8)) join_answered(*rooms);
  on_hook_done();
}

void Session::join_answered(const std::vector<std::string>& rooms) {
  for (const auto& room : rooms) {
    if (!protocol::is_valid_room_name(room) || is_room_of_another(id(), room)) {
      context_.counters.add(Counter::rooms_dropped);
      continue;
    }
    if (context_.hub.in_room(*this, room)) continue;
    if (context_.hub.room_count(*this) >= context_.options.rooms_a_client_max) {
      context_.counters.add(Counter::too_many_rooms);
      send_error("Too many rooms");
      return;
    }
    context_.hub.join(*this, room);
  }
}

void Session::on_hook_done() {
  if (state_ == State::ended) return;
  hook_runs_ = false;
  take_waiting();
}

void Session::wait(bool binary, std::string_view text) {
  if (!waiting_) waiting_ = std::make_unique<Waiting>();
  waiting_->items.push_back({binary, std::string(text)});
  if (waiting_->items.size() < context_.options.waiting_messages_max) return;
  if (!std::exchange(waiting_->reading_paused, true)) outlet_.pause_reading();
}

void Session::take_waiting() {
  while (waiting_ && !hook_runs_ && state_ != State::ended) {
    if (waiting_->items.empty()) {
      const bool paused = waiting_->reading_paused;
      waiting_.reset();
      if (paused) {
        last_activity_ = context_.clock.now();  // The heartbeat stood still.
        outlet_.resume_reading();
      }
      return;
    }
    const Waiting::Item item = std::move(waiting_->items.front());
    waiting_->items.pop_front();
    take(item.binary, item.text);
  }
}

void Session::on_deadline() {
  if (state_ == State::unauthorized || state_ == State::authenticating) {
    end(kAuthenticationTimeout);
  }
}

void Session::check_heartbeat() {
  if (state_ != State::authenticated) return;
  if (waiting_ && waiting_->reading_paused) return;
  const auto silent = context_.clock.now() - last_activity_;
  if (silent > context_.options.heartbeat_timeout) end(kHeartbeatTimeout);
}

void Session::on_close() {
  if (state_ != State::ended) leave_everything();
}

void Session::end(const Ending& ending) {
  if (state_ == State::ended) return;
  context_.counters.add(ending.counter);
  if (!ending.error.empty()) send_error(ending.error);
  outlet_.close(ws::to_number(ending.code), ending.reason);
  leave_everything();
}

void Session::leave_everything() {
  state_ = State::ended;
  waiting_.reset();
  context_.hub.remove(*this);
  context_.host.disconnected(*this);
}

/// protocol.md D1, D14: by its id a client is reached in any state, as one of many once connected.
bool Session::deliver(const ws::FrameRef& frame, hub::Address address) {
  if (address == hub::Address::group && state_ != State::authenticated) {
    context_.counters.add(Counter::dropped_before_connected);
    return false;
  }
  return outlet_.send(frame) != 0;
}

void Session::send_error(std::string_view message) {
  outlet_.send(ws::make_frame(ws::Opcode::text, protocol::error_message(message)));
}

}  // namespace wscast::session
