#include "broker/redis/pubsub/pending_subscriptions.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>

namespace wscast::redis {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::IsEmpty;

class PendingSubscriptionsTest : public testing::Test {
 protected:
  /// A call that waits for `channels`; completed it is `name`, with what was refused.
  void add(const std::string& name, const std::vector<ChannelEntry*>& channels) {
    pending_.begin(callback(name), now_ + milliseconds(1'000));
    for (auto* channel : channels) pending_.wait_for(*channel);
    pending_.end();
  }

  PendingSubscriptions::Done callback(const std::string& name) {
    return [this, name](const std::vector<std::string>& refused) {
      completed_.push_back(name);
      for (const auto& channel : refused) completed_.back() += " without " + channel;
    };
  }

  std::vector<std::string> completed() {
    for (const auto& [done, refused] : pending_.take_completed()) done(refused);
    return std::exchange(completed_, {});
  }

  SteadyTime now_{};
  PendingSubscriptions pending_;
  ChannelEntry a_;
  ChannelEntry b_;
  std::vector<std::string> completed_;
};

TEST_F(PendingSubscriptionsTest, ACallIsCompletedWhenAllItsChannelsAreSettled) {
  add("both", {&a_, &b_});
  add("second", {&b_});
  pending_.on_settled(b_);
  EXPECT_THAT(completed(), ElementsAre("second"));
  pending_.on_settled(a_);
  EXPECT_THAT(completed(), ElementsAre("both"));
  EXPECT_EQ(pending_.take_late(), 0u);
  EXPECT_EQ(pending_.next_deadline(), std::nullopt);
}

TEST_F(PendingSubscriptionsTest, ACallWithoutChannelsIsCompletedAtOnce) {
  add("first", {&a_});
  add("nothing", {});
  EXPECT_THAT(completed(), ElementsAre("nothing"));
  pending_.on_settled(a_);
  EXPECT_THAT(completed(), ElementsAre("first"));
}

TEST_F(PendingSubscriptionsTest, ItGetsTheChannelsThatWereRefused) {
  add("both", {&a_, &b_});
  const std::string_view name = "b";
  pending_.on_settled(b_, &name);
  pending_.on_settled(a_);
  EXPECT_THAT(completed(), ElementsAre("both without b"));
}

TEST_F(PendingSubscriptionsTest, AtItsDeadlineItIsCompletedAsLate) {
  add("first", {&a_});
  now_ += milliseconds(500);
  add("second", {&a_});
  EXPECT_EQ(pending_.next_deadline(), now_ + milliseconds(500));
  pending_.expire(now_ + milliseconds(499));
  EXPECT_THAT(completed(), IsEmpty());
  pending_.expire(now_ + milliseconds(500));
  EXPECT_THAT(completed(), ElementsAre("first"));
  EXPECT_EQ(pending_.take_late(), 1u);
  EXPECT_EQ(pending_.take_late(), 0u);
  pending_.on_settled(a_);
  EXPECT_THAT(completed(), ElementsAre("second"));
  EXPECT_EQ(pending_.take_late(), 0u);
}

TEST_F(PendingSubscriptionsTest, AChannelSaysWhetherACallWentOnWithoutIt) {
  add("first", {&a_, &b_});
  EXPECT_FALSE(pending_.on_settled(b_)) << "in time";
  now_ += milliseconds(500);
  add("second", {&b_});
  add("third", {&a_});
  pending_.expire(now_ + milliseconds(500));
  EXPECT_TRUE(pending_.on_settled(a_));
  EXPECT_FALSE(pending_.on_settled(a_)) << "nobody waits any more";
  EXPECT_FALSE(pending_.on_settled(b_));
  EXPECT_THAT(completed(), ElementsAre("first", "third", "second"));
}

TEST_F(PendingSubscriptionsTest, WithoutAConnectionAllAreLate) {
  add("first", {&a_});
  pending_.expire_all();
  pending_.add_late(callback("second"));
  EXPECT_THAT(completed(), ElementsAre("first", "second"));
  EXPECT_EQ(pending_.take_late(), 2u);
}

}  // namespace
}  // namespace wscast::redis
