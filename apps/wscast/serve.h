#pragma once

#include "serve_arguments.h"

namespace wscast::program {

/// Serves until SIGINT or SIGTERM. Returns the exit code; throws if it cannot start.
int serve(const ServeArguments& arguments);

}  // namespace wscast::program
