#pragma once

#include <functional>
#include <string>

namespace wscast::program {

/// How a message calls the option of a path.
using Naming = std::function<std::string(const std::string& path)>;

}  // namespace wscast::program
