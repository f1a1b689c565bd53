#pragma once

#include <chrono>
#include <cstdint>

#include "base/random.h"

namespace wscast::client {

/// How long to wait before the next attempt: any time up to a longest one, which each failure
/// doubles, so that clients which were cut off together come back one by one. One thread.
class Retry {
 public:
  using Duration = std::chrono::milliseconds;

  /// `random` must outlive it.
  Retry(Duration min, Duration max, Random& random) : min_(min), max_(max), random_(random) {}

  /// After one more failure.
  Duration delay();

  /// Any time up to the longest delay there is.
  Duration unhurried() { return random_part(max_); }

  /// After a success.
  void reset() { failures_ = 0; }

 private:
  Duration random_part(Duration longest);

  const Duration min_;
  const Duration max_;
  Random& random_;
  unsigned failures_ = 0;
};

/// How a connection ended.
struct ConnectionEnd {
  std::uint16_t close_code = 0;
  bool announced = false;                  ///< The server had said so (protocol.md X7).
  std::chrono::milliseconds connected{0};  ///< How long the client was connected.
};

/// Whether the next connection would end like this one: the client, or its configuration, is at
/// fault (protocol.md, How a connection ends).
bool is_hopeless(const ConnectionEnd& end);

/// The delay before the next connection. Not for a hopeless one.
std::chrono::milliseconds delay_after(const ConnectionEnd& end, Retry& retry);

}  // namespace wscast::client
