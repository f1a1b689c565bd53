#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "wscast/server.h"

#include "api/api.h"
#include "api/https_context.h"
#include "auth/admission.h"
#include "config/configuration.h"
#include "rooms/room_rate_limiter.h"
#include "webhook/webhook_events.h"

namespace wscast::program {

/// What is given other options.
struct Reloaded {
  std::shared_ptr<HttpClient> client;  ///< Null: made when it is needed.
  std::shared_ptr<Admission> admission;
  std::shared_ptr<WebhookEvents> events;  ///< Null: none are sent.
  std::shared_ptr<RoomRateLimiter> room_rates;
  std::shared_ptr<Api> api;
  std::shared_ptr<HttpsContext> https;  ///< Null: the API has no TLS.
};

/// Reads the configuration again and applies what can change while clients are connected: tokens,
/// keys, also those of the API, revoked users, rules of rooms, certificates, the log level. What is
/// wrong with it is logged, a line each, and nothing is changed then. One thread at a time.
class Reload {
 public:
  /// `current`: what the server was started with.
  Reload(ConfigurationSources sources, std::shared_ptr<const Configuration> current,
         const std::shared_ptr<Server>& server, Reloaded parts)
      : sources_(std::move(sources)),
        started_(std::move(current)),
        current_(started_),
        server_(server),
        parts_(std::move(parts)) {}

  /// Whether there is anything to read again: a file.
  bool anything() const;

  void run();

 private:
  void reload_certificates(Server& server, const ServeArguments& arguments) const;
  void reload_events(const ServeArguments& arguments) const;
  void apply(const std::shared_ptr<const Configuration>& next);

  const ConfigurationSources sources_;
  const std::shared_ptr<const Configuration> started_;
  std::shared_ptr<const Configuration> current_;
  const std::weak_ptr<Server> server_;
  const Reloaded parts_;
};

/// The paths of options whose values differ: only those that a reload applies, or only the others.
std::vector<std::string> changes_between(const Configuration& before, const Configuration& after,
                                         bool reloadable);

}  // namespace wscast::program
