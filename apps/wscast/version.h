#pragma once

#include <chrono>
#include <string>

namespace wscast::program {

/// Returns what `wscast --version` prints: version, commit, build type, and the libraries built
/// with.
std::string version();

/// Such as `0.1.0`.
std::string version_number();

/// When the commit was made that this is built from; without one, when the build was configured.
std::chrono::system_clock::time_point build_time();

}  // namespace wscast::program
