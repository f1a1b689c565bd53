// protocol.md O11: clients that send too fast.

#include <string>

#include <gtest/gtest.h>

#include "support/session_world.h"

namespace wscast::session {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr const char* kEvent = R"({"event":"e"})";
constexpr const char* kJoin = R"({"event":"join","data":{"rooms":["a"]}})";
const Texts kTold{error_text("Rate limit exceeded")};

class RatesTest : public testing::Test {
 protected:
  Client& enter(std::size_t messages, std::size_t joins = 0) {
    world_.options.message_rate = messages;
    world_.options.join_rate = joins;
    Client& client = world_.enter();
    world_.clock.pass(seconds(10));  // Whatever it took to come in is made up for.
    return client;
  }

  /// Sends a message several times.
  void send(Client& client, const char* text, int n) {
    for (int i = 0; i < n; ++i) {
      client.receive(text);
      world_.complete_all();
    }
  }

  World world_;
};

TEST_F(RatesTest, O11WithoutRatesEverythingPasses) {
  Client& client = enter(0);
  send(client, kEvent, 10'000);
  EXPECT_EQ(world_.take_requests().size(), 10'000u);
}

TEST_F(RatesTest, O11OneSecondsWorthPassesAtOnce) {
  Client& client = enter(10);
  send(client, kEvent, 10);
  EXPECT_EQ(client.take_sent(), Texts{});
  EXPECT_EQ(world_.take_requests().size(), 10u);
}

TEST_F(RatesTest, O11AMessageOverItIsDroppedCountedAndReported) {
  Client& client = enter(10);
  send(client, kEvent, 11);
  EXPECT_EQ(world_.take_requests().size(), 10u);
  EXPECT_EQ(client.take_sent(), kTold);
  EXPECT_EQ(world_.counted(), (Counts{{"rate_limited", 1}}));
  EXPECT_FALSE(client.session.ended());
}

TEST_F(RatesTest, O11OtherRatesAreForConnectedClientsToo) {
  Client& client = enter(0);
  Client& limited = enter(100);
  SessionOptions before = world_.options;
  world_.options.message_rate = 10;
  for (Client* each : {&client, &limited}) {
    each->session.on_options_changed(before);
    send(*each, kEvent, 11);
    EXPECT_EQ(world_.take_requests().size(), 10u);
    EXPECT_EQ(each->take_sent(), kTold);
  }
  before = world_.options;
  world_.options.message_rate = 0;
  client.session.on_options_changed(before);
  send(client, kEvent, 1'000);
  EXPECT_EQ(world_.take_requests().size(), 1'000u);
}

TEST_F(RatesTest, O11DropsAreReportedOncePerSecond) {
  Client& client = enter(10);
  send(client, kEvent, 100);
  EXPECT_EQ(client.take_sent(), kTold);
  EXPECT_EQ(world_.counted(), (Counts{{"rate_limited", 90}}));
  world_.clock.pass(seconds(1));
  send(client, kEvent, 100);
  EXPECT_EQ(client.take_sent(), kTold);
}

TEST_F(RatesTest, O11TheBucketFillsEvenly) {
  Client& client = enter(10);
  send(client, kEvent, 10);
  world_.clock.pass(milliseconds(300));
  send(client, kEvent, 4);
  EXPECT_EQ(world_.take_requests().size(), 13u);
}

TEST_F(RatesTest, O11ASecondOfSilenceIsNotSavedTwice) {
  Client& client = enter(10);
  world_.clock.pass(seconds(60));
  send(client, kEvent, 20);
  EXPECT_EQ(world_.take_requests().size(), 10u);
}

TEST_F(RatesTest, O11DropsInFiveSecondsInARowClose) {
  Client& client = enter(1);
  for (int second = 0; second < 4; ++second) {
    send(client, kEvent, 2);
    EXPECT_EQ(client.take_sent(), kTold);
    world_.clock.pass(seconds(1));
  }
  send(client, kEvent, 2);
  EXPECT_EQ(client.take_sent(), Texts{"close 4009 Rate limit exceeded"});
  EXPECT_EQ(world_.counted(), (Counts{{"rate_limited", 5}, {"closed_rate_limit", 1}}));
}

TEST_F(RatesTest, O11OneSecondWithoutADropBeginsAnew) {
  Client& client = enter(1);
  for (int round = 0; round < 3; ++round) {
    for (int second = 0; second < 4; ++second) {
      send(client, kEvent, 2);
      world_.clock.pass(seconds(1));
    }
    send(client, kEvent, 1);
    world_.clock.pass(seconds(1));
  }
  EXPECT_FALSE(client.session.ended());
}

TEST_F(RatesTest, O11ManyDropsInOneSecondDoNotClose) {
  Client& client = enter(1);
  send(client, kEvent, 10'000);
  EXPECT_FALSE(client.session.ended());
}

TEST_F(RatesTest, O11EveryMessageCountsAlsoBadOnesAndHeartbeats) {
  Client& client = enter(4);
  for (const char* text : {"no json", "{}", R"({"event":"heartbeat"})", kEvent, kEvent}) {
    client.receive(text);
  }
  EXPECT_EQ(world_.counted().at("rate_limited"), 1u);
}

TEST_F(RatesTest, O11BeforeAuthenticationToo) {
  world_.options.message_rate = 1;
  Client& client = world_.open();
  client.receive("{}");
  client.receive("{}");
  EXPECT_EQ(client.take_sent(), kTold);
}

TEST_F(RatesTest, O11ADroppedAuthenticateRequestsNoHook) {
  world_.options.message_rate = 1;
  Client& client = world_.open();
  client.receive("{}");
  client.receive(R"({"event":"authenticate"})");
  EXPECT_EQ(world_.take_requests(), Texts{});
  EXPECT_EQ(client.session.state, ClientState::unauthorized);
}

TEST_F(RatesTest, O11JoinsHaveARateOfTheirOwn) {
  Client& client = enter(0, 2);
  send(client, kJoin, 3);
  EXPECT_EQ(client.take_sent(), kTold);
  EXPECT_EQ(world_.take_requests().size(), 2u);
  send(client, kEvent, 100);
  EXPECT_EQ(world_.take_requests().size(), 100u) << "other events pass";
}

TEST_F(RatesTest, O11LeavesCountAsJoins) {
  Client& client = enter(0, 1);
  send(client, kJoin, 1);
  client.receive(R"({"event":"leave","data":{"rooms":["a"]}})");
  EXPECT_TRUE(world_.hub.in_room(client.session, "a"));
  EXPECT_EQ(world_.counted(), (Counts{{"rate_limited", 1}}));
}

TEST_F(RatesTest, O11EachRoomOfAJoinCounts) {
  Client& client = enter(0, 10);
  send(client, R"({"event":"join","data":{"rooms":["a","b","c","d","e","f"]}})", 3);
  EXPECT_EQ(world_.take_requests().size(), 2u) << "the second passed with 4 left, and owes 2";
  EXPECT_EQ(client.take_sent(), kTold);
  world_.clock.pass(milliseconds(290));
  send(client, kJoin, 1);
  EXPECT_EQ(world_.take_requests().size(), 0u);
  world_.clock.pass(milliseconds(20));
  send(client, kJoin, 1);
  EXPECT_EQ(world_.take_requests().size(), 1u);
}

TEST_F(RatesTest, O11WhatAJoinMayOweIsBoundedByTheRoomsThatItMayName) {
  world_.options.max_rooms_per_join = 20;
  Client& client = enter(0, 10);
  std::string rooms = R"("a")";
  for (int i = 0; i < 1'000; ++i) rooms += R"(,"a")";
  send(client, (R"({"event":"join","data":{"rooms":[)" + rooms + "]}}").c_str(), 1);
  world_.clock.pass(milliseconds(1'000));
  send(client, kJoin, 1);
  EXPECT_EQ(world_.counted(), (Counts{{"too_many_rooms", 1}, {"rate_limited", 1}}));
  world_.clock.pass(milliseconds(110));
  world_.take_requests();
  send(client, kJoin, 1);
  EXPECT_EQ(world_.take_requests(), Texts{"rooms a"});
}

TEST_F(RatesTest, O11NamesThatAreDroppedAndRoomsThatAreLeftCountToo) {
  Client& client = enter(0, 4);
  client.receive(R"({"event":"join","data":{"rooms":[1,"",null]}})");
  client.receive(R"({"event":"leave","data":{"rooms":["a","b","c"]}})");
  client.receive(R"({"event":"leave","data":{"rooms":[]}})");
  EXPECT_EQ(world_.counted(), (Counts{{"rooms_dropped", 3}, {"rate_limited", 1}}));
}

TEST_F(RatesTest, O11AJoinOfNothingCountsAsOne) {
  Client& client = enter(0, 2);
  send(client, R"({"event":"join"})", 3);
  EXPECT_EQ(world_.counted(), (Counts{{"rate_limited", 1}}));
}

TEST_F(RatesTest, O11AJoinCountsAsAMessageToo) {
  Client& client = enter(2, 10);
  send(client, kJoin, 3);
  EXPECT_EQ(world_.take_requests().size(), 2u);
}

TEST_F(RatesTest, O11DropsOfBothKindsAreReportedOnce) {
  Client& client = enter(4, 1);
  send(client, kJoin, 3);
  send(client, kEvent, 3);
  EXPECT_EQ(client.take_sent(), kTold);
  EXPECT_EQ(world_.counted(), (Counts{{"rate_limited", 4}}));
}

TEST_F(RatesTest, O11JoinsThatAreDroppedCloseToo) {
  Client& client = enter(0, 1);
  for (int second = 0; second < 5; ++second) {
    send(client, kJoin, 2);
    world_.clock.pass(seconds(1));
  }
  EXPECT_TRUE(client.session.ended());
}

TEST_F(RatesTest, X5BytesOverTheirRateAreDroppedAsMessagesAre) {
  world_.options.byte_rate = 40;
  Client& client = enter(0);
  const std::string event = R"({"event":"e","id":"a"})";  // 22 bytes
  ASSERT_EQ(event.size(), 22u);
  send(client, event.c_str(), 2);
  EXPECT_EQ(world_.take_requests().size(), 2u) << "the second passed with 18 left, and owes 4";
  send(client, event.c_str(), 1);
  EXPECT_EQ(client.take_sent(),
            Texts{R"({"event":"error","data":{"message":"Rate limit exceeded"},"id":"a"})"});
  EXPECT_EQ(world_.counted(), (Counts{{"rate_limited", 1}}));
  world_.clock.pass(milliseconds(150));
  send(client, event.c_str(), 1);
  EXPECT_EQ(world_.take_requests().size(), 1u);
}

TEST_F(RatesTest, X5TheLongestMessagePassesWhateverTheRate) {
  world_.options.byte_rate = 1;
  Client& client = enter(0);
  world_.clock.pass(seconds(60));  // For `authenticate`.
  const std::string event = R"({"event":"e","data":")" + std::string(128 * 1024, 'x') + R"("})";
  send(client, event.c_str(), 1);
  EXPECT_EQ(world_.take_requests().size(), 1u);
  EXPECT_EQ(client.take_sent(), Texts{});
}

TEST_F(RatesTest, X5PingsAndPongsCountWithTheirPayload) {
  world_.options.byte_rate = 100;
  Client& client = enter(0);
  EXPECT_TRUE(client.session.on_control_frame(100));
  EXPECT_FALSE(client.session.on_control_frame(0));
  EXPECT_EQ(client.take_sent(), kTold);
}

TEST_F(RatesTest, X5FiveSecondsOverTheRateOfBytesClose) {
  world_.options.byte_rate = 10;
  Client& client = enter(0);
  for (int second = 0; second < 5; ++second) {
    send(client, kEvent, 3);
    world_.clock.pass(seconds(1));
  }
  EXPECT_EQ(client.take_sent().back(), "close 4009 Rate limit exceeded");
}

TEST_F(RatesTest, M13ADroppedMessageIsASignOfLife) {
  Client& client = enter(1);
  world_.clock.pass(seconds(80));
  send(client, kEvent, 2);
  EXPECT_EQ(client.session.last_activity.load(), world_.clock.now());
}

TEST_F(RatesTest, O11EachClientHasRatesOfItsOwn) {
  Client& alice = enter(1);
  Client& bob = world_.enter("bob");
  world_.clock.pass(seconds(1));
  send(alice, kEvent, 2);
  send(bob, kEvent, 1);
  EXPECT_EQ(alice.take_sent(), kTold);
  EXPECT_EQ(bob.take_sent(), Texts{});
}

}  // namespace
}  // namespace wscast::session
