#pragma once

#include <array>

#include "api/route.h"

namespace wscast::program {

/// Who joins or leaves a room.
inline constexpr std::array kMembershipFields = {
    BodyField{"client", BodyField::Type::text, "The client of this id"},
    BodyField{"user", BodyField::Type::text, "Instead of a client: all clients of this user"},
};

void handle_get_rooms(const ApiCall& call, const Respond& respond);
void handle_get_room(const ApiCall& call, const Respond& respond);
void handle_join(const ApiCall& call, const Respond& respond);
void handle_leave(const ApiCall& call, const Respond& respond);

}  // namespace wscast::program
