#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "base/clock.h"
#include "base/random.h"

namespace wscast::net {

/// The keys that encrypt session tickets (RFC 5077 section 4), in memory only: a new one every
/// hour, each accepted as long as a ticket that it encrypted may live. So a stolen key opens the
/// tickets of an hour. Any thread.
class TicketKeys {
 public:
  static constexpr std::chrono::hours kRotation{1};
  static constexpr std::chrono::hours kTicketLife{12};

  static constexpr std::size_t kNameBytes = 16;
  using Name = std::array<std::uint8_t, kNameBytes>;

  struct Key {
    Name name{};
    std::array<std::uint8_t, 32> cipher{};  ///< For AES-256-CBC.
    std::array<std::uint8_t, 32> mac{};     ///< For HMAC-SHA-256.
    SteadyTime made{};
  };

  struct Found {
    Key key;
    bool renew = false;  ///< The client should get a ticket of a newer key.
  };

  TicketKeys(const Clock& clock, Random& random) : clock_(clock), random_(random) {}
  ~TicketKeys();
  TicketKeys(const TicketKeys&) = delete;
  TicketKeys& operator=(const TicketKeys&) = delete;

  /// The key for a new ticket. Throws std::runtime_error without randomness.
  Key current();

  /// The key of that name; std::nullopt if it is unknown or too old.
  std::optional<Found> find(std::span<const std::uint8_t, kNameBytes> name);

 private:
  void forget_old(SteadyTime now);
  Key& renewed(SteadyTime now);

  const Clock& clock_;
  Random& random_;
  std::mutex mutex_;
  std::vector<Key> keys_;  ///< The newest last; at most one for each hour of a ticket's life.
};

}  // namespace wscast::net
