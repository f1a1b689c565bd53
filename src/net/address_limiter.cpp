#include "net/address_limiter.h"

#include <algorithm>

namespace wscast::net {
namespace {

constexpr std::size_t kNetworkBytes = 8;  // A /64 of an IPv6 address.

using Key = std::array<std::uint8_t, kNetworkBytes + 1>;

Key key_of(const IpAddress& address) {
  Key key{};
  const auto bytes = address.bytes();
  std::ranges::copy(bytes.first(std::min(bytes.size(), kNetworkBytes)), key.begin());
  key.back() = address.is_ipv4() ? 4 : 6;
  return key;
}

}  // namespace

AddressLimiter::Result AddressLimiter::admit(const IpAddress& address) {
  if (!limits()) return {};
  const Key key = key_of(address);
  const std::lock_guard lock(mutex_);
  std::size_t& count = counts_[key];
  if (count >= max_per_address_) return {.admitted = false};
  ++count;
  try {
    return {.admission = std::make_unique<AddressAdmission>(*this, key)};
  } catch (...) {
    if (--count == 0) counts_.erase(key);
    throw;
  }
}

void AddressLimiter::release(const Key& key) {
  const std::lock_guard lock(mutex_);
  const auto found = counts_.find(key);
  if (--found->second == 0) counts_.erase(found);
}

}  // namespace wscast::net
