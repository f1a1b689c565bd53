#pragma once

#include <array>

#include "api/route.h"

namespace wscast::program {

/// How a client is disconnected.
inline constexpr std::array kDisconnectFields = {
    BodyField{"code", BodyField::Type::number,
              "The close code: 1000, or 3000 to 4999; 1000 without it"},
    BodyField{"reason", BodyField::Type::text, "The reason, at most 123 bytes"},
};

/// How the clients of a user are disconnected.
inline constexpr std::array kDisconnectUserFields = {
    kDisconnectFields[0],
    kDisconnectFields[1],
    BodyField{"revokeSeconds", BodyField::Type::number,
              "Refuse the user for so long, on this server; then code and reason are those of a "
              "revoked user"},
};

void handle_get_clients(const ApiCall& call, const Respond& respond);
void handle_get_client(const ApiCall& call, const Respond& respond);
void handle_disconnect_client(const ApiCall& call, const Respond& respond);
void handle_get_user(const ApiCall& call, const Respond& respond);
void handle_disconnect_user(const ApiCall& call, const Respond& respond);

}  // namespace wscast::program
