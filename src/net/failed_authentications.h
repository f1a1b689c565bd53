#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <list>
#include <mutex>

#include <boost/unordered/unordered_flat_map.hpp>

#include "base/clock.h"
#include "base/ip_address.h"
#include "net/address_key.h"

namespace wscast::net {

/// Counts the failed authentications of each address (AddressKey), so that nobody can try out many
/// tokens (protocol.md X8). The minute of an address begins with its first failure. Any thread.
class FailedAuthentications {
 public:
  static constexpr std::chrono::minutes kWindow{1};

  /// Addresses that are counted at the same time; beyond it the one whose minute began first is
  /// forgotten. Each takes some 100 bytes.
  static constexpr std::size_t kMaxAddresses = 10'000;

  /// `max_per_address`: failures in a minute; 0: no limit, and nothing is counted.
  explicit FailedAuthentications(std::size_t max_per_address,
                                 std::size_t max_addresses = kMaxAddresses)
      : max_per_address_(max_per_address), max_addresses_(max_addresses) {}

  void set_limit(std::size_t max_per_address) { max_per_address_ = max_per_address; }

  /// Counts a failure. Returns whether the address has just reached the limit. Throws
  /// std::bad_alloc: it was not counted.
  bool record(const IpAddress& address, SteadyTime now);

  /// Whether any address may be over the limit; cheap.
  bool any() const { return count_ > 0 && max_per_address_ > 0; }

  /// How long new connections of the address are rejected still, rounded up; 0: they are not.
  std::chrono::seconds blocked_for(const IpAddress& address, SteadyTime now);

 private:
  struct Entry {
    AddressKey address;
    SteadyTime begin;
    std::size_t failures = 0;
  };
  using Entries = std::list<Entry>;  ///< In the order of `begin`.

  Entry& entry_of(const AddressKey& address, SteadyTime now);
  void forget_oldest();

  std::atomic<std::size_t> max_per_address_;
  const std::size_t max_addresses_;
  std::mutex mutex_;
  Entries entries_;
  boost::unordered_flat_map<AddressKey, Entries::iterator, AddressKeyHash> index_;
  std::atomic<std::size_t> count_{0};  ///< Of `entries_`.
};

}  // namespace wscast::net
