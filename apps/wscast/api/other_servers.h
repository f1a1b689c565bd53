#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "wscast/hooks.h"
#include "wscast/server.h"

#include "api/http_exchange.h"
#include "api/merge.h"

namespace wscast::program {

/// Which servers a call concerns.
enum class Reach : std::uint8_t {
  here,   ///< The one that it is made to.
  owner,  ///< The one that has what it names: the others are called when this one has not.
  all,
  body,  ///< With a `client` in the body: owner, else all.
};

/// Carries calls of the HTTP API to the other servers that they concern, and serves the calls of
/// those (protocol.md X11). Thread of the API, unless noted.
class OtherServers : public std::enable_shared_from_this<OtherServers> {
 public:
  struct Parts {
    Server& server;

    /// Runs a task on the API's thread. Any thread.
    std::function<void(std::function<void()>)> post;

    /// Makes a call on this server alone, for a key of another one.
    std::function<void(const ApiRequest&, const std::string& key_name, const Respond&)> handle;
  };

  /// Before the server runs.
  void connect(Parts parts) { parts_ = std::make_unique<const Parts>(std::move(parts)); }

  /// A call that this server has responded to with `here`.
  struct Call {
    const ApiRequest& request;
    const std::string& key_name;
    Reach reach = Reach::here;
    Merge merge = nullptr;  ///< With Reach::all.
  };

  /// Completes it: calls the others, if it concerns them, and merges what they respond.
  void complete(const Call& call, ApiResponse here, const Respond& respond) const;

  /// Makes a call on another server alone, for its response.
  void forward(const std::string& server_id, const ApiRequest& request,
               const Respond& respond) const;

  /// The hook `server_call`. Any thread.
  void serve(const ServerCallRequest& call, const Reply<std::string>& reply) const;

 private:
  std::unique_ptr<const Parts> parts_;
};

}  // namespace wscast::program
