#pragma once

#include "wscast/server_options.h"

#include "serve_arguments.h"

namespace wscast::program {

/// The library's options; broker and hooks are still missing.
ServerOptions server_options(const ServeArguments& arguments);

/// One of them: how to write to clients.
Io io_option(const ServeArguments& arguments);

}  // namespace wscast::program
