#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace wscast::program {

/// The signatures that are accepted (RFC 7518 section 3.1). `none` is not among them.
enum class JwtAlgorithm : std::uint8_t {
  hs256,
  hs384,
  hs512,
  rs256,
  rs384,
  rs512,
  ps256,
  es256,
  es384
};

/// Returns the name as a token's header spells it, such as `HS256`.
std::string_view name_of(JwtAlgorithm algorithm);

/// Compares exactly, upper and lower case included; std::nullopt for any other name.
std::optional<JwtAlgorithm> jwt_algorithm_named(std::string_view name);

/// Returns the names of all, separated by commas, for messages.
std::string_view jwt_algorithm_names();

/// Returns the HMAC algorithms for which a secret of `bytes` is long enough: at least as long as
/// the hash (RFC 7518 section 3.2).
std::vector<JwtAlgorithm> hmac_algorithms_for(std::size_t bytes);

}  // namespace wscast::program
