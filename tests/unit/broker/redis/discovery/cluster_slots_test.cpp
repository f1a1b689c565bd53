#include "broker/redis/discovery/cluster_slots.h"

#include <cstdint>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace wscast::redis {
namespace {

using Kind = RespValue::Kind;

RespValue number(std::int64_t number) {
  return {.kind = Kind::integer, .integer = number};
}

RespValue range(std::int64_t first, std::int64_t last, std::string_view name, std::int64_t port) {
  const RespValue node{.kind = Kind::array,
                       .elements = {{.kind = Kind::bulk, .text = name}, number(port)}};
  return {.kind = Kind::array, .elements = {number(first), number(last), node}};
}

RespValue slots(std::vector<RespValue> ranges) {
  return {.kind = Kind::array, .elements = std::move(ranges)};
}

const Host kAsked{"asked", 1};

/// As CLUSTER KEYSLOT of Redis says.
TEST(ClusterSlotsTest, AKeyHasTheSlotOfItsHashTag) {
  EXPECT_EQ(key_slot("123456789"), 12'739);
  EXPECT_EQ(key_slot("foo"), 12'182);
  EXPECT_EQ(key_slot("any{foo}thing"), 12'182);
  EXPECT_EQ(key_slot("{foo}{bar}"), 12'182);
  EXPECT_EQ(key_slot("foo{}{bar}"), 8'363);
  EXPECT_EQ(key_slot("foo{{bar}}zap"), 4'015);
  EXPECT_EQ(key_slot("foo{bar"), 15'278);
  EXPECT_EQ(key_slot(""), 0);
}

TEST(ClusterSlotsTest, KnowsTheMasters) {
  SlotMap map;
  EXPECT_TRUE(map.empty());
  EXPECT_EQ(map.master(0), std::nullopt);
  map.set(slots({range(0, 99, "a", 1), range(100, 199, "b", 2), range(300, 16'383, "a", 1)}),
          kAsked, false);
  EXPECT_EQ(map.master(0), (Host{"a", 1}));
  EXPECT_EQ(map.master(99), (Host{"a", 1}));
  EXPECT_EQ(map.master(100), (Host{"b", 2}));
  EXPECT_EQ(map.master(200), std::nullopt);
  EXPECT_EQ(map.master(16'383), (Host{"a", 1}));
  EXPECT_TRUE(map.is_master({"b", 2}));
  EXPECT_FALSE(map.is_master({"b", 3}));
}

TEST(ClusterSlotsTest, ARedirectionMovesOneSlotAndANewMapAll) {
  SlotMap map;
  map.move(7, {"early", 1});
  EXPECT_EQ(map.master(7), std::nullopt);
  map.set(slots({range(0, 16'383, "a", 1)}), kAsked, false);
  map.move(7, {"b", 2});
  EXPECT_EQ(map.master(7), (Host{"b", 2}));
  EXPECT_EQ(map.master(8), (Host{"a", 1}));
  map.set({.kind = Kind::error, .text = "NOPERM"}, kAsked, false);
  EXPECT_EQ(map.master(7), (Host{"b", 2}));
  map.set(slots({range(0, 16'383, "", 3)}), kAsked, false);
  EXPECT_EQ(map.master(7), (Host{"asked", 3}));
  EXPECT_FALSE(map.is_master({"b", 2}));
}

TEST(ClusterSlotsTest, WhatMakesNoSenseIsLeftOut) {
  SlotMap map;
  map.set(slots({range(-1, 5, "a", 1), range(5, 16'384, "a", 1), range(9, 8, "a", 1),
                 range(1, 2, "a", 70'000), number(3), slots({number(1), number(2)})}),
          kAsked, false);
  for (const std::uint16_t slot : {0, 1, 5, 8, 9, 16'383})
    EXPECT_EQ(map.master(slot), std::nullopt);
  EXPECT_EQ(map.master(65'535), std::nullopt);
}

TEST(ClusterSlotsTest, ParsesRedirections) {
  const auto moved = parse_redirection("MOVED 3999 127.0.0.1:6381", kAsked);
  ASSERT_TRUE(moved);
  EXPECT_FALSE(moved->ask);
  EXPECT_EQ(moved->host, (Host{"127.0.0.1", 6'381}));
  const auto ask = parse_redirection("ASK 3999 ::1:6381", kAsked);
  ASSERT_TRUE(ask);
  EXPECT_TRUE(ask->ask);
  EXPECT_EQ(ask->host, (Host{"::1", 6'381}));
  EXPECT_EQ(parse_redirection("MOVED 3999 :6381", kAsked)->host, (Host{"asked", 6'381}));
  for (const auto* other : {"", "MOVED", "MOVED ", "MOVED 1 a", "MOVED 1 a:", "MOVED 1 a:x",
                            "MOVED 1 a:0", "MOVED 1 a:65536", "ERR MOVED 1 a:1", "ASKED 1 a:1"})
    EXPECT_FALSE(parse_redirection(other, kAsked)) << other;
}

}  // namespace
}  // namespace wscast::redis
