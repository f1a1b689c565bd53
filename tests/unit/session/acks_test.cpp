// protocol.md X1: the reply to a message that the server itself handles or refuses carries its id.

#include "acks.h"

#include <string>

#include <gtest/gtest.h>

#include "encrypted_world.h"

namespace wscast::session {
namespace {

TEST(Acks, X1AnAckThatDoesNotFitIsCountedLikeAnyMessage) {
  World world;
  Client& client = world.enter();
  client.transport.result = 0;
  client.receive(message("leave", rooms_of(R"("a")")));
  EXPECT_EQ(client.take_sent(), Texts{});
  EXPECT_FALSE(client.session.ended());
}

TEST(Acks, X1ConnectedCarriesTheIdOfItsAuthenticate) {
  World world;
  Client& client = world.open();
  client.receive(message("authenticate", "{}", R"("first")"));
  client.receive(message("authenticate", "{}", R"("second")"));
  world.complete_all();
  EXPECT_EQ(client.take_sent(), (Texts{error_with_id("Already authenticated", R"("second")"),
                                       R"({"event":"connected","data":{"id":"ID","userId":"alice",)"
                                       R"("time":"2026-01-31T12:00:00.000Z"},"id":"first"})"}));
  client.receive(R"({"event":"authenticate"})");
  EXPECT_EQ(client.take_sent(), Texts{error_text("Already authenticated")});
}

TEST(Acks, X1M17WithAHandshakeToo) {
  World world;
  world.options.encryption = Encryption::required;
  Client& client = world.open();
  client.receive(message("authenticate", "{}"));
  world.complete_all();
  EXPECT_EQ(client.take_sent(),
            (Texts{R"({"event":"connected","data":{"id":"ID","userId":"alice",)"
                   R"("time":"2026-01-31T12:00:00.000Z","serverPublicKey":"key","salt":"salt"},)"
                   R"("id":1})"}));
}

TEST(Acks, X1O4O5O7TheErrorBeforeTheCloseCarriesTheId) {
  const auto sent_after = [](const AuthenticateResult& authenticate,
                             const HandshakeResult& handshake) {
    World world;
    world.options.encryption = Encryption::required;
    world.results = {.authenticate = authenticate, .handshake = handshake};
    Client& client = world.open();
    client.receive(message("authenticate", "{}"));
    world.complete_all();
    return client.take_sent();
  };
  EXPECT_EQ(sent_after(Refused{}, Refused{}),
            (Texts{error_with_id("Authentication failed"), "close 4003 Authentication failed"}));
  EXPECT_EQ(sent_after(Threw{}, Refused{}),
            (Texts{error_with_id("Authentication error"), "close 4003 Authentication failed"}));
  EXPECT_EQ(
      sent_after(Identity{"a"}, Refused{}),
      (Texts{error_with_id("Encryption handshake failed"), "close 4004 Encryption required"}));
}

TEST(Acks, X1M6BeforeAuthentication) {
  World world;
  Client& client = world.open();
  client.receive(message("move", "1"));
  client.receive(message("join", rooms_of(R"("a")"), "2"));
  EXPECT_EQ(client.take_sent(), (Texts{error_with_id("Not authenticated", "1"),
                                       error_with_id("Not authenticated", "2")}));
}

TEST(Acks, X1M9AnEventWithoutAHandlerIsRefused) {
  World world;
  world.delegate.has_hooks = false;
  Client& client = world.enter();
  client.receive(message("move", "1"));
  client.receive(R"({"event":"move"})");
  EXPECT_EQ(client.take_sent(), Texts{error_with_id("Unhandled event")});
  EXPECT_EQ(world.counted(), (Counts{{"unhandled_events", 2}}));
}

TEST(Acks, X1M9AnEventWithAHookGetsNoReplyOfTheServer) {
  World world;
  Client& client = world.enter();
  client.receive(message("move", "1"));
  world.complete_all();
  EXPECT_EQ(client.take_sent(), Texts{});
}

TEST(Acks, X1M2M3HeartbeatsAndWhatIsNoEventStaySilent) {
  World world;
  world.options.message_rate = 1;
  Client& client = world.enter();
  world.clock.pass(std::chrono::seconds(1));
  for (const char* text : {R"({"event":"heartbeat","id":1})", R"({"event":"heartbeat","id":2})",
                           R"({"event":7,"id":3})", R"({"id":4})"}) {
    client.receive(text);
  }
  EXPECT_EQ(client.take_sent(), Texts{error_text("Rate limit exceeded")}) << "once, as ever";
}

TEST(Acks, X1O11EachMessageWithAnIdOverTheRateGetsAnErrorTheOthersOncePerSecond) {
  World world;
  world.options.message_rate = 1;
  Client& client = world.enter();
  world.clock.pass(std::chrono::seconds(1));
  client.receive(R"({"event":"e"})");
  client.receive(R"({"event":"e"})");
  client.receive(R"({"event":"e"})");
  for (const char* id : {"1", "2", "3"}) client.receive(message("e", "0", id));
  client.receive(R"({"event":"e"})");
  EXPECT_EQ(client.take_sent(),
            (Texts{error_text("Rate limit exceeded"), error_with_id("Rate limit exceeded", "1"),
                   error_with_id("Rate limit exceeded", "2"),
                   error_with_id("Rate limit exceeded", "3")}));
  EXPECT_EQ(world.counted(), (Counts{{"rate_limited", 6}}));
}

TEST(Acks, X1O11EachJoinOverItsRateGetsAnError) {
  World world;
  world.options.join_rate = 2;
  Client& client = world.enter();
  for (const char* id : {"1", "2", "3", "4"}) {
    client.receive(message("join", rooms_of(R"("a")"), id));
    world.complete_all();
  }
  EXPECT_EQ(client.take_sent(), (Texts{ack(true, R"("rooms":{"a":"joined"})", "1"),
                                       ack(true, R"("rooms":{"a":"joined"})", "2"),
                                       error_with_id("Rate limit exceeded", "3"),
                                       error_with_id("Rate limit exceeded", "4")}));
}

TEST(Acks, X1O11TheLastOneGetsAnErrorBeforeTheClose) {
  World world;
  world.options.message_rate = 1;
  Client& client = world.enter();
  for (int second = 0; second < 5; ++second) {
    world.clock.pass(std::chrono::seconds(1));
    client.take_sent();
    client.receive(R"({"event":"heartbeat"})");
    client.receive(message("e", "0"));
  }
  EXPECT_EQ(client.take_sent(),
            (Texts{error_with_id("Rate limit exceeded"), "close 4009 Rate limit exceeded"}));
}

TEST(Acks, X1M12ABinaryMessageGetsAReplyToo) {
  World world;
  world.options.message_rate = 1;
  Client& client = world.enter();
  world.clock.pass(std::chrono::seconds(1));
  client.session.on_message(true, message("leave", rooms_of("")));
  client.session.on_message(true, message("leave", rooms_of(""), "2"));
  client.session.on_message(true, "{\"event\":\"e\",\"id\":\"\xff\"}");
  EXPECT_EQ(client.take_sent(),
            (Texts{ack(true, R"("rooms":{})"), error_with_id("Rate limit exceeded", "2")}));
}

class EncryptedAcks : public EncryptedWorld {
 protected:
  void receive(std::string_view plain) { client_->receive(peer_.seal(plain)); }

  /// An id in the `encrypted` message, besides the one inside.
  static std::string with_outer_id(std::string sealed) {
    return sealed.insert(sealed.size() - 1, R"(,"id":"outer")");
  }
};

TEST_F(EncryptedAcks, X1S6AcksAreEncrypted) {
  enter();
  receive(message("join", rooms_of(R"("a")")));
  EXPECT_EQ(read(), Texts{ack(true, R"("rooms":{"a":"joined"})")});
}

TEST_F(EncryptedAcks, X1S8WhatCannotBeDecryptedGetsAnErrorWithTheOuterId) {
  enter();
  const std::string sealed = with_outer_id(peer_.seal(event(1)));
  client_->receive(sealed);
  client_->receive(sealed);
  receive(R"({"event":"encrypted","data":{},"id":"inner"})");
  client_->receive(with_outer_id(peer_.seal(R"({"event":"encrypted","id":"inner"})")));
  EXPECT_EQ(read(), (Texts{error_with_id("Decryption failed", R"("outer")"),
                           error_text("Decryption failed"),
                           error_with_id("Decryption failed", R"("outer")")}));
}

TEST_F(EncryptedAcks, X1O11OverTheRateTheErrorCarriesTheIdInside) {
  world_.options.message_rate = 1;
  enter();
  world_.clock.pass(std::chrono::seconds(1));
  receive(R"({"event":"heartbeat"})");
  receive(message("e", "0", "1"));
  client_->receive(with_outer_id(peer_.seal(message("e", "0", "2"))));
  client_->receive(with_outer_id(peer_.seal(event(0))));
  receive(R"({"event":"heartbeat","id":3})");
  EXPECT_EQ(read(), (Texts{error_with_id("Rate limit exceeded", "1"),
                           error_with_id("Rate limit exceeded", "2"),
                           error_with_id("Rate limit exceeded", R"("outer")")}));
}

TEST_F(EncryptedAcks, S8WhatWasDroppedForTheRateMayBeSentAgain) {
  world_.options.message_rate = 1;
  enter();
  world_.clock.pass(std::chrono::seconds(1));
  receive(R"({"event":"heartbeat"})");
  const std::string sealed = peer_.seal(message("leave", rooms_of("")));
  client_->receive(sealed);
  world_.clock.pass(std::chrono::seconds(1));
  client_->receive(sealed);
  EXPECT_EQ(read(), (Texts{error_with_id("Rate limit exceeded"), ack(true, R"("rooms":{})")}));
}

}  // namespace
}  // namespace wscast::session
