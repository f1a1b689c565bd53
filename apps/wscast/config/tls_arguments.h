#pragma once

#include <string>
#include <vector>

#include "wscast/tls_options.h"

#include "config/naming.h"

namespace wscast::program {

/// The options of TLS, for all addresses of --listen-tls.
struct TlsArguments {
  TlsOptions options;  ///< Without certificates.
  std::vector<std::string> certificates;
  std::vector<std::string> keys;
  std::string min_version = "1.2";

  /// Whether an option was given that means nothing without --listen-tls; its path, or empty.
  std::string option_given() const;

  /// What does not fit together, one sentence each. `dev`: --dev was given.
  std::vector<std::string> faults(bool dev, const Naming& name) const;

  /// Only if there are no faults.
  TlsOptions read() const;
};

}  // namespace wscast::program
