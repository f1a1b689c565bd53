#pragma once

#include <functional>
#include <optional>

#include "wscast/hooks.h"

#include "auth/grant.h"

namespace wscast::program {

/// Decides who a client is by the `data` of its `authenticate`. Any thread.
class AuthMethod {
 public:
  /// std::nullopt: rejected.
  using Done = std::function<void(std::optional<Grant>)>;

  virtual ~AuthMethod() = default;

  /// Calls `done` once, during the call or later, on any thread. What it throws, before it called
  /// `done`, counts as a failure of the server (protocol.md O5).
  virtual void authenticate(const AuthenticateRequest& request, Done done) = 0;
};

/// The `token` in the `data` of an `authenticate`; empty if there is none.
std::string token_in(const AuthenticateRequest& request);

}  // namespace wscast::program
