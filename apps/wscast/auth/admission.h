#pragma once

#include <memory>

#include "wscast/hooks.h"

#include "auth/auth_method.h"

namespace wscast::program {

/// Accepts any non-empty `data.token`, for --dev. The user is `data.userId`, or else the token;
/// every room is allowed.
void admit_anybody(Hooks& hooks);

/// Accepts whom `method` grants it, with the rooms of the grant.
void admit_by(Hooks& hooks, std::shared_ptr<AuthMethod> method);

}  // namespace wscast::program
