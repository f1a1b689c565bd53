#pragma once

#include "wscast/hooks.h"
#include "wscast/server.h"

#include "delay_line.h"

namespace wscast::bench {

/// What a load tool may ask of any server, this one or the reference. Whoever names a token is
/// authenticated, as `data.userId` or else as the token, and may join every room. Events:
/// - `echo`: the sender gets it back, `{"event":"echo","data":...}`;
/// - `pub` `{"room":...}`: goes through send() to a room, a client id, or with `""` to everybody,
///   as `{"event":"bench","data":<the whole data>}`;
/// - `pubx` `{"room":...}`: the same through send_to_room(), without the sender.
///
/// `server` is looked at when the first event comes. With a `line` every decision takes its time.
Hooks handlers(const std::unique_ptr<Server>& server, DelayLine* line);

/// From now on the handler of the event `slow` does nothing, and takes the line's time for it.
void delay_slow_events(const std::unique_ptr<Server>& server, Hooks& hooks, DelayLine& line);

}  // namespace wscast::bench
