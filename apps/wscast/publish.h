#pragma once

#include "wscast/hooks.h"
#include "wscast/server.h"

namespace wscast::program {

/// The event by which a client talks to its rooms: `{"room":...,"event":...,"data":...}`.
inline constexpr std::string_view kPublish = "publish";

/// Passes a member's `publish` on to the other members of its room. What is malformed, names an
/// event of the protocol's own, or comes from no member is dropped and logged.
void publish(Server& server, const ClientMessage& message);

}  // namespace wscast::program
