#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "auth/grant.h"

namespace wscast::program {

/// What is wrong with the JSON that a webhook returned, in a few words.
struct WebhookFault {
  std::string what;
};

/// Reads `{"userId":"...","metadata":{...},"rooms":["..."],"expiresIn":seconds}`. `userId` is
/// required; without `rooms` no room may be joined; without `expiresIn` it never expires, which
/// else is a whole number over 0. Other members are ignored, other types are faults.
std::variant<Grant, WebhookFault> read_webhook_grant(std::string_view body);

/// Reads `{"rooms":["..."]}` in the same way. Rooms that are not among `asked` are ignored.
std::variant<std::vector<std::string>, WebhookFault> read_webhook_rooms(
    std::string_view body, const std::vector<std::string>& asked);

}  // namespace wscast::program
