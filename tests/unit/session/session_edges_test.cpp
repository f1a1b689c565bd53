#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "session/session.h"
#include "support/session_fakes.h"

namespace wscast::session {
namespace {

using std::chrono::seconds;
using Texts = std::vector<std::string>;

class SessionEdges : public testing::Test {
 protected:
  void open() { session_.emplace(context_, ClientId::generate(system_random()), transport_); }

  void receive(std::string_view text) { session_->on_message(false, text); }

  void authenticate() {
    receive(R"({"event":"authenticate"})");
    session_->on_authenticate_result(Identity{"alice"});
  }

  /// Up to the open handshake hook.
  void begin_handshake() {
    options_.encryption = Encryption::required;
    open();
    authenticate();
  }

  /// Forgets what was sent and requested.
  void become_encrypted() {
    open();
    authenticate();
    session_->outbound().enable_encryption();
    transport_.sent.clear();
    delegate_.requested.clear();
  }

  int send(std::string_view text) {
    return session_->deliver(ws::make_frame(ws::Opcode::text, text), hub::Address::client);
  }

  std::uint64_t count(Counter counter) const {
    Stats stats;
    counters_.add_to(stats);
    return stats[counter];
  }

  SessionOptions options_;
  TransportOptions transport_options_;
  FakeClock clock_;
  FakeTransport transport_;
  FakeDelegate delegate_;
  NullObserver observer_;
  hub::Hub hub_{observer_};
  Counters counters_;
  Context context_{options_, transport_options_, hub_, delegate_, counters_, clock_};
  std::optional<Session> session_;
};

TEST_F(SessionEdges, O1ADeadlineThatComesLateHurtsNoAuthenticatedClient) {
  open();
  authenticate();
  session_->on_deadline();
  EXPECT_FALSE(session_->ended());
}

TEST_F(SessionEdges, O10TheBytesOfAllMessagesBeforeAuthenticationCount) {
  options_.max_bytes_before_auth = 100;
  open();
  const std::string text = R"({"event":"heartbeat","data":")" + std::string(20, 'x') + R"("})";
  receive(text);
  EXPECT_FALSE(session_->ended());
  receive(text);
  EXPECT_EQ(count(Counter::closed_pre_auth_flood), 1u);
}

TEST_F(SessionEdges, D14TheRoomOfItsOwnIdMayBeJoinedAgain) {
  open();
  authenticate();
  const std::string own = session_->id.text();
  receive(R"({"event":"leave","data":{"rooms":[")" + own + R"("]}})");
  ASSERT_FALSE(hub_.in_room(*session_, own));
  receive(R"({"event":"join","data":{"rooms":[")" + own + R"("]}})");
  session_->on_rooms_result(Texts{own});
  EXPECT_TRUE(hub_.in_room(*session_, own));
}

TEST_F(SessionEdges, D1WhileTheHandshakeIsOpenNothingIsSentInTheClear) {
  begin_handshake();
  EXPECT_EQ(send("secret"), 0);
  EXPECT_EQ(session_->send_raw(ws::make_frame(ws::Opcode::text, "raw")), 0);
  EXPECT_EQ(transport_.sent, Texts{});
  EXPECT_EQ(count(Counter::dropped_in_handshake), 1u);
}

TEST_F(SessionEdges, M17EncryptionIsOnBeforeConnected) {
  begin_handshake();
  delegate_.requested.clear();
  session_->on_handshake_result(HandshakeKeys{"key", "salt"});
  EXPECT_EQ(transport_.sent, Texts{});
  ASSERT_EQ(delegate_.requested.size(), 1u);
  EXPECT_TRUE(delegate_.requested[0].starts_with(R"(transform {"event":"connected")"));
  EXPECT_TRUE(delegate_.requested[0].ends_with(R"("serverPublicKey":"key","salt":"salt"}})"));
}

TEST_F(SessionEdges, E1NothingRawGoesToAnEncryptedClient) {
  become_encrypted();
  EXPECT_EQ(session_->send_raw(ws::make_frame(ws::Opcode::text, "raw")), 0);
  EXPECT_EQ(transport_.sent, Texts{});
}

TEST_F(SessionEdges, E6OneTransformationAtATimeAndAllInOrder) {
  become_encrypted();
  for (const char* text : {"1", "2", "3"}) EXPECT_EQ(send(text), 1);
  EXPECT_EQ(delegate_.requested, Texts{"transform 1"});
  session_->outbound().on_transform_result(Transformed{"e", "[1]"});
  EXPECT_EQ(delegate_.requested.back(), "transform 2");
  session_->outbound().on_transform_result(Unchanged{});
  session_->outbound().on_transform_result(Transformed{"e", ""});
  EXPECT_EQ(transport_.sent, (Texts{R"({"event":"e","data":[1]})", "2", R"({"event":"e"})"}));
}

TEST_F(SessionEdges, E4WhatTheTransformerThrowsOrSpoilsIsLostAndTheNextIsSent) {
  become_encrypted();
  for (const char* text : {"1", "2", "3", "4"}) send(text);
  session_->outbound().on_transform_result(Threw{});
  session_->outbound().on_transform_result(Transformed{"e", "no JSON"});
  session_->outbound().on_transform_result(Transformed{"\xff", "1"});
  session_->outbound().on_transform_result(Unchanged{});
  EXPECT_EQ(transport_.sent, Texts{"4"});
  EXPECT_EQ(count(Counter::transform_failures), 3u);
}

TEST_F(SessionEdges, T12AClientIsFullFromADropUntilItIsDrained) {
  open();
  authenticate();
  session_->outbound().on_backpressure();
  transport_.result = 0;
  EXPECT_EQ(send("lost"), 0);
  EXPECT_TRUE(session_->full);
  session_->outbound().on_drain();
  EXPECT_FALSE(session_->full);
  EXPECT_EQ(delegate_.slow_consumers, 0) << "closing is off";
}

TEST_F(SessionEdges, O9ADropIsReportedToTheDelegateIfClosingIsEnabled) {
  transport_options_.close_on_backpressure_limit = true;
  open();
  authenticate();
  transport_.result = 0;
  send("lost");
  EXPECT_EQ(delegate_.slow_consumers, 1);
}

}  // namespace
}  // namespace wscast::session
