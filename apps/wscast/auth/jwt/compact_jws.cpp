#include "auth/jwt/compact_jws.h"

#include <algorithm>
#include <array>
#include <variant>

#include "auth/jwt/json_tree.h"
#include "auth/jwt/libjose.h"

namespace wscast::program {
namespace {

/// Splits at the dots; false unless there are exactly two, and something on either side of the
/// first.
bool split(std::string_view token, CompactJws& into) {
  if (std::ranges::count(token, '.') != 2) return false;
  const std::size_t first = token.find('.');
  const std::size_t second = token.find('.', first + 1);
  into.header = token.substr(0, first);
  into.payload = token.substr(first + 1, second - first - 1);
  into.signature = token.substr(second + 1);
  return decode_base64url(into.header) && decode_base64url(into.payload) &&
         decode_base64url(into.signature);
}

bool has_extension(const json_t* header) {
  constexpr std::array kNames = {"crit", "zip", "b64"};
  return std::ranges::any_of(
      kNames, [header](const char* name) { return json_object_get(header, name) != nullptr; });
}

bool is_string_or_absent(const json_t* value) {
  return value == nullptr || json_is_string(value);
}

std::optional<JwtRejection> read_header(const json_t* header, CompactJws& into) {
  if (has_extension(header)) return JwtRejection::extension;
  const json_t* const key_id = json_object_get(header, "kid");
  if (!is_string_or_absent(key_id) || !is_string_or_absent(json_object_get(header, "typ"))) {
    return JwtRejection::malformed;
  }
  into.key_id = json_string_of(key_id);
  const auto name = json_string_of(json_object_get(header, "alg"));
  const auto algorithm = name ? jwt_algorithm_named(*name) : std::nullopt;
  if (!algorithm) return JwtRejection::algorithm;
  into.algorithm = *algorithm;
  return std::nullopt;
}

}  // namespace

JwtResult<CompactJws> parse_compact_jws(std::string_view token) {
  if (token.empty()) return JwtRejection::missing;
  if (token.size() > kMaxJwtBytes) return JwtRejection::too_long;
  CompactJws jws;
  if (!split(token, jws)) return JwtRejection::malformed;
  const JsonTree header = parse_json_object(*decode_base64url(jws.header));
  if (!header) return JwtRejection::malformed;
  if (const auto rejection = read_header(header.get(), jws)) return *rejection;
  return jws;
}

}  // namespace wscast::program
