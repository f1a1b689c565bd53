#pragma once

#include <chrono>
#include <stdexcept>
#include <string>

#include "arguments.h"

namespace wscast::bench {

/// How long a load waits for a server that does nothing.
inline constexpr std::chrono::seconds kPatience{20};

/// The server did what it must not; what() says what. Ends the program with status 1.
struct LoadFailure : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Each prints its result; throws LoadFailure.
void run_attack(const Arguments& arguments);
void run_soak(const Arguments& arguments);
void run_cluster(const Arguments& arguments);

}  // namespace wscast::bench
