#pragma once

#include <string>
#include <vector>

#include "wscast/drain_options.h"
#include "wscast/listen_options.h"
#include "wscast/server_options.h"

#include "redis_flags.h"
#include "tls_flags.h"

namespace CLI {  // NOLINT(readability-identifier-naming): not our name.
class App;
}

namespace wscast::program {

/// Where `serve` listens without --listen.
inline constexpr const char* kDefaultEndpoint = "127.0.0.1:8080";

/// The arguments of `wscast serve`.
struct ServeArguments {
  /// The options of flags, with the program's defaults; hooks and broker are still missing.
  ServerOptions options;

  RedisArguments redis;  ///< Without a URL: a single server.
  std::vector<std::string> endpoints;
  ListenOptions listen;  ///< For all endpoints; without `tls`.
  std::vector<std::string> tls_endpoints;
  TlsArguments tls;
  std::string tokens_file;  ///< Empty: no file.
  DrainOptions drain;       ///< For SIGTERM.
  bool dev = false;
  bool console = false;
  std::string encryption = "off";
  std::string log_level = "info";
  std::string log_format = "text";
};

/// Adds the flags of `serve` to `app`; `arguments` is filled when it parses, and must outlive it.
void add_serve_flags(CLI::App& app, ServeArguments& arguments);

}  // namespace wscast::program
