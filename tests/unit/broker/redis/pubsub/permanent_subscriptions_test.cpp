#include "broker/redis/pubsub/permanent_subscriptions.h"

#include <string>

#include <gmock/gmock.h>

#include "unit/broker/redis/redis_commands.h"

namespace wscast::redis {
namespace {

using testing::ElementsAre;

TEST(PermanentSubscriptionsTest, EachNameHasACommandOfItsOwnOncePerConnection) {
  PermanentSubscriptions permanent({.channels = {"a", "b"}, .patterns = {"p*"}});
  SubscribeCommands commands;
  for (int connection = 0; connection < 2; ++connection) {
    EXPECT_FALSE(permanent.due());
    permanent.on_connected();
    EXPECT_TRUE(permanent.due());
    std::string out;
    permanent.write(out, commands);
    permanent.write(out, commands);
    EXPECT_THAT(commands_in(out),
                ElementsAre(ElementsAre("PSUBSCRIBE", "p*"), ElementsAre("SUBSCRIBE", "a"),
                            ElementsAre("SUBSCRIBE", "b")));
    EXPECT_TRUE(permanent.confirm(commands.confirm(SubscribeVerb::psubscribe, "p*")));
    EXPECT_TRUE(permanent.confirm(commands.confirm(SubscribeVerb::subscribe, "a")));
    EXPECT_FALSE(permanent.complete());
    EXPECT_TRUE(permanent.confirm(commands.confirm(SubscribeVerb::subscribe, "b")));
    EXPECT_TRUE(permanent.complete());
    permanent.on_disconnected();
  }
}

TEST(PermanentSubscriptionsTest, AnotherChannelIsNoneOfThem) {
  PermanentSubscriptions permanent({.channels = {"a"}});
  const ChannelNode other("a", ChannelEntry{});
  EXPECT_FALSE(permanent.contains(&other));
  EXPECT_FALSE(permanent.confirm(&other));
  EXPECT_FALSE(permanent.complete());
}

TEST(PermanentSubscriptionsTest, WithoutNamesItIsCompleteAtOnce) {
  PermanentSubscriptions permanent({});
  permanent.on_connected();
  EXPECT_FALSE(permanent.due());
  EXPECT_TRUE(permanent.complete());
}

}  // namespace
}  // namespace wscast::redis
