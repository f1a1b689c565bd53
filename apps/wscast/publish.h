#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "wscast/hooks.h"
#include "wscast/server.h"

#include "auth/admission.h"
#include "rooms/room_rate_limiter.h"

namespace wscast::program {

/// The event with which a client publishes to a room:
/// `{"event":"publish","data":{"room":...,"event":...,"data"?:...,"echo"?:true},"id"?:...}`.
inline constexpr std::string_view kPublish = "publish";

/// The longest key of a message for a room with history (protocol.md H10).
inline constexpr std::size_t kMaxPublishKeyBytes = 128;

/// Whether the event is one of the server's own, which must not be forged.
bool is_reserved(std::string_view event);

/// `{"offset":...,"epoch":...}`
std::string position_json(const Position& position);

/// What became of a message on its way to other servers, in a word.
std::string_view backplane_word(Backplane backplane);

/// Handles a `publish`: sends its event to the other members of the room, and with `echo` to the
/// sender too, which must be a member. To a message with an `id` it replies with an `ack` of the
/// same id: `{"ok":true,"delivered":n,"backplane":...}`, without the sender in n, or
/// `{"ok":false,"error":...}`. `admission` decides who may publish what, `room_rates` how
/// often. Returns whether it was accepted.
bool publish(Server& server, const Admission& admission, RoomRateLimiter& room_rates,
             const ClientMessage& message);

}  // namespace wscast::program
