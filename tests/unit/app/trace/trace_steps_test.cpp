#include "trace/trace_steps.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace wscast::program {
namespace {

using Lines = std::vector<std::string>;

std::string written(int time) {
  return R"({"time":)" + std::to_string(time) + R"(,"message":"m","step":"written","client":"c"})";
}

std::string report(const std::string& events, const std::string& more = {}) {
  return R"({"id":"t","running":1,"messages":2,"eventsLost":3,"events":[)" + events + "]" + more +
         "}";
}

TEST(TraceSteps, GivesEachStepOnceAlsoOneThatCameLateWithAnEarlierTime) {
  TraceSteps steps;
  ASSERT_TRUE(steps.read(report(written(2))));
  EXPECT_EQ(steps.take_json(), Lines{written(2)});
  ASSERT_TRUE(steps.read(report(written(1) + "," + written(2))));
  EXPECT_EQ(steps.take_json(), Lines{written(1)});
  EXPECT_EQ(steps.take_json(), Lines{});
}

TEST(TraceSteps, StepsThatLookAlikeAreTwo) {
  TraceSteps steps;
  ASSERT_TRUE(steps.read(report(written(1) + "," + written(1))));
  EXPECT_EQ(steps.take_json(), (Lines{written(1), written(1)}));
}

TEST(TraceSteps, KnowsHowFarTheTraceIs) {
  TraceSteps steps;
  ASSERT_TRUE(steps.read(report("", R"(,"unanswered":["s1","s2"])")));
  EXPECT_FALSE(steps.ended());
  EXPECT_EQ(steps.messages(), 2u);
  EXPECT_EQ(steps.lost(), 3u);
  EXPECT_EQ(steps.unanswered(), (Lines{"s1", "s2"}));
  ASSERT_TRUE(steps.read(R"({"running":0,"events":[]})"));
  EXPECT_TRUE(steps.ended());
  EXPECT_EQ(steps.unanswered(), Lines{});
}

TEST(TraceSteps, WhatIsNoTraceIsRefused) {
  TraceSteps steps;
  for (const std::string text :
       {"", "[]", "{}", R"({"running":1})", R"({"running":1,"events":{}})"}) {
    EXPECT_FALSE(steps.read(text)) << text;
  }
}

TEST(TraceSteps, LinesAreForPeople) {
  constexpr auto kHead =
      R"({"time":1769860800123456,"message":"0123456789","serverId":"abcdefghij",)";
  const auto line = [](const std::string& rest) { return step_line(kHead + rest + "}"); };
  const std::string start = "12:00:00.123456Z 01234567 ";
  EXPECT_EQ(line(R"("step":"published","event":"e","bytes":7)"),
            start + "published e, 7 bytes, server abcdefgh");
  EXPECT_EQ(line(R"("step":"broker","detail":"ok")"), start + "broker    ok");
  EXPECT_EQ(line(R"("step":"delivered","accepted":2,"dropped":1)"),
            start + "delivered accepted for 2, dropped for 1");
  EXPECT_EQ(line(R"("step":"written","client":"c")"), start + "written   to client c");
  EXPECT_EQ(line(R"("step":"dropped","client":"c","detail":"why")"),
            start + "dropped   for client c: why");
  EXPECT_EQ(line(R"("step":"dropped","detail":"why")"), start + "dropped   why");
}

TEST(TraceSteps, NothingOfAServerReachesTheTerminal) {
  EXPECT_EQ(step_line(R"({"step":"a\u001bb","detail":"\n\u0007","message":7})"),
            "00:00:00.000000Z  a\\x1bb    \\x0a\\x07");
  EXPECT_EQ(step_line("{"), "");
}

}  // namespace
}  // namespace wscast::program
