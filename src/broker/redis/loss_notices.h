#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace wscast::redis {

/// On which channels messages were lost, and when that is to be told: at once, and what is lost on
/// the same channel within a second of that, together at the end of that second. So a flood of lost
/// messages is no flood of notices (protocol.md X3). No I/O.
class LossNotices {
 public:
  static constexpr std::chrono::milliseconds kMergeWithin{1'000};

  /// When so many channels are known, others count as the channel with the empty name: any.
  static constexpr std::size_t kMaxChannels = 64;

  void add(std::string_view channel, SteadyTime now);

  /// Whether a loss is to be told at once, and is not yet.
  bool any_due() const { return due_; }

  /// The channels to tell of now.
  std::vector<std::string> take_due(SteadyTime now);

  /// When take_due() has something.
  std::optional<SteadyTime> next_deadline() const;

 private:
  struct Entry {
    std::string channel;
    SteadyTime not_before;  ///< The next notice.
    bool waiting;           ///< There is a loss to tell of.
  };

  Entry& entry_of(std::string_view channel, SteadyTime now);
  void forget_past(SteadyTime now);

  std::vector<Entry> entries_;
  bool due_ = false;
};

}  // namespace wscast::redis
