#pragma once

#include <string>

namespace wscast::program {

/// Returns what `wscast --version` prints: version, commit, build type, and the libraries built
/// with.
std::string version();

/// Such as `0.1.0`.
std::string version_number();

}  // namespace wscast::program
