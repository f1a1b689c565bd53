// The wscast program: one subcommand a file.

#include <exception>
#include <iostream>

#include <CLI/CLI.hpp>

#include "serve.h"

namespace {

/// A call that cannot be carried out as given; 0 stays for success, 1 for failures at work.
constexpr int kBadUsage = 2;

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"wscast: real-time messaging over WebSocket", "wscast"};
  app.set_version_flag("--version", "wscast " WSCAST_VERSION);
  app.require_subcommand(1);
  wscast::program::ServeArguments serve_arguments;
  CLI::App* serve = wscast::program::add_serve(app, serve_arguments);

  try {
    app.parse(argc, argv);
    if (serve->parsed()) return wscast::program::serve(serve_arguments);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kBadUsage;
  } catch (const std::exception& error) {
    std::cerr << "wscast: " << error.what() << "\n";
    return kBadUsage;
  }
  return kBadUsage;
}
