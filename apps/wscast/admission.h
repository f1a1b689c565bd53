#pragma once

#include "wscast/hooks.h"

#include "tokens.h"

namespace wscast::program {

/// With --dev: any non-empty `data.token` will do; the user is `data.userId`, or else the token.
/// Every room is allowed.
void admit_anybody(Hooks& hooks);

/// A `data.token` that `tokens` knows will do; the user and the rooms are what they say.
void admit_by_tokens(Hooks& hooks, Tokens tokens);

}  // namespace wscast::program
