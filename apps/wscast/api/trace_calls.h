#pragma once

#include <array>

#include "api/merge.h"
#include "api/route.h"

namespace wscast::program {

/// Which messages a trace follows.
inline constexpr std::array kTraceFields = {
    BodyField{"id", BodyField::Type::text,
              "Of the trace, chosen by the caller: 1 to 64 letters, digits, `-` and `_`"},
    BodyField{"room", BodyField::Type::text, "Messages to this room"},
    BodyField{"user", BodyField::Type::text, "Messages that the clients of this user receive"},
    BodyField{"client", BodyField::Type::text, "Messages that this client receives"},
    BodyField{"messages", BodyField::Type::number,
              "The trace of a server ends after so many: 1 to 1,000; 10 without it"},
    BodyField{"seconds", BodyField::Type::number,
              "It ends after this time: 1 to 600; 60 without it"},
};

void handle_start_trace(const ApiCall& call, const Respond& respond);
void handle_get_trace(const ApiCall& call, const Respond& respond);
void handle_stop_trace(const ApiCall& call, const Respond& respond);

/// The started trace, and the servers that do not follow it.
ApiResponse merge_started(const Gathered& gathered);

/// What all servers have noted, by time.
ApiResponse merge_trace(const Gathered& gathered);

}  // namespace wscast::program
