#pragma once

#include <chrono>
#include <string_view>

#include "auth/grant.h"
#include "auth/jwt/jwt_options.h"
#include "auth/jwt/jwt_rejection.h"

namespace wscast::program {

/// Whether RFC 7519 section 4.1 gives the claim its meaning: iss, sub, aud, exp, nbf, iat, jti.
bool is_registered_claim(std::string_view name);

/// Reads the claims of a token whose signature is verified, at the time `now`. The grant ends
/// when the token is no longer accepted: at `exp`, and the leeway.
JwtResult<Grant> grant_of(std::string_view payload, const JwtOptions& options,
                          std::chrono::system_clock::time_point now);

}  // namespace wscast::program
