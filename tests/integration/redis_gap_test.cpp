// A Redis that confirms late, and publishes into the gap: what is published once a subscription is
// done is never missed.

#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/broker_world.h"
#include "support/fake_redis.h"

namespace wscast::test {
namespace {

using namespace std::chrono_literals;

class RedisGapTest : public ::testing::Test {
 protected:
  RedisOptions options() {
    return {.url = redis_.url(),
            .answer_timeout = 60s,
            .probe_interval = 60s,
            .probe_timeout = 120s,
            .unsubscribe_after = 1ms};
  }

  BrokerWorld world_;
  FakeRedis redis_{world_.loop()};
};

TEST_F(RedisGapTest, DoneComesWithTheLastConfirmationAndNotBefore) {
  auto& user = world_.start(options());
  redis_.hold(true);
  bool done = false;
  user.broker().subscribe({"ws:room:a", "ws:room:b"}, [&](const auto&) { done = true; });
  ASSERT_TRUE(world_.run_until([&] { return redis_.held() == 2; }));
  redis_.take_next();
  world_.run_for(20ms);
  EXPECT_FALSE(done);
  redis_.take_next();
  redis_.publish("ws:room:b", "first");
  EXPECT_TRUE(world_.run_until([&] { return done; }));
  EXPECT_TRUE(world_.run_until([&] { return user.envelopes.size() == 1; }));
}

/// Random joins and leaves of clients, each with a room of a few, on a Redis that takes its time.
class Crowd {
 public:
  Crowd(BrokerUser& user, FakeRedis& redis, unsigned seed)
      : user_(user), redis_(redis), random_(seed) {
    user_.when_envelope = [this](std::string_view text) { came_.emplace(text); };
  }

  void step() {
    const auto room = "ws:room:" + std::to_string(random_() % 8);
    switch (random_() % 4) {
      case 0:
        return join(room);
      case 1:
        return leave(room);
      case 2:
        redis_.take_next();
        return;
      default:
        return publish(room);
    }
  }

  std::set<std::string> needed() const {
    std::set<std::string> rooms{"ws:broadcast", "ws:probe:" + user_.server_id()};
    for (const auto& [room, members] : members_) {
      if (members > 0) rooms.insert(room);
    }
    return rooms;
  }

  void everybody_leaves() {
    for (const auto& [room, members] : members_) {
      user_.broker().unsubscribe(std::vector<std::string>(static_cast<std::size_t>(members), room));
    }
    user_.when_envelope = nullptr;
  }

  bool waits() const { return waiting_ > 0; }
  std::size_t must() const { return must_.size(); }

  bool has_missed() const {
    for (const auto& text : must_) {
      if (!came_.contains(text)) return true;
    }
    return false;
  }

 private:
  void join(const std::string& room) {
    ++members_[room];
    ++waiting_;
    const int stay = stays_[room];
    user_.broker().subscribe({room}, [this, room, stay](const auto&) {
      --waiting_;
      if (stays_[room] == stay) subscribed_.insert(room);
    });
  }

  void leave(const std::string& room) {
    if (members_[room] == 0) return;
    user_.broker().unsubscribe({room});
    if (--members_[room] > 0) return;
    ++stays_[room];
    subscribed_.erase(room);
  }

  void publish(const std::string& room) {
    const auto text = std::to_string(++published_);
    redis_.publish(room, text);
    if (subscribed_.contains(room)) must_.insert(text);
  }

  BrokerUser& user_;
  FakeRedis& redis_;
  std::mt19937 random_;
  std::map<std::string, int> members_;
  std::map<std::string, int> stays_;  // How often the last member has left.
  std::set<std::string> subscribed_;
  std::set<std::string> must_;
  std::set<std::string> came_;
  int waiting_ = 0;
  int published_ = 0;
};

TEST_F(RedisGapTest, NothingIsMissedUnderRandomJoinsAndLeaves) {
  auto& user = world_.start(options());
  std::size_t must = 0;
  for (unsigned seed = 0; seed < 20; ++seed) {
    redis_.hold(true);
    Crowd crowd(user, redis_, seed);
    for (int i = 0; i < 2'000; ++i) {
      crowd.step();
      world_.run_ready();
    }
    redis_.hold(false);
    EXPECT_TRUE(world_.run_until([&] { return !crowd.waits() && !crowd.has_missed(); }))
        << "seed " << seed;
    EXPECT_TRUE(world_.run_until([&] { return redis_.subscribed() == crowd.needed(); }));
    must += crowd.must();
    crowd.everybody_leaves();
  }
  EXPECT_GT(must, 1'000u);
  EXPECT_EQ(user.count(Counter::subscriptions_late), 0u);
  EXPECT_EQ(user.count(Counter::broker_unexpected), 0u);
  EXPECT_EQ(user.count(Counter::broker_connections_lost), 0u);
}

}  // namespace
}  // namespace wscast::test
