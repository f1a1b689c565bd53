#include "auth/admission_rules.h"

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "wscast/option_faults.h"

#include "auth/dev_authentication.h"
#include "auth/jwt/jwt_authentication.h"
#include "auth/token_authentication.h"
#include "auth/tokens.h"

namespace wscast::program {
namespace {

std::shared_ptr<AuthMethod> jwt_method(const ServeArguments& arguments) {
  std::vector<std::string> faults;
  JwtKeySources sources = arguments.jwt_keys.read(faults);
  if (!arguments.jwt_secret.empty()) {
    sources.secrets.push_back({.name = "auth.jwt.secret", .text = arguments.jwt_secret});
  }
  auto method = std::make_shared<JwtAuthentication>(arguments.jwt);
  if (faults.empty()) faults = method->replace(arguments.jwt, std::move(sources));
  if (!faults.empty()) throw std::runtime_error(joined_faults(faults));
  return method;
}

std::shared_ptr<AuthMethod> auth_method(const ServeArguments& arguments) {
  const std::string mode = arguments.effective_auth_mode();
  if (mode == "dev") return std::make_shared<DevAuthentication>();
  if (mode == "jwt") return jwt_method(arguments);
  return std::make_shared<TokenAuthentication>(Tokens::read(arguments.tokens_file));
}

}  // namespace

std::shared_ptr<const AdmissionRules> admission_rules(const ServeArguments& arguments) {
  return std::make_shared<const AdmissionRules>(
      AdmissionRules{.method = auth_method(arguments), .rooms = RoomRules(arguments.rooms)});
}

}  // namespace wscast::program
