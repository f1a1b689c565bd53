#include <algorithm>
#include <exception>
#include <utility>

#include "base/message_trace.h"
#include "protocol/history_messages.h"
#include "session/session.h"

// What a session does with rooms that have a history (protocol.md section 7).
namespace wscast::session {
namespace {

using protocol::LossReason;

/// The excluded does not get it, by whatever id.
bool excludes_any(const hub::HistoryMessage& message, const std::vector<ClientId>& ids) {
  return std::ranges::any_of(
      ids, [&](const ClientId& id) { return hub::is_excluded(message.exclude(), id); });
}

protocol::RoomPosition report_of(const HistoryAnswer::Room& room, bool asked) {
  return {.room = room.name,
          .position = room.position ? &*room.position : nullptr,
          .asked = asked,
          .lost = room.lost};
}

}  // namespace

HistoryReader& Session::need_history() {
  if (!history_) history_ = std::make_unique<HistoryReader>();
  return *history_;
}

const HistoryRule* Session::history_of(std::string_view room) const {
  return context_.history == nullptr ? nullptr : context_.history->find(room);
}

/// protocol.md H4. A transformer of the application knows no positions.
bool Session::gets_positions() const {
  if (!history_ || !history_->positions) return false;
  return !encrypted.load(std::memory_order_relaxed) || outbound_.channel() != nullptr;
}

void Session::read_extensions(const protocol::Envelope& envelope) {
  if (!envelope.ext) return;
  auto extensions = protocol::parse_extensions(envelope.ext);
  if (!extensions.positions) return;
  need_history().positions = true;
  history_->join = std::move(extensions.join);
}

// `connected`.

/// Requests the positions of the default rooms. False: there is nothing to wait for.
bool Session::request_default_positions() {
  if (!history_ || !history_->positions) return false;
  for (const auto& room : context_.options.default_rooms) {
    if (history_of(room) != nullptr) history_->wait({.room = room, .joining = true});
  }
  return request_for_join();
}

bool Session::request_for_join() {
  HistoryRequest request = history_->request(true);
  if (request.rooms.empty()) return false;
  history_->join_request = request.number;
  context_.delegate.read_history(*this, std::move(request));
  return true;
}

/// The `join` that came with `authenticate`, before anything is delivered to the client: of the
/// rooms that it is in already, nothing is until the join is handled, behind the connected hook.
void Session::begin_first_join() {
  const auto join = std::exchange(history_->join, std::nullopt);
  protocol::Envelope envelope;
  envelope.event = events::join;
  envelope.data = join->data;
  if (join->id) envelope.id = *join->id;
  hold_recovered(envelope);
  if (!inbound_.must_wait()) return handle_join(envelope);
  if (!inbound_.push(false, protocol::make_envelope({envelope.event, envelope.data, envelope.id}),
                     {.max_messages = 1, .max_bytes = transport_limit()})) {
    handle_join(envelope);
  }
}

bool Session::pin(const std::vector<std::string>& channels) {
  if (ended_ || authenticated() || !history_ || history_->join_request == 0) return false;
  history_->pinned = channels;
  return true;
}

std::vector<std::string> Session::take_pinned() noexcept {
  return history_ ? std::exchange(history_->pinned, {}) : std::vector<std::string>();
}

// `join`.

/// Rooms that the client is in and names with a position go on from there. Only who asked for
/// positions is looked at.
protocol::Recovery Session::hold_recovered(const protocol::Envelope& join) {
  if (!history_ || !history_->positions || context_.history == nullptr) return {};
  auto recovery = protocol::parse_recovery(join.data, context_.options.max_rooms_per_join);
  for (const auto& [room, seen] : recovery.rooms) {
    if (history_of(room) == nullptr || !context_.hub.in_room(*this, room)) continue;
    history_->wait({.room = room, .seen = seen, .joining = true});
  }
  return recovery;
}

/// The rooms that rooms_ is about to join and the client has come into afterwards.
void Session::wait_for_positions(const std::vector<std::string>& rooms) {
  for (const auto& room : rooms) {
    if (history_->waits(room) || !context_.hub.in_room(*this, room)) continue;
    const Position* seen = rooms_.recovery().seen_of(room);
    history_->wait({.room = room,
                    .seen = seen == nullptr ? std::nullopt : std::optional(*seen),
                    .joining = true});
  }
}

/// Of rooms_, those with a history that the client is not in.
std::vector<std::string> Session::rooms_to_position() const {
  std::vector<std::string> rooms;
  if (!history_ || !history_->positions) return rooms;
  for (const auto& room : rooms_.rooms()) {
    if (history_of(room) != nullptr && !context_.hub.in_room(*this, room)) rooms.push_back(room);
  }
  return rooms;
}

/// Ends a `join`, once the positions are known that its `ack` has. Returns whether it has ended.
bool Session::finish_join() {
  if (history_ && history_->positions) {
    if (!rooms_.recovery().rooms.empty()) history_->former = rooms_.recovery().ids;
    if (request_for_join()) return false;
    rooms_.set_positions("{}");
  }
  finish_rooms();
  return true;
}

// Answers.

void Session::on_history(HistoryAnswer answer) {
  if (ended_ || !history_) return;
  if (answer.number != history_->join_request) return resume(answer, false);
  history_->join_request = 0;
  if (authenticator_.subscribing()) return connect(&answer);
  rooms_.set_positions(positions_of(answer));
  const bool reported = rooms_.has_ack();
  finish_rooms();
  resume(answer, reported);
  on_hook_done();
}

std::string Session::positions_of(const HistoryAnswer& answer) const {
  std::vector<protocol::RoomPosition> rooms;
  for (const HistoryAnswer::Room& room : answer.rooms) {
    if (authenticated() && !context_.hub.in_room(*this, room.name)) continue;
    rooms.push_back(report_of(room, rooms_.recovery().seen_of(room.name) != nullptr));
  }
  return protocol::positions_json(rooms);
}

/// What was missed, then the live messages, in the same iteration. `reported`: the client has been
/// told of each room what became of it.
void Session::resume(const HistoryAnswer& answer, bool reported) {
  for (const HistoryAnswer::Room& room : answer.rooms) {
    const auto waiting = history_->take(room.name, answer.number);
    if (waiting && waiting->seen && room.lost) {
      context_.counters.add(Counter::history_not_recovered);
    } else if (waiting && waiting->seen && waiting->joining) {  // Else it was counted before.
      context_.counters.add(Counter::history_recovered);
    }
    if (!waiting || ended_ || !context_.hub.in_room(*this, room.name)) continue;
    if (room.lost && waiting->seen && !reported)
      tell_gap({.room = room.name,
                .reason = *room.lost,
                .position = room.position ? &*room.position : nullptr});
    for (const auto& message : room.missed) {
      if (hub::is_excluded(message->exclude(), id)) continue;
      if (excludes_any(*message, history_->former)) continue;
      hub::HistoryFrames frames(*message);
      deliver_or_wait(frames);
      if (history_->waits(room.name)) break;
    }
    if (room.more && !history_->waits(room.name))
      wait_behind(room.missed.back()->position(), room.name);
  }
}

int Session::deliver_positioned(hub::HistoryFrames& frames) noexcept try {
  if (!authenticated()) return deliver(frames.plain(), hub::Address::group);
  if (history_) {
    if (history_->waits(frames.message().room())) return 1;  // It comes with the answer.
    if (excludes_any(frames.message(), history_->former)) return 0;
  }
  return deliver_or_wait(frames);
} catch (const std::exception&) {
  give_up();
  return 0;
}

/// protocol.md H7: what the client cannot take now it gets later.
int Session::deliver_or_wait(hub::HistoryFrames& frames) {
  const hub::HistoryMessage& message = frames.message();
  if (message.replay() && outbound_.full()) {
    context_.counters.add(Counter::history_replays);
    wait_behind({message.offset() - 1, message.position().epoch}, message.room());
    return 1;
  }
  const ws::FrameRef& frame = gets_positions() ? frames.positioned() : frames.plain();
  const int result = outbound_.send(frame);
  return result != 0 ? result : not_delivered(frame, outbound_.why_dropped());
}

/// What follows comes from the history.
void Session::wait_behind(Position seen, const std::string& room) {
  need_history().wait({.room = room, .seen = std::move(seen)});
  context_.delegate.on_replay_due(*this);
}

bool Session::replay_due() const {
  return history_ && history_->replay_due();
}

void Session::request_replays() {
  if (ended_ || !replay_due() || outbound_.busy()) return;  // Its drain asks again.
  if (outbound_.full()) return context_.delegate.on_replay_due(*this);
  context_.delegate.read_history(*this, history_->request(false));
}

/// protocol.md H6.
void Session::on_history_gap(const protocol::Gap& gap) {
  if (ended_ || !authenticated()) return;
  if (history_ && history_->waits(gap.room)) return;  // The answer says so.
  tell_gap(gap);
}

void Session::tell_gap(const protocol::Gap& gap) {
  if (!gets_positions()) return outbound_.on_gap();
  outbound_.say(protocol::gap_message(gap));
}

std::size_t Session::transport_limit() const {
  return context_.transport_options.backpressure_limit;
}

}  // namespace wscast::session
