#pragma once

#include "wscast/hooks.h"
#include "wscast/server.h"

namespace wscast::program {

/// The event by which a client talks to its rooms:
/// `{"event":"publish","data":{"room":...,"event":...,"data"?:...,"echo"?:true},"id"?:...}`.
inline constexpr std::string_view kPublish = "publish";

/// Passes a member's `publish` on to the other members of its room, with `echo` to itself too. A
/// message with an `id` is answered with an `ack` that has the same id: `{"ok":true,"delivered":n,
/// "backplane":...}`, the sender not counted, or `{"ok":false,"error":...}`.
void publish(Server& server, const ClientMessage& message);

}  // namespace wscast::program
