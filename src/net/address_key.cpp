#include "net/address_key.h"

#include <algorithm>

namespace wscast::net {
namespace {

constexpr std::size_t kNetworkBytes = 8;  // A /64 of an IPv6 address.

}  // namespace

AddressKey key_of(const IpAddress& address) {
  AddressKey key{};
  static_assert(key.size() == kNetworkBytes + 1);
  const auto bytes = address.bytes();
  std::ranges::copy(bytes.first(std::min(bytes.size(), kNetworkBytes)), key.begin());
  key.back() = address.is_ipv4() ? 4 : 6;
  return key;
}

}  // namespace wscast::net
