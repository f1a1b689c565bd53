// How the application ends clients, and the server.

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "integration/server_fixture.h"

namespace wscast {
namespace {

using std::chrono::steady_clock;

// shows: A-field-IWebSocketClient.socket, O16, O17
TEST(Closing, AClientIsClosedWithTheseWordsAndIsOutOfEverything) {
  std::atomic<int> disconnected = 0;
  std::atomic<int> heard = 0;
  ServerFixture fixture(3, [&](ServerOptions& options) {
    options.hooks.disconnected = [&](const ClientEvent& event) {
      EXPECT_EQ(event.user_id, "alice");
      EXPECT_EQ(event.socket, nullptr);
      ++disconnected;
    };
    options.hooks.message = [&](const ClientMessage&) { ++heard; };
  });
  const Peer peer = fixture.peer("alice", {"lobby"});
  EXPECT_FALSE(
      fixture.server().close_client({.client_id = peer.id, .code = 4321, .reason = "enough"}));
  peer.expect_close(4321, "enough");
  EXPECT_FALSE(fixture.server().get_client(peer.id));
  EXPECT_EQ(fixture.server().room_size("lobby"), 0u);
  EXPECT_TRUE(fixture.server().get_clients_by_user("alice").empty());
  peer.send("anything");  // It is not handled any more.
  peer.socket->send_close(4321);
  EXPECT_EQ(peer.socket->receive().kind, client::Event::Kind::end);
  peer.socket->close();
  ServerFixture::await([&] { return fixture.server().stats().connections == 0; });
  EXPECT_EQ(disconnected, 1);
  EXPECT_EQ(heard, 0);
  EXPECT_EQ(fixture.count(Counter::closed_by_application), 1u);
  EXPECT_EQ(fixture.server().close_client({.client_id = peer.id}), Errc::unknown_client);
}

/// The message hook answers each message later, from a thread of its own.
class LateAnswers {
 public:
  ~LateAnswers() {
    {
      const std::lock_guard lock(mutex_);
      ends_ = true;
    }
    changed_.notify_one();
    worker_.join();
  }

  void add(Reply<void> reply) {
    const std::lock_guard lock(mutex_);
    replies_.push_back(std::move(reply));
    changed_.notify_one();
  }

 private:
  void run() {
    std::unique_lock lock(mutex_);
    while (true) {
      changed_.wait(lock, [this] { return ends_ || !replies_.empty(); });
      if (ends_) return;
      for (const auto& reply : std::exchange(replies_, {})) reply();
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Reply<void>> replies_;
  bool ends_ = false;
  std::thread worker_{[this] { run(); }};
};

enum class Ends : std::uint8_t { with_fin, with_everything_shut };

class LastWords : public testing::TestWithParam<Ends> {};

TEST_P(LastWords, ThatCameBeforeTheEndCount) {
  constexpr int kMessages = 500;
  std::atomic<int> heard = 0;
  std::atomic<int> disconnected = 0;
  LateAnswers late;
  ServerFixture fixture(1, [&](ServerOptions& options) {
    options.hooks.message = [&](const ClientMessage& message, Reply<void> reply) {
      EXPECT_EQ(message.event, "word" + std::to_string(heard));
      ++heard;
      message.socket->send("an answer");  // To a peer that is gone it makes the connection break.
      late.add(std::move(reply));
    };
    options.hooks.disconnected = [&](const ClientEvent&) {
      EXPECT_EQ(heard, kMessages);
      ++disconnected;
    };
  });
  const Peer peer = fixture.peer("alice");
  std::string all;
  for (int i = 0; i < kMessages; ++i) {
    const std::string text = message("word" + std::to_string(i), "1");
    all +=
        std::string("\x81") + static_cast<char>(0x80 | text.size()) + std::string(4, '\0') + text;
  }
  all.append("\x88\x82\0\0\0\0\x03\xe8", 8);
  ASSERT_TRUE(peer.socket->send_raw(all));
  if (GetParam() == Ends::with_fin) {
    peer.socket->shutdown_write();
  } else {
    peer.socket->close();
  }
  ServerFixture::await([&] { return disconnected == 1; });
  EXPECT_EQ(heard, kMessages);
  EXPECT_EQ(fixture.count(Counter::dropped_after_close), 0u);
  EXPECT_EQ(fixture.server().client_count(), 0u);
}

INSTANTIATE_TEST_SUITE_P(Closing, LastWords,
                         testing::Values(Ends::with_fin, Ends::with_everything_shut));

TEST(Closing, OneThatHasGoneIsNotKeptForeverForAHookThatDoesNotReply) {
  std::mutex mutex;
  std::vector<Reply<void>> kept;
  std::atomic<int> disconnected = 0;
  ServerFixture fixture(1, [&](ServerOptions& options) {
    options.transport.drain_timeout = std::chrono::milliseconds(100);
    options.hooks.message = [&](const ClientMessage&, Reply<void> reply) {
      const std::lock_guard lock(mutex);
      kept.push_back(std::move(reply));
    };
    options.hooks.disconnected = [&](const ClientEvent&) { ++disconnected; };
  });
  for (int i = 1; i <= 3; ++i) {
    const Peer peer = fixture.peer("alice");
    peer.send("first");
    peer.send("second");  // Waits behind the first.
    peer.socket->close();
    ServerFixture::await([&] { return disconnected == i; });
    EXPECT_EQ(fixture.server().client_count(), 0u);
    EXPECT_EQ(fixture.count(Counter::dropped_after_close), static_cast<std::uint64_t>(i));
  }
  const std::lock_guard lock(mutex);
  for (const auto& reply : kept) reply();  // Too late: the client has gone.
}

TEST(Closing, ASlowHookTakesNothingOfTheTimeForTheCloseFrame) {
  ServerFixture* with = nullptr;
  ServerFixture fixture(1, [&](ServerOptions& options) {
    options.transport.close_timeout = std::chrono::milliseconds(900);
    options.hooks.message = [&](const ClientMessage& message) {
      std::this_thread::sleep_for(std::chrono::seconds(1));
      EXPECT_FALSE(with->server().close_client({.client_id = message.client_id}));
    };
  });
  with = &fixture;
  const Peer peer = fixture.peer("alice");
  peer.send("slow");
  peer.expect_close(1000, "");
  EXPECT_EQ(peer.socket->receive(std::chrono::milliseconds(100)).kind,
            client::Event::Kind::timeout);
  peer.socket->send_close(1000);
  EXPECT_EQ(peer.socket->receive().kind, client::Event::Kind::end);
}

TEST(Closing, AnUnauthenticatedClientMayBeClosed) {
  ServerFixture fixture(1);
  const auto stranger = fixture.connect();
  ServerFixture::await([&] { return fixture.server().client_count() == 1; });
  const std::string id = fixture.server().get_clients().at(0).id;
  EXPECT_FALSE(fixture.server().close_client({.client_id = id}));
  EXPECT_EQ(stranger->receive().code, 1000);
}

TEST(Closing, WordsThatNoCloseFrameMayHaveAreRefused) {
  ServerFixture fixture(1);
  const Peer peer = fixture.peer("alice");
  for (const std::uint16_t code : {0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000}) {
    EXPECT_EQ(fixture.server().close_client({.client_id = peer.id, .code = code}),
              Errc::invalid_text)
        << code;
    EXPECT_EQ(fixture.server().close_user({.user_id = "alice", .code = code}), Errc::invalid_text);
  }
  for (const std::string& reason : {std::string(124, 'x'), std::string("\xff")}) {
    EXPECT_EQ(fixture.server().close_client({.client_id = peer.id, .reason = reason}),
              Errc::invalid_text);
    EXPECT_EQ(fixture.server().close_user({.user_id = "alice", .reason = reason}),
              Errc::invalid_text);
  }
  EXPECT_TRUE(fixture.server().get_client(peer.id));
  const std::string longest(123, 'x');
  EXPECT_FALSE(fixture.server().close_client({.client_id = peer.id, .reason = longest}));
  peer.expect_close(1000, longest);
}

TEST(Closing, AUserIsClosedAndNobodyElse) {
  ServerFixture fixture(3);
  fixture.spread();
  const Peer one = fixture.peer("alice");
  const Peer two = fixture.peer("alice");
  const Peer bob = fixture.peer("bob");
  const Peer nobody = fixture.peer("");
  EXPECT_FALSE(fixture.server().close_user({.user_id = "carol"}));
  EXPECT_FALSE(fixture.server().close_user({.user_id = ""}));
  EXPECT_FALSE(fixture.server().close_user({.user_id = "alice", .code = 3000, .reason = "out"}));
  one.expect_close(3000, "out");
  two.expect_close(3000, "out");
  EXPECT_FALSE(fixture.server().broadcast({.event = "still"}));
  EXPECT_EQ(bob.next(), R"({"event":"still"})");
  EXPECT_EQ(nobody.next(), R"({"event":"still"})");
}

TEST(Shutdown, O19CallsReturnStoppedFromThenOn) {
  ServerFixture fixture(3);
  const Peer peer = fixture.peer("alice");
  fixture.server().shutdown();
  EXPECT_EQ(fixture.server().close_client({.client_id = peer.id}), Errc::stopped);
  EXPECT_EQ(fixture.server().close_user({.user_id = "alice"}), Errc::stopped);
  EXPECT_THROW(fixture.server().listen("127.0.0.1:0"), std::system_error);
  peer.expect_close(1001, "Server shutting down");
  peer.socket->close();
  fixture.server().wait();
  EXPECT_EQ(fixture.server().client_count(), 0u);
  EXPECT_EQ(fixture.count(Counter::closed_shutdown), 1u);
  EXPECT_THROW(fixture.server().configure(), std::system_error);
}

TEST(Shutdown, O8AHookMayAskForIt) {
  ServerFixture* with = nullptr;
  ServerFixture fixture(3, [&](ServerOptions& options) {
    options.hooks.message = [&](const ClientMessage&) { with->server().shutdown(); };
  });
  with = &fixture;
  const Peer peer = fixture.peer("alice");
  peer.send("stop");
  peer.expect_close(1001, "Server shutting down");
  peer.socket->close();
  fixture.server().wait();
}

/// The disconnected hook's replies are the test's.
class ShutdownWaits : public testing::Test {
 protected:
  ShutdownWaits()
      : fixture_(3, [this](ServerOptions& options) {
          options.hooks.disconnected = [this](const ClientEvent&, Reply<void> reply) {
            const std::lock_guard lock(mutex_);
            replies_.push_back(std::move(reply));
          };
        }) {
    fixture_.spread();
  }

  std::size_t asked() {
    const std::lock_guard lock(mutex_);
    return replies_.size();
  }

  std::mutex mutex_;
  std::vector<Reply<void>> replies_;
  ServerFixture fixture_;
};

// shows: A-server-shutdown, O16
TEST_F(ShutdownWaits, ForDisconnectedHooksThatAnswerLater) {
  std::vector<Peer> peers;
  for (int i = 0; i < 3; ++i) peers.push_back(fixture_.peer("alice"));
  std::atomic<bool> done = false;
  std::thread waiter([&] {
    fixture_.server().shutdown();
    fixture_.server().wait();
    done = true;
  });
  for (const Peer& peer : peers) {
    peer.expect_close(1001, "Server shutting down");
    peer.socket->close();
  }
  ServerFixture::await([&] { return asked() == 3; });
  EXPECT_FALSE(done);
  for (const auto& reply : replies_) reply();
  waiter.join();
}

TEST_F(ShutdownWaits, TwoSecondsAtMost) {
  const Peer peer = fixture_.peer("alice");
  const auto begin = steady_clock::now();
  fixture_.server().shutdown();
  EXPECT_LT(steady_clock::now() - begin, std::chrono::milliseconds(1800));
  peer.socket->close();
  fixture_.server().wait();
  EXPECT_GE(steady_clock::now() - begin, std::chrono::milliseconds(1900));
  EXPECT_LT(steady_clock::now() - begin, std::chrono::seconds(8));
  replies_.clear();  // The server is stopped: nothing happens.
}

}  // namespace
}  // namespace wscast
