#include "protocol/backplane_message.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "protocol/json_scanner.h"

namespace wscast::protocol {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

using Ids = std::vector<std::string>;

constexpr std::string_view kOwnId = "own";

ParsedBackplaneMessage parse(std::string_view text, std::size_t max_depth = kMaxJsonDepth) {
  return parse_backplane_message(text, kOwnId, max_depth);
}

BackplaneStatus status(std::string_view text) {
  return parse(text).status;
}

/// A message of another server's with these members behind `serverId` and `event`.
std::string with(std::string_view members) {
  return std::string(R"({"serverId":"s","event":"e",)").append(members).append("}");
}

std::string nested(std::size_t depth) {
  return std::string(depth, '[') + std::string(depth, ']');
}

// shows: A-type-IRedisSocketMessage
TEST(BackplaneMessage, WritesTheKeysOfTheReferenceInItsOrder) {
  EXPECT_EQ(backplane_message({.server_id = "s",
                               .type = BackplaneTarget::room,
                               .target = "r",
                               .event = "e",
                               .data = R"({ "a" : 1e999 })",
                               .exclude = nullptr}),
            R"({"serverId":"s","type":"room","target":"r","event":"e","data":{ "a" : 1e999 }})");
  const Ids ids = {"c1", "c2"};
  EXPECT_EQ(backplane_message({.server_id = "s",
                               .type = BackplaneTarget::room,
                               .target = "r",
                               .event = "e",
                               .data = "null",
                               .exclude = &ids}),
            R"({"serverId":"s","type":"room","target":"r","event":"e","data":null,)"
            R"("exclude":["c1","c2"]})");
}

TEST(BackplaneMessage, WritesEachTypeByItsName) {
  const auto of = [](BackplaneTarget type) {
    return backplane_message({.server_id = "s", .type = type, .target = "t", .event = "e"});
  };
  EXPECT_EQ(of(BackplaneTarget::client),
            R"({"serverId":"s","type":"client","target":"t","event":"e"})");
  EXPECT_EQ(of(BackplaneTarget::user),
            R"({"serverId":"s","type":"user","target":"t","event":"e"})");
  EXPECT_EQ(of(BackplaneTarget::room),
            R"({"serverId":"s","type":"room","target":"t","event":"e"})");
  EXPECT_EQ(of(BackplaneTarget::broadcast), R"({"serverId":"s","type":"broadcast","event":"e"})");
}

TEST(BackplaneMessage, WritesAnEmptyExclude) {
  const Ids none;
  EXPECT_EQ(backplane_message({.server_id = "s", .event = "e", .exclude = &none}),
            R"({"serverId":"s","type":"broadcast","event":"e","exclude":[]})");
}

TEST(BackplaneMessage, EscapesAsTheReferenceDoes) {
  const Ids ids = {"\x1f"};
  EXPECT_EQ(backplane_message({.server_id = "\"",
                               .type = BackplaneTarget::user,
                               .target = "\\/",
                               .event = "\n\xc3\xa9",
                               .exclude = &ids}),
            R"({"serverId":"\"","type":"user","target":"\\/","event":"\n)"
            "\xc3\xa9"
            R"(","exclude":["\u001f"]})");
}

TEST(BackplaneMessage, ReadsWhatWasWritten) {
  const Ids ids = {"c\n1", "c2"};
  const auto text = backplane_message({.server_id = "s",
                                       .type = BackplaneTarget::room,
                                       .target = "r\xf0\x9f\x98\x80",
                                       .event = "e\"",
                                       .data = "[1, 2]",
                                       .exclude = &ids});
  const auto [status, message] = parse(text);
  EXPECT_EQ(status, BackplaneStatus::ok);
  EXPECT_EQ(message.type, BackplaneTarget::room);
  EXPECT_EQ(message.target, "r\xf0\x9f\x98\x80");
  EXPECT_EQ(message.event, "e\"");
  EXPECT_EQ(message.data, "[1, 2]");
  EXPECT_EQ(message.exclude, ids);
}

TEST(BackplaneMessage, X12AMessageThatIsFollowedHasAnId) {
  const auto text = backplane_message({.server_id = "s", .event = "e", .trace = "id-1"});
  EXPECT_EQ(text, R"({"serverId":"s","type":"broadcast","event":"e","trace":"id-1"})");
  EXPECT_EQ(parse(text).message.trace, "id-1");
  EXPECT_EQ(parse(with(R"("type":"broadcast")")).message.trace, "");
}

TEST(BackplaneMessage, X12WhatIsNoIdIsNone) {
  for (const std::string& value : {std::string("1"), std::string("null"), std::string(R"(["x"])"),
                                   std::string(R"("\ud800")"), '"' + std::string(65, 'x') + '"'}) {
    const auto [status, message] = parse(with(R"("type":"broadcast","trace":)" + value));
    EXPECT_EQ(status, BackplaneStatus::ok) << value;
    EXPECT_EQ(message.trace, "") << value;
  }
}

TEST(BackplaneMessage, DataIsASliceOfWhatCame) {
  const auto text = with(R"("data": {"a": [ 1 ]} ,"type":"broadcast")");
  const auto parsed = parse(text);
  ASSERT_TRUE(parsed.message.data);
  EXPECT_EQ(*parsed.message.data, R"({"a": [ 1 ]})");
  EXPECT_GE(parsed.message.data->data(), text.data());
  EXPECT_EQ(parse(with(R"("type":"broadcast","data":null)")).message.data, "null");
  EXPECT_FALSE(parse(with(R"("type":"broadcast")")).message.data);
}

TEST(BackplaneMessage, R1_WhatIsNoMessageIsMalformed) {
  for (const auto* text :
       {"", "x", "null", "1", "[]", R"("serverId")", "{}", "{", R"({"serverId":"s"})",
        R"({"event":"e","type":"broadcast"})", R"({"serverId":"s","type":"broadcast"})",
        R"({"serverId":1,"event":"e","type":"broadcast"})",
        R"({"serverId":null,"event":"e","type":"broadcast"})",
        R"({"serverId":"s","event":["e"],"type":"broadcast"})",
        R"({"serverId":"s","event":null,"type":"broadcast"})",
        R"({"serverId":"s","event":"e","type":"broadcast"}x)",
        R"({"serverId":"s","event":"e","type":"broadcast",})"}) {
    EXPECT_EQ(status(text), BackplaneStatus::malformed) << text;
  }
}

TEST(BackplaneMessage, R1_InvalidUtf8IsMalformedWhereverItIs) {
  EXPECT_EQ(status(with("\"type\":\"broadcast\",\"data\":\"\xff\"")), BackplaneStatus::malformed);
  EXPECT_EQ(status(with("\"type\":\"broadcast\",\"x\":\"\xed\xa0\x80\"")),
            BackplaneStatus::malformed);
  EXPECT_EQ(status(R"({"serverId":"s","event":"\ud800","type":"broadcast"})"),
            BackplaneStatus::malformed);
}

TEST(BackplaneMessage, R2_OurOwnMessagesAreKnown) {
  EXPECT_EQ(status(R"({"serverId":"own","event":"e","type":"broadcast"})"), BackplaneStatus::own);
  EXPECT_EQ(status(R"({"serverId":"\u006fwn","event":"e"})"), BackplaneStatus::own);
  EXPECT_EQ(status(R"({"serverId":"OWN","event":"e","type":"broadcast"})"), BackplaneStatus::ok);
  EXPECT_EQ(status(R"({"serverId":"own\ud800","event":"e","type":"broadcast"})"),
            BackplaneStatus::ok);
  EXPECT_EQ(status(R"({"serverId":"","event":"e","type":"broadcast"})"), BackplaneStatus::ok);
}

TEST(BackplaneMessage, R3_AnUnknownTypeIsUnroutable) {
  for (const auto* members :
       {R"("target":"t")", R"("type":"rooms","target":"t")", R"("type":"Room","target":"t")",
        R"("type":"","target":"t")", R"("type":1,"target":"t")", R"("type":null,"target":"t")",
        R"("type":["room"],"target":"t")", R"("type":"room\ud800","target":"t")"}) {
    EXPECT_EQ(status(with(members)), BackplaneStatus::unroutable) << members;
  }
}

TEST(BackplaneMessage, R3_ANeededTargetIsANonEmptyString) {
  for (const std::string type : {"client", "user", "room"}) {
    const auto members = R"("type":")" + type + '"';
    for (const auto* target : {"", R"(,"target":"")", R"(,"target":null)", R"(,"target":1)",
                               R"(,"target":["t"])", R"(,"target":"\ud800")"}) {
      EXPECT_EQ(status(with(members + target)), BackplaneStatus::unroutable) << type << target;
    }
    EXPECT_EQ(parse(with(members + R"(,"target":"t")")).message.target, "t");
  }
  for (const auto* target : {"", R"(,"target":"")", R"(,"target":1)", R"(,"target":"t")"}) {
    const auto parsed = parse(with(R"("type":"broadcast")" + std::string(target)));
    EXPECT_EQ(parsed.status, BackplaneStatus::ok) << target;
    EXPECT_EQ(parsed.message.target, "") << target;
  }
}

TEST(BackplaneMessage, R4_TypeAndTargetSayWhomItIsFor) {
  const auto type = [](std::string_view name) {
    const auto members = std::string(R"("type":")").append(name).append(R"(","target":"t")");
    return parse(with(members)).message.type;
  };
  EXPECT_EQ(type("client"), BackplaneTarget::client);
  EXPECT_EQ(type("user"), BackplaneTarget::user);
  EXPECT_EQ(type("room"), BackplaneTarget::room);
  EXPECT_EQ(type("broadcast"), BackplaneTarget::broadcast);
  EXPECT_EQ(type("r\\u006fom"), BackplaneTarget::room);
}

TEST(BackplaneMessage, R5_ExcludeIsReadForgivingly) {
  const auto exclude = [](std::string_view value) {
    const auto members = std::string(R"("type":"broadcast","exclude":)").append(value);
    const auto parsed = parse(with(members));
    EXPECT_EQ(parsed.status, BackplaneStatus::ok) << value;
    return parsed.message.exclude;
  };
  EXPECT_THAT(exclude(R"(["a","b","a"])"), ElementsAre("a", "b", "a"));
  EXPECT_THAT(exclude(R"([1,"a",null,["b"],{"c":"d"},"\ud800","\u0065"])"), ElementsAre("a", "e"));
  for (const auto* value :
       {"[]", "null", "1", R"("abc")", R"({"0":"a","length":1})", R"([["a"]])"}) {
    EXPECT_THAT(exclude(value), IsEmpty()) << value;
  }
}

TEST(BackplaneMessage, R5_ExcludeIsOfRoomsAndBroadcastsAlone) {
  const auto excluded = [](std::string_view type) {
    const auto members = std::string(R"("target":"t","exclude":["a"],"type":")").append(type);
    return parse(with(members + '"')).message.exclude.size();
  };
  EXPECT_EQ(excluded("room"), 1u);
  EXPECT_EQ(excluded("broadcast"), 1u);
  EXPECT_EQ(excluded("client"), 0u);
  EXPECT_EQ(excluded("user"), 0u);
}

TEST(BackplaneMessage, R5_ALongExcludeIsReadWhole) {
  const Ids ids(100'000, "01234567-89ab-4cde-8f01-23456789abcd");
  const auto text = backplane_message({.server_id = "s", .event = "e", .exclude = &ids});
  EXPECT_EQ(parse(text).message.exclude.size(), ids.size());
}

TEST(BackplaneMessage, R6_TheEmitterIsNobodysOwn) {
  const auto text = backplane_message({.server_id = kEmitterId, .event = "e"});
  EXPECT_EQ(text, R"({"serverId":"emitter","type":"broadcast","event":"e"})");
  EXPECT_EQ(status(text), BackplaneStatus::ok);
}

TEST(BackplaneMessage, R11_WhatIsNestedTooDeeplyIsMalformed) {
  const auto text = [](std::size_t depth) {
    return with(R"("type":"broadcast","data":)" + nested(depth));
  };
  EXPECT_EQ(parse(text(255)).status, BackplaneStatus::ok);
  EXPECT_EQ(parse(text(256)).status, BackplaneStatus::malformed);
  EXPECT_EQ(parse(text(3), 4).status, BackplaneStatus::ok);
  EXPECT_EQ(parse(text(4), 4).status, BackplaneStatus::malformed);
  EXPECT_EQ(parse(text(200'000)).status, BackplaneStatus::malformed);
}

TEST(BackplaneMessage, OfDuplicateKeysTheLastCounts) {
  const auto text =
      with(R"("type":"room","target":"a","t\u0061rget":"b","type":"user","event":"f","data":1,)"
           R"("data":2)");
  const auto parsed = parse(text);
  EXPECT_EQ(parsed.status, BackplaneStatus::ok);
  EXPECT_EQ(parsed.message.type, BackplaneTarget::user);
  EXPECT_EQ(parsed.message.target, "b");
  EXPECT_EQ(parsed.message.event, "f");
  EXPECT_EQ(parsed.message.data, "2");
}

TEST(BackplaneMessage, UnknownKeysAreIgnored) {
  EXPECT_EQ(status(with(R"("type":"broadcast","id":1,"exclud":["a"])")), BackplaneStatus::ok);
}

TEST(BackplaneMessage, AnEmptyEventIsAString) {
  EXPECT_EQ(status(R"({"serverId":"s","event":"","type":"broadcast"})"), BackplaneStatus::ok);
}

}  // namespace
}  // namespace wscast::protocol
