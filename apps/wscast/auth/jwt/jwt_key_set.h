#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "auth/jwt/compact_jws.h"
#include "auth/jwt/jwt_key.h"

namespace wscast::program {

/// A text and where it is from, for messages: the name of its file, or of what else holds it.
struct NamedText {
  std::string name;
  std::string text;
};

/// What the keys are made from, as texts. Each may be missing.
struct JwtKeySources {
  std::vector<NamedText> secrets{};  ///< Taken as they are, not decoded. Never in a message.
  std::vector<NamedText> pems{};     ///< Each a public key or a certificate.
  std::optional<NamedText> jwks{};   ///< A JSON Web Key Set (RFC 7517).

  /// Whether the set was fetched rather than read from a file. A secret in it is not used: who can
  /// fetch it could sign tokens.
  bool jwks_is_public = false;
};

/// The keys that verify tokens. Immutable; any thread.
class JwtKeySet {
 public:
  /// How many keys there may be: a token is tried with each that fits.
  static constexpr std::size_t kMaxKeys = 32;

  static constexpr std::size_t kMaxJwksBytes = 256 * 1024;

  /// A key set, or all that is wrong: one sentence each, which names the source.
  struct Built {
    std::shared_ptr<const JwtKeySet> keys{};  ///< Null if there is a fault.
    std::vector<std::string> faults{};
    std::vector<std::string>
        warnings{};  ///< Keys of a JSON Web Key Set that are not used, and why.
  };
  static Built build(const JwtKeySources& sources);

  /// Without keys: verifies no token.
  JwtKeySet() = default;

  std::size_t size() const { return keys_.size(); }

  /// std::nullopt if a key that fits made the signature.
  std::optional<JwtRejection> verify(const CompactJws& jws) const;

 private:
  class Builder;

  std::vector<JwtKey> keys_;
};

}  // namespace wscast::program
