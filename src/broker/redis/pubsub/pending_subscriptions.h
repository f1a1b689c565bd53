#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "broker/redis/pubsub/channel_entry.h"

namespace wscast::redis {

/// The subscribe calls that wait until Redis has confirmed or refused their channels. Each has a
/// number, by which a channel refers to it. No I/O; it runs no callback.
class PendingSubscriptions {
 public:
  /// `refused`: the channels of the call that Redis refused.
  using Done = std::function<void(const std::vector<std::string>& refused)>;

  struct Completed {
    Done done;
    std::vector<std::string> refused;
  };

  /// Adds a call to those that wait for the channel. `number` is next_number() until add().
  static void wait_for(ChannelEntry& channel, std::uint64_t number);
  std::uint64_t next_number() const { return first_ + calls_.size(); }

  /// `missing`: for how many channels it waits; 0 completes it at once. `deadline` never decreases.
  void add(Done done, std::size_t missing, SteadyTime deadline);

  /// Completes a call at once, as late.
  void add_late(Done done);

  /// The channel is subscribed, not needed any more, or (`refused` is its name) refused.
  void on_settled(ChannelEntry& channel, const std::string_view* refused = nullptr);

  /// Completes, as late, what has waited until its deadline, or all.
  void expire(SteadyTime now);
  void expire_all();

  std::optional<SteadyTime> next_deadline() const;

  /// In the order in which they were completed; and how many of all of them were late.
  std::vector<Completed> take_completed() { return std::exchange(completed_, {}); }
  bool any_completed() const { return !completed_.empty(); }
  std::uint64_t take_late() { return std::exchange(late_, 0); }

 private:
  struct Call {
    Done done;  // Empty: completed.
    std::size_t missing;
    SteadyTime deadline;
    std::vector<std::string> refused{};
  };

  void complete(Call& call, bool late);
  void drop_completed();

  std::deque<Call> calls_;   // By deadline.
  std::uint64_t first_ = 0;  // The number of calls_.front().
  std::vector<Completed> completed_;
  std::uint64_t late_ = 0;
};

}  // namespace wscast::redis
