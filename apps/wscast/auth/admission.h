#pragma once

#include "wscast/hooks.h"

#include "auth/tokens.h"

namespace wscast::program {

/// Accepts any non-empty `data.token`, for --dev. The user is `data.userId`, or else the token;
/// every room is allowed.
void admit_anybody(Hooks& hooks);

/// Accepts a `data.token` that is in `tokens`, which has its user and its rooms.
void admit_by_tokens(Hooks& hooks, Tokens tokens);

}  // namespace wscast::program
