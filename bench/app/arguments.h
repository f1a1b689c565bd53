#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "wscast/server_options.h"
#include "wscast/tls_options.h"

namespace CLI {  // NOLINT(readability-identifier-naming): not our name.
class App;
}

namespace wscast::bench {

/// What the command line asked for.
struct Arguments {
  std::vector<std::string> endpoints;
  std::vector<std::string> tls_endpoints;
  TlsOptions tls;
  ServerOptions server;  ///< Without hooks and broker.
  std::string redis;     ///< URL; empty: none.
  std::chrono::milliseconds hook_delay{0};
  std::chrono::milliseconds slow_event_delay{0};
};

/// Adds the options to `app`; `arguments` is filled when it parses.
void add_arguments(CLI::App& app, Arguments& arguments);

}  // namespace wscast::bench
