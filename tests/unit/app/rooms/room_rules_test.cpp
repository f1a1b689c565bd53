#include "rooms/room_rules.h"

#include <gtest/gtest.h>

namespace wscast::program {
namespace {

RoomRule rule(const std::string& match, const std::string& join, const std::string& publish,
              const std::vector<std::string>& events = {}) {
  RoomRule made;
  EXPECT_EQ(made.set("match", {match}), "");
  EXPECT_EQ(made.set("join", {join}), "");
  EXPECT_EQ(made.set("publish", {publish}), "");
  if (!events.empty()) {
    EXPECT_EQ(made.set("events", events), "");
  }
  return made;
}

const Grant alice{.user_id = "alice",
                  .room_patterns = {"own-*"},
                  .metadata = R"({"team":"red","level":7,"rich":{"a":1}})"};

TEST(RoomRules, TheFirstThatMatchesDecides) {
  const RoomRules rules({rule("team-secret", "false", "false"), rule("team-*", "true", "false"),
                         rule("*", "webhook", "true")});
  EXPECT_EQ(rules.decide(alice, "team-secret").join, RoomRule::Join::no);
  EXPECT_EQ(rules.decide(alice, "team-blue").join, RoomRule::Join::yes);
  EXPECT_EQ(rules.decide(alice, "lobby").join, RoomRule::Join::webhook);
  EXPECT_TRUE(rules.ask_webhook());
}

TEST(RoomRules, ARoomWithoutARuleIsTheClientsOwnOrNobodys) {
  const RoomRules rules({rule("lobby", "true", "true")});
  EXPECT_EQ(rules.decide(alice, "own-1").join, RoomRule::Join::yes);
  EXPECT_TRUE(rules.decide(alice, "own-1").own);
  EXPECT_TRUE(rules.may_publish(alice, "own-1", "chat"));
  EXPECT_EQ(rules.decide(alice, "other").join, RoomRule::Join::no);
  EXPECT_FALSE(rules.may_publish(alice, "other", "chat"));
}

TEST(RoomRules, PatternsNameTheUserAndItsMetadata) {
  const auto matching = [](const std::string& pattern, const std::string& room) {
    return rule(pattern, "true", "true").matches_room(room, alice);
  };
  EXPECT_TRUE(matching("user-{userId}", "user-alice"));
  EXPECT_FALSE(matching("user-{userId}", "user-bob"));
  EXPECT_TRUE(matching("{team}-*-{level}", "red-x-y-7"));
  EXPECT_FALSE(matching("{team}-*-{level}", "red-7"));
  EXPECT_FALSE(matching("{missing}", ""));
  EXPECT_FALSE(matching("{rich}", R"({"a":1})"));
  EXPECT_FALSE(rule("x-{userId}", "true", "true").matches_room("x-", Grant{}));
}

// A user who calls himself `*` must not get everybody's room.
TEST(RoomRules, WhatIsPutIntoAPatternIsNoPattern) {
  const Grant star{.user_id = "*", .metadata = R"({"team":"*"})"};
  const RoomRule mine = rule("user-{userId}", "true", "true");
  EXPECT_TRUE(mine.matches_room("user-*", star));
  EXPECT_FALSE(mine.matches_room("user-alice", star));
  EXPECT_FALSE(rule("{team}", "true", "true").matches_room("red", star));
  const Grant braces{.user_id = "{team}", .metadata = R"({"team":"red"})"};
  EXPECT_FALSE(mine.matches_room("user-red", braces));
}

TEST(RoomRules, EventsLimitWhatMayBePublished) {
  const RoomRules rules(
      {rule("lobby", "true", "true", {"chat", "note-*"}), rule("news", "true", "false")});
  EXPECT_TRUE(rules.may_publish(alice, "lobby", "chat"));
  EXPECT_TRUE(rules.may_publish(alice, "lobby", "note-1"));
  EXPECT_FALSE(rules.may_publish(alice, "lobby", "delete"));
  EXPECT_FALSE(rules.may_publish(alice, "news", "chat"));
}

TEST(RoomRules, WithoutAnyMembersMayPublishWhatTheyLike) {
  EXPECT_TRUE(RoomRules().may_publish(alice, "anything", "chat"));
  EXPECT_EQ(RoomRules().decide(alice, "anything").join, RoomRule::Join::no);
}

TEST(RoomRule, IsWrittenAsTheFileHasIt) {
  const RoomRule made{.match = "a\x7f\n", .join = RoomRule::Join::webhook, .events = {"x", "\""}};
  EXPECT_EQ(made.toml(),
            "match = \"a\\u007f\\u000a\"\njoin = \"webhook\"\npublish = false\n"
            "events = [\"x\", \"\\\"\"]\n");
}

TEST(RoomRule, SaysWhatIsWrongWithAField) {
  RoomRule made;
  EXPECT_EQ(made.set("match", {"a", "b"}),
            "takes one pattern; write another [[rooms]] for another");
  EXPECT_EQ(made.set("match", {"a{b"}), "\"a{b\" has a { without a }");
  EXPECT_EQ(made.set("match", {"a}b"}), "\"a}b\" has a } without a {");
  EXPECT_EQ(made.set("match", {"{{a}}"}), "\"{{a}}\" has a { inside of { }");
  EXPECT_EQ(made.set("match", {""}), "must not be empty");
  EXPECT_EQ(made.set("join", {"yes"}), "is neither true, false nor \"webhook\"");
  EXPECT_EQ(made.set("publish", {"webhook"}), "is neither true nor false");
  EXPECT_EQ(made.set("events", {}), "lists no event; without events all may be published");
  EXPECT_EQ(made.set("mach", {"a"}), "is no field of a rule, did you mean \"match\"?");
}

}  // namespace
}  // namespace wscast::program
