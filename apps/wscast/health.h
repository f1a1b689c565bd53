#pragma once

#include <chrono>
#include <string>

namespace CLI {  // NOLINT(readability-identifier-naming): not our name.
class App;
}

namespace wscast::program {

/// The arguments of `wscast health`.
struct HealthArguments {
  std::string url = "http://127.0.0.1:8080/health";
  std::chrono::milliseconds timeout{5'000};
  std::string ca_file;  ///< Who must have signed the server's certificate; empty: the system's CAs.
};

/// Adds the flags of `health` to `app`; `arguments` is filled when it parses, and must outlive it.
void add_health_flags(CLI::App& app, HealthArguments& arguments);

/// Sends a request to a server and prints the first line of the response. Returns the exit code: 0
/// if the status is 200, else 1, also without a response. Throws if the URL is invalid.
int health(const HealthArguments& arguments);

}  // namespace wscast::program
