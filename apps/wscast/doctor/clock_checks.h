#pragma once

#include <chrono>

#include "doctor/finding.h"

namespace wscast::program {

/// Looks whether the clock is after the time of the build.
Finding check_clock(std::chrono::system_clock::time_point now,
                    std::chrono::system_clock::time_point built);

/// Looks by how much the clock of Redis is ahead of ours.
Finding check_redis_clock(std::chrono::milliseconds ahead);

}  // namespace wscast::program
