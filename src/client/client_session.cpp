#include "client/client_session.h"

#include <algorithm>
#include <utility>

#include "wscast/constants.h"
#include "wscast/error.h"
#include "wscast/json_fields.h"

#include "base/random_id.h"
#include "protocol/json_string.h"

namespace wscast::client {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

// How long after the time that it said the server may take to close.
constexpr auto kAnnouncedGrace = 5s;
constexpr std::uint64_t kLongestAnnouncement = 24 * 60 * 60 * 1000;
constexpr std::uint16_t kNormalClosure = 1000;
constexpr std::uint16_t kAuthenticationFailed = 4003;
// The server closes with 4003 also when its backend cannot say who this is; that passes.
constexpr std::string_view kUnsure = "Authentication error";
constexpr std::string_view kExpired = "Token expired";

}  // namespace

ClientSession::ClientSession(const ClientOptions& options, ClientTransport& transport,
                             Random& random)
    : options_(options),
      transport_(transport),
      random_(random),
      authentication_(options, [this](const ClientError& error) { report(error); }),
      rooms_(*this, Retry(options.min_delay, options.max_delay, random)),
      requests_({options.outbox, options.outbox_timeout, options.reply_timeout},
                [this](std::string_view text) { transport_.send(text); }),
      retry_(options.min_delay, options.max_delay, random) {}

// Connections, one after the other.

void ClientSession::attempt(SteadyTime now) {
  change({.state = ConnectionState::connecting});
  if (const ClientError error = authentication_.next_token()) {
    if (error.code == Errc::not_authenticated) return finish(error);
    const auto delay = retry_.delay();
    return wait(error, now + delay, delay);
  }
  link_ = {};
  words_.clear();
  announced_ = false;
  deadline_ = beat_at_ = SteadyTime::max();
  set_deadline_ = true;
  transport_.connect();
}

void ClientSession::on_open() {
  transport_.send(authentication_.message(options_.positions ? rooms_.first_join() : ""));
}

void ClientSession::on_connected(SteadyTime now, const ServerMessage& message) {
  const Json positions = object_member(message.data, "positions");
  link_ = {.acknowledges = message.id.has_value(), .positions = positions.present()};
  id_ = text_member(message.data, "id");
  user_id_ = text_member(message.data, "userId");
  connected_at_ = now;
  deadline_ = SteadyTime::max();
  set_deadline_ = false;
  beat_at_ = now + options_.heartbeat;
  heard_ = true;
  for (const auto& [room, entry] : members_of(positions)) rooms_.enter(room, read_entry(entry));
  requests_.connected(link_.acknowledges);
  state_ = ConnectionState::connected;
  rooms_.connected(now, link_, id_);
  change({.state = ConnectionState::connected});
}

void ClientSession::on_end(SteadyTime now, const End& end) {
  if (!has_connection()) return;
  lose(now, {.code = Errc::disconnected,
             .message = end.words,
             .close_code = end.close_code,
             .close_reason = end.close_reason,
             .http_status = end.http_status});
}

void ClientSession::fail(SteadyTime now, std::error_code code, std::string words) {
  transport_.abort();
  lose(now, {.code = code, .message = std::move(words)});
}

void ClientSession::lose(SteadyTime now, const ClientError& error) {
  const bool was_connected = state_ == ConnectionState::connected;
  const ConnectionEnd end{
      .close_code = error.close_code,
      .announced = announced_,
      .connected = was_connected ? std::chrono::floor<milliseconds>(now - connected_at_) : 0ms};
  rooms_.disconnected();
  authentication_.disconnected();
  if (is_hopeless(end)) return finish(error);
  if (const auto rejected = reject(error)) return finish(*rejected);
  const auto delay = delay_after(end, retry_);
  wait(error, now + delay, delay);
  requests_.disconnected(now);
}

/// Returns the error if there is no other token to try.
std::optional<ClientError> ClientSession::reject(const ClientError& error) {
  const std::string& words = words_.empty() ? error.close_reason : words_;
  if (error.close_code != kAuthenticationFailed || words == kUnsure) return std::nullopt;
  authentication_.reject(words.empty() ? error.message : words);
  if (authentication_.is_renewable()) return std::nullopt;
  ClientError rejected = error;
  rejected.code = Errc::not_authenticated;
  return rejected;
}

void ClientSession::wait(const ClientError& error, SteadyTime until, milliseconds delay) {
  attempt_at_ = until;
  state_ = ConnectionState::waiting;
  report(error);
  change({.state = ConnectionState::waiting, .error = error, .delay = delay});
}

void ClientSession::close() {
  if (closed()) return;
  if (has_connection()) transport_.close(kNormalClosure);
  finish({.code = Errc::stopped, .message = "the client is closed"});
}

void ClientSession::finish(const ClientError& error) {
  state_ = ConnectionState::closed;
  ClientError stopped = error;
  stopped.code = Errc::stopped;
  requests_.close(stopped);
  rooms_.close(stopped);
  change({.state = ConnectionState::closed, .error = error});
}

void ClientSession::change(const ClientStateChange& change) {
  state_ = change.state;
  if (options_.on_state) options_.on_state(change);
}

void ClientSession::report(const ClientError& error) {
  if (options_.on_error) options_.on_error(error);
}

void ClientSession::tell_gap(const ClientGap& gap) {
  if (options_.on_gap) options_.on_gap(gap);
}

// Time.

SteadyTime ClientSession::due() const {
  if (closed()) return SteadyTime::max();
  const SteadyTime requests = requests_.due();
  if (state_ == ConnectionState::waiting) return std::min(requests, attempt_at_);
  if (set_deadline_) return SteadyTime::min();
  if (state_ == ConnectionState::connecting) return std::min(requests, deadline_);
  return std::min({requests, deadline_, beat_at_, rooms_.due(), authentication_.due()});
}

void ClientSession::on_time(SteadyTime now) {
  if (closed()) return;
  requests_.on_time(now);
  if (state_ == ConnectionState::waiting) {
    if (now >= attempt_at_) attempt(now);
    return;
  }
  if (std::exchange(set_deadline_, false)) deadline_ = now + options_.connect_timeout;
  if (now >= deadline_) {
    if (announced_) return fail(now, Errc::disconnected, "the server did not close");
    const std::string time = std::to_string(options_.connect_timeout.count());
    return fail(now, std::make_error_code(std::errc::timed_out),
                "no connection in " + time + " ms");
  }
  if (state_ != ConnectionState::connected) return;
  rooms_.on_time(now);
  if (now >= authentication_.due()) renew(now);
  if (now >= beat_at_) beat(now);
}

/// `heartbeat` has no reply (protocol.md M3), but `leave` of no room has one (X1), and counts as a
/// message too (M13). Who replies to nothing still replies to a ping.
void ClientSession::beat(SteadyTime now) {
  if (!std::exchange(heard_, false)) {
    return fail(now, std::make_error_code(std::errc::timed_out), "nothing comes any more");
  }
  beat_at_ = now + options_.heartbeat;
  if (link_.acknowledges) {
    return transport_.send(R"({"event":"leave","data":{"rooms":[]},"id":"heartbeat"})");
  }
  transport_.send(R"({"event":"heartbeat"})");
  transport_.ping();
}

void ClientSession::renew(SteadyTime now) {
  if (!link_.acknowledges) return;
  if (const std::string text = authentication_.renew(now); !text.empty()) transport_.send(text);
}

// Messages.

void ClientSession::on_text(SteadyTime now, std::string_view text) {
  if (!has_connection()) return;
  heard_ = true;
  const auto message = parse_server_message(text);
  const bool connected = state_ == ConnectionState::connected;
  if (!message) {
    if (connected && options_.on_message) options_.on_message({.text = text});
    return;
  }
  // What somebody publishes may be called like something that the server says (protocol.md H4).
  if (link_.positions && !message->id && !message->by_server) return deliver(*message, text);
  if (message->event == events::error) words_ = words_of(*message);
  if (!connected) {
    if (message->event == events::connected) return on_connected(now, *message);
    if (message->event == events::error) on_error(now);
    return;
  }
  if (message->id) return on_reply(now, *message);
  on_server_event(now, *message, text);
}

void ClientSession::on_reply(SteadyTime now, const ServerMessage& message) {
  if (message.id == ClientRooms::kJoinId) return rooms_.on_reply(now, message);
  if (message.id == ClientAuthentication::kRenewId) return authentication_.on_reply(now, message);
  if (message.id != ClientRooms::kLeaveId) return requests_.on_reply(message);
  if (message.event == events::error) report({.code = Errc::refused, .message = words_});
}

void ClientSession::on_server_event(SteadyTime now, const ServerMessage& message,
                                    std::string_view text) {
  if (message.event == events::error) return on_error(now);
  if (message.event == extension_events::dropped) {
    if (options_.on_dropped) options_.on_dropped(number_member(message.data, "count"));
  } else if (message.event == events::disconnect) {
    // Nothing is lost by staying: the server delivers until it closes.
    const auto after = number_member(message.data, "reconnectAfterMs").value_or(0);
    announced_ = true;
    deadline_ = now + milliseconds(std::min(after, kLongestAnnouncement)) + kAnnouncedGrace;
  } else if (message.event == extension_events::gap && link_.positions) {
    on_gap(message.data);
  } else {
    deliver(message, text);
  }
}

void ClientSession::on_error(SteadyTime now) {
  if (words_ == kExpired && state_ == ConnectionState::connected) renew(now);
  report({.code = Errc::reported, .message = words_});
}

void ClientSession::on_gap(Json data) {
  const ClientGap gap{.room = text_member(data, "room"),
                      .from = number_member(data, "from"),
                      .to = number_member(data, "to"),
                      .reason = text_member(data, "reason")};
  rooms_.move(gap.room, read_position(object_member(data, "position")));
  tell_gap(gap);
}

void ClientSession::deliver(const ServerMessage& message, std::string_view text) {
  ReceivedMessage received{.event = message.event, .data = message.data, .text = text};
  if (message.offset) {
    if (!rooms_.see(*message.room, *message.offset, received.epoch)) return;
    received.room = *message.room;
    received.offset = message.offset;
  }
  if (options_.on_message) options_.on_message(received);
}

// Calls.

void ClientSession::join(std::string_view room, Client::OnJoined on_result) {
  if (!closed()) return rooms_.join(room, std::move(on_result));
  if (on_result) on_result({.code = Errc::stopped, .message = "the client is closed"});
}

void ClientSession::leave(std::string_view room) {
  if (!closed()) rooms_.leave(room);
}

void ClientSession::publish(SteadyTime now, Publish call) {
  flush(now);  // Who joins and then publishes is in the room.
  const std::uint64_t id = requests_.next_id();
  const bool repeats = options_.outbox > 0 && rooms_.has_history(call.room);
  if (repeats && call.key.empty()) call.key = random_id(random_);
  std::string text = R"({"event":"publish","data":{"room":)";
  protocol::append_quoted(text, call.room);
  protocol::append_quoted(text += ",\"event\":", call.event);
  if (!call.data.empty()) text.append(",\"data\":").append(call.data);
  if (call.echo) text += ",\"echo\":true";
  if (!call.key.empty()) protocol::append_quoted(text += ",\"key\":", call.key);
  text += "},\"id\":" + std::to_string(id) + '}';
  auto on_done = [this, room = call.room, echo = call.echo, on_result = std::move(call.on_result)](
                     const ClientError& error, const ServerMessage* reply) {
    ClientPublishResult result = result_of(error, reply);
    if (error) result.error.room = room;
    if (result.position && !echo) rooms_.count_own(room, *result.position);
    if (on_result) return on_result(result);
    if (error) report(result.error);
  };
  if (closed()) return on_done({.code = Errc::stopped, .message = "the client is closed"}, nullptr);
  requests_.add(now, id, {std::move(text), true, repeats, std::move(on_done)});
}

ClientPublishResult ClientSession::result_of(const ClientError& error, const ServerMessage* reply) {
  ClientPublishResult result{.error = error, .acknowledged = reply != nullptr};
  if (reply == nullptr) return result;
  result.delivered = number_member(reply->data, "delivered");
  const std::string backplane = text_member(reply->data, "backplane");
  if (backplane == "none") result.backplane = Backplane::none;
  if (backplane == "ok") result.backplane = Backplane::ok;
  if (backplane == "down") result.backplane = Backplane::down;
  if (backplane == "unknown") result.backplane = Backplane::unknown;
  const SeenPosition position = read_position(object_member(reply->data, "position"));
  if (position.offset) result.position = Position{*position.offset, position.epoch};
  const auto fields = JsonFields::of(reply->data);
  result.repeated = fields && fields->boolean("repeated").value_or(false);
  return result;
}

void ClientSession::send(SteadyTime now, const std::string& event, const std::string& data,
                         Client::OnReply on_reply) {
  flush(now);
  const std::uint64_t id = requests_.next_id();
  const bool asks = static_cast<bool>(on_reply);
  std::string text = "{\"event\":";
  protocol::append_quoted(text, event);
  if (!data.empty()) text.append(",\"data\":").append(data);
  if (asks) text += ",\"id\":" + std::to_string(id);
  text += '}';
  auto on_done = [this, on_reply = std::move(on_reply)](const ClientError& error,
                                                        const ServerMessage* reply) {
    if (on_reply) return on_reply(error, reply != nullptr ? reply->data : Json());
    if (error) report(error);
  };
  if (closed()) return on_done({.code = Errc::stopped, .message = "the client is closed"}, nullptr);
  requests_.add(now, id, {std::move(text), asks, false, std::move(on_done)});
}

}  // namespace wscast::client
