#include "broker/redis/pubsub/subscribe_commands.h"

#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>

#include "unit/broker/redis/redis_commands.h"

namespace wscast::redis {
namespace {

using testing::ElementsAre;

class SubscribeCommandsTest : public testing::Test {
 protected:
  std::vector<std::vector<std::string>> write(const std::vector<ChannelNode*>& nodes,
                                              SubscribeVerb verb = SubscribeVerb::subscribe) {
    std::string out;
    SubscribeCommands::Writer writer(out, commands_, verb);
    for (auto* node : nodes) writer.add(*node);
    writer.flush();
    return commands_in(out);
  }

  ChannelNode* confirm(std::string_view channel) {
    return commands_.confirm(SubscribeVerb::subscribe, channel);
  }

  SubscribeCommands commands_;
  ChannelNode a_{"a", ChannelEntry{}};
  ChannelNode b_{"b", ChannelEntry{}};
  ChannelNode c_{"c", ChannelEntry{}};
};

TEST_F(SubscribeCommandsTest, ChannelsShareACommandButForSuspectOnes) {
  EXPECT_THAT(write({&a_, &b_}), ElementsAre(ElementsAre("SUBSCRIBE", "a", "b")));
  b_.second.suspect = true;
  EXPECT_THAT(write({&a_, &b_, &c_}, SubscribeVerb::unsubscribe),
              ElementsAre(ElementsAre("UNSUBSCRIBE", "a"), ElementsAre("UNSUBSCRIBE", "b"),
                          ElementsAre("UNSUBSCRIBE", "c")));
}

TEST_F(SubscribeCommandsTest, OnlyTheOldestCommandIsConfirmed) {
  write({&a_, &b_});
  write({&c_});
  EXPECT_EQ(confirm("c"), nullptr);
  EXPECT_EQ(commands_.confirm(SubscribeVerb::unsubscribe, "a"), nullptr);
  EXPECT_EQ(confirm("b"), &b_) << "in any order within a command";
  EXPECT_EQ(confirm("b"), nullptr);
  EXPECT_EQ(confirm("a"), &a_);
  EXPECT_EQ(confirm("c"), &c_);
  EXPECT_EQ(confirm("c"), nullptr);
}

TEST_F(SubscribeCommandsTest, ARefusedCommandIsTheOldestWithoutWhatItConfirmed) {
  EXPECT_FALSE(commands_.take_refused());
  write({&a_, &b_});
  write({&c_});
  confirm("a");
  const auto refused = commands_.take_refused();
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->verb, SubscribeVerb::subscribe);
  EXPECT_THAT(refused->nodes, ElementsAre(&b_));
  EXPECT_EQ(confirm("c"), &c_);
}

TEST_F(SubscribeCommandsTest, ClearedItExpectsNothing) {
  write({&a_});
  commands_.clear();
  EXPECT_EQ(confirm("a"), nullptr);
}

}  // namespace
}  // namespace wscast::redis
