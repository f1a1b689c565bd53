#pragma once

#include <memory>
#include <mutex>

#include "auth/auth_method.h"
#include "auth/tokens.h"

namespace wscast::program {

/// Authenticates clients by the tokens of a file, which can be replaced meanwhile. Any thread.
class TokensAuthentication : public AuthMethod {
 public:
  explicit TokensAuthentication(Tokens tokens);

  /// Runs during the call.
  void authenticate(const AuthenticateRequest& request, Done done) override;

  void replace(Tokens tokens);

 private:
  std::mutex mutex_;  // Held to copy or set the pointer only.
  std::shared_ptr<const Tokens> tokens_;
};

}  // namespace wscast::program
