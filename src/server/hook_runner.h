#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "wscast/hooks.h"

#include "base/clock.h"
#include "base/counters.h"
#include "session/host.h"
#include "session/session.h"

namespace wscast::server {

/// Calls the application's hooks: catches what they throw, counts and logs it, and notices the slow
/// ones. Shard thread only.
class HookRunner {
 public:
  HookRunner(const Hooks& hooks, Counters& counters, const Clock& clock)
      : hooks_(hooks), counters_(counters), clock_(clock) {}

  const Hooks& hooks() const { return hooks_; }

  session::AuthenticateAnswer authenticate(const AuthenticateRequest& request);

  /// Nothing: the hook threw.
  std::optional<std::vector<std::string>> validate_rooms(const ValidateRoomsRequest& request);

  void message(const ClientMessage& message);
  void connected(const ClientEvent& client);
  void disconnected(const ClientEvent& client);

 private:
  bool run(const char* name, const std::function<void()>& call);

  const Hooks& hooks_;
  Counters& counters_;
  const Clock& clock_;
};

}  // namespace wscast::server
