#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace wscast {

/// How values are distributed over ranges. Empty: nothing was measured.
struct Distribution {
  Distribution() = default;

  /// `growing` bounds, which outlive this.
  explicit Distribution(std::span<const std::uint64_t> growing)
      : bounds(growing), counts(growing.size() + 1) {}

  /// Counts `value`. Only if not empty.
  void add(std::uint64_t value) noexcept {
    const auto bound = std::lower_bound(bounds.begin(), bounds.end(), value);
    ++counts[static_cast<std::size_t>(bound - bounds.begin())];
    sum += value;
  }

  std::uint64_t count() const noexcept {
    std::uint64_t all = 0;
    for (const std::uint64_t some : counts) all += some;
    return all;
  }

  std::span<const std::uint64_t> bounds{};

  /// Values up to each bound that are over the one before; the last: those over all bounds.
  std::vector<std::uint64_t> counts{};
  std::uint64_t sum = 0;  ///< Of all values.
};

/// How long the calls of one hook took, in nanoseconds: until it returned, or until its Reply was
/// back on the client's thread.
struct HookTime {
  std::string_view hook;  ///< Such as `authenticate`.
  Distribution time_ns;
};

/// Open connections of one transport that are in one state.
struct ConnectionCount {
  std::string_view transport;  ///< `plain` or `tls`.

  /// `establishing` (a TLS handshake, or what a proxy sends first), `requesting`, `open` (not
  /// authenticated), `authenticated`, `closing` or `handed_over` (to the application, with an HTTP
  /// request).
  std::string_view state;
  std::uint64_t connections = 0;
};

/// What waits to be sent to clients: what the kernel has not taken yet.
struct OutboundQueue {
  std::uint64_t bytes = 0;
  std::uint64_t frames = 0;
  std::uint64_t connections = 0;  ///< Those whose peer takes nothing at the moment.
};

/// How the connections between this server and others are. All is 0 or empty without others.
struct BackplaneState {
  bool reaches_others = false;
  bool publishes = false;   ///< The connection that publishes is ready.
  bool subscribes = false;  ///< The connection that subscribes is ready.

  /// How long the last probe took through Redis and back, in nanoseconds.
  std::optional<std::uint64_t> round_trip_ns{};

  /// How long ago that was, in nanoseconds.
  std::optional<std::uint64_t> silence_ns{};
};

/// What a server measures beside its Stats, at one moment.
struct Measurements {
  /// From when a server took a message, from a call or from another server, until all its bytes for
  /// one client were given to the kernel, in nanoseconds; once for each client. Only with
  /// ServerOptions::measure, as the two that follow.
  Distribution delivery_ns;

  /// Clients of a shard that a message went to, once for each shard that it was for.
  Distribution fan_out;

  std::vector<HookTime> hooks;  ///< Of all hooks, also those that are not set.
  std::vector<ConnectionCount> connections;
  OutboundQueue outbound;
  BackplaneState backplane;
  std::uint64_t max_connections = 0;  ///< The limit in force.
};

}  // namespace wscast
