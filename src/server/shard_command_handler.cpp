#include "server/shard_command_handler.h"

#include <algorithm>
#include <exception>
#include <memory>
#include <new>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/given_up.h"
#include "server/guarded.h"
#include "ws/close_code.h"

namespace wscast::server {

namespace {

/// Lets the shard know that what is sent meanwhile is one message to many.
class FanOutScope {
 public:
  explicit FanOutScope(ShardExecutor* shard) : shard_(shard) {
    if (shard_ != nullptr) shard_->begin_fan_out();
  }
  ~FanOutScope() {
    if (shard_ != nullptr) shard_->end_fan_out();
  }
  FanOutScope(const FanOutScope&) = delete;
  FanOutScope& operator=(const FanOutScope&) = delete;

 private:
  ShardExecutor* shard_;
};

}  // namespace

using session::Session;
using ws::CloseCode;

void ShardCommandHandler::execute(const ShardCommand& command) noexcept {
  std::visit(
      [this, &command](const auto& one) noexcept {
        try {
          handle(one);
        } catch (const std::exception& error) {
          log_given_up("a command to a shard", error);
          targets_.counters.add(Counter::dropped_out_of_memory, messages_of(command));
          lose(one);
        }
      },
      command);
}

int ShardCommandHandler::send_to_client(const ClientId& client,
                                        const ws::FrameRef& frame) noexcept {
  const int result = deliver(client, frame);
  note_fan_out(result != 0 ? 1 : 0);
  if (frame.trace() != nullptr)
    frame.trace()->on_delivered(result != 0 ? 1 : 0, result == 0 ? 1 : 0);
  return result;
}

int ShardCommandHandler::deliver(const ClientId& client, const ws::FrameRef& frame) noexcept {
  Session* session = find(client);
  return session == nullptr ? 0 : session->deliver(frame, hub::Address::client);
}

void ShardCommandHandler::handle(const FanOut& fan_out) {
  const hub::Delivered delivered = [&] {
    const FanOutScope scope(targets_.shard);
    return deliver(fan_out);
  }();
  note_fan_out(delivered.accepted, fan_out.frame.messages);
  if (fan_out.origin.trace) {
    fan_out.origin.trace->on_delivered(delivered.accepted, delivered.dropped);
  }
  const auto& aggregator = fan_out.aggregator;
  if (aggregator && aggregator->report(delivered)) targets_.hooks.complete(aggregator);
}

hub::Delivered ShardCommandHandler::deliver(const FanOut& fan_out) {
  if (fan_out.history) return targets_.hub.to_room(*fan_out.history, fan_out.origin);
  const ws::FrameRef frame = ws::FrameRef::of(fan_out.frame, fan_out.origin);
  const hub::Exclude exclude = fan_out.exclude ? hub::Exclude(*fan_out.exclude) : hub::Exclude();
  switch (fan_out.to) {
    case FanOut::To::user:
      return targets_.hub.to_user(fan_out.target, frame);
    case FanOut::To::room:
      return targets_.hub.to_room(fan_out.target, frame, exclude);
    case FanOut::To::everybody:
      return targets_.hub.broadcast(frame, exclude);
    case FanOut::To::topic:
      return targets_.topics.deliver(fan_out.target, frame, exclude);
    case FanOut::To::client:
      break;
  }
  if (deliver(*fan_out.client, frame) != 0) return {.accepted = 1};
  targets_.counters.add(Counter::dropped_late, frame.messages());
  return {.dropped = 1};
}

/// In the order of one caller's calls, so that each counts for the caller's next message. Calls
/// from several threads may have reached the directory in another order: it has the last word.
void ShardCommandHandler::handle(const MembershipChange& change) {
  const auto settled = targets_.directory.settle(change.client, change.room);
  Session* session = find(change.client);
  // A client that ended before left the room with nobody to note it.
  if (session == nullptr) return targets_.occupancy.on_exited(change.room);
  const bool in = settled.value_or(change.in);
  if (!targets_.hub.follow(*session, change.room, in)) return;
  if (in) {
    targets_.hooks.on_joined(*session, change.room);
  } else {
    targets_.hooks.on_left(*session, change.room);
  }
}

void ShardCommandHandler::handle(const EncryptionChange& change) {
  if (Session* session = find(change.client)) session->outbound().enable_encryption();
}

void ShardCommandHandler::handle(const HoleNotice& hole) {
  if (Session* session = find(hole.client)) session->outbound().on_hole();
}

void ShardCommandHandler::handle(const GapNotice& gap) {
  gap.pending->store(false);
  targets_.counters.add(Counter::gap_notices);
  for (hub::Member* member : targets_.hub.members()) {
    auto& session = *static_cast<Session*>(member);
    guarded(session, [&session] { session.outbound().on_gap(); });
  }
}

/// Each is told once, though several of its channels may have lost something.
void ShardCommandHandler::handle(const LossNotice& loss) {
  std::vector<hub::Member*> members;
  for (const auto& target : loss.targets) {
    const auto more = members_of(target);
    members.insert(members.end(), more.begin(), more.end());
  }
  std::ranges::sort(members);
  members.erase(std::unique(members.begin(), members.end()), members.end());
  for (hub::Member* member : members) {
    auto& session = *static_cast<Session*>(member);
    guarded(session, [&session] { session.outbound().on_gap(); });
  }
}

std::vector<hub::Member*> ShardCommandHandler::members_of(const LossNotice::Target& target) const {
  using protocol::BackplaneTarget;
  if (target.type == BackplaneTarget::room) return targets_.hub.members_of_room(target.name);
  if (target.type == BackplaneTarget::user) return targets_.hub.members_of_user(target.name);
  const auto id = ClientId::spelled(target.name);
  Session* session = id ? find(*id) : nullptr;
  return session == nullptr ? std::vector<hub::Member*>() : std::vector<hub::Member*>{session};
}

void ShardCommandHandler::handle(const Disconnect& disconnect) {
  const auto close = [&disconnect](hub::Member* member) {
    auto& session = *static_cast<Session*>(member);
    guarded(session, [&] { session.close(disconnect.code, disconnect.reason); });
  };
  if (disconnect.client) {
    if (Session* session = find(*disconnect.client)) close(session);
    return;
  }
  for (hub::Member* member : targets_.hub.members_of_user(disconnect.user)) {
    close(member);
  }
}

void ShardCommandHandler::handle(const Revocation& revocation) {
  for (hub::Member* member : targets_.hub.members_of_user(revocation.user)) {
    auto& session = *static_cast<Session*>(member);
    guarded(session, [&session] { session.end(session::kUserRevoked); });
  }
}

void ShardCommandHandler::handle(const PublishCompleted& completed) {
  targets_.hooks.complete(completed.aggregator);
}

void ShardCommandHandler::handle(const SubscribeConfirmed& confirmed) {
  targets_.interest.on_confirmed(find(confirmed.client), confirmed);
}

void ShardCommandHandler::handle(const RoomCheck& check) {
  targets_.hooks.check_room(check.room);
}

void ShardCommandHandler::handle(const HistoryGapNotice& notice) {
  const protocol::Gap gap{.room = notice.room,
                          .from = notice.from,
                          .to = notice.to,
                          .reason = notice.reason,
                          .position = &notice.position};
  for (hub::Member* member : targets_.hub.members_of_room(notice.room)) {
    auto& session = *static_cast<Session*>(member);
    guarded(session, [&] { session.on_history_gap(gap); });
  }
}

void ShardCommandHandler::handle(const HistoryAnswered& answered) {
  Session* session = find(answered.client);
  if (session == nullptr) return;
  guarded(*session, [&] {
    session->on_history(answered.answer);
    targets_.interest.release_pinned(*session);
  });
}

// On the broker's shard.

void ShardCommandHandler::handle(const HistoryAsk& ask) {
  if (targets_.history != nullptr) targets_.history->request(ask.shard, ask.client, ask.request);
}

void ShardCommandHandler::handle(const HistoryFollow& follow) {
  if (targets_.history != nullptr) targets_.history->follow(follow.room);
}

void ShardCommandHandler::handle(const RemotePublish& publish) {
  targets_.backplane.publish(
      publish, [&hooks = targets_.hooks](std::shared_ptr<PublishAggregator> aggregator) {
        hooks.complete(std::move(aggregator));
      });
}

void ShardCommandHandler::handle(const InterestChange& change) {
  targets_.backplane.change_interest(change.interest);
}

void ShardCommandHandler::handle(const SubscribeRequest& request) {
  targets_.backplane.subscribe(
      request.channels,
      [this, request](const std::vector<std::string>& refused) { confirm(request, refused); });
}

/// Nobody else would answer the client.
void ShardCommandHandler::confirm(const SubscribeRequest& request,
                                  const std::vector<std::string>& refused) noexcept try {
  targets_.router.route(request.shard,
                        SubscribeConfirmed{request.client, request.channels, refused});
} catch (const std::exception& error) {
  log_given_up("the answer to a subscription", error);
  targets_.counters.add(Counter::dropped_out_of_memory);
  lose(request);
  release(request.channels);
}

void ShardCommandHandler::release(const std::vector<std::string>& channels) noexcept try {
  targets_.backplane.change_interest({.subscribe = {}, .unsubscribe = channels});
} catch (const std::exception&) {  // They stay subscribed.
}

// Without memory.

void ShardCommandHandler::lose(const FanOut& fan_out) noexcept {
  if (fan_out.history) give_up_room(fan_out.history->room());
  report_lost(fan_out.aggregator, Backplane::none);
}

void ShardCommandHandler::lose(const RemotePublish& publish) noexcept {
  report_lost(publish.aggregator, Backplane::unknown);
}

/// A close is not lost: those concerned end without their close frame.
void ShardCommandHandler::lose(const Disconnect& disconnect) noexcept {
  if (disconnect.client) return give_up(*disconnect.client);
  give_up_user(disconnect.user);
}

void ShardCommandHandler::lose(const HistoryGapNotice& notice) noexcept {
  give_up_room(notice.room);
}

/// The client does not wait for what will not come.
void ShardCommandHandler::lose(const HistoryAsk& ask) noexcept try {
  targets_.router.route(ask.shard, Disconnect{.client = ask.client,
                                              .user = {},
                                              .code = ws::to_number(CloseCode::internal_error),
                                              .reason = {}});
} catch (const std::bad_alloc&) {  // As below.
}

void ShardCommandHandler::lose(const SubscribeRequest& request) noexcept try {
  targets_.router.route(request.shard, Disconnect{.client = request.client,
                                                  .user = {},
                                                  .code = ws::to_number(CloseCode::internal_error),
                                                  .reason = {}});
} catch (const std::bad_alloc&) {  // Its time to authenticate, or its heartbeat, ends it.
}

/// The channels are not needed any more on the client's behalf, whatever became of it.
void ShardCommandHandler::lose(const SubscribeConfirmed& confirmed) noexcept try {
  give_up(confirmed.client);
  targets_.interest.on_confirmed(nullptr, confirmed);
} catch (const std::bad_alloc&) {  // They stay subscribed.
}

/// A loss concerns everybody when there is no memory to find those whom it does; each is notified
/// with its next message at the latest.
void ShardCommandHandler::note_gap() noexcept {
  targets_.hub.for_each(
      [](hub::Member& member) noexcept { static_cast<Session&>(member).outbound().note_gap(); });
}

/// In a room with history nobody may miss anything without a word.
void ShardCommandHandler::give_up_room(const std::string& room) noexcept try {
  for (hub::Member* member : targets_.hub.members_of_room(room))
    static_cast<Session*>(member)->give_up();
} catch (const std::exception& error) {
  log_given_up("a loss in a room with history", error);
}

void ShardCommandHandler::give_up(const ClientId& client) noexcept {
  if (Session* session = find(client)) session->give_up();
}

void ShardCommandHandler::give_up_user(std::string_view user) noexcept {
  targets_.hub.for_each_of_user(
      user, [](hub::Member& member) noexcept { static_cast<Session&>(member).give_up(); });
}

void ShardCommandHandler::report_lost(const std::shared_ptr<PublishAggregator>& aggregator,
                                      Backplane backplane) noexcept {
  if (!aggregator) return;
  const bool last = backplane == Backplane::none ? aggregator->report(hub::Delivered{})
                                                 : aggregator->report(backplane);
  if (last) targets_.hooks.complete(aggregator);
}

Session* ShardCommandHandler::find(const ClientId& client) const {
  return static_cast<Session*>(targets_.hub.find(client));
}

}  // namespace wscast::server
