#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wscast::program {

/// The word of `known` that is closest to `word`, if it is close enough to have been meant.
std::optional<std::string> near_miss(std::string_view word, const std::vector<std::string>& known);

/// `, did you mean "x"?`, or empty.
std::string did_you_mean(std::string_view word, const std::vector<std::string>& known);

}  // namespace wscast::program
