#pragma once

#include <array>

#include "api/route.h"

namespace wscast::program {

/// One message.
inline constexpr std::array kMessageFields = {
    BodyField{"room", BodyField::Type::text, "Its members get the message"},
    BodyField{"user", BodyField::Type::text, "Instead of a room: all clients of this user"},
    BodyField{"client", BodyField::Type::text, "Instead of a room: the client of this id"},
    BodyField{"all", BodyField::Type::any, "Instead of a room: true, for everybody"},
    BodyField{"event", BodyField::Type::text, "The event of the message"},
    BodyField{"data", BodyField::Type::any, "Its data; null without it"},
    BodyField{"exclude", BodyField::Type::texts,
              "Ids of clients that do not get it; only with room or all"},
};

/// One message, or several.
inline constexpr std::array kPublishFields = {
    kMessageFields[0],
    kMessageFields[1],
    kMessageFields[2],
    kMessageFields[3],
    kMessageFields[4],
    kMessageFields[5],
    kMessageFields[6],
    BodyField{"messages", BodyField::Type::objects,
              "Instead of one message: several, at most 1,000, each with the fields above"},
    BodyField{"idempotencyKey", BodyField::Type::text,
              "A repeat with this key within 5 minutes is not sent again, but gets the response of "
              "the first"},
};

/// Sends messages to clients of all servers: `{"accepted":n,"backplane":...}`, n for this server;
/// 503 with `{"local":n,"backplane":"down"}` when other servers did not, or may not, get it.
void handle_publish(const ApiCall& call, const Respond& respond);

}  // namespace wscast::program
