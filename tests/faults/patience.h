#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <utility>

#include <gtest/gtest.h>

namespace wscast::faults {

/// How long a victim waits for one answer: long, but not once the fault has struck.
class Patience {
 public:
  /// `struck` says whether the fault has struck.
  explicit Patience(std::function<bool()> struck) : struck_(std::move(struck)) {}

  static constexpr std::chrono::seconds kLong{10};

  bool struck() const { return struck_(); }

  /// Calls `look`, which waits for a moment, until it returns what came of it. False, too, when it
  /// took too long; a failure of the test if nothing had failed.
  bool await(const std::function<std::optional<bool>()>& look) const {
    using std::chrono::steady_clock;
    auto give_up = steady_clock::now() + kLong;
    bool was_struck = false;
    while (steady_clock::now() < give_up) {
      if (const auto found = look()) return *found;
      if (was_struck || !struck_()) continue;
      was_struck = true;
      give_up = steady_clock::now() + kOnceStruck;
    }
    if (!was_struck) ADD_FAILURE() << "no answer, although nothing has failed";
    return false;
  }

 private:
  static constexpr std::chrono::milliseconds kOnceStruck{150};

  const std::function<bool()> struck_;
};

}  // namespace wscast::faults
