#pragma once

#include "auth/auth_method.h"

namespace wscast::program {

/// Accepts any non-empty `data.token`, for trying out. The user is `data.userId`, or else the
/// token; every room is its own.
class DevAuthentication final : public AuthMethod {
 public:
  void authenticate(const AuthenticateRequest& request, Done done) override;
};

}  // namespace wscast::program
