#include "api/merge.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "api/trace_calls.h"

namespace wscast::program {
namespace {

ApiResponse found(std::string json) {
  return {.status = 200, .body = std::move(json)};
}

const ApiResponse kNotFound{.status = 404, .body = R"({"status":404})"};

TEST(Merge, TheOneThatHasItResponds) {
  const Gathered one{.here = kNotFound, .others = {kNotFound, found(R"({"id":"a"})")}};
  EXPECT_EQ(merge_found(one).body, R"({"id":"a"})");
  EXPECT_EQ(merge_found({.here = kNotFound, .others = {kNotFound}}).status, 404);
}

TEST(Merge, NobodyKnowsWhatAServerHasThatDidNotAnswer) {
  const ApiResponse response = merge_found({.here = kNotFound, .unanswered = {"b"}});
  EXPECT_EQ(response.status, 503);
  EXPECT_NE(response.body.find(R"("unanswered":["b"]})"), std::string::npos) << response.body;
  EXPECT_EQ(merge_room({.here = kNotFound, .unanswered = {"b"}}).status, 503);
  const Gathered elsewhere{.here = kNotFound, .others = {found("{}")}, .unanswered = {"b"}};
  EXPECT_EQ(merge_found(elsewhere).body, "{}");
}

TEST(Merge, CountsAreAdded) {
  const Gathered counts{.here = found(R"({"joined":1})"),
                        .others = {found(R"({"joined":2})"), found(R"({"joined":0})")}};
  EXPECT_EQ(merge_counts(counts).body, R"({"joined":3})");
  EXPECT_EQ(merge_counts({.here = found(R"({"left":1})"), .unanswered = {"b", "c"}}).body,
            R"({"left":1,"unanswered":["b","c"]})");
  EXPECT_EQ(merge_counts({.here = kNotFound, .others = {kNotFound}}).status, 404);
}

TEST(Merge, StepsOfATraceAreInTheOrderOfTheirTimes) {
  const auto report = [](const std::string& messages, const std::string& events) {
    return found(R"({"id":"t","running":1,"messages":)" + messages +
                 R"(,"eventsLost":1,"events":[)" + events + "]}");
  };
  const Gathered parts{.here = report("2", R"({"time":1,"n":1},{"time":5,"n":2},{"time":5,"n":3})"),
                       .others = {report("3", R"({"time":3},{"time":5})"), kNotFound},
                       .unanswered = {"c"}};
  EXPECT_EQ(merge_trace(parts).body,
            R"({"id":"t","running":2,"messages":3,"eventsLost":2,"events":[{"time":1,"n":1},)"
            R"({"time":3},{"time":5,"n":2},{"time":5,"n":3},{"time":5}],"unanswered":["c"]})");
  EXPECT_EQ(merge_trace({.here = kNotFound}).status, 404);
  EXPECT_EQ(merge_started({.here = found(R"({"id":"t"})"), .unanswered = {"b"}}).body,
            R"({"id":"t","unanswered":["b"]})");
}

TEST(Merge, PartsOfTheListOfClientsAreMergedInOrderAndCut) {
  Gathered parts{.here = found(R"({"clients":[{"id":"b","n":1.0},{"id":"d"}],"next":"d"})"),
                 .others = {found(R"({"clients":[{"id":"a"},{"id":"c"}],"next":"c"})")},
                 .query = "limit=2"};
  EXPECT_EQ(merge_clients(parts).body, R"({"clients":[{"id":"a"},{"id":"b","n":1.0}],"next":"b"})");
  parts.query = "limit=5";
  EXPECT_EQ(merge_clients(parts).body,
            R"({"clients":[{"id":"a"},{"id":"b","n":1.0},{"id":"c"},{"id":"d"}]})");
}

TEST(Merge, MembersOfARoomOnSeveralServersAreAdded) {
  const Gathered parts{
      .here = found(R"({"rooms":[{"name":"a","members":1},{"name":"c","members":2}],"next":"c"})"),
      .others = {found(
          R"({"rooms":[{"name":"a","members":3},{"name":"b","members":4}],"next":"b"})")},
      .unanswered = {"s"},
      .query = "limit=2"};
  EXPECT_EQ(merge_rooms(parts).body,
            R"({"rooms":[{"name":"a","members":4},{"name":"b","members":4}],"next":"b",)"
            R"("unanswered":["s"]})");
}

TEST(Merge, ARoomMayHaveMembersOnOtherServersOnly) {
  const Gathered parts{
      .here = kNotFound,
      .others = {found(R"({"name":"r","members":2,"clients":[{"id":"b"},{"id":"c"}]})"),
                 found(R"({"name":"r","members":1,"clients":[{"id":"a","userId":"u"}]})")},
      .query = "limit=2"};
  EXPECT_EQ(
      merge_room(parts).body,
      R"({"name":"r","members":3,"clients":[{"id":"a","userId":"u"},{"id":"b"}],"next":"b"})");
  EXPECT_EQ(merge_room({.here = kNotFound, .others = {kNotFound}}).status, 404);
}

TEST(Merge, TheClientsOfAUserAreCollected) {
  const Gathered parts{
      .here = found(R"({"userId":"u","clients":[]})"),
      .others = {found(R"({"userId":"u","clients":[{"id":"b","serverId":"s"}]})")}};
  EXPECT_EQ(merge_user(parts).body, R"({"userId":"u","clients":[{"id":"b","serverId":"s"}]})");
}

TEST(Merge, WhatIsNoResponseIsSkipped) {
  const Gathered parts{.here = found(R"({"clients":[{"id":"a"}]})"),
                       .others = {found("[]"), found(R"({"clients":1})"), found("")}};
  EXPECT_EQ(merge_clients(parts).body, R"({"clients":[{"id":"a"}]})");
}

}  // namespace
}  // namespace wscast::program
