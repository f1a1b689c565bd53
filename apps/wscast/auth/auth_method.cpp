#include "auth/auth_method.h"

#include "wscast/json_fields.h"

namespace wscast::program {

std::string token_in(const AuthenticateRequest& request) {
  const auto fields = JsonFields::of(request.data);
  return fields ? fields->string("token").value_or("") : "";
}

}  // namespace wscast::program
