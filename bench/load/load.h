#pragma once

#include <chrono>
#include <stdexcept>
#include <string>

#include "arguments.h"

namespace wscast::bench {

/// How long a load waits for a server that does nothing.
inline constexpr std::chrono::seconds kPatience{20};

/// Runs before measuring, so that caches, buffers and the server's heap have settled.
inline constexpr std::chrono::milliseconds kWarmUp{200};

/// The server did what it must not; what() says what. Ends the program with status 1.
struct LoadFailure : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Each prints its result; throws LoadFailure.
void run_echo(const Arguments& arguments);
void run_fanout(const Arguments& arguments);
void run_idle(const Arguments& arguments);
void run_redis(const Arguments& arguments);
void run_attack(const Arguments& arguments);
void run_soak(const Arguments& arguments);
void run_cluster(const Arguments& arguments);
void run_paced(const Arguments& arguments);

}  // namespace wscast::bench
