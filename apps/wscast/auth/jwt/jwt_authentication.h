#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "auth/auth_method.h"
#include "auth/jwt/jwt_key_set.h"
#include "auth/jwt/jwt_options.h"
#include "auth/jwt/jwt_rejection.h"

namespace wscast::program {

/// Authenticates clients by JSON Web Tokens (RFC 7519). Its options and keys can be replaced while
/// clients authenticate; each token is verified by one set of both. Any thread.
class JwtAuthentication : public AuthMethod {
 public:
  using Clock = std::function<std::chrono::system_clock::time_point()>;

  /// Without keys, until the first replace() or replace_jwks(): it rejects every token. `options`
  /// must be valid.
  explicit JwtAuthentication(JwtOptions options, Clock clock = std::chrono::system_clock::now);

  /// Runs during the call. Logs why a token is rejected, at level debug.
  void authenticate(const AuthenticateRequest& request, Done done) override;

  /// Verifies from now on by these options and keys. Returns what is wrong with them, and then has
  /// changed nothing. Keys of a set that cannot be used are logged.
  std::vector<std::string> replace(JwtOptions options, JwtKeySources sources);

  /// The same for the JSON Web Key Set alone, which was fetched; secrets and PEM files stay.
  std::vector<std::string> replace_jwks(NamedText jwks);

  /// Sets what is called, by authenticate() and on its thread, when no key fits a token: the issuer
  /// may have a new one. Call it before the first authenticate().
  void on_unknown_key(std::function<void()> call) { on_unknown_key_ = std::move(call); }

  JwtRejections rejections() const override;

 private:
  /// What tokens are verified by. Immutable.
  struct State {
    JwtOptions options;
    std::shared_ptr<const JwtKeySet> keys;
  };

  std::shared_ptr<const State> state() const;
  std::vector<std::string> set(JwtOptions options, JwtKeySources sources);
  void reject(const AuthenticateRequest& request, JwtRejection rejection);

  const Clock clock_;
  std::function<void()> on_unknown_key_;
  std::array<std::atomic<std::uint64_t>, kJwtRejectionReasons> rejections_{};

  std::mutex replacing_;   // Held while keys are built.
  JwtKeySources sources_;  // Under replacing_.

  mutable std::mutex mutex_;  // Held to copy or set the pointer only.
  std::shared_ptr<const State> state_;
};

}  // namespace wscast::program
