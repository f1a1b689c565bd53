#include "auth/jwt/jwt_rejection.h"

#include <array>

namespace wscast::program {
namespace {

struct Words {
  std::string_view name;
  std::string_view text;
};

/// In the order of JwtRejection.
constexpr std::array<Words, kJwtRejectionReasons> kWords = {{
    {"missing", "there is no token"},
    {"too_long", "too long"},
    {"malformed", "malformed"},
    {"algorithm", "its algorithm is not allowed"},
    {"extension", "its header has crit, zip or b64"},
    {"unknown_key", "there is no key for it"},
    {"signature", "wrong signature"},
    {"claim_type", "a claim has the wrong type"},
    {"no_expiry", "it has no exp"},
    {"expired", "expired"},
    {"not_yet_valid", "not yet valid"},
    {"issued_in_future", "issued in the future"},
    {"issuer", "wrong issuer"},
    {"audience", "wrong audience"},
    {"no_user", "it names no user"},
}};

}  // namespace

std::string_view text_of(JwtRejection rejection) {
  return kWords[static_cast<std::size_t>(rejection)].text;
}

std::string_view name_of(JwtRejection rejection) {
  return kWords[static_cast<std::size_t>(rejection)].name;
}

}  // namespace wscast::program
