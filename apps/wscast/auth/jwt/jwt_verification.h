#pragma once

#include <chrono>
#include <string_view>

#include "auth/grant.h"
#include "auth/jwt/jwt_key_set.h"
#include "auth/jwt/jwt_options.h"
#include "auth/jwt/jwt_rejection.h"

namespace wscast::program {

/// Returns what a token grants at the time `now`, or why it is rejected: header, then signature,
/// then claims. Nothing in the payload is looked at before the signature is verified. Any thread.
JwtResult<Grant> verify_jwt(std::string_view token, const JwtKeySet& keys,
                            const JwtOptions& options, std::chrono::system_clock::time_point now);

}  // namespace wscast::program
