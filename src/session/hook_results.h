#pragma once

#include <variant>

#include "wscast/hooks.h"

namespace wscast::session {

/// A hook rejected the client, or threw.
struct Refused {};
struct Threw {};

using AuthenticateResult = std::variant<Identity, Refused, Threw>;
using HandshakeResult = std::variant<HandshakeKeys, Refused, Threw>;

/// The outbound transformer leaves the message as it is.
struct Unchanged {};

/// What to send instead of a message (protocol.md E3); nothing if the transformer threw.
using TransformResult = std::variant<Transformed, Unchanged, Threw>;

}  // namespace wscast::session
