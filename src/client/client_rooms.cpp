#include "client/client_rooms.h"

#include <algorithm>
#include <utility>

#include "wscast/error.h"

#include "protocol/json_string.h"

namespace wscast::client {
namespace {

using namespace std::chrono_literals;

// A message may have 128 KiB.
constexpr std::size_t kBatchBytes = 90'000;
constexpr std::size_t kBatchRooms = 1'000;
// Before it is authenticated a client may send 64 KiB, its token included.
constexpr std::size_t kFirstBytes = 48'000;
// With a room's offset and the punctuation around it.
constexpr std::size_t kPositionBytes = 64;
constexpr std::size_t kFormerIds = 16;
// At most: over the rate in five seconds in a row ends the connection (protocol.md O11).
constexpr auto kAgain = 2s;
// More rooms than one message may have: the rest was not read.
constexpr std::string_view kUnread = "Too many rooms";

bool may_pass(std::string_view result) {
  return result == "unavailable" || result == "error";
}

ClientError error_of(std::error_code code, std::string words, std::string_view room) {
  return {.code = code, .message = std::move(words), .room = std::string(room)};
}

/// What became of the rooms of a join; without a reply the server is believed to have joined them.
class JoinResults {
 public:
  explicit JoinResults(const ServerMessage* reply) {
    if (reply == nullptr) return;
    rest_ = words_of(*reply);
    if (reply->event == "error") return;
    for (auto& [name, result] : members_of(object_member(reply->data, "rooms"))) {
      const std::string_view text = result.view();
      rooms_[name] = text.starts_with('"') ? protocol::decode_json_string(text).value_or("refused")
                                           : "refused";
    }
    if (rest_ == kUnread && rooms_.empty()) rest_ = "too many rooms";
    for (auto& [name, entry] : members_of(object_member(reply->data, "positions"))) {
      positions_[name] = read_entry(entry);
    }
  }

  const std::string& of(const std::string& name) const {
    const auto found = rooms_.find(name);
    return found == rooms_.end() ? rest_ : found->second;
  }

  std::optional<RoomEntry> position_of(const std::string& name) const {
    const auto found = positions_.find(name);
    return found == positions_.end() ? std::nullopt : std::optional(found->second);
  }

 private:
  std::string rest_ = "joined";
  std::map<std::string, std::string> rooms_;
  std::map<std::string, RoomEntry> positions_;
};

}  // namespace

void ClientRooms::join(std::string_view name, OnJoined on_result) {
  auto& [key, room] = *rooms_.try_emplace(std::string(name)).first;
  if (room.state == State::joined) {
    if (on_result) on_result({});
    return;
  }
  if (room.want == 0) {
    room.want = ++last_want_;
    room.state = State::joining;
    wants_.emplace(room.want, key);
    has_new_ = true;
  }
  if (on_result) room.waiting.push_back(std::move(on_result));
}

void ClientRooms::leave(std::string_view name) {
  forget(name,
         error_of(std::make_error_code(std::errc::operation_canceled), "the room was left", name));
  if (!link_) return;
  std::string text = R"({"event":"leave","data":{"rooms":[)";
  protocol::append_quoted(text, name);
  host_.send(text.append("]},\"id\":").append(kLeaveId) + '}');
}

void ClientRooms::forget(std::string_view name, const ClientError& error) {
  const auto found = rooms_.find(name);
  if (found == rooms_.end()) return;
  wants_.erase(found->second.want);
  const auto waiting = std::move(found->second.waiting);
  rooms_.erase(found);
  for (const auto& on_result : waiting) on_result(error);
}

void ClientRooms::close(const ClientError& error) {
  for (const auto& [want, name] : std::exchange(wants_, {})) forget(name, error);
}

std::string ClientRooms::first_join() {
  return next_join(kFirstBytes);
}

void ClientRooms::send_new(SteadyTime now) {
  if (std::exchange(has_new_, false)) send_joins(now);
}

void ClientRooms::send_joins(SteadyTime now) {
  if (!link_ || sent_ || again_ != SteadyTime::max()) return;
  const std::string join = next_join(kBatchBytes);
  if (join.empty()) return host_.on_rooms_settled(now);
  host_.send(R"({"event":"join",)" + join.substr(1));
  if (!link_->acknowledges) handle(now, nullptr);
}

/// Sets sent_ to what the text joins.
std::string ClientRooms::next_join(std::size_t max_bytes) {
  std::vector<const Rooms::value_type*> rooms;
  std::size_t bytes = 0;
  for (const auto& [want, name] : wants_) {
    const auto& entry = *rooms_.find(name);
    if (entry.second.state != State::joining) continue;
    bytes += 2 * protocol::quoted_size(name) + kPositionBytes;
    if (entry.second.seen) bytes += protocol::quoted_size(entry.second.seen->epoch);
    if (!rooms.empty() && (bytes > max_bytes || rooms.size() == kBatchRooms)) break;
    rooms.push_back(&entry);
  }
  sent_.reset();
  if (rooms.empty()) return {};
  sent_.emplace();
  for (const auto* entry : rooms) sent_->push_back({entry->second.want, entry->first});
  return join_text(rooms);
}

std::string ClientRooms::join_text(const std::vector<const Rooms::value_type*>& rooms) const {
  std::string names;
  std::string seen;
  for (const auto* entry : rooms) {
    if (!names.empty()) names += ',';
    protocol::append_quoted(names, entry->first);
    const auto& position = entry->second.seen;
    if (!position || position->epoch.empty() || !position->offset) continue;
    if (!seen.empty()) seen += ',';
    protocol::append_quoted(seen, entry->first);
    seen += R"(:{"offset":)" + std::to_string(*position->offset) + R"(,"epoch":)";
    protocol::append_quoted(seen, position->epoch);
    seen += '}';
  }
  std::string text = R"({"data":{"rooms":[)" + names + ']';
  if (!seen.empty()) {
    std::string ids;
    for (const auto& id : ids_) {
      if (!ids.empty()) ids += ',';
      protocol::append_quoted(ids, id);
    }
    text += R"(,"recover":{"ids":[)" + ids + R"(],"rooms":{)" + seen + "}}";
  }
  return text.append("},\"id\":").append(kJoinId) + '}';
}

void ClientRooms::connected(SteadyTime now, Link link, std::string id) {
  ids_.push_front(std::move(id));
  if (ids_.size() > kFormerIds) ids_.pop_back();
  link_ = link;
  if (!sent_ || !link.positions) {
    sent_.reset();
    return send_joins(now);
  }
  std::string left;
  for (const auto& wanted : *sent_) {
    if (find(wanted) != nullptr) continue;
    if (!left.empty()) left += ',';
    protocol::append_quoted(left, wanted.name);
  }
  if (!left.empty()) host_.send(R"({"event":"leave","data":{"rooms":[)" + left + "]}}");
}

void ClientRooms::disconnected() {
  link_.reset();
  sent_.reset();
  again_ = SteadyTime::max();
  for (const auto& [want, name] : wants_) rooms_.find(name)->second.state = State::joining;
}

/// Null: it was left meanwhile.
ClientRooms::Rooms::value_type* ClientRooms::find(const Wanted& wanted) {
  const auto found = rooms_.find(wanted.name);
  return found != rooms_.end() && found->second.want == wanted.want ? &*found : nullptr;
}

void ClientRooms::on_reply(SteadyTime now, const ServerMessage& reply) {
  if (sent_) handle(now, &reply);
}

void ClientRooms::handle(SteadyTime now, const ServerMessage* reply) {
  const auto sent = *std::exchange(sent_, {});
  const JoinResults results(reply);
  bool again = false;
  for (const auto& wanted : sent) {
    auto* entry = find(wanted);
    if (entry == nullptr) continue;
    const std::string& result = results.of(wanted.name);
    if (result == "joined") {
      on_joined(*entry, results.position_of(wanted.name));
    } else if ((entry->second.known && may_pass(result)) || result == "Rate limit exceeded") {
      again = true;
    } else if (result != kUnread) {
      refuse(*entry, result);
    }
  }
  if (again) {
    again_ = now + kAgain + retry_.delay();
    return host_.on_rooms_settled(now);
  }
  retry_.reset();
  send_joins(now);
}

void ClientRooms::on_joined(Rooms::value_type& entry, const std::optional<RoomEntry>& position) {
  auto& [name, room] = entry;
  room.known = true;
  room.state = State::joined;
  if (const auto gap = enter_room(name, room.seen, position)) host_.tell_gap(*gap);
  for (const auto& on_result : std::exchange(room.waiting, {})) on_result({});
}

void ClientRooms::refuse(Rooms::value_type& entry, const std::string& words) {
  const ClientError error = error_of(Errc::refused, words, entry.first);
  if (entry.second.waiting.empty()) host_.report(error);
  forget(error.room, error);
}

void ClientRooms::on_time(SteadyTime now) {
  if (now < again_) return;
  again_ = SteadyTime::max();
  send_joins(now);
}

void ClientRooms::enter(const std::string& name, const RoomEntry& entry) {
  Room& room = rooms_[name];
  if (room.state == State::joining) return;  // The reply to its join says so.
  if (const auto gap = enter_room(name, room.seen, entry)) host_.tell_gap(*gap);
}

bool ClientRooms::see(const std::string& name, std::uint64_t offset, std::string_view& epoch) {
  const auto found = rooms_.find(name);
  if (found == rooms_.end() || !found->second.seen) return true;
  auto& [state, seen, want, known, waiting] = found->second;
  // The reply to its join says where it goes on.
  if (state == State::joining || (seen->offset && offset <= *seen->offset)) return false;
  seen->offset = offset;
  epoch = seen->epoch;
  return true;
}

void ClientRooms::move(std::string_view name, const SeenPosition& position) {
  const auto found = rooms_.find(name);
  if (found != rooms_.end() && found->second.seen) found->second.seen = position;
}

void ClientRooms::count_own(std::string_view name, const Position& position) {
  const auto found = rooms_.find(name);
  if (found != rooms_.end()) client::count_own(found->second.seen, position);
}

bool ClientRooms::has_history(std::string_view name) const {
  const auto found = rooms_.find(name);
  return found != rooms_.end() && found->second.seen.has_value();
}

}  // namespace wscast::client
