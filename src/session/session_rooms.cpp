#include <algorithm>
#include <utility>

#include <boost/unordered/unordered_flat_set.hpp>

#include "base/string_hash.h"
#include "protocol/rooms_request.h"
#include "protocol/utf8.h"
#include "session/room_request_answer.h"
#include "session/session.h"

// How a client joins and leaves rooms, and what it is told of it (protocol.md M7, M8, X1).
namespace wscast::session {
namespace {

/// protocol.md D14: nobody gets into another client's own room, whatever a hook says.
bool is_room_of_another(const ClientId& client, std::string_view room) {
  const auto owner = ClientId::parse(room);
  return owner && *owner != client;
}

}  // namespace

void Session::take_join(const protocol::Envelope& envelope) {
  auto request = protocol::parse_rooms(envelope.data, context_.options.max_rooms_per_join);
  if (rates_) rates_->count_rooms(request.size());
  context_.counters.add(Counter::rooms_dropped, request.dropped);
  begin_rooms_answer(envelope.id, request, RoomOutcome::not_allowed);
  if (request.too_many) refuse_rooms();
  if (!request.rooms.empty()) {
    hook_runs_ = context_.delegate.validate_rooms(*this, std::move(request.rooms));
    if (hook_runs_) return;
    context_.counters.add(Counter::joins_refused);
  }
  send_rooms_answer();
}

void Session::take_leave(const protocol::Envelope& envelope) {
  const auto request =
      protocol::parse_rooms_to_leave(envelope.data, context_.options.max_rooms_per_join);
  if (rates_) rates_->count_rooms(request.size());
  begin_rooms_answer(envelope.id, request, RoomOutcome::left);
  for (const auto& room : request.rooms) context_.hub.leave(*this, room);
  if (request.too_many) refuse_rooms();
  send_rooms_answer();
}

void Session::begin_rooms_answer(MessageId message, const protocol::RoomsRequest& request,
                                 RoomOutcome assumed) {
  if (message) rooms_answer_ = std::make_unique<RoomRequestAnswer>(*message, request, assumed);
}

void Session::send_rooms_answer() {
  const auto answer = std::exchange(rooms_answer_, nullptr);
  if (answer) send(ws::make_frame(ws::Opcode::text, answer->text()));
}

/// protocol.md O13. An `ack` has this among the rest.
void Session::refuse_rooms() {
  context_.counters.add(Counter::too_many_rooms);
  if (!rooms_answer_) send_error("Too many rooms");
}

void Session::on_rooms_answer(const std::optional<std::vector<std::string>>& rooms) {
  if (ended_) return;
  const bool usable = rooms && std::ranges::all_of(*rooms, protocol::is_utf8);
  if (rooms && !usable) count_as_throwing("validate_rooms");
  if (!usable && rooms_answer_) rooms_answer_->set_all(RoomOutcome::error);
  auto fit = usable ? fit_rooms(*rooms) : std::vector<std::string>();
  if (fit.empty()) return end_rooms_request();
  pending_subscription_ = std::make_unique<PendingSubscription>(
      PendingSubscription{.who = {}, .rooms = std::move(fit)});
  if (!context_.delegate.subscribe_rooms(*this, pending_subscription_->rooms)) on_subscribed();
}

void Session::end_rooms_request() {
  send_rooms_answer();
  on_hook_done();
}

/// Those that a client may be in.
std::vector<std::string> Session::fit_rooms(std::vector<std::string> rooms) {
  const auto dropped = std::erase_if(rooms, [this](const std::string& room) {
    return !protocol::is_valid_room_name(room) || is_room_of_another(id, room);
  });
  context_.counters.add(Counter::rooms_dropped, dropped);
  return rooms;
}

/// `refused`: rooms whose channels the broker refused.
void Session::join(const std::vector<std::string>& rooms, std::span<const std::string> refused) {
  const boost::unordered_flat_set<std::string_view, StringHash> unavailable(refused.begin(),
                                                                            refused.end());
  bool limit_met = false;
  for (const auto& room : rooms) {
    const RoomOutcome outcome =
        unavailable.contains(room) ? RoomOutcome::unavailable : try_join(room, limit_met);
    limit_met = limit_met || outcome == RoomOutcome::too_many_rooms;
    if (rooms_answer_) rooms_answer_->set(room, outcome);
  }
  if (limit_met) refuse_rooms();
}

/// `limit_met`: the client is known to be in as many rooms as it may be.
RoomOutcome Session::try_join(std::string_view room, bool limit_met) {
  if (context_.hub.in_room(*this, room)) return RoomOutcome::joined;
  if (limit_met || context_.hub.room_count(*this) >= context_.options.max_rooms_per_client) {
    return RoomOutcome::too_many_rooms;
  }
  context_.hub.join(*this, room);
  return RoomOutcome::joined;
}

}  // namespace wscast::session
