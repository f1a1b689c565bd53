#include "auth/admission.h"

#include <algorithm>
#include <iterator>
#include <memory>
#include <utility>

#include "wscast/json_fields.h"

#include "auth/auth_method.h"

namespace wscast::program {
namespace {

Identity identity_of(Grant grant) {
  std::string user = grant.user_id;
  // Here `grant.expires_in` is passed on, once an Identity can expire.
  return Identity{.user_id = std::move(user), .metadata = Metadata::of(std::move(grant))};
}

}  // namespace

void admit_anybody(Hooks& hooks) {
  hooks.authenticate = [](const AuthenticateRequest& request) -> std::optional<Identity> {
    std::string token = token_in(request);
    if (token.empty()) return std::nullopt;
    auto user = JsonFields::of(request.data)->string("userId");
    if (!user || user->empty()) user = std::move(token);
    return Identity{.user_id = std::move(*user)};
  };
  hooks.validate_rooms = [](const ValidateRoomsRequest& request) {
    return std::vector<std::string>(request.rooms.begin(), request.rooms.end());
  };
}

void admit_by(Hooks& hooks, std::shared_ptr<AuthMethod> method) {
  hooks.authenticate = [method = std::move(method)](const AuthenticateRequest& request,
                                                    const Reply<std::optional<Identity>>& reply) {
    method->authenticate(request, [reply](std::optional<Grant> grant) {
      reply(grant ? std::optional(identity_of(std::move(*grant))) : std::nullopt);
    });
  };
  hooks.validate_rooms = [](const ValidateRoomsRequest& request) {
    std::vector<std::string> allowed;
    const auto* grant = request.metadata.get<Grant>();
    std::ranges::copy_if(request.rooms, std::back_inserter(allowed),
                         [grant](const std::string& room) { return grant->allows(room); });
    return allowed;
  };
}

}  // namespace wscast::program
