#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
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

  // A call is added in three steps: the first two do nothing if they throw.

  /// Begins a call. `deadline` never decreases.
  void begin(Done done, SteadyTime deadline);

  /// The call that was begun last waits for the channel, too.
  void wait_for(ChannelEntry& channel);

  /// The call that was begun last is whole: one that waits for nothing is completed at once.
  void end() noexcept;

  /// In place of end(): forgets the call that was begun last.
  void cancel() noexcept;

  /// Completes a call at once, as late.
  void add_late(Done done);

  /// The channel is subscribed, not needed any more, or (`refused` is its name) refused. Returns
  /// whether a call that waited for it was completed before, late.
  bool on_settled(ChannelEntry& channel, const std::string_view* refused = nullptr);

  /// Completes, as late, what has waited until its deadline, or all.
  void expire(SteadyTime now);
  void expire_all();

  std::optional<SteadyTime> next_deadline() const;

  /// In the order in which they were completed; and how many of all of them were late.
  std::list<Completed> take_completed() { return std::exchange(completed_, {}); }
  bool any_completed() const { return !completed_.empty(); }
  std::uint64_t take_late() { return std::exchange(late_, 0); }

 private:
  struct Call {
    std::list<Completed> call;  // One, made before it is completed; or none: it was completed.
    std::size_t missing;        // Channels, and one until end().
    SteadyTime deadline;
  };

  void complete(Call& call, bool late) noexcept;
  void drop_completed() noexcept;

  std::deque<Call> calls_;   // By deadline.
  std::uint64_t first_ = 0;  // The number of calls_.front().
  std::list<Completed> completed_;
  std::uint64_t late_ = 0;
};

}  // namespace wscast::redis
