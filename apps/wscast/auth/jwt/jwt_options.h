#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace wscast::program {

/// Which tokens authenticate a client, and what their claims mean. The keys are apart:
/// JwtKeySources.
struct JwtOptions {
  /// `iss` must be one of these. Empty, the default: any, or none.
  std::vector<std::string> issuers{};

  /// `aud`, a string or an array of strings, must have one of these. Empty, the default: any, or
  /// none; then a token that the issuer made for another service is accepted, too.
  std::vector<std::string> audiences{};

  /// The names of the algorithms to accept, such as `RS256`. Empty, the default: each one that a
  /// key is good for.
  std::vector<std::string> algorithms{};

  /// By how much the clocks of the issuer and of this server may differ: a token is accepted so
  /// much before `nbf` and `iat`, and after `exp`. 5 s by default; at most 5 minutes.
  std::chrono::seconds leeway{5};

  /// The claim that names the user, a string that is not empty.
  std::string user_claim = "sub";

  /// The claim with the rooms of the user, an array of strings in which `*` matches any characters.
  /// A token without it allows no room of its own.
  std::string rooms_claim = "rooms";

  /// The claim with the metadata, an object. Empty, the default: all claims but those that RFC 7519
  /// section 4.1 registers and the two above.
  std::string metadata_claim{};

  /// Whether a token must have an `exp`. Without one a token is good for ever: it cannot be taken
  /// back but by changing the key.
  bool require_expiry = true;

  /// All that is wrong, one sentence each.
  std::vector<std::string> validate() const;
};

}  // namespace wscast::program
