#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include "api_client.h"

namespace wscast::program {

/// The arguments of `wscast trace`.
struct TraceArguments {
  ApiAccess api{};
  std::string room{};
  std::string user{};
  std::string client{};
  std::size_t messages = 10;
  std::chrono::milliseconds duration{60'000};
  bool json = false;
};

/// Adds the flags of `trace` to `app`; `arguments` is filled when it parses, and must outlive it.
void add_trace_flags(CLI::App& app, TraceArguments& arguments);

/// Follows messages by the HTTP API, and prints their steps as they come. Returns the exit code.
/// Throws if the arguments cannot be used.
int trace(const TraceArguments& arguments);

}  // namespace wscast::program
