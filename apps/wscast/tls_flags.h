#pragma once

#include <string>
#include <vector>

#include "wscast/tls_options.h"

namespace CLI {  // NOLINT(readability-identifier-naming): not our name.
class App;
}

namespace wscast::program {

/// The flags of TLS, for all addresses of --listen-tls.
struct TlsArguments {
  TlsOptions options;  ///< Without certificates.
  std::vector<std::string> certificates;
  std::vector<std::string> keys;
  std::string min_version = "1.2";

  /// Whether a flag was given that means nothing without --listen-tls; its name, or empty.
  std::string flag_given() const;

  /// Throws std::invalid_argument when flags do not fit together. `dev`: --dev was given.
  TlsOptions read(bool dev) const;
};

/// Adds the flags to `app`; `arguments` is filled when it parses, and must outlive it.
void add_tls_flags(CLI::App& app, TlsArguments& arguments);

}  // namespace wscast::program
