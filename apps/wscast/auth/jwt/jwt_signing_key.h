#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/jwt/json_tree.h"
#include "auth/jwt/jwt_algorithm.h"
#include "auth/jwt/public_key.h"

namespace wscast::program {

/// A key that signs tokens: a secret, or a private key.
class JwtSigningKey {
 public:
  static KeyOrFault<JwtSigningKey> from_secret(std::string_view secret);
  static KeyOrFault<JwtSigningKey> from_pem(std::string_view pem);

  /// The algorithms that it is good for, the usual one first.
  const std::vector<JwtAlgorithm>& algorithms() const { return algorithms_; }

  /// Returns the token. `key_id` becomes its `kid`. The key must be good for the algorithm.
  std::string sign(JwtAlgorithm algorithm, const std::optional<std::string>& key_id,
                   std::string_view payload) const;

 private:
  JwtSigningKey(JsonTree jwk, std::vector<JwtAlgorithm> algorithms)
      : jwk_(std::move(jwk)), algorithms_(std::move(algorithms)) {}

  JsonTree jwk_;
  std::vector<JwtAlgorithm> algorithms_;
};

}  // namespace wscast::program
