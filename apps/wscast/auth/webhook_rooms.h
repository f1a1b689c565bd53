#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/webhook_call.h"

namespace wscast::program {

/// Lets the team's backend decide which rooms a client may join: POSTs
/// `{"clientId","userId","metadata","rooms":[...]}`. Status 200 with `{"rooms":[...]}` allows those
/// of the rooms; anything else is a failure, which allows none.
class WebhookRooms {
 public:
  using Done = std::function<void(std::vector<std::string>)>;

  /// `client` must outlive this. Throws std::invalid_argument that names everything wrong with the
  /// options.
  WebhookRooms(HttpClient& client, const WebhookAuthOptions& options);

  /// Calls `done` once with the allowed rooms, during the call or later, on any thread. `metadata`
  /// is a JSON object. Any thread.
  void allowed(std::string_view client_id, std::string_view user_id, std::string_view metadata,
               std::vector<std::string> rooms, Done done);

  /// Joins that could not be decided on.
  std::uint64_t failures() const { return call_.failures(); }

 private:
  WebhookCall call_;
};

}  // namespace wscast::program
