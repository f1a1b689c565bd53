// The ready-made encryption on whole servers: who is encrypted, what reaches whom, and that what
// was accepted arrives.

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "integration/server_fixture.h"
#include "support/bus.h"
#include "support/ecdh_client.h"

namespace wscast {
namespace {

using client::Event;

/// A client of the scheme that has received `connected`.
struct EncryptedPeer {
  Peer peer{};
  EcdhClient keys{};

  void send(std::string_view event, std::string_view data) {
    EXPECT_TRUE(peer.socket->send_text(keys.seal(message(event, data))));
  }

  /// The message inside what comes next.
  std::string next() {
    const std::string text = peer.next();
    const auto plain = keys.open(text);
    EXPECT_TRUE(plain) << "in the clear: " << text;
    return plain.value_or("");
  }
};

class Ecdh : public testing::Test {
 protected:
  static std::unique_ptr<ServerFixture> make(const ServerFixture::Adjust& adjust = {}) {
    auto made = std::make_unique<ServerFixture>(3, [&](ServerOptions& options) {
      options.encryption = ecdh({.clients = Encryption::optional});
      options.transport.close_timeout = std::chrono::milliseconds(100);
      if (adjust) adjust(options);
    });
    made->spread();
    return made;
  }

  void start(const ServerFixture::Adjust& adjust = {}) { fixture_ = make(adjust); }

  Server& server() { return fixture_->server(); }

  static EncryptedPeer join(ServerFixture& fixture, const std::vector<std::string>& rooms = {}) {
    EncryptedPeer made;
    made.peer.socket = fixture.connect();
    made.peer.socket->send_text(message(
        "authenticate", R"({"token":"eve","publicKey":")" + made.keys.public_key() + "\"}"));
    const std::string connected = made.peer.next();
    EXPECT_TRUE(made.keys.learn_from(connected)) << connected;
    made.peer.id = connected.substr(connected.find(R"("id":")") + 6, 36);
    for (const auto& room : rooms) {
      EXPECT_FALSE(fixture.server().join_room({.client_id = made.peer.id, .room = room}));
    }
    return made;
  }

  EncryptedPeer encrypted(const std::vector<std::string>& rooms = {}) {
    return join(*fixture_, rooms);
  }

  /// What became of a message to the lobby.
  PublishResult to_lobby(std::string_view event, const Json& data) {
    std::promise<PublishResult> told;
    EXPECT_FALSE(server().send_to_room(
        {.room = "lobby", .event = event, .data = data, .on_result = [&](const PublishResult& r) {
           told.set_value(r);
         }}));
    return told.get_future().get();
  }

  /// Sends until `drops` messages to the lobby's one client, which does not read, were dropped.
  /// Answers how many were accepted; they are numbered. (After a drop the kernel may take more.)
  int fill_lobby(std::size_t size, int drops = 1) {
    int accepted = 0;
    for (int n = 0; n < 10'000; ++n) {
      if (to_lobby("e", numbered(accepted, size)).dropped == 0) {
        ++accepted;
      } else if (--drops == 0) {
        return accepted;
      }
    }
    ADD_FAILURE() << "too little was dropped";
    return accepted;
  }

  static Json numbered(int n, std::size_t size) {
    static thread_local std::string text;
    text = text_of(n, size);
    return Json::text(text);
  }
  static std::string text_of(int n, std::size_t size) {
    return "[" + std::to_string(n) + ",\"" + std::string(size, 'x') + "\"]";
  }

  Bus bus_;
  std::unique_ptr<ServerFixture> fixture_;
};

// shows: S1, S2, S4, S5, S6, E1
TEST_F(Ecdh, M17RequiredOnesAreSealedFromConnectedOn) {
  start([](ServerOptions& options) { options.encryption = ecdh(); });
  EncryptedPeer peer = encrypted();
  const auto info = server().get_client(peer.peer.id);
  ASSERT_TRUE(info);
  EXPECT_TRUE(info->encrypted);
  EXPECT_EQ(info->user_id, "eve");
  EXPECT_EQ(info->server_public_key.size(), 88u);
  EXPECT_EQ(info->salt.size(), 44u);
  EXPECT_FALSE(server().broadcast({.event = "e", .data = kOne}));
  EXPECT_EQ(peer.next(), message("e", "1"));
  peer.peer.socket->send_text("nonsense");
  EXPECT_EQ(peer.next(), error_message("Invalid message format"));
}

// shows: S7
TEST_F(Ecdh, X7RequiredOnesAreToldOfADrainSealed) {
  start([](ServerOptions& options) { options.encryption = ecdh(); });
  EncryptedPeer peer = encrypted();
  server().drain({.time = std::chrono::milliseconds(200)});
  EXPECT_EQ(peer.next(), message("disconnect", R"({"reconnectAfterMs":200})"));
  peer.peer.expect_close(1001, "Server shutting down");
}

TEST_F(Ecdh, O7RequiredOnesWithoutAKeyAreRefused) {
  start([](ServerOptions& options) { options.encryption = ecdh(); });
  for (const char* data : {R"({"token":"eve"})", R"({"token":"eve","publicKey":"BAAA"})"}) {
    const Peer peer{.socket = fixture_->connect(), .id = {}};
    peer.send("authenticate", data);
    EXPECT_EQ(peer.next(), error_message("Encryption handshake failed"));
    peer.expect_close(4004, "Encryption required");
  }
  EXPECT_EQ(fixture_->count(Counter::closed_encryption), 2u);
}

// shows: E1, M17, D3, D4, D5
TEST_F(Ecdh, AMixedRoomIsSentTheSharedFrameInTheClearAndToEachEncryptedOneItsOwn) {
  start();
  std::vector<Peer> plain;
  std::vector<EncryptedPeer> sealed;
  for (int i = 0; i < 6; ++i) {  // Two on each shard, then.
    plain.push_back(fixture_->peer("alice", {"lobby"}));
    sealed.push_back(encrypted({"lobby"}));
    fixture_->connect();  // So that the next ones meet other shards.
  }
  EXPECT_EQ(to_lobby("room", kOne).accepted, 12u);
  EXPECT_FALSE(server().send_to_room({.room = "lobby",
                                      .event = "but two",
                                      .data = kOne,
                                      .exclude = {plain[0].id, sealed[0].peer.id}}));
  EXPECT_FALSE(server().broadcast({.event = "all", .data = kOne}));
  for (std::size_t i = 0; i < 6; ++i) {
    EXPECT_EQ(plain[i].next(), message("room", "1"));
    EXPECT_EQ(sealed[i].next(), message("room", "1"));
    if (i > 0) {
      EXPECT_EQ(plain[i].next(), message("but two", "1"));
      EXPECT_EQ(sealed[i].next(), message("but two", "1"));
    }
    EXPECT_EQ(plain[i].next(), message("all", "1"));
    EXPECT_EQ(sealed[i].next(), message("all", "1"));
  }
}

TEST_F(Ecdh, S8WhatAClientSealsIsHandledAsTheMessageInside) {
  std::atomic<int> heard = 0;
  start([&](ServerOptions& options) {
    options.hooks.message = [&](const ClientMessage& message) {
      EXPECT_EQ(message.event, "hello");
      ++heard;
    };
  });
  EncryptedPeer peer = encrypted();
  peer.send("hello", "1");
  peer.peer.send("hello", "2");  // Plain ones are handled as ever.
  const std::string sealed = peer.keys.seal(message("hello", "3"));
  peer.peer.socket->send_text(sealed);
  peer.peer.socket->send_text(sealed);
  EXPECT_EQ(peer.next(), error_message("Decryption failed"));
  EXPECT_EQ(heard, 3);
  EXPECT_EQ(fixture_->count(Counter::decryption_failures), 1u);
}

// shows: D9, D13, E1
TEST_F(Ecdh, AnEncryptedClientIsReachedFromAnotherServer) {
  start([this](ServerOptions& options) { options.broker = bus_.broker(); });
  const auto there = make([this](ServerOptions& options) { options.broker = bus_.broker(); });
  EncryptedPeer near = encrypted();
  EncryptedPeer far = join(*there);
  const Peer plain = there->peer("alice");
  EXPECT_FALSE(server().send({.destination = far.peer.id, .event = "psst", .data = kOne}));
  EXPECT_FALSE(server().send({.event = "all", .data = kOne}));
  EXPECT_EQ(far.next(), message("psst", "1"));
  EXPECT_EQ(far.next(), message("all", "1"));
  EXPECT_EQ(near.next(), message("all", "1"));
  EXPECT_EQ(plain.next(), message("all", "1"));
}

// shows: T5, E6
TEST_F(Ecdh, ASlowReaderIsDroppedOnlyWhatWasNotAcceptedAndMemoryIsBounded) {
  constexpr std::size_t size = 8'000;
  start([](ServerOptions& options) {
    options.session.notify_dropped = false;  // X2 has tests of its own.
    options.transport.backpressure_limit = 64 * 1024;
    options.transport.send_buffer = 16 * 1024;
  });
  EncryptedPeer peer = encrypted({"lobby"});
  constexpr int drops = 11;
  const int accepted = fill_lobby(size, drops);
  EXPECT_LT(accepted * size, 4u << 20) << "the kernel's buffers and twice the limit, not more";
  EXPECT_EQ(fixture_->count(Counter::dropped_backpressure), drops);
  EXPECT_EQ(fixture_->count(Counter::transform_failures), 0u);
  for (int n = 0; n < accepted; ++n) {
    ASSERT_EQ(peer.next(), message("e", text_of(n, size))) << n;
  }
  ServerFixture::await([&] { return to_lobby("later", kOne).accepted == 1; });
  EXPECT_EQ(peer.next(), message("later", "1"));
}

// shows: E6, O8
TEST_F(Ecdh, ACloseFollowsWhatASlowReaderWasAcceptedBefore) {
  constexpr std::size_t size = 8'000;
  for (const bool shuts_down : {false, true}) {
    start([](ServerOptions& options) {
      options.transport.backpressure_limit = 64 * 1024;
      options.transport.send_buffer = 16 * 1024;
      options.transport.close_timeout = std::chrono::seconds(5);
    });
    EncryptedPeer peer = encrypted({"lobby"});
    const int accepted = fill_lobby(size);
    if (shuts_down) {
      server().shutdown();
    } else {
      EXPECT_FALSE(server().close_client({.client_id = peer.peer.id, .code = 4321}));
    }
    ServerFixture::await([&] { return server().client_count() == 0; });
    for (int n = 0; n < accepted; ++n) {
      ASSERT_EQ(peer.next(), message("e", text_of(n, size))) << n << " of " << accepted;
    }
    client::Event end = peer.peer.socket->receive();
    // Before a shutdown gets to it, it may have been told what it lost (X2).
    if (end.kind == client::Event::Kind::text) end = peer.peer.socket->receive();
    EXPECT_EQ(end.code, shuts_down ? 1001 : 4321);
    peer.peer.socket->close();
  }
}

// shows: E7, A-server-enableClientEncryption
TEST_F(Ecdh, EncryptionCannotBeSwitchedOnWithoutKeys) {
  start();
  const Peer peer = fixture_->peer("alice");
  EXPECT_EQ(server().enable_client_encryption(peer.id), Errc::no_transformer);
  EXPECT_FALSE(server().get_client(peer.id)->encrypted);
}

std::vector<std::string> faults(const std::function<void(ServerOptions&)>& adjust) {
  ServerOptions options;
  options.broker = memory_broker();
  options.hooks.authenticate = [](const AuthenticateRequest&) { return Identity{}; };
  options.encryption = ecdh();
  adjust(options);
  return options.validate();
}

// shows: E7
TEST(EcdhOptions, WhatDoesNotFitIsNamed) {
  using Sentences = std::vector<std::string>;
  const Sentences beside{
      "encryption takes the place of session.encryption, hooks.handshake and "
      "hooks.outbound_transformer: leave them out."};
  EXPECT_EQ(faults([](ServerOptions&) {}), Sentences{});
  EXPECT_EQ(faults([](ServerOptions& options) { options.encryption->clients = Encryption::off; }),
            Sentences{"encryption.clients must not be off: leave encryption out instead."});
  EXPECT_EQ(faults([](ServerOptions& options) { options.encryption->info = "\xff"; }),
            Sentences{"encryption.info is not UTF-8."});
  EXPECT_EQ(faults([](ServerOptions& options) {
              options.hooks.handshake = [](const HandshakeRequest&) { return HandshakeKeys{}; };
            }),
            beside);
  const auto transformer = [](ServerOptions& options) {
    options.hooks.outbound_transformer = [](const TransformRequest&) { return std::nullopt; };
  };
  EXPECT_EQ(faults(transformer), beside);
  EXPECT_EQ(faults([&](ServerOptions& options) {
              transformer(options);
              options.session.encryption = Encryption::optional;
            }),
            beside);
  EXPECT_EQ(
      faults([](ServerOptions& options) { options.session.encryption = Encryption::required; }),
      (Sentences{"session.encryption needs hooks.outbound_transformer.", beside[0]}));
}

}  // namespace
}  // namespace wscast
