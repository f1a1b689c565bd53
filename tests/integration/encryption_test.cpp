// Which clients are encrypted, and what reaches them.

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "integration/remote.h"
#include "integration/server_fixture.h"

namespace wscast {
namespace {

using client::Event;

/// What the transformer makes of everything but `connected`.
std::string sealed(std::string_view event, std::string_view data) {
  return message("sealed", R"([")" + std::string(event) + R"(",)" + std::string(data) + "]");
}

std::optional<Transformed> seal(const TransformRequest& request) {
  if (request.event == "connected") return std::nullopt;
  if (request.event == "unsealable") throw std::runtime_error("boom");
  return Transformed{.event = "sealed",
                     .data = R"([")" + std::string(request.event) + R"(",)" +
                             std::string(request.data.view()) + "]"};
}

std::optional<HandshakeKeys> agree(const HandshakeRequest& request) {
  EXPECT_EQ(request.client_id.size(), 36u);
  if (request.data.view().find("refuse") != std::string_view::npos) return std::nullopt;
  return HandshakeKeys{.server_public_key = "PK", .salt = "SA"};
}

class Encrypted : public testing::Test {
 protected:
  void start(Encryption encryption, const ServerFixture::Adjust& adjust = {}) {
    fixture_ = std::make_unique<ServerFixture>(3, [&](ServerOptions& options) {
      options.session.encryption = encryption;
      options.transport.close_timeout = std::chrono::milliseconds(100);
      options.session.notify_dropped = false;  // X2 has tests of its own.
      options.hooks.outbound_transformer = seal;
      options.hooks.handshake = agree;
      if (adjust) adjust(options);
    });
    fixture_->spread();
  }

  Server& server() { return fixture_->server(); }

  std::unique_ptr<client::BlockingClient> ask(std::string_view data) {
    auto socket = fixture_->connect();
    socket->send_text(message("authenticate", data));
    return socket;
  }

  void send(const Peer& peer, std::string_view event, std::string_view data) {
    EXPECT_TRUE(
        server().send_to_client({.client_id = peer.id, .event = event, .data = Json::text(data)}));
  }

  /// A client without keys whose encryption the application switched on.
  Peer switched_on(const std::vector<std::string>& rooms = {}) {
    Peer peer = fixture_->peer("alice", rooms);
    EXPECT_FALSE(server().enable_client_encryption(peer.id));
    return peer;
  }

  std::unique_ptr<ServerFixture> fixture_;
};

// shows: A-option-requireEncryption, A-option-handshakeFn, A-type-TWebSocketHandshakeFn,
//   A-field-IWebSocketClient.serverPublicKey, A-field-IWebSocketClient.salt,
//   A-field-IWebSocketClient.encrypted, A-option-outboundTransformer
TEST_F(Encrypted, M17RequiredOnesGetTheKeysAndAreSealedFromThenOn) {
  start(Encryption::required);
  const auto socket = ask(R"({"token":"alice","publicKey":"x"})");
  const std::string connected = socket->receive().payload;
  EXPECT_TRUE(connected.ends_with(R"(,"serverPublicKey":"PK","salt":"SA"}})")) << connected;
  const auto info = server().get_clients().at(0);
  EXPECT_TRUE(info.encrypted);
  EXPECT_EQ(info.server_public_key, "PK");
  EXPECT_EQ(info.salt, "SA");
  EXPECT_EQ(info.user_id, "alice");
  server().send_to_client({.client_id = info.id, .event = "e", .data = kOne});
  EXPECT_EQ(socket->receive().payload, sealed("e", "1"));
  socket->send_text("nonsense");
  EXPECT_EQ(socket->receive().payload, sealed("error", R"({"message":"Invalid message format"})"));
}

TEST_F(Encrypted, O6RequiredWithoutAHandshakeHookIsRefused) {
  start(Encryption::required, [](ServerOptions& options) { options.hooks.handshake = nullptr; });
  const auto socket = ask(R"({"token":"alice"})");
  EXPECT_EQ(socket->receive(), (Event{Event::Kind::close, "Encryption required", 4004}));
  EXPECT_EQ(fixture_->count(Counter::closed_encryption), 1u);
}

TEST_F(Encrypted, O7AHandshakeThatSaysNoIsRefused) {
  start(Encryption::required);
  const auto socket = ask(R"({"token":"refuse"})");
  EXPECT_EQ(socket->receive().payload, error_message("Encryption handshake failed"));
  EXPECT_EQ(socket->receive(), (Event{Event::Kind::close, "Encryption required", 4004}));
  EXPECT_EQ(fixture_->count(Counter::closed_encryption), 1u);
}

TEST_F(Encrypted, O5AHandshakeThatThrowsIsAnError) {
  start(Encryption::required, [](ServerOptions& options) {
    options.hooks.handshake = [](const HandshakeRequest&) -> std::optional<HandshakeKeys> {
      throw std::runtime_error("boom");
    };
  });
  const auto socket = ask(R"({"token":"alice"})");
  EXPECT_EQ(socket->receive().payload, error_message("Authentication error"));
  EXPECT_EQ(socket->receive(), (Event{Event::Kind::close, "Authentication failed", 4003}));
}

// shows: D1
TEST_F(Encrypted, M17WhileTheHandshakeIsOpenNothingReachesTheClient) {
  std::mutex mutex;
  std::optional<Reply<std::optional<HandshakeKeys>>> held;
  start(Encryption::required, [&](ServerOptions& options) {
    options.hooks.handshake = [&](const HandshakeRequest& request,
                                  Reply<std::optional<HandshakeKeys>> reply) {
      EXPECT_EQ(request.user_id, "alice");
      const std::lock_guard lock(mutex);
      held = std::move(reply);
    };
  });
  const auto socket = ask(R"({"token":"alice"})");
  ServerFixture::await([&] {
    const std::lock_guard lock(mutex);
    return held.has_value();
  });
  const auto info = server().get_clients().at(0);
  EXPECT_EQ(info.state, ClientState::authenticating);
  EXPECT_EQ(info.user_id, "");
  EXPECT_TRUE(server().get_clients_by_user("alice").empty());
  server().send_to_client({.client_id = info.id, .event = "e", .data = kOne});
  ServerFixture::await([&] { return fixture_->count(Counter::dropped_in_handshake) == 1; });
  (*held)(HandshakeKeys{});
  EXPECT_EQ(socket->receive().payload.substr(0, 21), R"({"event":"connected",)");
  server().send_to_client({.client_id = info.id, .event = "f", .data = kOne});
  EXPECT_EQ(socket->receive().payload, sealed("f", "1"));
}

// shows: M17
TEST_F(Encrypted, OptionalOnesAreThoseThatSendAKey) {
  start(Encryption::optional);
  const auto one = ask(R"({"token":"one","publicKey":"x"})");
  const auto two = ask(R"({"token":"two"})");
  EXPECT_NE(one->receive().payload.find("serverPublicKey"), std::string::npos);
  EXPECT_EQ(two->receive().payload.find("serverPublicKey"), std::string::npos);
  EXPECT_FALSE(server().broadcast({.event = "e", .data = kOne}));
  EXPECT_EQ(one->receive().payload, sealed("e", "1"));
  EXPECT_EQ(two->receive().payload, message("e", "1"));
}

// shows: A-server-enableClientEncryption, E1, E3
TEST_F(Encrypted, E5OnceSwitchedOnAllKindsOfSendsAreSealedInOrder) {
  start(Encryption::off);
  const Peer peer = fixture_->peer("alice", {"lobby"});
  send(peer, "plain", "0");
  EXPECT_FALSE(server().enable_client_encryption(peer.id));
  EXPECT_FALSE(server().enable_client_encryption(peer.id));
  send(peer, "e", "1");
  EXPECT_FALSE(server().send_to_user({.user_id = "alice", .event = "e", .data = Json::text("2")}));
  EXPECT_FALSE(server().send_to_room({.room = "lobby", .event = "e", .data = Json::text("3")}));
  EXPECT_FALSE(server().broadcast({.event = "e", .data = Json::text("4")}));
  EXPECT_FALSE(server().send({.destination = "lobby", .event = "e", .data = Json::text("5")}));
  EXPECT_EQ(peer.next(), message("plain", "0"));
  for (const char* data : {"1", "2", "3", "4", "5"}) EXPECT_EQ(peer.next(), sealed("e", data));
  EXPECT_TRUE(server().get_client(peer.id)->encrypted);
}

// shows: E7
TEST_F(Encrypted, ErrorsAreReturned) {
  start(Encryption::off);
  EXPECT_EQ(server().enable_client_encryption(Server::new_client_id()), Errc::unknown_client);
  EXPECT_EQ(server().enable_client_encryption("nobody"), Errc::unknown_client);
  const Peer peer = fixture_->peer("alice");
  server().shutdown();
  EXPECT_EQ(server().enable_client_encryption(peer.id), Errc::stopped);
  ServerFixture plain(1);
  EXPECT_EQ(plain.server().enable_client_encryption(plain.peer("alice").id), Errc::no_transformer);
}

TEST(Encryption, E7NeedsATransformerFromTheStart) {
  ServerOptions options;
  options.broker = memory_broker();
  options.hooks.authenticate = [](const AuthenticateRequest&) { return Identity{}; };
  for (const auto encryption : {Encryption::optional, Encryption::required}) {
    options.session.encryption = encryption;
    ASSERT_EQ(options.validate().size(), 1u);
    EXPECT_NE(options.validate()[0].find("outbound_transformer"), std::string::npos);
    EXPECT_THROW(Server{options}, std::invalid_argument);
  }
  options.hooks.outbound_transformer = seal;
  EXPECT_TRUE(options.validate().empty());
}

TEST_F(Encrypted, E4AMessageWhoseTransformationThrowsIsLostAlone) {
  start(Encryption::off);
  const Peer peer = switched_on();
  send(peer, "unsealable", "1");
  send(peer, "e", "2");
  EXPECT_EQ(peer.next(), sealed("e", "2"));
  EXPECT_EQ(fixture_->count(Counter::transform_failures), 1u);
}

TEST_F(Encrypted, RawSendsAreRefused) {
  start(Encryption::off, [](ServerOptions& options) {
    options.hooks.message = [](const ClientMessage& message) {
      message.socket->subscribe("news");
      EXPECT_EQ(message.socket->send("raw"), 0);
      message.socket->publish("news", "raw");
    };
    options.transport.publish_to_self = true;
  });
  const Peer peer = switched_on();
  peer.send("go");
  ServerFixture::await([&] { return fixture_->count(Counter::raw_refused) == 2; });
  send(peer, "e", "1");
  EXPECT_EQ(peer.next(), sealed("e", "1"));
}

TEST_F(Encrypted, E6ResultsFromOtherThreadsKeepTheOrderOfEachClient) {
  std::array<Elsewhere, 3> threads;
  std::atomic<std::size_t> turn = 0;
  start(Encryption::off, [&](ServerOptions& options) {
    options.hooks.outbound_transformer = [&](const TransformRequest& request,
                                             Reply<std::optional<Transformed>> reply) {
      threads[turn++ % threads.size()].post([made = seal(request), reply] { reply(made); });
    };
  });
  std::vector<Peer> peers;
  for (int i = 0; i < 4; ++i) peers.push_back(switched_on({"lobby"}));
  constexpr int count = 100;
  for (int i = 0; i < count; ++i) {
    const std::string data = std::to_string(i);
    EXPECT_FALSE(server().send_to_room({.room = "lobby", .event = "e", .data = Json::text(data)}));
  }
  for (const Peer& peer : peers) {
    // `joined` was plain: it was there before.
    for (int i = 0; i < count; ++i) ASSERT_EQ(peer.next(), sealed("e", std::to_string(i)));
  }
  fixture_.reset();
}

// shows: A-type-TWebSocketOutboundTransformer
TEST_F(Encrypted, E1TheTransformerGetsTheMessageAndItsClient) {
  std::mutex mutex;
  std::vector<std::string> told;
  start(Encryption::required, [&](ServerOptions& options) {
    options.hooks.outbound_transformer = [&](const TransformRequest& request) {
      const std::lock_guard lock(mutex);
      for (const auto part : {request.user_id, request.event, request.data.view(),
                              request.server_public_key, request.salt}) {
        told.emplace_back(part);
      }
      told.push_back(request.client_id == server().get_clients().at(0).id ? "its id" : "no id");
      return std::optional<Transformed>();
    };
  });
  const auto socket = ask(R"({"token":"alice"})");
  socket->receive();  // `connected`.
  server().broadcast({.event = "e", .data = kOne});
  EXPECT_EQ(socket->receive().payload, message("e", "1"));
  fixture_.reset();
  ASSERT_EQ(told.size(), 12u);
  EXPECT_EQ(std::vector(told.begin() + 6, told.end()),
            (std::vector<std::string>{"alice", "e", "1", "PK", "SA", "its id"}));
}

// shows: T10, A-option-encryptedBatchLimit
TEST_F(Encrypted, E2AShardTransformsSoManyMessagesAtOnce) {
  constexpr std::size_t limit = 3, shards = 3, clients_a_shard = 5;
  struct Held {
    std::thread::id shard;
    std::function<void()> answer;
  };
  std::mutex mutex;
  std::vector<Held> held;
  std::map<std::thread::id, std::size_t> open, most;
  start(Encryption::off, [&](ServerOptions& options) {
    options.session.encrypted_batch_limit = limit;
    options.hooks.outbound_transformer = [&](const TransformRequest& request,
                                             Reply<std::optional<Transformed>> reply) {
      const std::lock_guard lock(mutex);
      const auto shard = std::this_thread::get_id();
      most[shard] = std::max(most[shard], ++open[shard]);
      held.push_back({shard, [made = seal(request), reply] { reply(made); }});
    };
  });
  std::vector<Peer> peers;
  while (peers.size() < shards * clients_a_shard) peers.push_back(switched_on({"lobby"}));
  EXPECT_FALSE(server().send_to_room({.room = "lobby", .event = "e", .data = kOne}));
  ServerFixture::await([&] {
    const std::lock_guard lock(mutex);
    return held.size() >= shards * limit;
  });
  for (std::size_t answered = 0; answered < peers.size(); ++answered) {
    std::optional<Held> one;
    ServerFixture::await([&] {
      const std::lock_guard lock(mutex);
      if (held.empty()) return false;
      one = std::move(held.front());
      held.erase(held.begin());
      --open[one->shard];
      return true;
    });
    one->answer();
  }
  for (const Peer& peer : peers) EXPECT_EQ(peer.next(), sealed("e", "1"));
  fixture_.reset();
  ASSERT_EQ(most.size(), shards);
  for (const auto& [shard, at_once] : most) EXPECT_EQ(at_once, limit);
}

// shows: T5, T12
TEST_F(Encrypted, OneThatWasFullOfUntransformedMessagesIsReachedAgain) {
  std::mutex mutex;
  std::vector<std::function<void()>> waiting;
  std::atomic<bool> holds = false;
  start(Encryption::off, [&](ServerOptions& options) {
    options.transport.backpressure_limit = 1000;
    options.hooks.outbound_transformer = [&](const TransformRequest& request,
                                             Reply<std::optional<Transformed>> reply) {
      if (!holds) return reply(seal(request));
      const std::lock_guard lock(mutex);
      waiting.push_back([made = seal(request), reply] { reply(made); });
    };
  });
  const Peer peer = switched_on();
  holds = true;
  const std::string data = "\"" + std::string(600, 'x') + "\"";
  const auto result = [&] {
    return *server().send_to_client({.client_id = peer.id, .event = "e", .data = Json::text(data)});
  };
  ServerFixture::await([&] { return result() == 0; });
  ServerFixture::await([&] {
    const std::lock_guard lock(mutex);
    return !waiting.empty();
  });
  holds = false;
  waiting.at(0)();
  EXPECT_EQ(peer.next(), sealed("e", data));
  EXPECT_EQ(peer.next(), sealed("e", data));
  ServerFixture::await([&] { return result() > 0; });
  EXPECT_EQ(peer.next(), sealed("e", data));
  fixture_.reset();
}

}  // namespace
}  // namespace wscast
