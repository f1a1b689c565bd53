#include "auth/dev_authentication.h"

#include <string>
#include <utility>

#include "wscast/json_fields.h"

namespace wscast::program {

void DevAuthentication::authenticate(const AuthenticateRequest& request, Done done) {
  std::string token = token_in(request);
  if (token.empty()) return done(std::nullopt);
  auto user = JsonFields::of(request.data)->string("userId");
  if (!user || user->empty()) user = std::move(token);
  done(Grant{.user_id = std::move(*user), .room_patterns = {"*"}});
}

}  // namespace wscast::program
