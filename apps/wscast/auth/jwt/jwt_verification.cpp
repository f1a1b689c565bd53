#include "auth/jwt/jwt_verification.h"

#include <algorithm>
#include <variant>

#include "auth/jwt/compact_jws.h"
#include "auth/jwt/jwt_claims.h"
#include "auth/jwt/libjose.h"

namespace wscast::program {
namespace {

bool is_allowed(JwtAlgorithm algorithm, const JwtOptions& options) {
  const auto& allowed = options.algorithms;
  return allowed.empty() || std::ranges::find(allowed, name_of(algorithm)) != allowed.end();
}

}  // namespace

JwtResult<Grant> verify_jwt(std::string_view token, const JwtKeySet& keys,
                            const JwtOptions& options, std::chrono::system_clock::time_point now) {
  const auto parsed = parse_compact_jws(token);
  if (const auto* rejection = std::get_if<JwtRejection>(&parsed)) return *rejection;
  const auto& jws = std::get<CompactJws>(parsed);
  if (!is_allowed(jws.algorithm, options)) return JwtRejection::algorithm;
  if (const auto rejection = keys.verify(jws)) return *rejection;
  return grant_of(decode_base64url(jws.payload).value(), options, now);
}

}  // namespace wscast::program
