#include "protocol/rooms_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace wscast::protocol {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::size_t kMany = 1000;

std::string repeated(std::string_view piece, std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += piece;
  return text;
}

std::string data_with(std::string_view name_text) {
  return std::string(R"({"rooms":[)").append(name_text).append("]}");
}

bool may_join(std::string_view name_text) {
  const auto request = parse_rooms(data_with(name_text), kMany);
  EXPECT_EQ(request.rooms.size() + request.dropped, 1u);
  return request.rooms.size() == 1;
}

TEST(RoomsRequest, M7_NamesAreKeptInOrderWithDuplicates) {
  const auto request = parse_rooms(R"({"rooms":["b", "a" ,"b","\u0061"]})", kMany);
  EXPECT_THAT(request.rooms, ElementsAre("b", "a", "b", "a"));
  EXPECT_EQ(request.dropped, 0u);
  EXPECT_FALSE(request.too_many);
}

TEST(RoomsRequest, M7_WhatIsNoNameIsDropped) {
  const auto request = parse_rooms(
      R"({"rooms":["a",1,null,true,{"rooms":["x"]},["y"],"","ws:","ws:room:a","w\u0073:b","z"]})",
      kMany);
  EXPECT_THAT(request.rooms, ElementsAre("a", "z"));
  EXPECT_EQ(request.dropped, 9u);
}

TEST(RoomsRequest, M7_OnlyThePrefixIsReserved) {
  EXPECT_TRUE(may_join(R"("ws")"));
  EXPECT_TRUE(may_join(R"("ws-default")"));
  EXPECT_TRUE(may_join(R"("WS:a")"));
  EXPECT_TRUE(may_join(R"(" ws:a")"));
  EXPECT_TRUE(may_join(R"("a ws:")"));
  EXPECT_TRUE(may_join(R"("\u0000")"));
}

TEST(RoomsRequest, M7_NamesUpTo256CodeUnits) {
  EXPECT_TRUE(may_join('"' + repeated("x", 256) + '"'));
  EXPECT_FALSE(may_join('"' + repeated("x", 257) + '"'));
  EXPECT_TRUE(may_join('"' + repeated("\xe2\x82\xac", 256) + '"'));
  EXPECT_FALSE(may_join('"' + repeated("\xe2\x82\xac", 257) + '"'));
  EXPECT_TRUE(may_join('"' + repeated("\xf0\x9f\x98\x80", 128) + '"'));
  EXPECT_FALSE(may_join('"' + repeated("\xf0\x9f\x98\x80", 128) + "x\""));
  EXPECT_TRUE(may_join('"' + repeated("\\u0061", 256) + '"'));
  EXPECT_FALSE(may_join('"' + repeated("\\u0061", 256) + "x\""));
  EXPECT_FALSE(may_join('"' + repeated("x", 100'000) + '"'));
}

TEST(RoomsRequest, M7_TheRulesAreTheSameForDecodedNames) {
  EXPECT_TRUE(is_valid_room_name("a"));
  EXPECT_TRUE(is_valid_room_name(repeated("x", 256)));
  EXPECT_FALSE(is_valid_room_name(repeated("x", 257)));
  EXPECT_FALSE(is_valid_room_name(""));
  EXPECT_FALSE(is_valid_room_name("ws:a"));
}

TEST(RoomsRequest, M10_AnythingButAnArrayIsAnEmptyList) {
  for (const auto* data :
       {"null", "1", R"("rooms")", "[]", R"(["a"])", "{}", R"({"rooms":null})", R"({"rooms":"a"})",
        R"({"rooms":7})", R"({"rooms":{"0":"a","length":1}})", R"({"rooms":[]})",
        R"({"room":["a"]})"}) {
    for (const auto& request : {parse_rooms(data, kMany), parse_rooms_to_leave(data, kMany)}) {
      EXPECT_THAT(request.rooms, IsEmpty()) << data;
      EXPECT_EQ(request.dropped, 0u) << data;
      EXPECT_FALSE(request.too_many) << data;
    }
  }
  EXPECT_THAT(parse_rooms(std::nullopt, kMany).rooms, IsEmpty());
  EXPECT_THAT(parse_rooms_to_leave(std::nullopt, kMany).rooms, IsEmpty());
}

TEST(RoomsRequest, M11_TheLastRoomsCount) {
  EXPECT_THAT(parse_rooms(R"({"rooms":["a"],"r\u006foms":["b"]})", kMany).rooms, ElementsAre("b"));
  EXPECT_THAT(parse_rooms(R"({"rooms":["a"],"rooms":null})", kMany).rooms, IsEmpty());
}

TEST(RoomsRequest, M16_ANameWithALoneSurrogateIsDropped) {
  const auto join = parse_rooms(R"({"rooms":["a\ud800","b","\udc00"]})", kMany);
  EXPECT_THAT(join.rooms, ElementsAre("b"));
  EXPECT_EQ(join.dropped, 2u);
  EXPECT_THAT(parse_rooms_to_leave(R"({"rooms":["a\ud800","b"]})", kMany).rooms, ElementsAre("b"));
}

TEST(RoomsRequest, M8_ALeaveMayNameAnyRoom) {
  const auto long_name = repeated("x", 1000);
  const auto request =
      parse_rooms_to_leave(data_with(R"("ws:a","",1,"b",")" + long_name + '"'), kMany);
  EXPECT_THAT(request.rooms, ElementsAre("ws:a", "", "b", long_name));
  EXPECT_EQ(request.dropped, 1u);
}

TEST(RoomsRequest, EntriesBeyondTheLimitAreNotRead) {
  const auto data = data_with(repeated(R"("a",)", 100'000) + R"("a")");
  const auto request = parse_rooms(data, 10);
  EXPECT_EQ(request.rooms.size(), 10u);
  EXPECT_TRUE(request.too_many);
  EXPECT_LE(request.rooms.capacity(), 20u);
}

TEST(RoomsRequest, DroppedEntriesCountForTheLimit) {
  const auto request = parse_rooms(R"({"rooms":[1,"a",2,"b"]})", 3);
  EXPECT_THAT(request.rooms, ElementsAre("a"));
  EXPECT_EQ(request.dropped, 2u);
  EXPECT_TRUE(request.too_many);
}

TEST(RoomsRequest, AsManyAsTheLimitAreNotTooMany) {
  EXPECT_FALSE(parse_rooms(R"({"rooms":["a","b"]})", 2).too_many);
  EXPECT_TRUE(parse_rooms(R"({"rooms":["a","b","c"]})", 2).too_many);
  EXPECT_FALSE(parse_rooms(R"({"rooms":[]})", 0).too_many);
  EXPECT_TRUE(parse_rooms(R"({"rooms":["a"]})", 0).too_many);
}

TEST(RoomsRequest, X1_KeepsTheTextsOfAllNamesUsableOrNot) {
  const std::string_view data = R"({"rooms":["a", "\u0061" ,7,"ws:b","\ud800",null]})";
  const auto join = parse_rooms(data, kMany);
  std::vector<std::string_view> texts;
  std::string valid;
  for (const auto& name : join.names) {
    texts.push_back(name.text);
    valid += name.valid ? 'y' : 'n';
  }
  EXPECT_THAT(texts, ElementsAre(R"("a")", R"("\u0061")", R"("ws:b")", R"("\ud800")"));
  EXPECT_EQ(valid, "yynn");
  EXPECT_EQ(join.not_strings, 2u);
  EXPECT_EQ(join.size(), 6u);
  EXPECT_TRUE(join.is_list);
  EXPECT_FALSE(parse_rooms(R"({"rooms":"a"})", kMany).is_list);
  EXPECT_FALSE(parse_rooms_to_leave(std::nullopt, kMany).is_list);
}

}  // namespace
}  // namespace wscast::protocol
