#pragma once

#include "serve_arguments.h"

namespace wscast::program {

/// Serves until SIGINT or SIGTERM and answers the exit code. Throws what start-up throws.
int serve(const ServeArguments& arguments);

}  // namespace wscast::program
