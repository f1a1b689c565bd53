#pragma once

#include "config/configuration.h"

namespace wscast::program {

/// Serves until SIGINT or SIGTERM. Returns the exit code; throws if it cannot start:
/// ConfigurationError when something is wrong with `sources`.
int serve(const ConfigurationSources& sources);

}  // namespace wscast::program
