#pragma once

#include <chrono>
#include <string>

#include "wscast/hooks.h"

#include "base/clock.h"
#include "protocol/envelope.h"
#include "session/disconnect_reason.h"
#include "session/hook_results.h"

namespace wscast::session {

/// What the result of the authenticate hook means for the client.
struct CheckedIdentity {
  Identity* identity = nullptr;              ///< In the result. Null: the client is rejected,
  const DisconnectReason* reason = nullptr;  ///< for this.
  bool invalid_result = false;  ///< The result was not UTF-8, and counted as a throw (M16).
};

/// The `data` of an `authenticate` message for the hook, a JSON text; `{}` if it has none (M4).
std::string data_for_hook(const protocol::Envelope& envelope);

/// Validates the result of the authenticate hook (protocol.md O4, O5, M16, X4).
CheckedIdentity check_identity(AuthenticateResult& result);

/// The time `duration` after `time`; SteadyTime::max() if that is past the clock's end.
SteadyTime later(SteadyTime time, std::chrono::milliseconds duration);

/// When an identity that was made at `now` expires; SteadyTime::max(): never.
SteadyTime expiry_of(const Identity& identity, SteadyTime now);

}  // namespace wscast::session
