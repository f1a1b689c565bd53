#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>

#include <boost/unordered/unordered_flat_map.hpp>

#include "base/string_hash.h"
#include "net/endpoint.h"
#include "net/place.h"

namespace wscast::net {

/// Counts the connections of each address, so that one peer cannot take them all: IPv4 addresses
/// one by one, IPv6 by /64 network, Unix sockets not at all. Any thread.
class AddressLimiter {
  /// An IPv4 address or an IPv6 network, and behind them which of the two.
  using Key = std::array<std::uint8_t, 9>;

  /// Whoever has a large IPv6 network chooses the keys of its /64 networks.
  struct KeyHash {
    std::size_t operator()(const Key& key) const noexcept {
      return StringHash{}({reinterpret_cast<const char*>(key.data()), key.size()});
    }
  };

 public:
  /// One connection's place at its address. Must not outlive the limiter.
  class Ticket final : public Place {
   public:
    Ticket(AddressLimiter& limiter, const Key& key) : limiter_(limiter), key_(key) {}
    ~Ticket() override { limiter_.give_back(key_); }

   private:
    AddressLimiter& limiter_;
    Key key_;
  };

  struct Verdict {
    bool admitted = true;
    std::unique_ptr<Ticket> ticket{};  ///< Null when nothing was counted.
  };

  /// `most`: connections an address; 0: no limit.
  explicit AddressLimiter(std::size_t most) : most_(most) {}

  Verdict admit(const Endpoint& peer);

  bool limits() const { return most_ > 0; }

 private:
  void give_back(const Key& key);

  const std::size_t most_;
  std::mutex mutex_;
  boost::unordered_flat_map<Key, std::size_t, KeyHash> counts_;
};

}  // namespace wscast::net
