#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/ip_address.h"
#include "base/string_hash.h"

namespace wscast::net {

/// What the limits of addresses count by: an IPv4 address, or the /64 network of an IPv6 address,
/// followed by 4 or 6.
using AddressKey = std::array<std::uint8_t, 9>;

AddressKey key_of(const IpAddress& address);

/// Keyed: the owner of a large IPv6 network chooses the keys of its /64 networks.
struct AddressKeyHash {
  std::size_t operator()(const AddressKey& key) const noexcept {
    return StringHash{}({reinterpret_cast<const char*>(key.data()), key.size()});
  }
};

}  // namespace wscast::net
