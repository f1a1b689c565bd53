// Options that change while the server runs (Server::update_options).

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "integration/server_fixture.h"

namespace wscast {
namespace {

using client::BlockingClient;
using client::Event;
using std::chrono::milliseconds;

const std::string kStill = R"({"event":"still"})";

class Options : public testing::Test {
 protected:
  explicit Options(const ServerFixture::Adjust& adjust = {})
      : fixture_(2, [&](ServerOptions& options) {
          if (adjust) adjust(options);
          options_ = options;
        }) {
    fixture_.spread();
  }

  /// Applies a change on top of those before, and waits until each shard has it.
  std::vector<std::string> change(const ServerFixture::Adjust& adjust) {
    adjust(options_);
    auto refused = server().update_options(options_);
    // What one thread posts to a shard is in order; this reaches it behind the options.
    for (const Peer& peer : peers_) expect_served(peer);
    return refused;
  }

  void expect_served(const Peer& peer) {
    EXPECT_TRUE(server().send_to_client({.client_id = peer.id, .event = "still"}));
    EXPECT_EQ(peer.next(), kStill);
  }

  /// One client on each shard.
  void enter() {
    for (int i = 0; i < 2; ++i) peers_.push_back(fixture_.peer("alice"));
  }

  Server& server() { return fixture_.server(); }

  ServerOptions options_;
  ServerFixture fixture_;
  std::vector<Peer> peers_;
};

TEST_F(Options, RatesOfConnectedClientsFollow) {
  enter();
  EXPECT_TRUE(change([](ServerOptions& options) { options.session.message_rate = 1; }).empty());
  for (const Peer& peer : peers_) {
    for (int i = 0; i < 3; ++i) peer.send("anything");
    EXPECT_EQ(peer.next(), error_message("Rate limit exceeded"));
  }
  EXPECT_TRUE(change([](ServerOptions& options) { options.session.message_rate = 0; }).empty());
  const auto limited = fixture_.count(Counter::rate_limited);
  for (const Peer& peer : peers_) {
    for (int i = 0; i < 10; ++i) peer.send("heartbeat");
    ServerFixture::await([&] { return server().get_client(peer.id).has_value(); });
    expect_served(peer);
  }
  EXPECT_EQ(fixture_.count(Counter::rate_limited), limited);
}

class WithoutHook : public Options {
 protected:
  WithoutHook() : Options([](ServerOptions& options) { options.hooks.message = {}; }) {}
};

TEST_F(WithoutHook, AMessageThatHasBegunIsHeldToTheNewLimit) {
  enter();
  const Peer& peer = peers_[0];
  EXPECT_TRUE(peer.socket->send_frame(ws::Opcode::text, std::string(2'000, ' '), false));
  // A ping in between shows that the first part was read.
  EXPECT_TRUE(peer.socket->send_frame(ws::Opcode::ping, "read"));
  EXPECT_EQ(peer.socket->receive(), (Event{Event::Kind::pong, "read"}));
  change([](ServerOptions& options) { options.transport.max_payload_length = 1'000; });
  EXPECT_TRUE(peer.socket->send_frame(ws::Opcode::continuation, "x", true));
  EXPECT_EQ(peer.socket->receive().code, 1009);
}

TEST_F(WithoutHook, TheLongestMessageOfConnectedClientsFollows) {
  enter();
  const std::string id = R"({"event":"none","id":")";
  change([](ServerOptions& options) { options.transport.max_payload_length = 1'000'000; });
  EXPECT_TRUE(peers_[0].socket->send_text(id + std::string(200'000, 'x') + "\"}"));
  EXPECT_TRUE(peers_[0].next().starts_with(R"({"event":"error","data":{"message":"Unhandled)"));
  change([](ServerOptions& options) { options.transport.max_payload_length = 100; });
  EXPECT_TRUE(peers_[1].socket->send_text(id + std::string(200, 'x') + "\"}"));
  EXPECT_EQ(peers_[1].socket->receive().code, 1009);
}

class Silent : public Options {
 protected:
  Silent()
      : Options([](ServerOptions& options) {
          options.transport.send_pings = false;
          options.session.heartbeat_interval = std::chrono::hours(1);
        }) {}
};

TEST_F(Silent, AShorterIdleTimeoutIsForThoseWhoAreSilentAlready) {
  enter();
  options_.transport.idle_timeout = milliseconds(100);
  server().update_options(options_);
  for (const Peer& peer : peers_) EXPECT_EQ(peer.socket->receive().kind, Event::Kind::end);
  EXPECT_EQ(fixture_.count(Counter::closed_idle), 2u);
}

TEST_F(Silent, HeartbeatsAreLookedForAsOftenAsItSaysNow) {
  enter();
  options_.session.heartbeat_interval = milliseconds(20);
  options_.session.heartbeat_timeout = milliseconds(100);
  server().update_options(options_);
  for (const Peer& peer : peers_) peer.expect_close(4002, "Heartbeat timeout");
}

TEST_F(Options, OriginsAndLimitsOfConnectionsFollow) {
  enter();
  const auto connects = [&](const std::vector<client::Header>& headers = {}) {
    BlockingClient client;
    client.connect(endpoint_of(fixture_.address()), "/ws", headers);
    return client.response().status;
  };
  const client::Header origin{"Origin", "https://example.com"};
  EXPECT_EQ(connects({origin}), 101);
  change([](ServerOptions& options) { options.allowed_origins = {"https://other.example"}; });
  EXPECT_EQ(connects({origin}), 403);
  change([](ServerOptions& options) { options.allowed_origins = {"https://example.com"}; });
  EXPECT_EQ(connects({origin}), 101);

  ServerFixture::await([&] { return server().stats().connections == 2; });
  change([](ServerOptions& options) { options.transport.max_connections = 2; });
  EXPECT_EQ(connects(), 503);
  change([](ServerOptions& options) { options.transport.max_connections = 0; });
  EXPECT_EQ(connects(), 101);

  change([](ServerOptions& options) { options.transport.max_connections_per_address = 1; });
  const auto counted = fixture_.connect();
  EXPECT_EQ(connects(), 503) << "those from before do not count, this one does";
  change([](ServerOptions& options) {
    options.transport.max_connections_per_address = 0;
    options.transport.max_unauthenticated_connections = 1;
  });
  EXPECT_EQ(connects(), 503);
  change([](ServerOptions& options) { options.transport.max_unauthenticated_connections = 0; });
  EXPECT_EQ(connects(), 101);
}

TEST_F(Options, WhatCannotChangeIsNamedAndTheRestIsApplied) {
  enter();
  const auto refused = change([](ServerOptions& options) {
    options.path = "/other";
    options.shards = 7;
    options.transport.max_payload_length = 50;
  });
  EXPECT_EQ(refused, (std::vector<std::string>{"path cannot change while the server runs.",
                                               "shards cannot change while the server runs."}));
  EXPECT_EQ(server().path(), "/ws");
  EXPECT_EQ(server().handler().options.max_payload_length, 50u);
  EXPECT_TRUE(peers_[0].socket->send_text(std::string(51, ' ')));
  EXPECT_EQ(peers_[0].socket->receive().code, 1009);
}

TEST_F(Options, InvalidOnesChangeNothing) {
  enter();
  options_.session.heartbeat_timeout = milliseconds(0);
  options_.transport.max_payload_length = 50;
  EXPECT_THROW(server().update_options(options_), std::invalid_argument);
  for (const Peer& peer : peers_) {
    EXPECT_TRUE(peer.socket->send_text(std::string(51, ' ')));
    EXPECT_EQ(peer.next(), error_message("Invalid message format"));
  }
}

TEST_F(Options, NobodyIsDroppedAndNoMessageLostWhileTheyChangeAllTheTime) {
  constexpr int messages = 2'000;
  std::vector<Peer> senders;
  std::vector<Peer> receivers;
  for (int i = 0; i < 2; ++i) receivers.push_back(fixture_.peer("bob", {"lobby"}));
  for (int i = 0; i < 2; ++i) senders.push_back(fixture_.peer("alice"));
  std::atomic<bool> done = false;
  std::thread changer([&] {
    ServerOptions options = options_;
    for (std::size_t i = 0; !done; ++i) {
      options.session.message_rate = i % 2 == 0 ? 0 : 1'000'000;
      options.session.heartbeat_interval = milliseconds(20 + i % 2);
      options.transport.backpressure_limit = 10'000'000 + i;
      options.transport.idle_timeout = milliseconds(50'000 + i % 7);
      options.transport.max_connections_per_address = 1'000 + i % 3;
      options.allowed_origins.assign(i % 3, "https://example.com");
      EXPECT_TRUE(server().update_options(options).empty());
    }
  });
  std::vector<std::thread> threads;
  for (const Peer& sender : senders) {
    threads.emplace_back([&sender] {
      for (int i = 0; i < messages; ++i) {
        sender.send("chat", R"({"room":"lobby","data":)" + std::to_string(i) + "}");
      }
    });
  }
  for (const Peer& receiver : receivers) {
    int received = 0;
    while (received < 2 * messages && receiver.next().starts_with(R"({"event":"chat")")) ++received;
    EXPECT_EQ(received, 2 * messages);
  }
  for (auto& thread : threads) thread.join();
  done = true;
  changer.join();
  EXPECT_EQ(server().client_count(), 4u);
}

TEST_F(Options, ChangeInAHook) {
  ServerFixture* with = nullptr;
  ServerOptions wanted;
  ServerFixture fixture(1, [&](ServerOptions& options) {
    options.hooks.message = [&](const ClientMessage&) { with->server().update_options(wanted); };
    wanted = options;
    wanted.transport.max_payload_length = 50;
  });
  with = &fixture;
  const Peer peer = fixture.peer("alice");
  peer.send("change");
  ServerFixture::await([&] { return fixture.server().handler().options.max_payload_length == 50; });
  EXPECT_TRUE(fixture.server().send_to_client({.client_id = peer.id, .event = "still"}));
  EXPECT_EQ(peer.next(), kStill);
  EXPECT_TRUE(peer.socket->send_text(std::string(51, ' ')));
  EXPECT_EQ(peer.socket->receive().code, 1009);
}

TEST_F(Options, ChangeBeforeTheServerRunsAndAfterIt) {
  ServerOptions options;
  options.broker = memory_broker();
  options.shards = 1;
  options.hooks.authenticate = [](const AuthenticateRequest&) { return std::optional(Identity{}); };
  Server server(options);
  options.session.heartbeat_interval = milliseconds(20);
  options.session.auth_timeout = milliseconds(50);
  EXPECT_TRUE(server.update_options(options).empty());
  server.configure();
  BlockingClient client;
  ASSERT_FALSE(client.connect(endpoint_of(server.listen("127.0.0.1:0"))));
  EXPECT_EQ(client.receive().code, 4001);
  server.shutdown();
  server.wait();
  EXPECT_TRUE(server.update_options(options).empty());
}

}  // namespace
}  // namespace wscast
