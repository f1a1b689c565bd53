#include "session/rooms_operation.h"

#include <algorithm>
#include <utility>

#include <boost/unordered/unordered_flat_set.hpp>

#include "base/string_hash.h"
#include "protocol/utf8.h"

namespace wscast::session {
namespace {

/// protocol.md D14: no client joins another client's own room, whatever a hook returns.
bool is_room_of_another(const ClientId& client, std::string_view room) {
  const auto owner = ClientId::parse(room);
  return owner && *owner != client;
}

bool may_join(const ClientId& client, std::string_view room) {
  return protocol::is_valid_room_name(room) && !is_room_of_another(client, room);
}

/// `limit_met`: the client is known to be in as many rooms as it may be.
RoomOutcome try_join(hub::Hub& hub, hub::Member& client, std::string_view room,
                     std::size_t max_rooms, bool limit_met) {
  if (hub.in_room(client, room)) return RoomOutcome::joined;
  if (limit_met || hub.room_count(client) >= max_rooms) return RoomOutcome::too_many_rooms;
  hub.join(client, room);
  return RoomOutcome::joined;
}

}  // namespace

RoomsOperation::Open& RoomsOperation::open() {
  if (!open_) open_ = std::make_unique<Open>();
  return *open_;
}

void RoomsOperation::begin_ack(std::optional<std::string_view> id,
                               const protocol::RoomsRequest& request, RoomOutcome assumed) {
  if (id) open().ack.emplace(*id, request, assumed);
}

protocol::RoomsRequest RoomsOperation::begin_join(const protocol::Envelope& envelope,
                                                  std::size_t max_rooms) {
  auto request = protocol::parse_rooms(envelope.data, max_rooms);
  begin_ack(envelope.id, request, RoomOutcome::not_allowed);
  return request;
}

void RoomsOperation::recover(protocol::Recovery recovery) {
  if (!recovery.rooms.empty()) open().recovery = std::move(recovery);
}

const protocol::Recovery& RoomsOperation::recovery() const {
  static const protocol::Recovery none;
  return open_ ? open_->recovery : none;
}

void RoomsOperation::set_positions(std::string json) {
  if (has_ack()) open_->ack->set_positions(std::move(json));
}

protocol::RoomsRequest RoomsOperation::leave(hub::Hub& hub, hub::Member& client,
                                             const protocol::Envelope& envelope,
                                             std::size_t max_rooms) {
  auto request = protocol::parse_rooms_to_leave(envelope.data, max_rooms);
  begin_ack(envelope.id, request, RoomOutcome::left);
  for (const auto& room : request.rooms) hub.leave(client, room);
  return request;
}

RoomsOperation::Validated RoomsOperation::on_validated(
    std::optional<std::vector<std::string>> rooms, const ClientId& client) {
  Validated validated;
  validated.invalid_result = rooms && !std::ranges::all_of(*rooms, protocol::is_utf8);
  if (!rooms || validated.invalid_result) {
    if (has_ack()) open_->ack->set_all(RoomOutcome::error);
    return validated;
  }
  validated.dropped_rooms =
      std::erase_if(*rooms, [&](const std::string& room) { return !may_join(client, room); });
  if (!rooms->empty()) open().rooms = std::move(*rooms);
  return validated;
}

bool RoomsOperation::join(hub::Hub& hub, hub::Member& client, std::size_t max_rooms,
                          std::span<const std::string> refused) {
  const boost::unordered_flat_set<std::string_view, StringHash> unavailable(refused.begin(),
                                                                            refused.end());
  bool limit_met = false;
  for (const auto& room : std::exchange(open_->rooms, {})) {
    const RoomOutcome outcome = unavailable.contains(room)
                                    ? RoomOutcome::unavailable
                                    : try_join(hub, client, room, max_rooms, limit_met);
    limit_met = limit_met || outcome == RoomOutcome::too_many_rooms;
    if (open_->ack) open_->ack->set(room, outcome);
  }
  return !limit_met;
}

std::optional<std::string> RoomsOperation::finish() {
  const auto last = std::exchange(open_, nullptr);
  return last && last->ack ? std::optional(last->ack->text()) : std::nullopt;
}

}  // namespace wscast::session
