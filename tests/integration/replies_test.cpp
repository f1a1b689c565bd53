// What becomes of a Reply that comes twice, never, or too late.

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "integration/server_fixture.h"

namespace wscast {
namespace {

using client::Event;

/// The replies of one hook, in the hands of the test.
template <class Answer>
class Held {
 public:
  template <class Request>
  Hook<Request, Answer> hook() {
    return [this](const Request&, Reply<Answer> reply) {
      const std::lock_guard lock(mutex_);
      replies_.push_back(std::move(reply));
    };
  }

  /// The next one, when it has been asked for.
  Reply<Answer> take() {
    ServerFixture::await([this] {
      const std::lock_guard lock(mutex_);
      return !replies_.empty();
    });
    const std::lock_guard lock(mutex_);
    auto taken = std::move(replies_.back());
    replies_.pop_back();
    return taken;
  }

 private:
  std::mutex mutex_;
  std::vector<Reply<Answer>> replies_;
};

class Replies : public testing::Test {
 protected:
  using Who = std::optional<Identity>;
  using Rooms = std::vector<std::string>;

  void start(const ServerFixture::Adjust& adjust) {
    fixture_ = std::make_unique<ServerFixture>(3, [&](ServerOptions& options) {
      options.transport.close_timeout = std::chrono::milliseconds(100);
      options.hooks.connected = [this](const ClientEvent&) { ++connected_; };
      options.hooks.disconnected = [this](const ClientEvent&) { ++disconnected_; };
      adjust(options);
    });
  }
  void hold_authentication() {
    start([this](ServerOptions& options) {
      options.hooks.authenticate = who_.hook<AuthenticateRequest>();
    });
  }
  std::unique_ptr<client::BlockingClient> ask() {
    auto socket = fixture_->connect();
    socket->send_text(R"({"event":"authenticate"})");
    return socket;
  }

  Held<Who> who_;
  Held<Rooms> rooms_;
  Held<void> done_;
  std::atomic<int> connected_ = 0;
  std::atomic<int> disconnected_ = 0;
  std::unique_ptr<ServerFixture> fixture_;
};

TEST_F(Replies, TheFirstAnswerCounts) {
  hold_authentication();
  const auto socket = ask();
  const auto reply = who_.take();
  const auto copy = reply;
  reply(Identity{.user_id = "first"});
  copy(Identity{.user_id = "second"});
  copy(std::nullopt);
  EXPECT_FALSE(copy.fail("too late"));
  EXPECT_NE(socket->receive().payload.find(R"("userId":"first")"), std::string::npos);
  socket->send_text("nonsense");
  EXPECT_EQ(socket->receive().payload, error_message("Invalid message format"));
  EXPECT_EQ(fixture_->count(Counter::hook_failures), 0u);
}

// shows: O4
TEST_F(Replies, OneOfAuthenticationDroppedUnansweredRefuses) {
  hold_authentication();
  const auto socket = ask();
  { const auto dropped = who_.take(); }
  EXPECT_EQ(socket->receive().payload, error_message("Authentication failed"));
  EXPECT_EQ(socket->receive(), (Event{Event::Kind::close, "Authentication failed", 4003}));
}

// shows: M14
TEST_F(Replies, OthersDroppedUnansweredLetTheClientGoOn) {
  start([this](ServerOptions& options) {
    options.hooks.validate_rooms = rooms_.hook<ValidateRoomsRequest>();
    options.hooks.connected = done_.hook<ClientEvent>();
    options.hooks.message = done_.hook<ClientMessage>();
  });
  const Peer peer = fixture_->peer("alice");
  peer.send("join", R"({"rooms":["lobby"]})");
  peer.send("message");
  peer.socket->send_text("nonsense");
  { const auto connected = done_.take(); }
  { const auto rooms = rooms_.take(); }
  { const auto heard = done_.take(); }
  EXPECT_EQ(peer.next(), error_message("Invalid message format"));
  EXPECT_FALSE(fixture_->server().in_room(peer.id, "lobby"));
  EXPECT_EQ(fixture_->count(Counter::hook_failures), 0u);
}

TEST_F(Replies, O15AnAnswerForAClientThatLeftIsDiscarded) {
  hold_authentication();
  auto socket = ask();
  const auto reply = who_.take();
  socket->close();
  ServerFixture::await([&] { return disconnected_ == 1; });
  reply(Identity{.user_id = "alice"});
  const auto other = ask();
  who_.take()(Identity{.user_id = "bob"});
  other->receive();
  ServerFixture::await([&] { return connected_ == 1; });
  EXPECT_TRUE(fixture_->server().get_clients_by_user("alice").empty());
  EXPECT_EQ(fixture_->server().client_count(), 1u);
}

// shows: O15
TEST_F(Replies, RoomsForAClientThatLeftAreDiscarded) {
  start([this](ServerOptions& options) {
    options.hooks.validate_rooms = rooms_.hook<ValidateRoomsRequest>();
  });
  {
    const Peer peer = fixture_->peer("alice");
    peer.send("join", R"({"rooms":["lobby"]})");
    const auto reply = rooms_.take();
    peer.socket->close();
    ServerFixture::await([&] { return disconnected_ == 1; });
    reply(Rooms{"lobby"});
  }
  const Peer other = fixture_->peer("bob");
  EXPECT_EQ(fixture_->server().room_size("lobby"), 0u);
}

// shows: O2
TEST_F(Replies, OneThatComesAfterTheTimeoutIsDiscarded) {
  start([this](ServerOptions& options) {
    options.session.auth_timeout = std::chrono::milliseconds(50);
    options.hooks.authenticate = who_.hook<AuthenticateRequest>();
  });
  const auto socket = ask();
  const auto reply = who_.take();
  EXPECT_EQ(socket->receive(), (Event{Event::Kind::close, "Authentication timeout", 4001}));
  reply(Identity{.user_id = "alice"});
  EXPECT_EQ(fixture_->server().client_count(), 0u);
}

TEST_F(Replies, OneMayOutliveTheServer) {
  start([this](ServerOptions& options) {
    options.hooks.authenticate = who_.hook<AuthenticateRequest>();
    options.hooks.disconnected = done_.hook<ClientEvent>();
  });
  auto socket = ask();
  const auto who = who_.take();
  socket->close();
  const auto done = done_.take();
  done();
  fixture_.reset();
  who(Identity{.user_id = "alice"});
  EXPECT_FALSE(who.fail("again"));
}

TEST_F(Replies, OneMayEndWithTheServerUnanswered) {
  hold_authentication();
  const auto socket = ask();
  auto reply = std::make_unique<Reply<Who>>(who_.take());
  fixture_.reset();
  reply.reset();
}

// shows: M14, M8
TEST_F(Replies, WhileOneIsAwaitedMessagesWaitInOrder) {
  start([this](ServerOptions& options) {
    options.hooks.validate_rooms = rooms_.hook<ValidateRoomsRequest>();
  });
  const Peer peer = fixture_->peer("alice");
  peer.send("join", R"({"rooms":["a","b"]})");
  peer.send("leave", R"({"rooms":["a"]})");
  peer.socket->send_text("nonsense");
  rooms_.take()(Rooms{"a", "b"});
  EXPECT_EQ(peer.next(), error_message("Invalid message format"));
  EXPECT_FALSE(fixture_->server().in_room(peer.id, "a"));
  EXPECT_TRUE(fixture_->server().in_room(peer.id, "b"));
}

TEST_F(Replies, O7OneOfTheHandshakeDroppedUnansweredRefuses) {
  Held<std::optional<HandshakeKeys>> keys;
  start([&](ServerOptions& options) {
    options.session.encryption = Encryption::required;
    options.hooks.handshake = keys.hook<HandshakeRequest>();
    options.hooks.outbound_transformer = [](const TransformRequest&) { return std::nullopt; };
  });
  const auto socket = ask();
  { const auto dropped = keys.take(); }
  EXPECT_EQ(socket->receive().payload, error_message("Encryption handshake failed"));
  EXPECT_EQ(socket->receive(), (Event{Event::Kind::close, "Encryption required", 4004}));
  fixture_.reset();
}

// shows: E4
TEST_F(Replies, OneOfTheTransformerDroppedUnansweredLosesThatMessage) {
  Held<std::optional<Transformed>> made;
  start([&](ServerOptions& options) {
    options.hooks.outbound_transformer = made.hook<TransformRequest>();
  });
  const Peer peer = fixture_->peer("alice");
  EXPECT_FALSE(fixture_->server().enable_client_encryption(peer.id));
  for (const char* event : {"lost", "kept"}) {
    EXPECT_TRUE(fixture_->server().send_to_client({.client_id = peer.id, .event = event}));
  }
  { const auto dropped = made.take(); }
  made.take()(std::nullopt);
  EXPECT_EQ(peer.next(), R"({"event":"kept"})");
  EXPECT_EQ(fixture_->count(Counter::transform_failures), 1u);
  fixture_.reset();
}

}  // namespace
}  // namespace wscast
