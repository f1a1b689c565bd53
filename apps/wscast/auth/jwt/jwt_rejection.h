#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <variant>

namespace wscast::program {

/// Why a token is rejected. The client learns none of it (protocol.md O4).
enum class JwtRejection : std::uint8_t {
  missing,           ///< There is no token.
  too_long,          ///< It has more than kMaxJwtBytes.
  malformed,         ///< It is not three parts of base64url, or its JSON is not acceptable.
  algorithm,         ///< `alg` is missing, `none`, unknown, or not allowed by the options.
  extension,         ///< Its header has `crit`, `zip` or `b64`.
  unknown_key,       ///< No key has its `kid`, or none fits its algorithm.
  signature,         ///< None of the keys that fit made its signature.
  claim_type,        ///< A claim is not of its type, such as `exp` that is a string.
  no_expiry,         ///< It has no `exp`, and the options require one.
  expired,           ///< `exp` has passed.
  not_yet_valid,     ///< `nbf` is still to come.
  issued_in_future,  ///< `iat` is still to come.
  issuer,            ///< `iss` is missing or not the configured one.
  audience,          ///< `aud` is missing or names none of the configured ones.
  no_user,           ///< The claim that names the user is missing or empty.
  count_             ///< How many there are.
};

inline constexpr auto kJwtRejectionReasons = static_cast<std::size_t>(JwtRejection::count_);

/// How many tokens were rejected, by JwtRejection.
using JwtRejections = std::array<std::uint64_t, kJwtRejectionReasons>;

/// Returns the reason in a few words, for the log; nothing of the token.
std::string_view text_of(JwtRejection rejection);

/// Returns the reason in one word, for a label: as the enumerator.
std::string_view name_of(JwtRejection rejection);

/// What a step makes of a token, or why it rejects it.
template <class T>
using JwtResult = std::variant<T, JwtRejection>;

}  // namespace wscast::program
