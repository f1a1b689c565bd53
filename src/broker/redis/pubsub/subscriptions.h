#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "broker/redis/pubsub/channel_entry.h"
#include "broker/redis/pubsub/pending_subscriptions.h"
#include "broker/redis/pubsub/permanent_subscriptions.h"
#include "broker/redis/pubsub/refused_channels.h"
#include "broker/redis/pubsub/subscribe_commands.h"

namespace wscast::redis {

/// Which channels are needed here, and which of them Redis knows of. Each event may add commands to
/// write and callbacks to run; it calls nothing itself. At rest the connection is subscribed to
/// exactly what is needed, but for what Redis refuses. No I/O.
///
/// Redis refuses a whole command for one channel that an ACL forbids. Each channel of a refused
/// command is then requested by a command of its own, so that the refusal concerns it alone.
class Subscriptions {
 public:
  using Done = PendingSubscriptions::Done;
  using Completed = PendingSubscriptions::Completed;
  using Permanent = PermanentSubscriptions::Names;

  struct Settings {
    std::chrono::milliseconds answer_timeout;
    std::chrono::milliseconds unsubscribe_after;

    /// A refused channel that is still needed is requested again, at most 1,000 a second.
    std::chrono::milliseconds retry_refused_after{30'000};
  };

  /// One command that Redis refused for good.
  struct Refusal {
    std::string_view verb;
    std::string channel;     ///< Or pattern.
    std::string words;       ///< The text that on_error() got.
    bool permanent = false;  ///< The channel is one of Permanent.
  };

  explicit Subscriptions(Settings settings);
  Subscriptions(Settings settings, const Permanent& permanent);
  Subscriptions(const Subscriptions&) = delete;
  Subscriptions& operator=(const Subscriptions&) = delete;

  /// Needs each of `channels` once more. `done`, which may be empty, is completed when all of them
  /// that are still needed then are subscribed or refused; or late: without a connection, or after
  /// `answer_timeout`. Nothing is needed if it throws.
  void add(const std::vector<std::string>& channels, Done done, SteadyTime now);

  /// Needs each of `channels` once less; may come before the add() that it belongs to.
  void remove(const std::vector<std::string>& channels, SteadyTime now);

  /// Redis confirmed, in the order of the commands. False when no command asked for that.
  bool on_subscribed(std::string_view channel, SteadyTime now);
  bool on_unsubscribed(std::string_view channel);
  bool on_pattern_subscribed(std::string_view pattern);

  /// Redis refused the oldest command that it has not confirmed. False when there is none.
  bool on_error(std::string_view words, SteadyTime now);

  /// A new connection is ready, without subscriptions; or the connection is gone.
  void on_connected();
  void on_disconnected();

  void on_time(SteadyTime now);

  /// When on_time() has something to do.
  std::optional<SteadyTime> next_deadline() const;

  /// Whether take_commands() has something to write.
  bool has_commands() const { return up_ && (!changed_.empty() || permanent_.due()); }

  /// Commands for all that changed since the last call: whole SUBSCRIBE and UNSUBSCRIBE commands of
  /// limited length.
  std::string take_commands();

  /// Whether the connection is subscribed to Permanent and to all that was needed when it came up,
  /// but for refused channels.
  bool ready() const { return up_ && permanent_.complete() && initial_ == 0; }

  /// The callbacks to run, in the order in which they were completed; and how many of all of them
  /// were late.
  std::list<Completed> take_completed() { return pending_.take_completed(); }
  bool any_completed() const { return pending_.any_completed(); }
  std::uint64_t take_late() { return pending_.take_late(); }

  /// The channels that were subscribed, or refused, after a call had been completed without them;
  /// and those that were subscribed after they had been refused. What was published to them
  /// meanwhile is lost for whoever needs them.
  std::vector<std::string> take_settled_late() { return std::exchange(settled_late_, {}); }

  std::vector<Refusal> take_refusals() { return std::exchange(refusals_, {}); }

  /// Channels that are needed, subscribed, or known for another reason; without Permanent.
  std::size_t size() const { return channels_.size(); }
  bool needs(std::string_view channel) const;
  bool subscribed(std::string_view channel) const;

 private:
  struct DelayedUnsubscribe {
    ChannelNode* node;
    SteadyTime when;
  };

  void need(const std::string& channel, bool waits);
  void need_less(const std::string& channel) noexcept;
  ChannelNode& node_of(std::string_view channel);
  void mark_changed(ChannelNode& node);
  void split(const SubscribeCommands::Command& command);
  void refuse(ChannelNode& node, std::string_view words, SteadyTime now);
  void refuse_unsubscribe(const SubscribeCommands::Command& command, std::string_view words);
  void settle(ChannelEntry& entry);
  void settle(ChannelNode& node, bool refused);
  void delay_unsubscribe(ChannelNode& node, SteadyTime now);
  void unsubscribe_due(SteadyTime now);
  void erase_if_idle(ChannelNode& node);

  const Settings settings_;
  bool up_ = false;
  Channels channels_;
  std::vector<ChannelNode*> changed_;
  std::deque<DelayedUnsubscribe> delayed_;  // By time: the delay is always the same.
  std::size_t initial_ = 0;                 // Entries with `initial`.

  PermanentSubscriptions permanent_;
  SubscribeCommands in_flight_;
  PendingSubscriptions pending_;
  RefusedChannels refused_;
  std::vector<Refusal> refusals_;
  std::vector<std::string> settled_late_;
};

}  // namespace wscast::redis
