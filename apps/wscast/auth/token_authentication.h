#pragma once

#include <utility>

#include "auth/auth_method.h"
#include "auth/tokens.h"

namespace wscast::program {

/// Accepts a `data.token` that is in a file of tokens, which has its user and its rooms.
class TokenAuthentication final : public AuthMethod {
 public:
  explicit TokenAuthentication(Tokens tokens) : tokens_(std::move(tokens)) {}

  void authenticate(const AuthenticateRequest& request, Done done) override {
    done(tokens_.find(token_in(request)));
  }

 private:
  const Tokens tokens_;
};

}  // namespace wscast::program
