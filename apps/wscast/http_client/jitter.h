#pragma once

#include <functional>

namespace wscast::program {

/// Returns a source of numbers from 0 to 1, for spreading what would happen at once. Not for
/// secrets. One thread at a time.
std::function<double()> random_jitter();

}  // namespace wscast::program
