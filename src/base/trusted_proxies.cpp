#include "base/trusted_proxies.h"

#include <algorithm>

namespace wscast {

TrustedProxies::TrustedProxies(const std::vector<std::string>& entries) {
  for (const std::string& entry : entries) {
    if (entry == kUnix) unix_ = true;
    if (const auto range = AddressRange::parse(entry)) ranges_.push_back(*range);
  }
}

bool TrustedProxies::trusts(const IpAddress& address) const {
  return std::ranges::any_of(
      ranges_, [&address](const AddressRange& range) { return range.contains(address); });
}

}  // namespace wscast
