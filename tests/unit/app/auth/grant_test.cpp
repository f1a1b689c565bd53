#include "auth/grant.h"

#include <gtest/gtest.h>

namespace wscast::program {
namespace {

TEST(Grant, AStarMatchesAnyCharactersOrNone) {
  EXPECT_TRUE(matches("team-*", "team-"));
  EXPECT_TRUE(matches("team-*", "team-a"));
  EXPECT_TRUE(matches("*-a-*", "x-a-a-y"));
  EXPECT_TRUE(matches("*", ""));
  EXPECT_FALSE(matches("team-*", "tea"));
  EXPECT_FALSE(matches("a*a", "a"));
  EXPECT_FALSE(matches("lobby", "lobby2"));
}

TEST(Grant, AllowsWhatOneOfItsPatternsMatches) {
  const Grant grant{.user_id = "alice", .room_patterns = {"lobby", "team-*"}};
  EXPECT_TRUE(grant.allows("lobby"));
  EXPECT_TRUE(grant.allows("team-7"));
  EXPECT_FALSE(grant.allows("other"));
  EXPECT_FALSE(Grant{.user_id = "bob"}.allows("lobby"));
}

}  // namespace
}  // namespace wscast::program
