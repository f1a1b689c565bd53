#pragma once

#include <stdexcept>
#include <string>

#include "wscast/option_faults.h"

namespace wscast::program {

/// Returns `options`; throws std::invalid_argument that names everything wrong with them.
template <class Options>
const Options& validated(const Options& options) {
  const std::string faults = joined_faults(options.validate());
  if (!faults.empty()) throw std::invalid_argument(faults);
  return options;
}

}  // namespace wscast::program
