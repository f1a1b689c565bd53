// Subscriptions against a model of Redis and of its callers, in random orders: at rest the
// connection is subscribed to what is needed and allowed, and so is each channel of a completed
// call.

#include <algorithm>
#include <deque>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "broker/redis/pubsub/subscriptions.h"
#include "unit/broker/redis/redis_commands.h"

namespace wscast::redis {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kAnswerTimeout{1'000};
constexpr milliseconds kUnsubscribeAfter{300};
constexpr milliseconds kRetryRefusedAfter{3'000};
constexpr int kChannels = 5;

/// What Redis says: an error, or that a channel is subscribed or not any more.
struct Answer {
  bool error = false;
  bool subscribe = false;
  std::string channel{};
};

class World {
 public:
  explicit World(unsigned seed) : random_(seed) {}

  void step() {
    if (random_below(40) == 0) change_rights();
    switch (random_below(12)) {
      case 0:
      case 1:
        return add();
      case 2:
      case 3:
        return remove();
      case 4:
      case 5:
        return flush();
      case 6:
      case 7:
        return serve();
      case 8:
      case 9:
        return deliver();
      case 10:
        return pass(milliseconds(random_below(400)));
      default:
        if (random_below(6) == 0) return change_connection();
    }
  }

  void come_to_rest() {
    if (!up_) change_connection();
    for (int i = 0; i < 4; ++i) {
      flush();
      serve_all();
      pass(kAnswerTimeout);
    }
    // Twice: what was asked for at this moment is asked for again behind it.
    for (int i = 0; i < 2; ++i) {
      pass(kRetryRefusedAfter);
      serve_all();
    }
  }

  void check_rest() {
    std::set<std::string> needed;
    for (const auto& [channel, count] : needed_) {
      if (count > 0 && !forbidden_.contains(channel)) needed.insert(channel);
    }
    EXPECT_EQ(subscribed_, needed);
    EXPECT_EQ(waiting_, 0);
    EXPECT_EQ(subscriptions_.next_deadline().has_value(), needs_forbidden());
    for (const auto& channel : needed) EXPECT_TRUE(subscriptions_.subscribed(channel));
  }

 private:
  unsigned random_below(unsigned n) { return static_cast<unsigned>(random_() % n); }
  std::string channel() { return "ws:room:" + std::to_string(random_below(kChannels)); }

  bool needs_forbidden() const {
    return std::ranges::any_of(
        needed_, [this](const auto& it) { return it.second > 0 && forbidden_.contains(it.first); });
  }

  void serve_all() {
    do {
      flush();
      while (!to_serve_.empty()) serve();
      while (!to_deliver_.empty()) deliver();
    } while (subscriptions_.has_commands());
  }

  /// What is subscribed already stays so, unlike in Redis, which closes the connection.
  void change_rights() {
    const auto name = channel();
    if (forbidden_.erase(name) == 0 && !subscribed_.contains(name)) forbidden_.insert(name);
  }

  void add() {
    std::vector<std::string> channels;
    for (auto n = random_below(4); n > 0; --n) channels.push_back(channel());
    for (const auto& name : channels) change(name, +1);
    if (random_below(3) == 0) return subscriptions_.add(channels, {}, now_);
    ++waiting_;
    std::map<std::string, int> spans;
    for (const auto& name : channels) {
      if (needed_[name] > 0) spans[name] = spans_[name];
    }
    const auto deadline = now_ + kAnswerTimeout;
    subscriptions_.add(
        channels, [=, this](const auto& refused) { on_completed(spans, refused, deadline); }, now_);
    run_completed();
  }

  /// Of what is needed, or, now and then, of what will be.
  void remove() {
    const auto name = channel();
    if (needed_[name] <= 0 && (needed_[name] < -1 || random_below(4) != 0)) return;
    change(name, -1);
    subscriptions_.remove({name}, now_);
    run_completed();
  }

  void change(const std::string& name, int by) {
    needed_[name] += by;
    if (needed_[name] > 0) return;
    confirmed_.erase(name);
    ++spans_[name];
  }

  void flush() {
    for (auto& command : commands_in(subscriptions_.take_commands())) {
      to_serve_.push_back(std::move(command));
    }
    run_completed();
  }

  /// Redis takes the next command.
  void serve() {
    if (to_serve_.empty()) return;
    const auto command = std::move(to_serve_.front());
    to_serve_.pop_front();
    if (command[0] == "SUBSCRIBE" && std::any_of(command.begin() + 1, command.end(), [&](auto& it) {
          return forbidden_.contains(it);
        })) {
      to_deliver_.push_back({.error = true});
      return;
    }
    for (std::size_t i = 1; i < command.size(); ++i) {
      const bool subscribe = command[0] == "SUBSCRIBE";
      EXPECT_EQ(subscribed_.contains(command[i]), !subscribe) << "asked for what was there";
      if (subscribe) {
        subscribed_.insert(command[i]);
      } else {
        subscribed_.erase(command[i]);
      }
      to_deliver_.push_back({.subscribe = subscribe, .channel = command[i]});
    }
    check_confirmed();
  }

  /// Its next confirmation arrives.
  void deliver() {
    if (to_deliver_.empty()) return;
    const auto [error, subscribe, name] = std::move(to_deliver_.front());
    to_deliver_.pop_front();
    if (error) {
      EXPECT_TRUE(subscriptions_.on_error("NOPERM no", now_));
      return run_completed();
    }
    EXPECT_TRUE(subscribe ? subscriptions_.on_subscribed(name, now_)
                          : subscriptions_.on_unsubscribed(name));
    run_completed();
  }

  void change_connection() {
    up_ = !up_;
    if (up_) return subscriptions_.on_connected();
    to_serve_.clear();
    to_deliver_.clear();
    subscribed_.clear();
    confirmed_.clear();
    subscriptions_.on_disconnected();
    run_completed();
  }

  void pass(milliseconds duration) {
    now_ += duration;
    subscriptions_.on_time(now_);
    run_completed();
    const auto next = subscriptions_.next_deadline();
    EXPECT_TRUE(!next || *next > now_);
  }

  void run_completed() {
    for (const auto& [done, refused] : subscriptions_.take_completed()) done(refused);
    check_confirmed();
  }

  /// What was needed by the waiter, and is since.
  void on_completed(const std::map<std::string, int>& spans,
                    const std::vector<std::string>& refused, SteadyTime deadline) {
    --waiting_;
    if (!up_ || now_ >= deadline) return;  // It was late.
    for (const auto& [name, span] : spans) {
      const bool confirmed = std::ranges::find(refused, name) == refused.end();
      if (confirmed && spans_[name] == span) confirmed_.insert(name);
    }
  }

  void check_confirmed() {
    for (const auto& name : confirmed_) EXPECT_TRUE(subscribed_.contains(name)) << name;
  }

  std::mt19937 random_;
  SteadyTime now_{};
  Subscriptions subscriptions_{{kAnswerTimeout, kUnsubscribeAfter, kRetryRefusedAfter}};
  bool up_ = false;
  std::map<std::string, int> needed_;
  std::map<std::string, int> spans_;  // How often it was not needed any more.
  std::set<std::string> confirmed_;   // A call was completed for it, and it is needed since.
  int waiting_ = 0;
  std::deque<std::vector<std::string>> to_serve_;
  std::deque<Answer> to_deliver_;
  std::set<std::string> forbidden_;
  std::set<std::string> subscribed_;  // What Redis knows.
};

TEST(SubscriptionsModelTest, AtRestWhatIsNeededIsSubscribedAndNoCallWasCompletedTooEarly) {
  for (unsigned seed = 0; seed < 5'000; ++seed) {
    World world(seed);
    for (unsigned i = 0; i < 50 + seed % 250; ++i) world.step();
    world.come_to_rest();
    world.check_rest();
    ASSERT_FALSE(HasFailure()) << "seed " << seed;
  }
}

}  // namespace
}  // namespace wscast::redis
