#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "http_client/backoff.h"

namespace wscast::program {

/// Where a set of keys (JWKS) is fetched from, and how often.
struct JwksRefreshOptions {
  std::string url{};                           ///< http or https.
  std::chrono::milliseconds refresh{600'000};  ///< How often, up to a tenth less. 1 s to 7 days.
  std::chrono::milliseconds min_interval{30'000};  ///< Between fetches on demand. 1 s to `refresh`.
  std::chrono::milliseconds timeout{10'000};       ///< Of one request. 1 ms to 1 m.

  /// Everything wrong with the options, each beginning with the field's name.
  std::vector<std::string> validate() const;
};

/// Decides when a set of keys is fetched: at once, then every `refresh`, after a failure sooner,
/// with back-off from `min_interval` on, and on demand. No I/O; the clock and randomness are passed
/// in. One thread at a time.
class JwksSchedule {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// `random` returns 0 to 1.
  JwksSchedule(const JwksRefreshOptions& options, std::function<double()> random);

  /// When to fetch next, if no fetch is under way.
  Time due() const { return due_; }
  bool under_way() const { return under_way_; }

  void started(Time now);
  void finished(bool good, Time now);

  /// A key is missing. Returns whether a fetch that may bring it is due now or under way.
  bool demand(Time now);

 private:
  JwksRefreshOptions options_;
  std::function<double()> random_;
  Backoff backoff_;
  bool under_way_ = false;
  bool ever_started_ = false;
  Time started_at_{};
  Time due_ = Time::min();
};

}  // namespace wscast::program
