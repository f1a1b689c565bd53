#include "protocol/history_messages.h"

#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/client_id.h"
#include "base/random.h"
#include "protocol/backplane_message.h"
#include "protocol/json_number.h"

namespace wscast::protocol {
namespace {

TEST(HistoryMessages, H4AClientAsksByOne) {
  EXPECT_TRUE(parse_extensions(R"({"positions":1})").positions);
  for (const char* ext : {R"({"positions":2})", R"({"positions":true})", R"({"positions":"1"})",
                          R"({})", "null", "[1]", "7", R"("positions")"}) {
    EXPECT_FALSE(parse_extensions(ext).positions) << ext;
  }
  EXPECT_FALSE(parse_extensions(std::nullopt).positions);
}

TEST(HistoryMessages, H5AJoinMayComeWithIt) {
  const auto both = parse_extensions(R"({"positions":1,"join":{"data":{"rooms":["a"]},"id":[7]}})");
  ASSERT_TRUE(both.join);
  EXPECT_EQ(both.join->data, R"({"rooms":["a"]})");
  EXPECT_EQ(both.join->id, "[7]");
  const auto without_id = parse_extensions(R"({"positions":1,"join":{"data":1}})");
  ASSERT_TRUE(without_id.join);
  EXPECT_EQ(without_id.join->id, std::nullopt);
  EXPECT_FALSE(parse_extensions(R"({"positions":1,"join":{"id":1}})").join);
  EXPECT_FALSE(parse_extensions(R"({"positions":1,"join":[]})").join);
  EXPECT_FALSE(parse_extensions(R"({"join":{"data":1}})").join);
}

TEST(HistoryMessages, H5ReadsWhatWasSeen) {
  const ClientId former = ClientId::generate(system_random());
  const auto recovery =
      parse_recovery(R"({"rooms":["a"],"recover":{"ids":["x",7,")" + former.text() +
                         R"("],"rooms":{"a":{"offset":3,"epoch":"e"},)"
                         R"("b\n":{"offset":0,"epoch":""}}}})",
                     10);
  EXPECT_EQ(recovery.ids, std::vector{former});
  ASSERT_EQ(recovery.rooms.size(), 2u);
  ASSERT_NE(recovery.seen_of("a"), nullptr);
  EXPECT_EQ(*recovery.seen_of("a"), (Position{3, "e"}));
  EXPECT_EQ(*recovery.seen_of("b\n"), (Position{0, ""}));
  EXPECT_EQ(recovery.seen_of("c"), nullptr);
}

TEST(HistoryMessages, H5AtMost16FormerIds) {
  std::string ids;
  for (int i = 0; i < 20; ++i) {
    ids += (i == 0 ? "\"" : ",\"") + ClientId::generate(system_random()).text() + '"';
  }
  EXPECT_EQ(parse_recovery(R"({"recover":{"ids":[)" + ids + "]}}", 10).ids.size(), 16u);
  EXPECT_TRUE(parse_recovery(R"({"recover":{"ids":{"a":1}}})", 10).ids.empty());
}

TEST(HistoryMessages, H5WhatIsNoPositionIsSkipped) {
  const std::string long_epoch(65, 'x');
  for (const std::string& position :
       {std::string(R"({"offset":-1,"epoch":"e"})"), std::string(R"({"offset":1.5,"epoch":"e"})"),
        std::string(R"({"offset":"1","epoch":"e"})"), std::string(R"({"offset":1})"),
        std::string(R"({"epoch":"e"})"), std::string(R"({"offset":1,"epoch":7})"),
        std::string(R"({"offset":9007199254740992,"epoch":"e"})"), std::string("null"),
        std::string("[]"), R"({"offset":1,"epoch":")" + long_epoch + "\"}"}) {
    const std::string data = R"({"recover":{"rooms":{"a":)" + position + "}}}";
    EXPECT_TRUE(parse_recovery(data, 10).rooms.empty()) << position;
  }
  for (const char* data : {R"({"recover":7})", R"({"recover":{"rooms":[]}})", R"({})", "null",
                           R"({"recover":{"rooms":{"\ud800":{"offset":1,"epoch":"e"}}}})"}) {
    EXPECT_TRUE(parse_recovery(data, 10).rooms.empty()) << data;
  }
}

TEST(HistoryMessages, H5ReadsNoMoreRoomsThanMayBeNamed) {
  const std::string one = R"({"offset":1,"epoch":"e"})";
  const auto recovery =
      parse_recovery(R"({"recover":{"rooms":{"a":)" + one + R"(,"b":)" + one + "}}}", 1);
  EXPECT_EQ(recovery.rooms.size(), 1u);
}

TEST(HistoryMessages, H5PositionsSayWhatBecameOfEachRoom) {
  const Position position{3, "e"};
  const std::vector<RoomPosition> rooms = {
      {.room = "fresh", .position = &position},
      {.room = "unknown"},
      {.room = "back\"", .position = &position, .asked = true},
      {.room = "lost", .position = &position, .asked = true, .lost = LossReason::window},
      {.room = "away", .asked = true, .lost = LossReason::unavailable}};
  EXPECT_EQ(positions_json(rooms),
            R"({"fresh":{"offset":3,"epoch":"e"},"unknown":null,)"
            R"("back\"":{"offset":3,"epoch":"e","recovered":true},)"
            R"("lost":{"offset":3,"epoch":"e","recovered":false,"reason":"window"},)"
            R"("away":{"offset":null,"epoch":null,"recovered":false,"reason":"unavailable"}})");
  EXPECT_EQ(positions_json({}), "{}");
}

TEST(HistoryMessages, H6AGapSaysWhatIsMissing) {
  const Position position{9, "e"};
  EXPECT_EQ(
      marked(gap_message(
          {.room = "r", .from = 4, .to = 9, .reason = LossReason::window, .position = &position})),
      R"({"event":"gap","data":{"room":"r","from":4,"to":9,"reason":"window",)"
      R"("position":{"offset":9,"epoch":"e"}},"server":true})");
  EXPECT_EQ(gap_message({.room = "r", .reason = LossReason::epoch}),
            R"({"event":"gap","data":{"room":"r","from":null,"to":null,"reason":"epoch",)"
            R"("position":null}})");
}

TEST(HistoryMessages, H5EachReasonHasAWord) {
  EXPECT_EQ(to_string(LossReason::epoch), "epoch");
  EXPECT_EQ(to_string(LossReason::window), "window");
  EXPECT_EQ(to_string(LossReason::limit), "limit");
  EXPECT_EQ(to_string(LossReason::unavailable), "unavailable");
}

TEST(HistoryMessages, H4APositionComesBehindTheData) {
  EXPECT_EQ(position_tail("a\"b", 7), R"(,"room":"a\"b","offset":7})");
}

TEST(JsonNumber, WholeNumbersAsJavaScriptHasThem) {
  EXPECT_EQ(whole_number("0"), 0u);
  EXPECT_EQ(whole_number("9007199254740991"), kMaxSafeInteger);
  for (const char* text : {"9007199254740992", "-1", "1e3", "1.0", "", "18446744073709551616"}) {
    EXPECT_EQ(whole_number(text), std::nullopt) << text;
  }
}

std::optional<Position> position_of(const std::string& members, BackplaneStatus expected,
                                    std::string_view own = "me", const char* type = "room") {
  const auto parsed =
      parse_backplane_message(R"({"serverId":"other","type":")" + std::string(type) +
                                  R"(","target":"r","event":"e")" + members + "}",
                              own, 10);
  EXPECT_EQ(parsed.status, expected) << members;
  return parsed.message.position;
}

TEST(HistoryMessages, H3AMessageBetweenServersMayHaveAPosition) {
  using enum BackplaneStatus;
  EXPECT_EQ(position_of(R"(,"offset":7,"epoch":"e")", ok), (Position{7, "e"}));
  for (const char* members : {R"(,"offset":0,"epoch":"e")", R"(,"offset":7)", R"(,"epoch":"e")",
                              R"(,"offset":"7","epoch":"e")", R"(,"offset":7,"epoch":"")"}) {
    EXPECT_EQ(position_of(members, ok), std::nullopt);
  }
  EXPECT_EQ(position_of(R"(,"offset":7,"epoch":"e")", ok, "me", "user"), std::nullopt);
}

TEST(HistoryMessages, H3ItsPublisherActsOnItToo) {
  using enum BackplaneStatus;
  EXPECT_EQ(position_of(R"(,"offset":7,"epoch":"e")", ok, "other"), (Position{7, "e"}));
  position_of("", own, "other");
  position_of(R"(,"offset":7,"epoch":"e")", own, "other", "user");
}

}  // namespace
}  // namespace wscast::protocol
