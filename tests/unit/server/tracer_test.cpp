#include "server/tracer.h"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "wscast/error.h"

#include "support/directory_clients.h"
#include "support/session_fakes.h"

namespace wscast::server {
namespace {

using std::chrono::seconds;

class TracerTest : public testing::Test {
 protected:
  ClientId add(const std::string& user, const std::string& room = {}) {
    auto& record = clients_.add(0, user);
    if (!room.empty()) directory_.join(record.id, room);
    return record.id;
  }

  static FanOut to(FanOut::To kind, std::string target = {}) {
    return {.to = kind, .target = std::move(target)};
  }
  static FanOut to(const ClientId& client) {
    return {.to = FanOut::To::client, .target = client.text(), .client = client};
  }

  /// The steps that the trace `t` has noted.
  std::vector<TraceStep> steps() const {
    std::vector<TraceStep> steps;
    const auto report = tracer_.report("t");
    for (const TraceEvent& event : report->events) steps.push_back(event.step);
    return steps;
  }

  session::FakeClock clock_;
  Directory directory_{1, clock_};
  DirectoryClients clients_{directory_, clock_};
  Tracer tracer_{directory_, system_random(), clock_};
};

TEST_F(TracerTest, ATraceOfARoomFollowsItsMessagesAndNoOthers) {
  EXPECT_FALSE(tracer_.active());
  ASSERT_FALSE(tracer_.start({.id = "t", .target = "lobby"}));
  EXPECT_TRUE(tracer_.active());
  EXPECT_TRUE(tracer_.follow(to(FanOut::To::room, "lobby")));
  EXPECT_FALSE(tracer_.follow(to(FanOut::To::room, "other")));
  EXPECT_FALSE(tracer_.follow(to(FanOut::To::user, "lobby")));
  EXPECT_FALSE(tracer_.follow(to(FanOut::To::everybody)));
  EXPECT_EQ(tracer_.report("t")->messages, 1u);
}

TEST_F(TracerTest, ATraceOfAClientFollowsAllThatReachesIt) {
  const ClientId alice = add("alice", "lobby");
  const ClientId bob = add("bob");
  ASSERT_FALSE(tracer_.start({.id = "t", .kind = TraceKind::client, .target = alice.text()}));
  EXPECT_TRUE(tracer_.follow(to(alice)));
  EXPECT_TRUE(tracer_.follow(to(FanOut::To::room, "lobby")));
  EXPECT_TRUE(tracer_.follow(to(FanOut::To::user, "alice")));
  EXPECT_TRUE(tracer_.follow(to(FanOut::To::everybody)));
  EXPECT_FALSE(tracer_.follow(to(bob)));
  EXPECT_FALSE(tracer_.follow(to(FanOut::To::room, "other")));
  EXPECT_FALSE(tracer_.follow(to(FanOut::To::user, "bob")));
  FanOut without = to(FanOut::To::everybody);
  without.exclude = std::make_shared<const std::vector<ClientId>>(1, alice);
  EXPECT_FALSE(tracer_.follow(without));
}

TEST_F(TracerTest, OfAMessageToManyItNotesOnlyItsOwnReceivers) {
  const ClientId first = add("alice", "lobby");
  const ClientId second = add("alice", "lobby");
  const ClientId bob = add("bob", "lobby");
  ASSERT_FALSE(tracer_.start({.id = "t", .kind = TraceKind::user, .target = "alice"}));
  const auto message = tracer_.follow(to(FanOut::To::room, "lobby"));
  ASSERT_TRUE(message);
  for (const ClientId& client : {first, bob, second}) message->on_written(client, clock_.now());
  message->on_dropped(bob, "why");
  message->on_dropped({}, "why");
  const auto events = tracer_.report("t")->events;
  ASSERT_EQ(events.size(), 3u);
  EXPECT_EQ(events[0].client, first.text());
  EXPECT_EQ(events[1].client, second.text());
  EXPECT_EQ(events[2].client, "") << "clients of a shard, perhaps these";
}

TEST_F(TracerTest, StepsHaveTheWallsTimeAndTheMessagesId) {
  ASSERT_FALSE(tracer_.start({.id = "t", .target = "lobby"}));
  const SteadyTime taken = clock_.now();
  FanOut fan_out = to(FanOut::To::room, "lobby");
  fan_out.origin.taken = taken;
  clock_.pass(std::chrono::milliseconds(3));
  const auto message = tracer_.follow(fan_out, "of another server");
  message->on_taken(TraceStep::received, "e", 7);
  message->on_broker(Backplane::down);
  message->on_delivered(2, 1);
  clock_.pass(std::chrono::milliseconds(4));
  message->on_written({}, clock_.now());
  const auto events = tracer_.report("t")->events;
  EXPECT_EQ(steps(), (std::vector{TraceStep::received, TraceStep::broker, TraceStep::delivered,
                                  TraceStep::written}));
  for (const TraceEvent& event : events) EXPECT_EQ(event.message, "of another server");
  EXPECT_EQ(events[0].at, clock_.wall() - std::chrono::milliseconds(3));
  EXPECT_EQ(events[0].event, "e");
  EXPECT_EQ(events[0].bytes, 7u);
  EXPECT_EQ(events[1].detail, "down");
  EXPECT_EQ(events[2].accepted, 2u);
  EXPECT_EQ(events[2].dropped, 1u);
  EXPECT_EQ(events[3].at, clock_.wall() + std::chrono::milliseconds(4));
}

TEST_F(TracerTest, ItEndsAfterItsMessages) {
  ASSERT_FALSE(tracer_.start({.id = "t", .target = "lobby", .messages = 2}));
  const auto first = tracer_.follow(to(FanOut::To::room, "lobby"));
  const auto second = tracer_.follow(to(FanOut::To::room, "lobby"));
  ASSERT_TRUE(first && second);
  EXPECT_NE(first->id(), second->id());
  EXPECT_FALSE(tracer_.active()) << "messages cost nothing again";
  EXPECT_FALSE(tracer_.follow(to(FanOut::To::room, "lobby")));
  EXPECT_TRUE(tracer_.report("t")->ended);
  second->on_delivered(1, 0);
  EXPECT_EQ(steps(), std::vector{TraceStep::delivered}) << "what was begun is noted to its end";
}

TEST_F(TracerTest, ItEndsWithItsTimeAndIsForgottenAMinuteLater) {
  ASSERT_FALSE(tracer_.start({.id = "t", .target = "lobby", .duration = seconds(10)}));
  clock_.pass(seconds(10));
  EXPECT_TRUE(tracer_.active()) << "nobody looked";
  EXPECT_FALSE(tracer_.follow(to(FanOut::To::room, "lobby")));
  EXPECT_FALSE(tracer_.active());
  EXPECT_TRUE(tracer_.report("t")->ended);
  clock_.pass(seconds(61));
  ASSERT_FALSE(tracer_.start({.id = "other", .target = "lobby"}));
  EXPECT_FALSE(tracer_.report("t"));
}

TEST_F(TracerTest, OneOfTheSameIdReplacesIt) {
  ASSERT_FALSE(tracer_.start({.id = "t", .target = "lobby"}));
  ASSERT_FALSE(tracer_.start({.id = "t", .target = "other"}));
  EXPECT_FALSE(tracer_.follow(to(FanOut::To::room, "lobby")));
  EXPECT_TRUE(tracer_.follow(to(FanOut::To::room, "other")));
}

TEST_F(TracerTest, AMessageBelongsToAllTracesThatFollowIt) {
  ASSERT_FALSE(tracer_.start({.id = "t", .target = "lobby"}));
  ASSERT_FALSE(tracer_.start({.id = "u", .target = "lobby"}));
  tracer_.follow(to(FanOut::To::room, "lobby"))->on_delivered(1, 0);
  EXPECT_EQ(tracer_.report("t")->events.size(), 1u);
  EXPECT_EQ(tracer_.report("u")->events.size(), 1u);
  EXPECT_TRUE(tracer_.stop("t"));
  EXPECT_FALSE(tracer_.stop("t"));
  EXPECT_TRUE(tracer_.active());
  EXPECT_TRUE(tracer_.stop("u"));
  EXPECT_FALSE(tracer_.active());
}

TEST_F(TracerTest, EightTracesAreKept) {
  for (int i = 0; i < 8; ++i) {
    ASSERT_FALSE(tracer_.start({.id = std::to_string(i), .target = "lobby"}));
  }
  EXPECT_EQ(tracer_.start({.id = "8", .target = "lobby"}), Errc::overloaded);
  EXPECT_FALSE(tracer_.start({.id = "7", .target = "lobby"})) << "in place of another";
}

TEST_F(TracerTest, StepsBeyondTheLimitAreCounted) {
  ASSERT_FALSE(tracer_.start({.id = "t", .target = "lobby"}));
  const auto message = tracer_.follow(to(FanOut::To::room, "lobby"));
  for (std::size_t i = 0; i < TraceLog::kMaxEvents + 3; ++i) message->on_written({}, clock_.now());
  EXPECT_EQ(tracer_.report("t")->events.size(), TraceLog::kMaxEvents);
  EXPECT_EQ(tracer_.report("t")->events_lost, 3u);
}

TEST_F(TracerTest, WhatIsOutOfItsLimitsIsRefused) {
  const StartTrace good{.id = "t", .target = "lobby"};
  for (const std::string& id : {std::string(), std::string("a b"), std::string(65, 'x')}) {
    StartTrace start = good;
    start.id = id;
    EXPECT_EQ(tracer_.start(start), Errc::invalid_text) << id;
  }
  for (const auto& change : std::vector<std::function<void(StartTrace&)>>{
           [](StartTrace& start) { start.target = ""; },
           [](StartTrace& start) { start.target = "\xff"; },
           [](StartTrace& start) { start.messages = 0; },
           [](StartTrace& start) { start.messages = 1'001; },
           [](StartTrace& start) { start.duration = seconds(0); },
           [](StartTrace& start) { start.duration = seconds(601); }}) {
    StartTrace start = good;
    change(start);
    EXPECT_EQ(tracer_.start(start), Errc::invalid_text);
  }
  EXPECT_FALSE(tracer_.start(good));
}

}  // namespace
}  // namespace wscast::server
