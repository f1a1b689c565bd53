#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>

#include <boost/unordered/unordered_flat_map.hpp>

#include "base/ip_address.h"
#include "net/address_key.h"
#include "net/admission.h"
#include "net/endpoint.h"

namespace wscast::net {

/// Counts the connections of each address, so that one peer cannot use up all: IPv4 by
/// address, IPv6 by /64 network, Unix sockets not at all. Any thread.
class AddressLimiter {
 public:
  /// Counts one connection at its address. Must not outlive the limiter.
  class AddressAdmission final : public Admission {
   public:
    AddressAdmission(AddressLimiter& limiter, const AddressKey& key)
        : limiter_(limiter), key_(key) {}
    ~AddressAdmission() override { limiter_.release(key_); }

   private:
    AddressLimiter& limiter_;
    AddressKey key_;
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

  /// Connections that were not counted so far, since there was no limit, are never counted.
  void set_limit(std::size_t max_per_address) { max_per_address_ = max_per_address; }

 private:
  void release(const AddressKey& key);

  std::atomic<std::size_t> max_per_address_;
  std::mutex mutex_;
  boost::unordered_flat_map<AddressKey, std::size_t, AddressKeyHash> counts_;
};

}  // namespace wscast::net
