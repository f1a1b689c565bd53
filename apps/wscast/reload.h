#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "wscast/server.h"

#include "auth/admission.h"
#include "config/configuration.h"

namespace wscast::program {

/// Reads the configuration again and applies what can change while clients are connected: tokens,
/// keys, rules of rooms, certificates, the log level. What is wrong with it is logged, a line each,
/// and nothing is changed then. One thread at a time.
class Reload {
 public:
  /// `current`: what the server was started with.
  Reload(ConfigurationSources sources, std::shared_ptr<const Configuration> current,
         std::shared_ptr<Admission> admission, const std::shared_ptr<Server>& server)
      : sources_(std::move(sources)),
        started_(std::move(current)),
        current_(started_),
        admission_(std::move(admission)),
        server_(server) {}

  /// Whether there is anything to read again: a file.
  bool anything() const;

  void run();

 private:
  void apply(const std::shared_ptr<const Configuration>& next);

  const ConfigurationSources sources_;
  const std::shared_ptr<const Configuration> started_;
  std::shared_ptr<const Configuration> current_;
  const std::shared_ptr<Admission> admission_;
  const std::weak_ptr<Server> server_;
};

/// The paths of options whose values differ: only those that a reload applies, or only the others.
std::vector<std::string> changes_between(const Configuration& before, const Configuration& after,
                                         bool reloadable);

}  // namespace wscast::program
