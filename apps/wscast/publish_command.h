#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api_client.h"
#include "exit_code.h"

namespace CLI {  // NOLINT(readability-identifier-naming): not our name.
class App;
}

namespace wscast::program {

/// The arguments of `wscast publish`.
struct PublishArguments {
  ApiAccess api{};
  std::string room{};
  std::string user{};
  std::string client{};
  bool all = false;
  std::string event{};
  std::string data{};  ///< JSON; `@FILE`; `-`: standard input; empty: none.
  std::vector<std::string> exclude{};
};

/// Adds the flags of `publish` to `app`; `arguments` is filled when it parses, and must outlive it.
void add_publish_flags(CLI::App& app, PublishArguments& arguments);

/// The body of the call (docs/api.md). Throws std::invalid_argument when the arguments do not name
/// one destination and an event, or `data` is not JSON.
std::string publish_body(const PublishArguments& arguments, std::string_view data);

/// What a response of the API means.
ExitCode publish_exit_code(int status, std::string_view body);

/// Publishes by the HTTP API, and prints the response. Returns the exit code. Throws if the
/// arguments cannot be used.
int publish(const PublishArguments& arguments);

}  // namespace wscast::program
