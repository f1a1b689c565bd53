#include "auth/tokens_authentication.h"

#include <utility>

namespace wscast::program {

TokensAuthentication::TokensAuthentication(Tokens tokens)
    : tokens_(std::make_shared<const Tokens>(std::move(tokens))) {}

void TokensAuthentication::authenticate(const AuthenticateRequest& request, Done done) {
  std::unique_lock lock(mutex_);
  const auto tokens = tokens_;
  lock.unlock();
  done(tokens->find(token_in(request)));
}

void TokensAuthentication::replace(Tokens tokens) {
  auto replaced = std::make_shared<const Tokens>(std::move(tokens));
  const std::lock_guard lock(mutex_);
  tokens_.swap(replaced);
}

}  // namespace wscast::program
