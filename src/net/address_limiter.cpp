#include "net/address_limiter.h"

#include <netinet/in.h>

#include <algorithm>
#include <optional>
#include <span>

namespace wscast::net {
namespace {

constexpr std::size_t kNetworkBytes = 8;  // Of an IPv6 address: a /64.

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

AddressLimiter::Verdict AddressLimiter::admit(const Endpoint& peer) {
  const auto key = most_ > 0 ? key_of(peer) : std::nullopt;
  if (!key) return {};
  const std::lock_guard lock(mutex_);
  std::size_t& count = counts_[*key];
  if (count >= most_) return {.admitted = false};
  ++count;
  return {.ticket = std::make_unique<Ticket>(*this, *key)};
}

void AddressLimiter::give_back(const Key& key) {
  const std::lock_guard lock(mutex_);
  const auto found = counts_.find(key);
  if (--found->second == 0) counts_.erase(found);
}

}  // namespace wscast::net
