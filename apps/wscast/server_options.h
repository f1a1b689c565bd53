#pragma once

#include "wscast/server_options.h"

#include "serve_arguments.h"

namespace wscast::program {

/// The library's options; broker and hooks are still missing.
ServerOptions server_options(const ServeArguments& arguments);

}  // namespace wscast::program
