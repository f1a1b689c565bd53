#include "auth/admission.h"

#include <algorithm>
#include <iterator>
#include <memory>
#include <utility>

#include "wscast/json_fields.h"

#include "auth/auth_method.h"

namespace wscast::program {
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

void admit_by_tokens(Hooks& hooks, Tokens tokens) {
  const auto shared = std::make_shared<const Tokens>(std::move(tokens));
  hooks.authenticate = [shared](const AuthenticateRequest& request) -> std::optional<Identity> {
    auto grant = shared->find(token_in(request));
    if (!grant) return std::nullopt;
    std::string user = grant->user_id;
    return Identity{.user_id = std::move(user), .metadata = Metadata::of(std::move(*grant))};
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
