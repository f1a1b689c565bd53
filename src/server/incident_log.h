#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "wscast/log.h"
#include "wscast/stats.h"

#include "base/named_log.h"

namespace wscast::server {

/// Something that was counted and that an operator should know.
struct Incident {
  LogLevel level;
  std::string text;
};

/// What happened between two moments, one line for each kind.
std::vector<Incident> incidents_between(const Stats& before, const Stats& after);

/// Logs what a server dropped, refused and closed, in sums: a peer that can cause one such event
/// can cause any number. One thread.
class IncidentLog {
 public:
  /// How often to call report(), so that no kind has more than one line in that time.
  static constexpr std::chrono::seconds kPeriod{10};

  explicit IncidentLog(const NamedLog& log) : log_(log) {}

  /// Logs what happened since the last call.
  void report(const Stats& now);

 private:
  const NamedLog& log_;
  Stats before_;
};

}  // namespace wscast::server
