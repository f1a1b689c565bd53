#include "net/address_limiter.h"

#include <netinet/in.h>

#include <algorithm>
#include <optional>
#include <span>

namespace wscast::net {
namespace {

constexpr std::size_t kNetworkBytes = 8;  // A /64 of an IPv6 address.

using Key = std::array<std::uint8_t, kNetworkBytes + 1>;

Key key_of(int family, std::span<const std::uint8_t> bytes) {
  Key key{};
  std::ranges::copy(bytes, key.begin());
  key.back() = static_cast<std::uint8_t>(family);
  return key;
}

std::optional<Key> key_of(const Endpoint& peer) {
  if (peer.family() == AF_INET) {
    const auto& in = reinterpret_cast<const sockaddr_in&>(peer.address);
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(&in.sin_addr);
    return key_of(AF_INET, std::span(bytes, sizeof in.sin_addr));
  }
  if (peer.family() == AF_INET6) {
    const auto& in6 = reinterpret_cast<const sockaddr_in6&>(peer.address);
    return key_of(AF_INET6, std::span(in6.sin6_addr.s6_addr, kNetworkBytes));
  }
  return std::nullopt;
}

}  // namespace

AddressLimiter::Result AddressLimiter::admit(const Endpoint& peer) {
  const auto key = max_per_address_ > 0 ? key_of(peer) : std::nullopt;
  if (!key) return {};
  const std::lock_guard lock(mutex_);
  std::size_t& count = counts_[*key];
  if (count >= max_per_address_) return {.admitted = false};
  ++count;
  try {
    return {.admission = std::make_unique<AddressAdmission>(*this, *key)};
  } catch (...) {
    if (--count == 0) counts_.erase(*key);
    throw;
  }
}

void AddressLimiter::release(const Key& key) {
  const std::lock_guard lock(mutex_);
  const auto found = counts_.find(key);
  if (--found->second == 0) counts_.erase(found);
}

}  // namespace wscast::net
