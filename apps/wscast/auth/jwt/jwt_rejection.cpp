#include "auth/jwt/jwt_rejection.h"

#include <array>

namespace wscast::program {
namespace {

/// In the order of JwtRejection.
constexpr std::array<std::string_view, kJwtRejections> kTexts = {
    "there is no token",
    "too long",
    "malformed",
    "its algorithm is not allowed",
    "its header has crit, zip or b64",
    "there is no key for it",
    "wrong signature",
    "a claim has the wrong type",
    "it has no exp",
    "expired",
    "not yet valid",
    "issued in the future",
    "wrong issuer",
    "wrong audience",
    "it names no user",
};

}  // namespace

std::string_view text_of(JwtRejection rejection) {
  return kTexts[static_cast<std::size_t>(rejection)];
}

}  // namespace wscast::program
