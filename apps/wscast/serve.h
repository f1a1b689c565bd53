#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace wscast::program {

/// What `wscast serve` was asked for.
struct ServeArguments {
  std::vector<std::string> endpoints;
  std::string path;
  std::string log_level = "info";
  std::size_t shards = 0;
  std::uint64_t max_payload_length = 0;
  std::chrono::milliseconds auth_timeout{};
  std::chrono::milliseconds heartbeat_interval{};
  std::chrono::milliseconds heartbeat_timeout{};
  std::chrono::milliseconds idle_timeout{};
  bool dev = false;
};

/// Adds the subcommand to `app`; `arguments` is filled when it parses.
CLI::App* add_serve(CLI::App& app, ServeArguments& arguments);

/// Serves until SIGINT or SIGTERM and answers the exit code. Throws what start-up throws.
int serve(const ServeArguments& arguments);

}  // namespace wscast::program
