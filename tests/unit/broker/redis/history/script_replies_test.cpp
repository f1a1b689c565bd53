#include "broker/redis/history/script_replies.h"

#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace wscast::redis {
namespace {

using Kind = RespValue::Kind;
using testing::ElementsAre;

RespValue texts(const std::vector<std::string_view>& texts) {
  RespValue array{.kind = Kind::array};
  for (const auto text : texts) array.elements.push_back({.kind = Kind::bulk, .text = text});
  return array;
}

TEST(ScriptRepliesTest, AnAppend) {
  const auto appends = parse_append_reply({.kind = Kind::bulk, .text = "12 e 0"}, 1);
  ASSERT_TRUE(appends);
  EXPECT_EQ(appends->at(0).position, (Position{12, "e"}));
  EXPECT_FALSE(appends->at(0).repeated);
  EXPECT_TRUE(appends->at(0).kept);
  EXPECT_EQ(appends->at(0).refusal, "");
}

TEST(ScriptRepliesTest, AppendsOfABatch) {
  const auto appends = parse_append_reply(
      {.kind = Kind::bulk, .text = "12 e 0\n7 e 1\n13 e NOPERM no\n-OOM command"}, 4);
  ASSERT_TRUE(appends);
  ASSERT_EQ(appends->size(), 4u);
  EXPECT_EQ(appends->at(0).position, (Position{12, "e"}));
  EXPECT_TRUE(appends->at(1).repeated);
  EXPECT_TRUE(appends->at(2).kept);
  EXPECT_EQ(appends->at(2).refusal, "NOPERM no");
  EXPECT_FALSE(appends->at(3).kept);
  EXPECT_EQ(appends->at(3).refusal, "OOM command");
}

TEST(ScriptRepliesTest, AppendsOfAnotherNumberOfMessagesAreNone) {
  const RespValue two{.kind = Kind::bulk, .text = "12 e 0\n13 e 0"};
  EXPECT_FALSE(parse_append_reply(two, 1));
  EXPECT_TRUE(parse_append_reply(two, 2));
  EXPECT_FALSE(parse_append_reply(two, 3));
}

TEST(ScriptRepliesTest, APage) {
  const auto read = parse_read_reply(texts({"e", "12", "11", "10", "{}", "11", ""}));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->last, (Position{12, "e"}));
  EXPECT_EQ(read->through, 11u);
  ASSERT_EQ(read->entries.size(), 2u);
  EXPECT_EQ(read->entries[0].offset, 10u);
  EXPECT_EQ(read->entries[0].envelope, "{}");
  EXPECT_EQ(read->entries[1].offset, 11u);
  EXPECT_TRUE(parse_read_reply(texts({"e", "0", "0"}))->entries.empty());
}

TEST(ScriptRepliesTest, AMessageThatIsTooLongIsAHole) {
  auto reply = texts({"e", "12", "12", "11", "long", "12", "{}"});
  reply.elements[4] = {.kind = Kind::oversize, .integer = 1 << 30};
  const auto read = parse_read_reply(reply);
  ASSERT_TRUE(read);
  ASSERT_EQ(read->entries.size(), 1u);
  EXPECT_EQ(read->entries[0].offset, 12u);
}

TEST(ScriptRepliesTest, Positions) {
  auto reply = texts({"e", "12", "", "", "f", "0"});
  reply.elements[2] = {.kind = Kind::error, .text = "WRONGTYPE no"};
  const auto read = parse_positions_reply(reply, 3);
  ASSERT_TRUE(read);
  EXPECT_THAT(read->positions, ElementsAre(Position{12, "e"}, std::nullopt, Position{0, "f"}));
  EXPECT_EQ(read->refusal, "WRONGTYPE no");
  EXPECT_FALSE(parse_positions_reply(reply, 2));
}

TEST(ScriptRepliesTest, AnyOtherReplyIsNothing) {
  const std::vector<RespValue> others = {{},
                                         {.kind = Kind::error, .text = "ERR"},
                                         {.kind = Kind::integer, .integer = 1},
                                         {.kind = Kind::array},
                                         texts({""}),
                                         texts({"e", "12"}),
                                         texts({"e", "", "0"}),
                                         texts({"e", "-1", "0"}),
                                         texts({"e", "1x", "0"}),
                                         texts({"e", "18446744073709551616", "0"}),
                                         texts({"", "1", "0"})};
  for (std::size_t i = 0; i < others.size(); ++i) {
    EXPECT_FALSE(parse_append_reply(others[i], 1)) << i;
    EXPECT_FALSE(parse_read_reply(others[i])) << i;
    EXPECT_FALSE(parse_positions_reply(others[i], 2)) << i;
  }
  EXPECT_FALSE(parse_read_reply(texts({"e", "1", "1", "1"})));
  EXPECT_FALSE(parse_read_reply(texts({"e", "1", "1", "x", "{}"})));
  EXPECT_FALSE(parse_read_reply(texts({"e", "1", "x"})));
}

}  // namespace
}  // namespace wscast::redis
