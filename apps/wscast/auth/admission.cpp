#include "auth/admission.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace wscast::program {
namespace {

/// What the server keeps of a grant.
Identity identity_of(Grant grant) {
  std::string user = grant.user_id;
  return {.user_id = std::move(user), .metadata = Metadata::of(std::move(grant))};
}

const Grant& grant_of(const Metadata& metadata) {
  static const Grant nothing;
  const Grant* grant = metadata.get<Grant>();
  return grant == nullptr ? nothing : *grant;
}

}  // namespace

void Admission::install(const std::shared_ptr<Admission>& admission, Hooks& hooks) {
  hooks.authenticate = [admission](const AuthenticateRequest& request,
                                   Reply<std::optional<Identity>> reply) {
    const auto rules = admission->rules_.get();
    rules->method->authenticate(request, [reply = std::move(reply)](std::optional<Grant> grant) {
      reply(grant ? std::optional(identity_of(std::move(*grant))) : std::nullopt);
    });
  };
  hooks.validate_rooms = [admission](const ValidateRoomsRequest& request) {
    const auto rules = admission->rules_.get();
    const Grant& grant = grant_of(request.metadata);
    std::vector<std::string> allowed;
    std::ranges::copy_if(request.rooms, std::back_inserter(allowed), [&](const std::string& room) {
      return rules->rooms.decide(grant, room).join == RoomRule::Join::yes;
    });
    return allowed;
  };
}

bool Admission::may_publish(const ClientMessage& message, std::string_view room,
                            std::string_view event) const {
  return rules_.get()->rooms.may_publish(grant_of(message.metadata), room, event);
}

}  // namespace wscast::program
