#pragma once

#include <string>
#include <string_view>

namespace wscast::program {

/// Returns `message` as one line: control characters, line ends included, as `\xNN`, and
/// truncated.
std::string one_line(std::string_view message);

}  // namespace wscast::program
