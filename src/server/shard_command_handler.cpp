#include "server/shard_command_handler.h"

#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace wscast::server {

using session::Session;

void ShardCommandHandler::execute(const ShardCommand& command) {
  std::visit([this](const auto& one) { handle(one); }, command);
}

int ShardCommandHandler::send_to_client(const ClientId& client, const ws::FrameRef& frame) {
  Session* session = find(client);
  return session == nullptr ? 0 : session->deliver(frame, hub::Address::client);
}

void ShardCommandHandler::handle(const FanOut& fan_out) {
  const hub::Delivered delivered = deliver(fan_out);
  const auto& aggregator = fan_out.aggregator;
  if (aggregator && aggregator->report(delivered)) targets_.hooks.complete(aggregator);
}

hub::Delivered ShardCommandHandler::deliver(const FanOut& fan_out) {
  const ws::FrameRef frame = ws::FrameRef::of(fan_out.frame);
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
  if (send_to_client(*fan_out.client, frame) != 0) return {.accepted = 1};
  targets_.counters.add(Counter::dropped_late);
  return {.dropped = 1};
}

/// In the order of one caller's calls, so that each counts for the caller's next message. Calls
/// from several threads may have reached the directory in another order: it has the last word.
void ShardCommandHandler::handle(const MembershipChange& change) {
  const auto settled = targets_.directory.settle(change.client, change.room);
  Session* session = find(change.client);
  if (session != nullptr) {
    targets_.hub.follow(*session, change.room, settled.value_or(change.in));
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
    static_cast<Session*>(member)->outbound().on_gap();
  }
}

void ShardCommandHandler::handle(const Disconnect& disconnect) {
  const auto close = [&disconnect](hub::Member* member) {
    static_cast<Session*>(member)->close(disconnect.code, disconnect.reason);
  };
  if (const auto* client = std::get_if<ClientId>(&disconnect.target)) {
    if (Session* session = find(*client)) close(session);
    return;
  }
  for (hub::Member* member :
       targets_.hub.members_of_user(std::get<std::string>(disconnect.target))) {
    close(member);
  }
}

void ShardCommandHandler::handle(const PublishCompleted& completed) {
  targets_.hooks.complete(completed.aggregator);
}

void ShardCommandHandler::handle(const SubscribeConfirmed& confirmed) {
  targets_.interest.on_confirmed(find(confirmed.client), confirmed);
}

// On the broker's shard.

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
  targets_.backplane.subscribe(request.channels, [&router = targets_.router, request](
                                                     const std::vector<std::string>& refused) {
    router.route(request.shard, SubscribeConfirmed{request.client, request.channels, refused});
  });
}

Session* ShardCommandHandler::find(const ClientId& client) const {
  return static_cast<Session*>(targets_.hub.find(client));
}

}  // namespace wscast::server
