#include "auth/admission.h"

#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace wscast::program {
namespace {

/// What the server keeps of a grant.
Identity identity_of(Grant grant, bool dev) {
  std::string user = grant.user_id;
  if (dev) return {.user_id = std::move(user)};
  const auto expires_in = grant.expires_in;
  return {.user_id = std::move(user),
          .metadata = Metadata::of(std::move(grant)),
          .expires_in = expires_in};
}

/// The grant of a client, which may be made in `made`.
const Grant& grant_of(const Metadata& metadata, std::string_view user_id, bool dev, Grant& made) {
  if (const Grant* grant = metadata.get<Grant>()) return *grant;
  made.user_id = user_id;
  if (dev) made.room_patterns = {"*"};
  return made;
}

void settle(const Reply<std::optional<Identity>>& reply, AuthOutcome outcome, bool dev) {
  if (const auto* failed = std::get_if<AuthFailed>(&outcome)) {
    reply.fail(failed->why);
    return;
  }
  auto& grant = std::get<std::optional<Grant>>(outcome);
  reply(grant ? std::optional(identity_of(std::move(*grant), dev)) : std::nullopt);
}

}  // namespace

void Admission::install(const std::shared_ptr<Admission>& admission, Hooks& hooks) {
  hooks.authenticate = [admission](const AuthenticateRequest& request,
                                   const Reply<std::optional<Identity>>& reply) {
    const auto rules = admission->rules_.get();
    const auto done = [reply, dev = rules->dev](AuthOutcome outcome) {
      settle(reply, std::move(outcome), dev);
    };
    rules->method->authenticate(request, done);
  };
  hooks.validate_rooms = [admission](const ValidateRoomsRequest& request,
                                     const Reply<std::vector<std::string>>& reply) {
    admission->validate_rooms(request, reply);
  };
}

void Admission::validate_rooms(const ValidateRoomsRequest& request,
                               const Reply<std::vector<std::string>>& reply) const {
  const auto rules = rules_.get();
  Grant made;
  const Grant& grant = grant_of(request.metadata, request.user_id, rules->dev, made);
  std::vector<std::string> allowed;
  std::vector<std::string> asked;
  for (const std::string& room : request.rooms) {
    const RoomRule::Join join = rules->rooms.decide(grant, room).join;
    if (join == RoomRule::Join::yes) allowed.push_back(room);
    if (join == RoomRule::Join::webhook) asked.push_back(room);
  }
  if (asked.empty()) return reply(std::move(allowed));
  rules->room_webhook->allowed(
      request.client_id, request.user_id, grant.metadata, std::move(asked),
      [reply, allowed = std::move(allowed)](const std::vector<std::string>& more) mutable {
        allowed.insert(allowed.end(), more.begin(), more.end());
        reply(std::move(allowed));
      });
}

bool Admission::may_publish(const ClientMessage& message, std::string_view room,
                            std::string_view event) const {
  if (!has_room_rules_.load(std::memory_order_relaxed)) return true;
  const auto rules = rules_.get();
  Grant made;
  const Grant& grant = grant_of(message.metadata, message.user_id, rules->dev, made);
  return rules->rooms.may_publish(grant, room, event);
}

}  // namespace wscast::program
