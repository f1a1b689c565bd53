#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/jwt/compact_jws.h"
#include "auth/jwt/json_tree.h"
#include "auth/jwt/jwt_algorithm.h"
#include "auth/jwt/public_key.h"

namespace wscast::program {

/// What is wrong with a secret for HMAC: the end of a sentence; empty: nothing. Never the secret.
std::string secret_fault(std::string_view secret);

/// A key that verifies tokens, and the algorithms that it is good for: they are fixed by the key,
/// never by the header of a token. Immutable; any thread.
class JwtKey {
 public:
  /// The bytes of a secret, for HS256, and for HS384 and HS512 if it is long enough.
  static KeyOrFault<JwtKey> from_secret(std::string_view secret);

  /// A public key or certificate: see public_key_of_pem().
  static KeyOrFault<JwtKey> from_pem(std::string_view pem);

  /// A key of a JSON Web Key Set (RFC 7517): `oct`, `RSA` or `EC`, for signatures and public. Its
  /// `alg` limits it to that algorithm.
  static KeyOrFault<JwtKey> from_jwk(const json_t* jwk);

  /// Whether the key is good for the algorithm, and is the one that the token names. A key of a set
  /// is named by its `kid`, or by none; a secret or a PEM file has no name, and fits any token.
  bool fits(const CompactJws& jws) const;

  bool verifies(const CompactJws& jws) const;

  std::vector<JwtAlgorithm> algorithms() const;

 private:
  struct Use {
    JwtAlgorithm algorithm;
    JsonTree jwk;  ///< With `alg`.
  };

  JwtKey(const json_t* jwk, const std::vector<JwtAlgorithm>& algorithms);

  const Use* use_for(JwtAlgorithm algorithm) const;

  std::vector<Use> uses_;
  std::optional<std::string> id_;
  bool is_of_set_ = false;
};

}  // namespace wscast::program
