#pragma once

#include <chrono>
#include <string>

namespace CLI {  // NOLINT(readability-identifier-naming): not our name.
class App;
}

namespace wscast::program {

/// What `wscast health` was asked for.
struct HealthArguments {
  std::string url = "http://127.0.0.1:8080/health";
  std::chrono::milliseconds timeout{5'000};
};

/// Adds the flags of `health` to `app`; `arguments` is filled when it parses, and must outlive it.
void add_health_flags(CLI::App& app, HealthArguments& arguments);

/// Asks a server how it is, says what it answered, and answers the exit code: 0 when it is well, 1
/// when it is not or cannot be asked. Throws when the address is none.
int health(const HealthArguments& arguments);

}  // namespace wscast::program
