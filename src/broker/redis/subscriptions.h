#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/unordered_map.hpp>

#include "base/clock.h"
#include "base/string_hash.h"

namespace wscast::redis {

/// Which channels are needed here, and what the link to Redis has been told of that. It is told
/// what happens and answers with commands to write and callbacks to run; it calls nobody. At rest
/// the link is subscribed to exactly what is needed.
class Subscriptions {
 public:
  using Done = std::function<void()>;

  struct Settings {
    std::chrono::milliseconds answer_timeout;
    std::chrono::milliseconds unsubscribe_after;
  };

  explicit Subscriptions(Settings settings) : settings_(settings) {}
  Subscriptions(const Subscriptions&) = delete;
  Subscriptions& operator=(const Subscriptions&) = delete;

  /// Needs each of `channels` once more. `done`, if there is one, is through when all of them that
  /// are still needed then are subscribed, or late: without a link, or after `answer_timeout`.
  void add(std::vector<std::string> channels, Done done, SteadyTime now);

  /// Needs each of `channels` once less; may come before the add() that it belongs to.
  void remove(const std::vector<std::string>& channels, SteadyTime now);

  /// Redis confirmed. False when it was not asked for that.
  bool on_subscribed(std::string_view channel, SteadyTime now);
  bool on_unsubscribed(std::string_view channel);

  /// A new link is there and knows nothing, or the link is gone.
  void on_link_up();
  void on_link_down();

  void on_time(SteadyTime now);

  /// When on_time() has something to do.
  std::optional<SteadyTime> next_deadline() const;

  /// Whether take_commands() has something to say.
  bool changed() const { return up_ && !dirty_.empty(); }

  /// What the link is to be told, all that changed since the last time: whole SUBSCRIBE and
  /// UNSUBSCRIBE commands of limited length.
  std::string take_commands();

  /// What is through, in the order in which it became so; and how many of all of them were late.
  std::vector<Done> take_through() { return std::exchange(through_, {}); }
  bool any_through() const { return !through_.empty(); }
  std::uint64_t take_late() { return std::exchange(late_, 0); }

  /// Channels that are needed, subscribed, or known for another reason.
  std::size_t size() const { return entries_.size(); }
  bool needs(std::string_view channel) const;
  bool subscribed(std::string_view channel) const;

 private:
  enum class State : std::uint8_t { none, subscribing, subscribed, unsubscribing };

  struct Entry {
    std::int32_t needed = 0;
    State state = State::none;
    bool dirty : 1 = false;      // In dirty_.
    bool lingering : 1 = false;  // In lingering_.
    bool renewed : 1 = false;    // Needed again while it lingered.
    std::unique_ptr<std::vector<std::uint64_t>> waiters{};
  };
  // One whose nodes stay where they are: dirty_ and lingering_ point to them.
  using Entries = boost::unordered_map<std::string, Entry, StringHash, std::equal_to<>>;
  using Node = Entries::value_type;

  struct Waiter {
    Done done;  // Empty: it is through.
    std::size_t missing;
    SteadyTime deadline;
  };

  struct Lingering {
    Node* node;
    SteadyTime until;
  };

  void mark(Node& node);
  void let_go(Node& node, SteadyTime now);
  void linger(Node& node, SteadyTime now);
  void wait(Node& node, std::uint64_t waiter);
  void answer_waiters(Entry& entry);
  void finish(Waiter& waiter, bool late);
  void drop_finished_waiters();
  void end_lingering(SteadyTime now);
  void forget_if_idle(Node& node);

  const Settings settings_;
  bool up_ = false;
  Entries entries_;
  std::vector<Node*> dirty_;
  std::deque<Lingering> lingering_;  // By time: all of them linger equally long.
  std::deque<Waiter> waiters_;       // By deadline, for the same reason.
  std::uint64_t first_waiter_ = 0;   // The number of waiters_.front().
  std::vector<Done> through_;
  std::uint64_t late_ = 0;
};

}  // namespace wscast::redis
