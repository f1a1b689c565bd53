#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "auth/jwt/jwt_algorithm.h"
#include "auth/jwt/jwt_rejection.h"

namespace wscast::program {

/// The longest token that is looked at.
inline constexpr std::size_t kMaxJwtBytes = 8 * 1024;

/// A signed token (RFC 7515 section 7.1) whose header is acceptable; its signature is not verified.
/// The views are into the token.
struct CompactJws {
  std::string_view header{};  ///< As the token has it: in base64url.
  std::string_view payload{};
  std::string_view signature{};
  JwtAlgorithm algorithm{};             ///< What the header claims; the key decides.
  std::optional<std::string> key_id{};  ///< `kid`
};

/// Splits a token and reads its header. `jwk`, `jku`, `x5c` and `x5u` in it are ignored: a token
/// does not say which key to trust.
JwtResult<CompactJws> parse_compact_jws(std::string_view token);

}  // namespace wscast::program
