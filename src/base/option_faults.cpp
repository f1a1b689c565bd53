#include "wscast/option_faults.h"

namespace wscast {

std::string joined_faults(const std::vector<std::string>& sentences) {
  std::string joined;
  for (const auto& sentence : sentences) joined += (joined.empty() ? "" : " ") + sentence;
  return joined;
}

}  // namespace wscast
