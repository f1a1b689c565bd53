#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "wscast/server.h"

namespace wscast::program {

/// A user that is refused until a time (protocol.md X9).
struct Revocation {
  using Time = std::chrono::sys_seconds;

  std::string user_id;
  Time until = Time::max();  ///< Time::max(): for good.

  /// Reads `USER`, or `USER until TIME`, the time in UTC such as `2026-12-31T18:00:00Z`. Throws
  /// std::invalid_argument with what is wrong.
  static Revocation parse(const std::string& text);

  /// What parse() reads.
  std::string text() const;

  friend bool operator==(const Revocation&, const Revocation&) = default;
};

/// Lets `server` refuse the users of `now`, and no longer those of `before` that are not in it.
void apply_revocations(Server& server, const std::vector<Revocation>& before,
                       const std::vector<Revocation>& now);

}  // namespace wscast::program
