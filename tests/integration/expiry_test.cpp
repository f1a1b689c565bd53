// protocol.md X4 on a real server: clients whose identity expires.

#include <atomic>
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "wscast/json_fields.h"

#include "integration/remote.h"
#include "integration/server_fixture.h"

namespace wscast {
namespace {

using std::chrono::milliseconds;

/// The token is the number of milliseconds that the identity lasts, and the metadata.
std::optional<Identity> identity_of(const AuthenticateRequest& request) {
  const auto fields = JsonFields::of(request.data);
  const auto token = fields ? fields->string("token") : std::nullopt;
  if (!token || *token == "wrong") return std::nullopt;
  const int duration = std::stoi(*token);
  return Identity{
      .user_id = "alice", .metadata = Metadata::of(duration), .expires_in = milliseconds(duration)};
}

std::string authenticate(const std::string& token) {
  return R"({"event":"authenticate","data":{"token":")" + token + R"("},"id":"again"})";
}

ServerFixture::Adjust expiring(milliseconds grace) {
  return [grace](ServerOptions& options) {
    options.session.expiry_grace = grace;
    options.hooks.authenticate = identity_of;
  };
}

TEST(Expiry, X4TellsAndClosesAfterTheGrace) {
  ServerFixture fixture(2, expiring(milliseconds(150)));
  const auto begin = std::chrono::steady_clock::now();
  Peer peer;
  peer.socket = fixture.authenticate("200", &peer.id);
  EXPECT_EQ(peer.next(), error_message("Token expired"));
  EXPECT_GE(std::chrono::steady_clock::now() - begin, milliseconds(200));
  peer.expect_close(4003, "Token expired");
  EXPECT_GE(std::chrono::steady_clock::now() - begin, milliseconds(350));
  EXPECT_EQ(fixture.count(Counter::closed_token_expired), 1u);
}

TEST(Expiry, X4TheGraceMustNotBeNegative) {
  ServerOptions options;
  options.broker = memory_broker();
  options.hooks.authenticate = identity_of;
  EXPECT_TRUE(options.validate().empty());
  options.session.expiry_grace = milliseconds(-1);
  EXPECT_EQ(options.validate(),
            std::vector<std::string>{"session.expiry_grace must not be negative."});
}

TEST(Expiry, X4WithoutAGraceClosesAtOnce) {
  ServerFixture fixture(2, expiring(milliseconds(0)));
  Peer peer;
  peer.socket = fixture.authenticate("50", &peer.id);
  EXPECT_EQ(peer.next(), error_message("Token expired"));
  peer.expect_close(4003, "Token expired");
}

TEST(Expiry, X4ARenewedClientStaysWithItsRoomsAndNewMetadata) {
  ServerFixture fixture(2, expiring(milliseconds(20'000)));
  Peer peer;
  peer.socket = fixture.authenticate("100", &peer.id);
  EXPECT_FALSE(fixture.server().join_room({.client_id = peer.id, .room = "lobby"}));
  EXPECT_EQ(peer.next(), error_message("Token expired"));
  peer.socket->send_text(authenticate("600000"));
  const std::string connected = peer.next();
  EXPECT_TRUE(connected.starts_with(R"({"event":"connected","data":{"id":")" + peer.id +
                                    R"(","userId":"alice","time":")"))
      << connected;
  EXPECT_TRUE(connected.ends_with(R"(},"id":"again"})")) << connected;
  const auto info = fixture.server().get_client(peer.id);
  ASSERT_TRUE(info);
  EXPECT_EQ(*info->metadata.get<int>(), 600'000);
  EXPECT_FALSE(fixture.server().send_to_room({.room = "lobby", .event = "still"}));
  EXPECT_EQ(peer.next(), R"({"event":"still"})");
  EXPECT_EQ(fixture.count(Counter::renewals), 1u);
  EXPECT_EQ(fixture.count(Counter::authentications), 1u);
}

TEST(Expiry, X4ARenewalThatIsRejectedCloses) {
  ServerFixture fixture(2, expiring(milliseconds(20'000)));
  Peer peer;
  peer.socket = fixture.authenticate("600000", &peer.id);
  peer.socket->send_text(authenticate("wrong"));
  EXPECT_EQ(peer.next(),
            R"({"event":"error","data":{"message":"Authentication failed"},"id":"again"})");
  peer.expect_close(4003, "Authentication failed");
}

TEST(Expiry, X4M14WhatComesBehindARenewalThatRepliesLaterWaits) {
  Elsewhere elsewhere;
  std::atomic<bool> let_go = false;
  ServerFixture fixture(2, [&](ServerOptions& options) {
    options.hooks.authenticate = [&](const AuthenticateRequest& request,
                                     const Reply<std::optional<Identity>>& reply) {
      const auto identity = identity_of(request);
      if (!identity || *identity->metadata.get<int>() != 700'000) return reply(identity);
      elsewhere.post([&let_go, identity, reply] {
        while (!let_go) std::this_thread::yield();
        reply(identity);
      });
    };
  });
  Peer peer;
  peer.socket = fixture.authenticate("600000", &peer.id);
  peer.socket->send_text(authenticate("700000"));
  peer.socket->send_text("nonsense");
  ServerFixture::await([&] { return fixture.count(Counter::messages_received) == 3; });
  EXPECT_TRUE(fixture.server().send_to_client({.client_id = peer.id, .event = "meanwhile"}));
  EXPECT_EQ(peer.next(), R"({"event":"meanwhile"})");
  let_go = true;
  EXPECT_TRUE(peer.next().starts_with(R"({"event":"connected")"));
  EXPECT_EQ(peer.next(), error_message("Invalid message format"));
}

/// Other threads read the metadata of clients that are renewed.
TEST(Expiry, X4MetadataMayBeReadWhileItIsRenewed) {
  ServerFixture fixture(2, expiring(milliseconds(20'000)));
  Peer peer;
  peer.socket = fixture.authenticate("600000", &peer.id);
  std::atomic<bool> stop = false;
  std::thread reader([&] {
    while (!stop) {
      const auto info = fixture.server().get_client(peer.id);
      EXPECT_TRUE(info && *info->metadata.get<int>() >= 600'000);
    }
  });
  for (int i = 0; i < 200; ++i) {
    peer.socket->send_text(authenticate(std::to_string(600'001 + i)));
    EXPECT_TRUE(peer.next().starts_with(R"({"event":"connected")"));
  }
  stop = true;
  reader.join();
  EXPECT_EQ(*fixture.server().get_client(peer.id)->metadata.get<int>(), 600'200);
}

}  // namespace
}  // namespace wscast
