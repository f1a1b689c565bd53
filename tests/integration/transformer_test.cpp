// Transformers and handshake hooks that answer late, never, or with an exception.

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "wscast/log.h"

#include "integration/remote.h"
#include "integration/server_fixture.h"
#include "support/bus.h"
#include "support/fake_transport.h"

namespace wscast {
namespace {

using std::chrono::steady_clock;

std::string sealed(std::string_view event, std::string_view data) {
  return message("sealed", R"([")" + std::string(event) + R"(",)" + std::string(data) + "]");
}

std::optional<Transformed> seal(const TransformRequest& request) {
  return Transformed{.event = "sealed",
                     .data = R"([")" + std::string(request.event) + R"(",)" +
                             std::string(request.data.view()) + "]"};
}

/// Answers that a hook owes, until the test gives them.
template <class Answer>
class Held {
 public:
  void hold(Reply<Answer> reply, Answer answer) {
    const std::lock_guard lock(mutex_);
    held_.push_back({std::move(reply), std::move(answer)});
    most_ = std::max(most_, held_.size());
  }

  void await(std::size_t count) {
    ServerFixture::await([&] { return size() == count; });
  }
  std::size_t size() const {
    const std::lock_guard lock(mutex_);
    return held_.size();
  }
  std::size_t most() const {
    const std::lock_guard lock(mutex_);
    return most_;
  }

  /// The oldest.
  void answer() {
    const std::lock_guard lock(mutex_);
    ASSERT_FALSE(held_.empty());
    const auto [reply, answer] = std::move(held_.front());
    held_.erase(held_.begin());
    reply(answer);
  }
  void answer_all() {
    while (size() > 0) answer();
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::pair<Reply<Answer>, Answer>> held_;
  std::size_t most_ = 0;
};

class SlowTransformer : public testing::Test {
 protected:
  ~SlowTransformer() override { holds_ = false; }

  void start(std::size_t shards, const ServerFixture::Adjust& adjust = {}) {
    fixture_ = std::make_unique<ServerFixture>(shards, [&](ServerOptions& options) {
      options.transport.close_timeout = std::chrono::milliseconds(100);
      options.session.notify_dropped = false;  // X2 has tests of its own.
      options.hooks.outbound_transformer = [this](const TransformRequest& request,
                                                  Reply<std::optional<Transformed>> reply) {
        if (!holds_) return reply(seal(request));
        held_.hold(std::move(reply), seal(request));
      };
      if (adjust) adjust(options);
    });
    fixture_->spread();
  }

  Server& server() { return fixture_->server(); }

  Peer encrypted(std::string_view user = "alice") {
    Peer peer = fixture_->peer(user, {"lobby"});
    EXPECT_FALSE(server().enable_client_encryption(peer.id));
    return peer;
  }

  void send(const Peer& peer, std::string_view event) {
    EXPECT_TRUE(server().send_to_client({.client_id = peer.id, .event = event, .data = kOne}));
  }
  void send_to_lobby(std::string_view event) {
    EXPECT_FALSE(server().send_to_room({.room = "lobby", .event = event, .data = kOne}));
  }

  std::atomic<bool> holds_ = true;
  Held<std::optional<Transformed>> held_;
  std::unique_ptr<ServerFixture> fixture_;
};

// shows: A-option-encryptedBatchLimit, A-option-outboundTransformer,
//   A-type-TWebSocketOutboundTransformer, T10
TEST_F(SlowTransformer, E2SoManyRunAtOnceOnAShardAndEachAnswerLetsTheNextOneRun) {
  start(1, [](ServerOptions& options) { options.session.encrypted_batch_limit = 3; });
  std::vector<Peer> peers;
  for (int i = 0; i < 8; ++i) peers.push_back(encrypted());
  send_to_lobby("e");
  for (int left = 8; left > 0; --left) {
    held_.await(static_cast<std::size_t>(std::min(3, left)));
    held_.answer();
  }
  for (const auto& peer : peers) EXPECT_EQ(peer.next(), sealed("e", "1"));
  EXPECT_EQ(held_.most(), 3u);
}

// shows: E2
TEST_F(SlowTransformer, E6AtARandomPaceEachClientIsSentAllInOrder) {
  constexpr std::size_t shards = 3;
  constexpr std::size_t limit = 4;
  std::array<Elsewhere, 4> threads;
  std::array<std::atomic<int>, 64> running{};  // By client.
  std::atomic<std::size_t> at_once = 0;
  std::atomic<std::size_t> most = 0;
  std::atomic<unsigned> turn = 0;
  start(shards, [&](ServerOptions& options) {
    options.session.encrypted_batch_limit = limit;
    options.hooks.outbound_transformer = [&](const TransformRequest& request,
                                             Reply<std::optional<Transformed>> reply) {
      auto& own = running[std::stoul(std::string(request.user_id))];
      EXPECT_EQ(own++, 0) << "one message of a client at a time";
      const std::size_t now = ++at_once;
      for (std::size_t seen = most; now > seen && !most.compare_exchange_weak(seen, now);) continue;
      const unsigned dice = turn++ * 2'654'435'761u;
      threads[(dice >> 16) % threads.size()].post(
          [&own, &at_once, pauses = (dice >> 20) % 8, made = seal(request), reply] {
            for (unsigned left = pauses; left > 0; --left) std::this_thread::yield();
            --own;
            --at_once;
            reply(made);
          });
    };
  });
  std::vector<Peer> peers;
  for (int i = 0; i < 24; ++i) peers.push_back(encrypted(std::to_string(i)));
  constexpr int count = 40;
  for (int i = 0; i < count; ++i) send_to_lobby("e" + std::to_string(i));
  for (const auto& peer : peers) {
    for (int i = 0; i < count; ++i) {
      ASSERT_EQ(peer.next(), sealed("e" + std::to_string(i), "1"));
    }
  }
  EXPECT_LE(most, shards * limit);
  EXPECT_GT(most, 1u);
  fixture_.reset();
}

// shows: E2, E4
TEST_F(SlowTransformer, AReplyThatIsKeptForEverHoldsItsPlaceForALimitedTime) {
  std::atomic<int> lines = 0;
  set_log_sink([&](const LogLine& logged) {
    const std::string_view line = logged.message;
    if (line.find("did not reply in time") != std::string_view::npos) ++lines;
  });
  start(1, [](ServerOptions& options) {
    options.session.encrypted_batch_limit = 2;
    options.session.transform_timeout = std::chrono::milliseconds(50);
  });
  const Peer alice = encrypted("alice");
  const Peer bob = encrypted("bob");
  const Peer carol = encrypted("carol");
  send(alice, "lost");
  held_.await(1);
  send(bob, "lost");
  held_.await(2);
  holds_ = false;
  send(carol, "waits");  // Both places are taken until the time is over.
  EXPECT_EQ(carol.next(), sealed("waits", "1"));
  send(alice, "next");
  EXPECT_EQ(alice.next(), sealed("next", "1"));
  send(bob, "next");
  EXPECT_EQ(bob.next(), sealed("next", "1"));
  EXPECT_EQ(fixture_->count(Counter::transform_failures), 2u);
  EXPECT_EQ(lines, 1);
  holds_ = true;
  send(alice, "now");
  held_.await(3);
  held_.answer();  // Too late: it is no reply to the message that alice waits for now.
  held_.answer();
  held_.await(1);
  holds_ = false;
  held_.answer();
  send(alice, "last");
  const std::string next = alice.next();  // On a busy machine that one may be late, too.
  EXPECT_TRUE(next == sealed("now", "1") || next == sealed("last", "1")) << next;
  fixture_.reset();
  set_log_sink(nullptr);
}

TEST_F(SlowTransformer, ShutdownWaitsForNoReplyForEver) {
  start(2);
  const Peer alice = encrypted("alice");
  send(alice, "kept");
  held_.await(1);
  server().shutdown();
  server().wait();
  held_.answer();
}

// shows: E2
TEST_F(SlowTransformer, AClientThatLeavesMeanwhileGivesItsPlaceBack) {
  start(1, [](ServerOptions& options) { options.session.encrypted_batch_limit = 1; });
  const Peer leaving = encrypted();
  const Peer waiting = encrypted();
  const Peer staying = encrypted();
  send(leaving, "first");
  held_.await(1);
  send(leaving, "second");
  send(waiting, "e");
  send(staying, "e");
  leaving.socket->reset();
  waiting.socket->reset();
  ServerFixture::await([&] { return server().client_count() == 1; });
  EXPECT_EQ(held_.size(), 1u) << "the place is taken until the answer comes";
  held_.answer();
  held_.await(1);
  held_.answer();
  EXPECT_EQ(staying.next(), sealed("e", "1"));
  EXPECT_EQ(fixture_->count(Counter::transform_failures), 0u);
}

// shows: E6, O8
TEST_F(SlowTransformer, ACloseFollowsWhatWasAcceptedBefore) {
  for (const bool shuts_down : {false, true}) {
    holds_ = true;
    start(2, [](ServerOptions& options) {
      options.transport.close_timeout = std::chrono::seconds(5);
    });
    const Peer peer = encrypted();
    send(peer, "one");
    send(peer, "two");
    held_.await(1);
    if (shuts_down) {
      server().shutdown();
    } else {
      EXPECT_FALSE(server().close_client({.client_id = peer.id, .code = 4321, .reason = "bye"}));
    }
    ServerFixture::await([&] { return server().client_count() == 0; });
    holds_ = false;
    held_.answer();
    EXPECT_EQ(peer.next(), sealed("one", "1"));
    EXPECT_EQ(peer.next(), sealed("two", "1"));
    peer.expect_close(shuts_down ? 1001 : 4321, shuts_down ? "Server shutting down" : "bye");
    peer.socket->close();
  }
}

// shows: O4, O7, E1, E6
TEST_F(SlowTransformer, ARefusalOfAClientThatIsEncryptedAlreadyIsSealedAndGoesFirst) {
  holds_ = false;
  start(1, [](ServerOptions& options) {
    options.session.encryption = Encryption::optional;
    options.hooks.handshake = [](const HandshakeRequest&) { return std::nullopt; };
  });
  const auto refused = [this](std::string_view data) {
    Peer peer{.socket = fixture_->connect(), .id = {}};
    ServerFixture::await([this] { return server().client_count() == 1; });
    EXPECT_FALSE(server().enable_client_encryption(server().get_clients().at(0).id));
    ServerFixture::await([this] { return server().get_clients().at(0).encrypted; });
    peer.send("authenticate", data);
    return peer;
  };
  const Peer wrong = refused(R"({"token":"wrong"})");
  EXPECT_EQ(wrong.next(), sealed("error", R"({"message":"Authentication failed"})"));
  wrong.expect_close(4003, "Authentication failed");
  wrong.socket->close();
  ServerFixture::await([this] { return server().client_count() == 0; });
  const Peer keyless = refused(R"({"token":"alice","publicKey":"x"})");
  EXPECT_EQ(keyless.next(), sealed("error", R"({"message":"Encryption handshake failed"})"));
  keyless.expect_close(4004, "Encryption required");
}

// shows: O8, O19
TEST_F(SlowTransformer, OneThatNeverAnswersDoesNotHoldUpTheEnd) {
  start(2);
  const Peer peer = encrypted();
  send(peer, "one");
  send(peer, "two");
  held_.await(1);
  const auto begin = steady_clock::now();
  server().shutdown();
  server().wait();
  EXPECT_LT(steady_clock::now() - begin, std::chrono::seconds(10));
  EXPECT_EQ(fixture_->count(Counter::transform_failures), 2u);
  peer.expect_close(1001, "Server shutting down");
}

// shows: O8, E6
TEST_F(SlowTransformer, AShutdownTellsAClientOfAExternalServerToo) {
  for (const bool answers : {true, false}) {
    holds_ = true;
    start(2);
    const auto transport = std::make_shared<FakeExternalTransport>();
    const std::string id = Server::new_client_id();
    const ExternalServerHandler handler = server().handler();
    ASSERT_FALSE(handler.open(id, transport));
    ServerFixture::await([this] { return server().client_count() == 1; });
    EXPECT_FALSE(server().enable_client_encryption(id));
    server().send_to_client({.client_id = id, .event = "one", .data = kOne});
    held_.await(1);
    server().shutdown();
    ServerFixture::await([this] { return server().client_count() == 0; });
    if (answers) held_.answer();
    server().wait();
    std::vector<std::string> sent{"close 1001 Server shutting down"};
    if (answers) sent.insert(sent.begin(), sealed("one", "1"));
    EXPECT_EQ(transport->sent(), sent);
  }
}

TEST(ThrowingTransformer, E4EachMessageIsCountedAndEachCauseToldOnce) {
  std::mutex mutex;
  std::vector<std::string> lines;
  set_log_sink(
      [&](const LogLine& logged) {
        const std::string_view line = logged.message;
        const std::lock_guard lock(mutex);
        lines.emplace_back(line.substr(line.find("the outbound_transformer")));
      },
      LogLevel::error);
  {
    ServerFixture fixture(1, [](ServerOptions& options) {
      options.session.notify_dropped = false;  // X2 has tests of its own.
      options.hooks.outbound_transformer =
          [](const TransformRequest& request) -> std::optional<Transformed> {
        if (request.event == "unfit") return Transformed{.event = "e", .data = "{"};
        if (request.event == "e") return std::nullopt;
        throw std::runtime_error(std::string(request.event));
      };
    });
    const Peer peer = fixture.peer("alice", {"lobby"});
    const Peer plain = fixture.peer("bob", {"lobby"});
    EXPECT_FALSE(fixture.server().enable_client_encryption(peer.id));
    for (int i = 0; i < 5; ++i) {
      for (const char* event : {"boom", "unfit", "bang", "e"}) {
        EXPECT_FALSE(
            fixture.server().send_to_room({.room = "lobby", .event = event, .data = kOne}));
      }
    }
    for (int i = 0; i < 5; ++i) {
      EXPECT_EQ(peer.next(), message("e", "1"));
      for (const char* event : {"boom", "unfit", "bang", "e"}) {
        EXPECT_EQ(plain.next(), message(event, "1"));
      }
    }
    EXPECT_EQ(fixture.count(Counter::transform_failures), 15u);
    EXPECT_EQ(fixture.count(Counter::hook_failures), 15u);
  }
  set_log_sink(nullptr);
  EXPECT_EQ(lines,
            (std::vector<std::string>{
                R"(the outbound_transformer hook threw: "boom"; further ones are only counted)",
                "the outbound_transformer hook's result is not fit to be sent; further ones are "
                "only counted",
                R"(the outbound_transformer hook threw: "bang"; further ones are only counted)"}));
}

// shows: M17, D2, D3, D4, D5, D12, E1
TEST(SlowHandshake, WhatIsSentMeanwhileReachesTheClientNeitherPlainNorLater) {
  Bus bus;
  Held<std::optional<HandshakeKeys>> held;
  const auto make = [&](bool handshakes) {
    auto made = std::make_unique<ServerFixture>(3, [&](ServerOptions& options) {
      options.broker = bus.broker();
      options.hooks.outbound_transformer = seal;
      options.session.encryption = handshakes ? Encryption::required : Encryption::off;
      options.hooks.handshake = [&](const HandshakeRequest&,
                                    Reply<std::optional<HandshakeKeys>> reply) {
        held.hold(std::move(reply), HandshakeKeys{.server_public_key = "PK", .salt = "SA"});
      };
    });
    made->spread();
    return made;
  };
  const auto here = make(true);
  const auto there = make(false);
  Server& server = here->server();
  Peer peer{.socket = here->connect(), .id = {}};
  peer.send("authenticate", R"({"token":"alice"})");
  held.await(1);
  peer.id = server.get_clients().at(0).id;
  EXPECT_FALSE(server.join_room({.client_id = peer.id, .room = "lobby"}));
  ServerFixture::await([&] { return bus.subscribed().contains("ws:room:lobby"); });
  const std::string other = Server::new_client_id();
  const auto send_all = [&](std::string_view event) {
    server.send_to_client({.client_id = peer.id, .event = event, .data = kOne});
    EXPECT_FALSE(server.send_to_user({.user_id = "alice", .event = event, .data = kOne}));
    EXPECT_FALSE(server.send_to_room({.room = "lobby", .event = event, .data = kOne}));
    EXPECT_FALSE(
        server.send_to_room({.room = "lobby", .event = event, .data = kOne, .exclude = {other}}));
    EXPECT_FALSE(server.broadcast({.event = event, .data = kOne}));
    EXPECT_FALSE(server.broadcast({.event = event, .data = kOne, .exclude = {other}}));
    EXPECT_FALSE(server.send({.destination = "lobby", .event = event, .data = kOne}));
    EXPECT_FALSE(server.send({.event = event, .data = kOne}));
    for (const std::string& destination : {std::string("lobby"), peer.id, std::string()}) {
      EXPECT_FALSE(
          there->server().send({.destination = destination, .event = event, .data = kOne}));
    }
  };
  send_all("early");
  // To the client 1; to the lobby 2, by send() 1 and by the other server 1.
  ServerFixture::await([&] {
    return here->count(Counter::dropped_in_handshake) == 1 &&
           here->count(Counter::dropped_before_connected) == 4;
  });
  ServerFixture::await([&] { return bus.published().size() == 5; });
  held.answer();
  const std::string connected = peer.next();
  EXPECT_TRUE(connected.starts_with(R"({"event":"sealed","data":["connected",)")) << connected;
  send_all("late");
  for (int i = 0; i < 11; ++i) EXPECT_EQ(peer.next(), sealed("late", "1")) << i;
}

}  // namespace
}  // namespace wscast
