#pragma once

#include <string>

namespace wscast::program {

/// Returns what `wscast --version` prints: version, commit, build type, and the libraries built
/// with.
std::string version();

}  // namespace wscast::program
