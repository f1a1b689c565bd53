// A client that lost messages is told so where they are missing: by one `dropped` event, before
// anything newer (protocol.md X2, X3).

#include <string>

#include <gtest/gtest.h>

#include "support/session_world.h"

namespace wscast::session {
namespace {

std::string dropped(std::string_view count) {
  return R"({"event":"dropped","data":{"count":)" + std::string(count) + "}}";
}

class Holes : public testing::Test {
 protected:
  /// As a connection that is full does.
  void fill(Client& client) {
    client.transport.result = 0;
    client.session.outbound().on_backpressure();
  }
  /// The kernel has taken something, but not all.
  void make_room(Client& client) { client.transport.result = -1; }
  void drain(Client& client) {
    client.transport.result = 1;
    client.session.outbound().on_drain();
  }
  std::uint32_t lost(const Client& client) { return client.session.lost.load(); }

  World world_;
};

TEST_F(Holes, X2OnceAllIsTakenTheClientLearnsHowManyItLost) {
  Client& client = world_.enter();
  fill(client);
  client.send(R"({"event":"a"})");
  world_.broadcast(R"({"event":"b"})");
  EXPECT_EQ(client.take_sent(), Texts{});
  drain(client);
  EXPECT_EQ(client.take_sent(), Texts{dropped("2")});
  EXPECT_EQ(lost(client), 2u);
  EXPECT_EQ(world_.counted(), (Counts{{"drop_episodes", 1}, {"dropped_notices", 1}}));
  drain(client);
  EXPECT_EQ(client.take_sent(), Texts{}) << "it knows";
}

TEST_F(Holes, X2NothingNewerComesBeforeTheNotice) {
  Client& client = world_.enter();
  fill(client);
  client.send(R"({"event":"a"})");
  make_room(client);
  EXPECT_EQ(client.send(R"({"event":"b"})"), -1);
  EXPECT_EQ(client.send(R"({"event":"c"})"), -1);
  EXPECT_EQ(client.take_sent(), (Texts{dropped("1"), R"({"event":"b"})", R"({"event":"c"})"}));
  drain(client);
  EXPECT_EQ(client.take_sent(), Texts{});
}

TEST_F(Holes, X2EachHoleHasItsOwnNotice) {
  Client& client = world_.enter();
  for (int i = 0; i < 2; ++i) {
    fill(client);
    client.send(R"({"event":"lost"})");
    make_room(client);
    client.send(R"({"event":"kept"})");
    EXPECT_EQ(client.take_sent(), (Texts{dropped("1"), R"({"event":"kept"})"}));
  }
  EXPECT_EQ(lost(client), 2u);
}

TEST_F(Holes, X2AClientThatLosesNothingIsToldNothing) {
  Client& client = world_.enter();
  client.session.outbound().on_backpressure();
  client.transport.result = -1;
  client.send(R"({"event":"a"})");
  drain(client);
  EXPECT_EQ(client.take_sent(), Texts{R"({"event":"a"})"});
  EXPECT_EQ(world_.counted(), Counts{});
}

TEST_F(Holes, X2WhatIsLostBeforeConnectedIsCountedAndNotTold) {
  Client& client = world_.open();
  fill(client);
  client.send(R"({"event":"a"})");
  drain(client);
  EXPECT_EQ(client.take_sent(), Texts{});
  client.receive(R"({"event":"authenticate"})");
  client.session.on_authenticate_result(Identity{});
  const Texts sent = client.take_sent();
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_TRUE(sent[0].starts_with(R"({"event":"connected")")) << sent[0];
  client.send(R"({"event":"b"})");
  EXPECT_EQ(client.take_sent(), Texts{R"({"event":"b"})"});
  EXPECT_EQ(lost(client), 1u);
}

TEST_F(Holes, X2SwitchedOffItIsOnlyCounted) {
  world_.options.notify_dropped = false;
  Client& client = world_.enter();
  fill(client);
  client.send(R"({"event":"a"})");
  drain(client);
  client.send(R"({"event":"b"})");
  client.session.outbound().on_gap();
  EXPECT_EQ(client.take_sent(), Texts{R"({"event":"b"})"});
  EXPECT_EQ(lost(client), 1u);
  EXPECT_EQ(world_.counted(), (Counts{{"drop_episodes", 1}}));
}

TEST_F(Holes, X2AnExternalTransportThatRefusesTheNoticeGetsNothingNewerBeforeIt) {
  Client& client = world_.enter();
  client.transport.knows_when_full = false;
  client.transport.result = 0;
  client.send(R"({"event":"a"})");
  client.send(R"({"event":"b"})");
  client.transport.result = 1;
  client.send(R"({"event":"c"})");
  EXPECT_EQ(client.take_sent(), (Texts{dropped("2"), R"({"event":"c"})"}));
}

TEST_F(Holes, X2AClientThatIsClosedIsNotTold) {
  Client& client = world_.enter();
  fill(client);
  client.send(R"({"event":"a"})");
  client.session.close(4321, "enough");
  client.transport.result = 1;
  client.session.outbound().on_drain();
  EXPECT_EQ(client.take_sent(), Texts{"close 4321 enough"});
}

TEST_F(Holes, X2ADropOnTheWayToTheShardIsToldToo) {
  Client& client = world_.enter();
  client.session.lost.fetch_add(3);
  client.session.hole_announced = true;
  client.session.outbound().on_hole();
  EXPECT_EQ(client.take_sent(), Texts{dropped("3")});
  client.session.lost.fetch_add(1);
  client.session.hole_announced = true;
  fill(client);
  client.session.outbound().on_hole();
  EXPECT_EQ(client.take_sent(), Texts{}) << "something waits";
  drain(client);
  EXPECT_EQ(client.take_sent(), Texts{dropped("1")});
}

TEST_F(Holes, X2ADropOnTheWayComesBehindWhatWasOnTheWayBeforeIt) {
  Client& client = world_.enter();
  client.session.lost.fetch_add(1);
  client.session.hole_announced = true;
  client.send(R"({"event":"older"})");
  client.session.outbound().on_hole();
  client.session.outbound().on_hole();
  client.send(R"({"event":"newer"})");
  EXPECT_EQ(client.take_sent(),
            (Texts{R"({"event":"older"})", dropped("1"), R"({"event":"newer"})"}));
}

TEST_F(Holes, X3AGapHasNoCountAndCoversWhatIsLostMeanwhile) {
  Client& client = world_.enter();
  client.session.outbound().on_gap();
  EXPECT_EQ(client.take_sent(), Texts{dropped("null")});
  fill(client);
  client.send(R"({"event":"a"})");
  client.session.outbound().on_gap();
  drain(client);
  EXPECT_EQ(client.take_sent(), Texts{dropped("null")});
  fill(client);
  client.send(R"({"event":"b"})");
  drain(client);
  EXPECT_EQ(client.take_sent(), Texts{dropped("1")}) << "the one before was covered";
}

TEST_F(Holes, X3AGapConcernsAuthenticatedClientsOnly) {
  Client& client = world_.open();
  client.session.outbound().on_gap();
  EXPECT_EQ(client.take_sent(), Texts{});
}

class EncryptedHoles : public Holes {
 protected:
  Client& enter_encrypted() {
    Client& client = world_.enter();
    client.session.outbound().enable_encryption();
    world_.transport_options.backpressure_limit = 1;
    return client;
  }
};

TEST_F(EncryptedHoles, X2TheNoticeIsEncryptedLikeAnyMessage) {
  Client& client = enter_encrypted();
  client.session.outbound().on_backpressure();
  EXPECT_EQ(client.send(R"({"event":"a"})"), -1);
  EXPECT_EQ(client.send(R"({"event":"b"})"), 0);
  EXPECT_EQ(lost(client), 1u);
  world_.results.transform = Transformed{"e", "1"};
  client.session.outbound().on_drain();
  world_.complete_all();
  EXPECT_EQ(world_.take_requests(),
            (Texts{R"(transform {"event":"a"})", "transform " + dropped("1")}));
  EXPECT_EQ(client.take_sent(), (Texts(2, R"({"event":"e","data":1})")));
}

TEST_F(EncryptedHoles, X2E4AMessageThatIsNotEncryptedInTimeIsTold) {
  Client& client = enter_encrypted();
  client.send(R"({"event":"a"})");
  client.session.outbound().on_transform_result(Threw{});
  EXPECT_EQ(world_.delegate.requested.back(), "transform " + dropped("1"));
  EXPECT_EQ(lost(client), 1u);
}

TEST_F(EncryptedHoles, X2E4ANoticeThatIsLostIsMadeAnewWithTheNextMessage) {
  Client& client = enter_encrypted();
  world_.transport_options.backpressure_limit = 10'000;
  world_.results.transform = Threw{};
  client.send(R"({"event":"a"})");
  world_.complete_all();
  EXPECT_EQ(world_.take_requests(),
            (Texts{R"(transform {"event":"a"})", "transform " + dropped("1")}));
  world_.results.transform = Unchanged{};
  client.send(R"({"event":"b"})");
  world_.complete_all();
  EXPECT_EQ(client.take_sent(), (Texts{dropped("null"), R"({"event":"b"})"}));
  EXPECT_EQ(lost(client), 1u);
}

}  // namespace
}  // namespace wscast::session
