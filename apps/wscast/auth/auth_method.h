#pragma once

#include <functional>
#include <optional>
#include <string>
#include <variant>

#include "wscast/hooks.h"

#include "auth/grant.h"
#include "auth/jwt/jwt_rejection.h"

namespace wscast::program {

/// The decision could not be made.
struct AuthFailed {
  std::string why;  ///< For the log; no secrets.
};

/// Who the client is; std::nullopt: rejected (protocol.md O4); or a failure of the server (O5).
using AuthOutcome = std::variant<std::optional<Grant>, AuthFailed>;

/// Decides who a client is by the `data` of its `authenticate`. Any thread.
class AuthMethod {
 public:
  using Done = std::function<void(AuthOutcome)>;

  virtual ~AuthMethod() = default;

  /// Calls `done` once, during the call or later, on any thread. What it throws, before it called
  /// `done`, counts as AuthFailed.
  virtual void authenticate(const AuthenticateRequest& request, Done done) = 0;

  /// How many JSON Web Tokens it has rejected.
  virtual JwtRejections rejections() const { return {}; }
};

/// The `token` in the `data` of an `authenticate`; empty if there is none.
std::string token_in(const AuthenticateRequest& request);

}  // namespace wscast::program
