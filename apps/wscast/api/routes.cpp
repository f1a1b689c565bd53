#include "api/client_calls.h"
#include "api/publish_call.h"
#include "api/room_calls.h"
#include "api/route.h"
#include "api/status_calls.h"

// All calls of the HTTP API.
namespace wscast::program {
namespace {

const auto kRoutes = std::to_array<Route>({
    {.method = "POST",
     .path = "/api/v1/publish",
     .scope = Scope::publish,
     .summary = "Send a message, or several, to clients of all servers",
     .body = kPublishFields,
     .handle = handle_publish},
    {.method = "GET",
     .path = "/api/v1/clients",
     .scope = Scope::read,
     .summary = "The clients of this server, in the order of their ids",
     .paged = true,
     .handle = handle_get_clients},
    {.method = "GET",
     .path = "/api/v1/clients/{id}",
     .scope = Scope::read,
     .summary = "A client of this server",
     .handle = handle_get_client},
    {.method = "POST",
     .path = "/api/v1/clients/{id}/disconnect",
     .scope = Scope::admin,
     .summary = "Disconnect a client of this server",
     .body = kDisconnectFields,
     .handle = handle_disconnect_client},
    {.method = "GET",
     .path = "/api/v1/users/{id}",
     .scope = Scope::read,
     .summary = "The clients of a user on this server",
     .handle = handle_get_user},
    {.method = "POST",
     .path = "/api/v1/users/{id}/disconnect",
     .scope = Scope::admin,
     .summary =
         "Disconnect the clients of a user on this server, and refuse it for a time if asked",
     .body = kDisconnectUserFields,
     .handle = handle_disconnect_user},
    {.method = "GET",
     .path = "/api/v1/rooms",
     .scope = Scope::read,
     .summary = "The rooms that clients of this server are in, in the order of their names",
     .paged = true,
     .handle = handle_get_rooms},
    {.method = "GET",
     .path = "/api/v1/rooms/{room}",
     .scope = Scope::read,
     .summary = "A room, and its members on this server",
     .paged = true,
     .handle = handle_get_room},
    {.method = "POST",
     .path = "/api/v1/rooms/{room}/join",
     .scope = Scope::admin,
     .summary = "Let a client, or the clients of a user, of this server join a room",
     .body = kMembershipFields,
     .handle = handle_join},
    {.method = "POST",
     .path = "/api/v1/rooms/{room}/leave",
     .scope = Scope::admin,
     .summary = "Let a client, or the clients of a user, of this server leave a room",
     .body = kMembershipFields,
     .handle = handle_leave},
    {.method = "GET",
     .path = "/api/v1/stats",
     .scope = Scope::read,
     .summary = "The state and the counters of this server",
     .handle = handle_get_stats},
    {.method = "GET",
     .path = "/metrics",
     .scope = Scope::read,
     .summary = "Metrics of this server in Prometheus' text format",
     .handle = handle_get_metrics},
    {.method = "GET",
     .path = "/api/openapi.json",
     .scope = std::nullopt,
     .summary = "This description",
     .handle = handle_get_openapi},
});

}  // namespace

std::span<const Route> routes() {
  return kRoutes;
}

}  // namespace wscast::program
