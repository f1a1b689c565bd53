#include "server/history_feed.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "base/given_up.h"
#include "protocol/envelope.h"
#include "protocol/json_scanner.h"
#include "server/sorted_ids.h"

namespace wscast::server {
namespace {

using session::HistoryAnswer;

/// protocol.md D15, H4.
hub::SharedHistoryMessage make_message(const HistoryRule& rule, Position position,
                                       const protocol::BackplaneMessage& content) {
  std::string head = protocol::make_envelope({content.event, content.data, {}});
  head.pop_back();
  std::string tail = protocol::position_tail(content.target, position.offset);
  return std::make_shared<const hub::HistoryMessage>(
      hub::HistoryMessage::Parts{.room = content.target,
                                 .position = std::move(position),
                                 .event = content.event,
                                 .head = std::move(head),
                                 .tail = std::move(tail),
                                 .exclude = sorted_ids(content.exclude),
                                 .trace = content.trace,
                                 .replay = rule.replay});
}

}  // namespace

void HistoryFeed::start(History* history) {
  history_ = history;
  if (rules_.empty() || std::exchange(started_, true)) return;
  next_check_ = executor_.now() + settings_.check_every;
  executor_.every(kTick, [this] {
    tick();
    return history_ != nullptr;
  });
}

template <class Act>
void HistoryFeed::guarded(Act act) noexcept try {
  act();
} catch (const std::exception& error) {
  log_given_up("a step of a room with history", error);
}

HistoryRoom* HistoryFeed::find(std::string_view room) {
  const auto found = rooms_.find(room);
  return found == rooms_.end() ? nullptr : found->second.get();
}

/// Null: the room has no history.
HistoryRoom* HistoryFeed::need(std::string_view room) {
  if (history_ == nullptr) return nullptr;
  if (HistoryRoom* found = find(room)) return found;
  const HistoryRule* rule = rules_.find(room);
  if (rule == nullptr) return nullptr;
  HistoryRoom::Host& host = *this;
  auto made = std::make_unique<HistoryRoom>(std::string(room), *rule, host);
  return rooms_.emplace(std::string(room), std::move(made)).first->second.get();
}

bool HistoryFeed::on_message(const protocol::BackplaneMessage& message) {
  HistoryRoom* room = find(message.target);
  if (room == nullptr) {
    if (rules_.find(message.target) == nullptr) return false;
    if (!output_.has_members(message.target)) return true;  // Nobody here is concerned.
    room = need(message.target);
    if (room == nullptr) return false;
  }
  room->on_published(make_message(room->rule(), *message.position, message));
  return true;
}

void HistoryFeed::follow(const std::string& room) {
  if (HistoryRoom* found = need(room)) found->follow();
}

// Reading.

void HistoryFeed::read(const HistoryRoom& room, std::uint64_t after) {
  if (history_ == nullptr) return;
  history_->read({.room = room.name(), .after = after, .limits = room.rule().limits},
                 [this, name = room.name()](const HistoryPage& page) { on_page(name, page); });
}

void HistoryFeed::read_position(const HistoryRoom& room) {
  if (history_ == nullptr) return;
  history_->read_positions(
      {{room.name(), room.rule().limits}},
      [this, name = room.name()](const std::vector<std::optional<Position>>& positions) {
        HistoryRoom* found = find(name);
        if (history_ == nullptr || found == nullptr) return;
        guarded([&] { found->on_position(positions.front()); });
        settle();
      });
}

void HistoryFeed::on_page(const std::string& name, const HistoryPage& page) {
  HistoryRoom* room = find(name);
  if (history_ == nullptr || room == nullptr) return;
  guarded([&] {
    HistoryMessages messages;  // Not available.
    guarded([&] { messages = messages_of(*room, page); });
    room->on_read(std::move(messages), executor_.now());
  });
  settle();
}

/// What is no message of ours any more leaves a hole, as if it was not kept: what lies before it
/// goes with it.
HistoryMessages HistoryFeed::messages_of(const HistoryRoom& room, const HistoryPage& page) {
  HistoryMessages messages{.available = page.available, .last = {page.last, page.epoch}};
  for (const HistoryEntry& entry : page.entries) {
    const auto parsed =
        protocol::parse_backplane_message(entry.envelope, {}, protocol::kMaxJsonDepth);
    const bool good = parsed.status == protocol::BackplaneStatus::ok &&
                      parsed.message.type == protocol::BackplaneTarget::room &&
                      parsed.message.target == room.name();
    if (!good) {
      executor_.counters().add(Counter::broker_malformed);
      messages.messages.clear();
      continue;
    }
    messages.messages.push_back(
        make_message(room.rule(), {entry.offset, page.epoch}, parsed.message));
  }
  return messages;
}

// Answering.

void HistoryFeed::request(std::size_t shard, const ClientId& client,
                          session::HistoryRequest request) {
  for (const auto& room : request.rooms) need(room.name);
  Waiting waiting{.shard = shard,
                  .client = client,
                  .request = std::move(request),
                  .deadline = executor_.now() + settings_.answer_within};
  if (auto answer = try_answer(waiting, false, {})) {
    return output_.answer(shard, client, std::move(*answer));
  }
  waiting_.push_back(std::move(waiting));
}

/// All rooms of a request are answered at the same moment: what is delivered later is newer than
/// the answer. An answer may cause the next request.
void HistoryFeed::settle() {
  if (std::exchange(settling_, true)) return;
  guarded([this] {
    const SteadyTime now = executor_.now();
    const Lowest lowest = lowest_asked();
    for (auto it = waiting_.begin(); it != waiting_.end();)
      it = settle(*it, lowest, now) ? waiting_.erase(it) : std::next(it);
  });
  settling_ = false;
}

/// Returns whether it was answered.
bool HistoryFeed::settle(const Waiting& waiting, const Lowest& lowest, SteadyTime now) noexcept {
  bool answered = false;
  guarded([&] {
    auto answer = try_answer(waiting, now >= waiting.deadline, lowest);
    if (!answer) return;
    output_.answer(waiting.shard, waiting.client, std::move(*answer));
    answered = true;
  });
  return answered;
}

/// `late`: what is not known is unavailable.
std::optional<HistoryAnswer> HistoryFeed::try_answer(const Waiting& waiting, bool late,
                                                     const Lowest& lowest) {
  HistoryAnswer answer{.number = waiting.request.number, .rooms = {}};
  bool complete = true;
  for (const auto& asked : waiting.request.rooms) {
    HistoryRoom* room = need(asked.name);
    if (room == nullptr) {
      answer.rooms.push_back({.name = asked.name, .lost = protocol::LossReason::unavailable});
      continue;
    }
    const bool give_up = late || room->failed();
    const auto least = lowest.find(asked.name);
    auto part = room->answer(asked.seen, least == lowest.end() ? kNothingAsked : least->second,
                             settings_.max_waiting_bytes, executor_.now());
    if (!part && give_up) part = room->unavailable();
    if (part) answer.rooms.push_back(std::move(*part));
    complete = complete && part.has_value();
  }
  return complete ? std::optional(std::move(answer)) : std::nullopt;
}

/// One read serves all who wait.
HistoryFeed::Lowest HistoryFeed::lowest_asked() const {
  Lowest lowest;
  for (const Waiting& waiting : waiting_) {
    for (const auto& asked : waiting.request.rooms) {
      if (!asked.seen) continue;
      auto& least = lowest.try_emplace(asked.name, kNothingAsked).first->second;
      least = std::min(least, asked.seen->offset);
    }
  }
  return lowest;
}

// Time.

void HistoryFeed::tick() {
  const SteadyTime now = executor_.now();
  for (const auto& entry : rooms_) guarded([&] { entry.second->on_time(now); });
  if (now >= next_check_) {
    next_check_ = now + settings_.check_every;
    guarded([this] { forget_unused(); });
    guarded([this] { check_positions(); });
  } else if (!unchecked_.empty()) {
    guarded([this] { check_again(); });
  }
  settle();
}

/// A room that is forgotten while it reads would take what comes later for what it asked.
void HistoryFeed::forget_unused() {
  boost::unordered::erase_if(rooms_, [this](const auto& entry) {
    return entry.second->idle() && !output_.has_members(entry.first);
  });
}

void HistoryFeed::check_positions() {
  unchecked_.clear();
  std::vector<std::string> names;
  for (const auto& [name, room] : rooms_) {
    if (room->position()) names.push_back(name);
  }
  check(std::move(names));
}

void HistoryFeed::check(std::vector<std::string> names) {
  if (history_ == nullptr) return;
  std::vector<History::Room> rooms;
  for (const std::string& name : names) {
    const HistoryRoom* room = find(name);
    if (room != nullptr) rooms.push_back({name, room->rule().limits});
  }
  if (rooms.empty()) return;
  names.clear();
  for (const auto& room : rooms) names.push_back(room.name);
  history_->read_positions(
      std::move(rooms),
      [this, names = std::move(names)](const std::vector<std::optional<Position>>& positions) {
        if (history_ == nullptr) return;
        for (std::size_t i = 0; i < names.size() && i < positions.size(); ++i)
          guarded([&] { on_checked(names[i], positions[i]); });
      });
}

void HistoryFeed::on_checked(const std::string& name, const std::optional<Position>& position) {
  HistoryRoom* room = find(name);
  if (room == nullptr) return;
  if (position) return room->on_checked(*position);
  unchecked_.insert(name);
}

/// The broker was away. It may be back already: what was missed does not wait for the next check of
/// all rooms.
void HistoryFeed::check_again() {
  const auto names = std::exchange(unchecked_, {});
  check({names.begin(), names.end()});
}

}  // namespace wscast::server
