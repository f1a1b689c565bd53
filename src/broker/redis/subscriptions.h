#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <set>
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
/// the link is subscribed to exactly what is needed, but for what Redis refuses.
///
/// Redis refuses a whole command for one channel that an ACL forbids. What a refused command named
/// is asked for again, each channel by itself, so that the refusal concerns its channel alone.
class Subscriptions {
 public:
  /// `refused`: of the channels of the add() those that Redis refused.
  using Done = std::function<void(const std::vector<std::string>& refused)>;

  struct Settings {
    std::chrono::milliseconds answer_timeout;
    std::chrono::milliseconds unsubscribe_after;

    /// A refused channel that is still needed is asked for again, at most 1,000 a second.
    std::chrono::milliseconds retry_refused_after{30'000};
  };

  /// What every link is subscribed to, whoever needs it.
  struct Always {
    std::vector<std::string> channels{};
    std::vector<std::string> patterns{};
  };

  /// One command that Redis refused for good.
  struct Refusal {
    std::string_view verb;
    std::string channel;  ///< Or pattern.
    std::string words;    ///< As on_error() got them.
    bool always = false;  ///< The channel is one of Always.
  };

  /// One that is through, and what to give it.
  struct Through {
    Done done;
    std::vector<std::string> refused;
  };

  explicit Subscriptions(Settings settings);
  Subscriptions(Settings settings, const Always& always);
  Subscriptions(const Subscriptions&) = delete;
  Subscriptions& operator=(const Subscriptions&) = delete;

  /// Needs each of `channels` once more. `done`, if there is one, is through when all of them that
  /// are still needed then are subscribed or refused, or late: without a link, or after
  /// `answer_timeout`.
  void add(std::vector<std::string> channels, Done done, SteadyTime now);

  /// Needs each of `channels` once less; may come before the add() that it belongs to.
  void remove(const std::vector<std::string>& channels, SteadyTime now);

  /// Redis confirmed, in the order of the commands. False when it was not asked for that.
  bool on_subscribed(std::string_view channel, SteadyTime now);
  bool on_unsubscribed(std::string_view channel);
  bool on_pattern_subscribed(std::string_view pattern);

  /// Redis refused the oldest command that it has not confirmed. False when there is none.
  bool on_error(std::string_view words, SteadyTime now);

  /// A new link is there and knows nothing, or the link is gone.
  void on_link_up();
  void on_link_down();

  void on_time(SteadyTime now);

  /// When on_time() has something to do.
  std::optional<SteadyTime> next_deadline() const;

  /// Whether take_commands() has something to say.
  bool changed() const { return up_ && (!dirty_.empty() || always_due_); }

  /// What the link is to be told, all that changed since the last time: whole SUBSCRIBE and
  /// UNSUBSCRIBE commands of limited length.
  std::string take_commands();

  /// Whether the link is subscribed to Always and to all that was needed when it came up, but for
  /// refused channels.
  bool ready() const { return up_ && always_missing_ == 0 && initial_ == 0; }

  /// What is through, in the order in which it became so; and how many of all of them were late.
  std::vector<Through> take_through() { return std::exchange(through_, {}); }
  bool any_through() const { return !through_.empty(); }
  std::uint64_t take_late() { return std::exchange(late_, 0); }

  std::vector<Refusal> take_refusals() { return std::exchange(refusals_, {}); }

  /// Channels that are needed, subscribed, or known for another reason; Always not counted.
  std::size_t size() const { return entries_.size(); }
  bool needs(std::string_view channel) const;
  bool subscribed(std::string_view channel) const;

 private:
  enum class State : std::uint8_t { none, subscribing, subscribed, unsubscribing, refused };

  struct Entry {
    std::int32_t needed = 0;
    State state = State::none;
    bool dirty : 1 = false;      // In dirty_.
    bool lingering : 1 = false;  // In lingering_.
    bool renewed : 1 = false;    // Needed again while it lingered.
    bool suspect : 1 = false;    // Was in a refused command: asked for in one of its own.
    bool initial : 1 = false;    // Counted in initial_.
    std::unique_ptr<std::vector<std::uint64_t>> waiters{};
  };
  // One whose nodes stay where they are: several members point to them.
  using Entries = boost::unordered_map<std::string, Entry, StringHash, std::equal_to<>>;
  using Node = Entries::value_type;

  enum class Verb : std::uint8_t { subscribe, unsubscribe, psubscribe };

  /// A command whose confirmations are not all there. An entry stays as long as it is in one.
  struct Command {
    Verb verb;
    std::vector<Node*> nodes;
    std::size_t confirmed = 0;  // So many of them, at the front.
  };
  class CommandWriter;

  struct Waiter {
    Done done;  // Empty: it is through.
    std::size_t missing;
    SteadyTime deadline;
    std::vector<std::string> refused{};
  };

  struct Draining {
    Node* node;
    SteadyTime until;
  };

  struct AlwaysNode {
    Verb verb;
    Node node;
  };

  static std::string_view text_of(Verb verb);

  void mark(Node& node);
  Node* confirm(Verb verb, std::string_view channel);
  AlwaysNode* find_always(const Node* node);
  bool confirm_always(const Node* node);
  void split(const Command& command);
  void refuse(Node& node, std::string_view words, SteadyTime now);
  void refuse_to_end(const Command& command, std::string_view words);
  void retry_refused(SteadyTime now);
  void no_more_initial(Entry& entry);
  void write_always(std::string& commands);
  void let_go(Node& node, SteadyTime now);
  void linger(Node& node, SteadyTime now);
  void wait(Node& node, std::uint64_t waiter);
  void answer_waiters(Entry& entry, const std::string* refused = nullptr);
  void finish(Waiter& waiter, bool late);
  void drop_finished_waiters();
  void end_draining(SteadyTime now);
  void forget_if_idle(Node& node);

  const Settings settings_;
  bool up_ = false;
  Entries entries_;
  std::vector<Node*> dirty_;
  std::deque<Command> under_way_;   // In the order in which Redis answers them.
  std::deque<Draining> lingering_;  // By time: all of them linger equally long.
  std::deque<Waiter> waiters_;      // By deadline, for the same reason.
  std::uint64_t first_waiter_ = 0;  // The number of waiters_.front().
  std::vector<Through> through_;
  std::uint64_t late_ = 0;

  std::deque<AlwaysNode> always_;
  std::size_t always_missing_;
  bool always_due_ = false;
  std::size_t initial_ = 0;  // Entries that on_link_up() asked for and Redis has not answered yet.

  std::set<const Node*> refused_;       // Those in State::refused.
  const Node* retried_last_ = nullptr;  // Of them; the next retry goes on behind it.
  std::optional<SteadyTime> retry_at_;
  std::vector<Refusal> refusals_;
};

}  // namespace wscast::redis
