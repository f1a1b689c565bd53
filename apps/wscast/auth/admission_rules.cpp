#include "auth/admission_rules.h"

#include <string>

#include "auth/dev_authentication.h"
#include "auth/token_authentication.h"
#include "auth/tokens.h"

namespace wscast::program {
namespace {

std::shared_ptr<AuthMethod> auth_method(const ServeArguments& arguments) {
  const std::string mode = arguments.effective_auth_mode();
  if (mode == "dev") return std::make_shared<DevAuthentication>();
  return std::make_shared<TokenAuthentication>(Tokens::read(arguments.tokens_file));
}

}  // namespace

std::shared_ptr<const AdmissionRules> admission_rules(const ServeArguments& arguments) {
  return std::make_shared<const AdmissionRules>(
      AdmissionRules{.method = auth_method(arguments), .rooms = RoomRules(arguments.rooms)});
}

}  // namespace wscast::program
