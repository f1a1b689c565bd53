#include "session/rooms_ack.h"

#include <utility>

#include <boost/unordered/unordered_flat_set.hpp>

#include "protocol/json_string.h"
#include "protocol/system_messages.h"

namespace wscast::session {
namespace {

std::string_view fault_of(const protocol::RoomsRequest& request) {
  if (request.too_many) return "Too many rooms";
  if (!request.is_list || request.not_strings > 0) return "Invalid rooms";
  return {};
}

bool is_success(RoomOutcome outcome) {
  return outcome == RoomOutcome::joined || outcome == RoomOutcome::left;
}

}  // namespace

std::string_view to_string(RoomOutcome outcome) {
  switch (outcome) {
    case RoomOutcome::joined:
      return "joined";
    case RoomOutcome::left:
      return "left";
    case RoomOutcome::invalid_name:
      return "invalid name";
    case RoomOutcome::not_allowed:
      return "not allowed";
    case RoomOutcome::too_many_rooms:
      return "too many rooms";
    case RoomOutcome::unavailable:
      return "unavailable";
    case RoomOutcome::error:
      break;
  }
  return "error";
}

RoomsAck::RoomsAck(std::string_view id, const protocol::RoomsRequest& request, RoomOutcome assumed)
    : id_(id), fault_(fault_of(request)) {
  boost::unordered_flat_set<std::string_view, StringHash> invalid;
  for (const auto& [text, valid] : request.names) {
    const bool first =
        valid ? places_.try_emplace(*protocol::decode_json_string(text), entries_.size()).second
              : invalid.insert(text).second;
    if (first) entries_.push_back({std::string(text), valid ? assumed : RoomOutcome::invalid_name});
  }
}

void RoomsAck::set(std::string_view room, RoomOutcome outcome) {
  const auto found = places_.find(room);
  if (found != places_.end()) {
    entries_[found->second].outcome = outcome;
    return;
  }
  std::string quoted(protocol::quoted_size(room), '\0');
  protocol::write_quoted(quoted.data(), room);
  places_.emplace(room, entries_.size());
  entries_.push_back({std::move(quoted), outcome});
}

void RoomsAck::set_all(RoomOutcome outcome) {
  for (const auto& [room, place] : places_) entries_[place].outcome = outcome;
}

std::string RoomsAck::text() const {
  bool ok = fault_.empty();
  std::vector<protocol::RoomReport> reports;
  reports.reserve(entries_.size());
  for (const Entry& entry : entries_) {
    ok = ok && is_success(entry.outcome);
    reports.push_back({entry.name, to_string(entry.outcome)});
  }
  return protocol::rooms_ack_message(
      {.ok = ok, .rooms = reports, .error = fault_, .id = id_, .positions = positions_});
}

}  // namespace wscast::session
