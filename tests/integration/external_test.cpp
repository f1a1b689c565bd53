// Clients that somebody else's WebSocket server holds, through handler().

#include <array>
#include <atomic>
#include <chrono>
#include <future>
#include <latch>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "integration/server_fixture.h"
#include "support/fake_transport.h"

namespace wscast {
namespace {

using Texts = std::vector<std::string>;

class External : public testing::TestWithParam<std::size_t> {
 protected:
  struct Client {
    std::string id = Server::new_client_id();
    std::shared_ptr<FakeExternalTransport> transport = std::make_shared<FakeExternalTransport>();
  };

  explicit External(const ServerFixture::Adjust& adjust = {})
      : fixture_(GetParam(), adjust), handler_(fixture_.server().handler()) {}

  Server& server() { return fixture_.server(); }

  Client open() {
    Client client;
    EXPECT_FALSE(handler_.open(client.id, client.transport));
    return client;
  }

  Client authenticate(std::string_view token) {
    Client client = open();
    say(client, R"({"event":"authenticate","data":{"token":")" + std::string(token) + R"("}})");
    await_sent(client, 1);
    EXPECT_TRUE(client.transport->sent().at(0).starts_with(
        R"({"event":"connected","data":{"id":")" + client.id));
    return client;
  }

  void say(const Client& client, std::string_view text, bool binary = false) {
    EXPECT_FALSE(handler_.message(client.id, text, binary));
  }

  static void await_sent(const Client& client, std::size_t count) {
    ServerFixture::await([&] { return client.transport->sent().size() >= count; });
  }

  ServerFixture fixture_;
  ExternalServerHandler handler_;
};

// shows: A-server-getBunWebSocketHandler, A-server-onClientConnect, A-server-onClientMessage,
//   A-server-onClientDisconnect, A-type-IBunWebSocketHandler, A-handler-open, A-handler-message,
//   A-handler-close, A-type-IWebSocketData, A-type-IBunServer, A-type-IWebSocket
TEST_P(External, OneLivesLikeAnyOther) {
  const Client alice = authenticate("alice");
  const Peer bob = fixture_.peer("bob", {"lobby"});
  EXPECT_EQ(server().get_client(alice.id)->user_id, "alice");
  say(alice, R"({"event":"join","data":{"rooms":["lobby"]}})");
  ServerFixture::await([&] { return server().in_room(alice.id, "lobby"); });
  say(alice, R"({"event":"chat","data":{"room":"lobby","data":1}})");
  EXPECT_EQ(bob.next(), message("chat", "1"));
  bob.send("chat", R"({"room":"lobby","data":2})");
  await_sent(alice, 2);
  EXPECT_EQ(alice.transport->sent().at(1), message("chat", "2"));
  EXPECT_FALSE(handler_.close(alice.id));
  ServerFixture::await([&] { return !server().get_client(alice.id); });
  EXPECT_EQ(server().room_size("lobby"), 1u);
}

TEST_P(External, O21AnIdThatIsThereIsRefused) {
  const Client one = open();
  EXPECT_EQ(handler_.open(one.id, std::make_shared<FakeExternalTransport>()), Errc::client_exists);
  const Peer real = fixture_.peer("alice");
  EXPECT_EQ(handler_.open(real.id, std::make_shared<FakeExternalTransport>()), Errc::client_exists);
  EXPECT_FALSE(handler_.close(one.id));
  ServerFixture::await([&] { return !server().get_client(one.id); });
  EXPECT_FALSE(handler_.open(one.id, one.transport));  // Now it is free.
}

// shows: O21
TEST_P(External, ErrorsAreReturned) {
  EXPECT_EQ(handler_.open("nobody", std::make_shared<FakeExternalTransport>()),
            Errc::invalid_client);
  const Peer real = fixture_.peer("alice");
  for (const std::string& id : {Server::new_client_id(), std::string("nobody"), real.id}) {
    EXPECT_EQ(handler_.message(id, "{}", false), Errc::unknown_client);
    EXPECT_EQ(handler_.close(id), Errc::unknown_client);
    EXPECT_EQ(handler_.drain(id), Errc::unknown_client);
  }
  const Client one = open();
  server().shutdown();
  EXPECT_EQ(handler_.message(one.id, "{}", false), Errc::stopped);
  EXPECT_EQ(handler_.close(one.id), Errc::stopped);
  EXPECT_EQ(handler_.drain(one.id), Errc::stopped);
  EXPECT_EQ(handler_.open(Server::new_client_id(), one.transport), Errc::stopped);
}

TEST_P(External, MessagesThatItsShardCannotTakeAreRefusedAndCounted) {
  std::promise<void> go;
  std::atomic<bool> blocked = false;
  ServerFixture fixture(GetParam(), [&](ServerOptions& options) {
    options.max_inbox_bytes = 64 * 1024;
    options.transport.max_payload_length = 1024;
    options.hooks.authenticate = [&, gone = go.get_future().share()](const AuthenticateRequest&) {
      blocked = true;
      gone.wait();
      return std::optional(Identity{.user_id = "alice"});
    };
  });
  const ExternalServerHandler handler = fixture.server().handler();
  const Client client;
  EXPECT_FALSE(handler.open(client.id, client.transport));
  EXPECT_FALSE(handler.message(client.id, R"({"event":"authenticate"})", false));
  ServerFixture::await([&] { return blocked.load(); });
  std::error_code error;
  for (int i = 0; i < 1'000 && !error; ++i) error = handler.message(client.id, "{}", false);
  EXPECT_EQ(error, Errc::overloaded);
  EXPECT_EQ(fixture.count(Counter::dropped_overloaded), 1u);
  go.set_value();
  ServerFixture::await([&] { return !handler.message(client.id, "{}", false); });
}

TEST_P(External, M1M12BinaryMessagesAreText) {
  const Client client = open();
  say(client, "nonsense");
  say(client, "\xff", true);
  say(client, "\xff", false);
  say(client, R"({"event":"x"})", true);
  await_sent(client, 4);
  const std::string bad = error_message("Invalid message format");
  EXPECT_EQ(client.transport->sent(), (Texts{bad, bad, bad, error_message("Not authenticated")}));
}

// shows: A-handler-drain, A-field-IWebSocketClient.backpressured
TEST_P(External, T12ItsResultsAreTheCallers) {
  const Client client = authenticate("alice");
  const auto send = [&] {
    return *server().send_to_client({.client_id = client.id, .event = "e"});
  };
  EXPECT_EQ(send(), 13);
  await_sent(client, 2);
  client.transport->answer(-1);
  EXPECT_EQ(send(), 13);  // The last reported result.
  ServerFixture::await([&] { return server().get_client(client.id)->backpressured; });
  EXPECT_EQ(send(), -1);
  await_sent(client, 4);
  client.transport->answer(0);
  EXPECT_EQ(send(), -1);
  ServerFixture::await([&] { return fixture_.count(Counter::dropped_late) == 1; });
  EXPECT_EQ(send(), 0);
  client.transport->answer(1);
  EXPECT_FALSE(handler_.drain(client.id));
  ServerFixture::await([&] { return !server().get_client(client.id)->backpressured; });
  EXPECT_EQ(send(), 13);
  await_sent(client, 5);
}

TEST_P(External, T12OneThatDropsWithNothingWaitingIsAskedAgain) {
  const Client client = authenticate("alice");
  const auto send = [&] {
    return *server().send_to_client({.client_id = client.id, .event = "e"});
  };
  client.transport->answer(0);
  EXPECT_EQ(send(), 13);
  ServerFixture::await([&] { return fixture_.count(Counter::dropped_late) == 1; });
  client.transport->answer(1);
  EXPECT_EQ(send(), 13);  // No drain will come.
  await_sent(client, 2);
}

// shows: O17
TEST_P(External, ACloseIsSaidOnceAndLaterInputIsIgnored) {
  const Client client = authenticate("alice");
  EXPECT_FALSE(server().close_client({.client_id = client.id, .code = 4000, .reason = "bye"}));
  await_sent(client, 2);
  EXPECT_EQ(client.transport->sent().at(1), "close 4000 bye");
  ServerFixture::await([&] { return !server().get_client(client.id); });
  say(client, "nonsense");
  EXPECT_EQ(handler_.open(client.id, client.transport), Errc::client_exists);  // Still closing.
  EXPECT_FALSE(handler_.close(client.id));
  EXPECT_FALSE(handler_.open(client.id, client.transport));
  ServerFixture::await([&] { return server().client_count() == 1; });
  EXPECT_EQ(client.transport->sent().size(), 2u);
}

TEST_P(External, O8ShutdownClosesIt) {
  const Client client = open();
  ServerFixture::await([&] { return server().client_count() == 1; });
  server().shutdown();
  server().wait();
  EXPECT_EQ(client.transport->sent(), Texts{"close 1001 Server shutting down"});
}

TEST_P(External, O8ShutdownClosesEachThatIsJustBeingOpened) {
  constexpr std::size_t openers = 16;  // Some are stopped in the middle of it.
  std::array<std::vector<std::shared_ptr<FakeExternalTransport>>, openers> opened;
  std::latch all(openers);
  std::vector<std::thread> threads;
  for (auto& mine : opened) {
    threads.emplace_back([&] {
      for (auto transport = std::make_shared<FakeExternalTransport>();
           !handler_.open(Server::new_client_id(), transport);
           transport = std::make_shared<FakeExternalTransport>()) {
        mine.push_back(transport);
        if (mine.size() == 1) all.count_down();
      }
    });
  }
  all.wait();
  server().shutdown();
  for (auto& thread : threads) thread.join();
  server().wait();
  for (const auto& mine : opened) {
    for (const auto& transport : mine) {
      EXPECT_EQ(transport->sent(), Texts{"close 1001 Server shutting down"});
    }
  }
}

// shows: A-option-serverOptions
TEST_P(External, TheHandlerHasTheOptions) {
  ServerFixture fixture(1,
                        [](ServerOptions& options) { options.transport.backpressure_limit = 7; });
  EXPECT_EQ(fixture.server().handler().options.backpressure_limit, 7u);
}

/// Works until it is set to throw.
class ThrowingTransport final : public ExternalTransport {
 public:
  explicit ThrowingTransport(bool with_words) : with_words_(with_words) {}

  int send(std::string_view payload, bool) override {
    check();
    return static_cast<int>(payload.size());
  }
  void close(std::uint16_t, std::string_view) override { check(); }
  std::string remote_address() const override {
    check();
    return "192.0.2.7";
  }
  ReadyState ready_state() const override {
    check();
    return ReadyState::open;
  }
  void pause_reading() override { check(); }
  void resume_reading() override { check(); }

  std::atomic<bool> broken = false;
  mutable std::atomic<int> calls = 0;

 private:
  void check() const {
    if (!broken) return;
    ++calls;
    if (with_words_) throw std::runtime_error("socket is gone");
    throw 1;
  }

  const bool with_words_;
};

TEST(ExternalClient, HasTheAddressOfItsTransportInQueries) {
  ServerFixture fixture(1);
  for (const bool broken : {false, true}) {
    const auto transport = std::make_shared<ThrowingTransport>(true);
    transport->broken = broken;
    const std::string id = Server::new_client_id();
    EXPECT_FALSE(fixture.server().handler().open(id, transport));
    ServerFixture::await([&] { return fixture.server().get_client(id).has_value(); });
    EXPECT_EQ(fixture.server().get_client(id)->remote_address, broken ? "" : "192.0.2.7");
    transport->broken = false;
  }
}

/// However the transport is called, and whatever it throws.
class BrokenTransport : public testing::TestWithParam<std::string> {};

TEST_P(BrokenTransport, LosesItsClientAndNothingElse) {
  const std::string how = GetParam();
  std::atomic<int> disconnected = 0;
  std::promise<Reply<void>> first;  // Held back until the messages behind it have paused reading.
  std::atomic<bool> holds = how == "pause";
  ServerFixture fixture(1, [&](ServerOptions& options) {
    options.session.max_waiting_messages = 1;
    options.hooks.disconnected = [&](const ClientEvent&) { ++disconnected; };
    options.hooks.message = [&](const ClientMessage& message, Reply<void> reply) {
      if (message.user_id == "bob") return reply();
      if (how == "send_raw") message.socket->send("x");
      if (how == "close_raw") message.socket->close();
      if (how == "address") message.socket->remote_address();
      if (how == "state") message.socket->ready_state();
      if (holds.exchange(false)) return first.set_value(std::move(reply));
      reply();
    };
  });
  auto& server = fixture.server();
  const auto handler = server.handler();
  const std::string id = Server::new_client_id();
  const auto transport = std::make_shared<ThrowingTransport>(how != "state");
  EXPECT_FALSE(handler.open(id, transport));
  EXPECT_FALSE(handler.message(id, R"({"event":"authenticate","data":{"token":"a"}})", false));
  ServerFixture::await([&] { return server.stats().authenticated == 1; });
  const Peer bob = fixture.peer("bob");

  transport->broken = true;
  if (how == "send") {
    EXPECT_FALSE(server.broadcast({.event = "x"}));
  } else if (how == "close") {
    EXPECT_FALSE(server.close_client({.client_id = id}));
  } else if (how == "shutdown") {
    server.shutdown();
  } else {
    for (int i = 0; i < 3; ++i) EXPECT_FALSE(handler.message(id, R"({"event":"x"})", false));
  }
  if (how == "pause") {
    ServerFixture::await([&] { return fixture.count(Counter::transport_failures) == 1; });
    first.get_future().get()();
  }
  if (how == "shutdown") {
    server.wait();
  } else {
    ServerFixture::await([&] { return !server.get_client(id); });
    bob.send("anything");
    EXPECT_FALSE(server.send_to_user({.user_id = "bob", .event = "still here"}));
    handler.message(id, R"({"event":"x"})", false);
    EXPECT_FALSE(handler.close(id));
    const std::string got = bob.next();
    EXPECT_EQ(how == "send" ? bob.next() : got, R"({"event":"still here"})");
  }
  EXPECT_EQ(fixture.count(Counter::transport_failures), 1u);
  EXPECT_EQ(transport->calls, 1) << "it is not called again";
  EXPECT_GE(disconnected, 1);
}

INSTANTIATE_TEST_SUITE_P(Calls, BrokenTransport,
                         testing::Values("send", "send_raw", "close", "close_raw", "address",
                                         "state", "pause", "shutdown"),
                         [](const auto& call) { return call.param; });

INSTANTIATE_TEST_SUITE_P(Shards, External, testing::Values(1, 3),
                         testing::PrintToStringParamName());

class ExternalInAHurry : public External {
 protected:
  ExternalInAHurry()
      : External([](ServerOptions& options) {
          options.session.auth_timeout = std::chrono::milliseconds(100);
          options.session.heartbeat_interval = std::chrono::milliseconds(50);
          options.session.heartbeat_timeout = std::chrono::milliseconds(200);
        }) {}
};

TEST_P(ExternalInAHurry, O1OneThatDoesNotAuthenticateIsClosed) {
  const Client client = open();
  await_sent(client, 1);
  EXPECT_EQ(client.transport->sent(), Texts{"close 4001 Authentication timeout"});
}

TEST_P(ExternalInAHurry, O3ASilentOneIsClosed) {
  const Client client = authenticate("alice");
  await_sent(client, 2);
  EXPECT_EQ(client.transport->sent().at(1), "close 4002 Heartbeat timeout");
}

INSTANTIATE_TEST_SUITE_P(Shards, ExternalInAHurry, testing::Values(3),
                         testing::PrintToStringParamName());

}  // namespace
}  // namespace wscast
