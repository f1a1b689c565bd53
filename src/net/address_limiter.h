#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>

#include <boost/unordered/unordered_flat_map.hpp>

#include "base/ip_address.h"
#include "base/string_hash.h"
#include "net/admission.h"
#include "net/endpoint.h"

namespace wscast::net {

/// Counts the connections of each address, so that one peer cannot use up all: IPv4 by
/// address, IPv6 by /64 network, Unix sockets not at all. Any thread.
class AddressLimiter {
  /// An IPv4 address or an IPv6 network, followed by 4 or 6.
  using Key = std::array<std::uint8_t, 9>;

  /// Keyed: the owner of a large IPv6 network chooses the keys of its /64 networks.
  struct KeyHash {
    std::size_t operator()(const Key& key) const noexcept {
      return StringHash{}({reinterpret_cast<const char*>(key.data()), key.size()});
    }
  };

 public:
  /// Counts one connection at its address. Must not outlive the limiter.
  class AddressAdmission final : public Admission {
   public:
    AddressAdmission(AddressLimiter& limiter, const Key& key) : limiter_(limiter), key_(key) {}
    ~AddressAdmission() override { limiter_.release(key_); }

   private:
    AddressLimiter& limiter_;
    Key key_;
  };

  struct Result {
    bool admitted = true;
    std::unique_ptr<AddressAdmission> admission{};  ///< Null when nothing was counted.
  };

  /// `max_per_address`: connections; 0: no limit.
  explicit AddressLimiter(std::size_t max_per_address) : max_per_address_(max_per_address) {}

  /// Throws std::bad_alloc: nothing was counted.
  Result admit(const IpAddress& address);

  /// The same; counts no Unix socket.
  Result admit(const Endpoint& peer) {
    const auto address = peer.ip();
    return address ? admit(*address) : Result{};
  }

  bool limits() const { return max_per_address_ > 0; }

 private:
  void release(const Key& key);

  const std::size_t max_per_address_;
  std::mutex mutex_;
  boost::unordered_flat_map<Key, std::size_t, KeyHash> counts_;
};

}  // namespace wscast::net
