// How a server sends its clients to others before it stops (protocol.md X7).

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <set>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

#include <gtest/gtest.h>

#include "wscast/json_fields.h"

#include "integration/server_fixture.h"
#include "support/fake_transport.h"

namespace wscast {
namespace {

using client::BlockingClient;
using client::Event;
using std::chrono::duration_cast;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// For as long as no test takes.
constexpr milliseconds kLong{600'000};

/// The number in a `disconnect` event.
std::int64_t reconnect_after(const std::string& text) {
  const auto start = message("disconnect", R"({"reconnectAfterMs":)");
  const std::string prefix = start.substr(0, start.size() - 1);
  EXPECT_TRUE(text.starts_with(prefix)) << text;
  return text.starts_with(prefix) ? std::stoll(text.substr(prefix.size())) : -1;
}

/// The response to a request for `path`; an upgrade for `/ws`.
std::string response(const ServerFixture& fixture, const std::string& path) {
  const std::string upgrade =
      "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
  BlockingClient client;
  EXPECT_FALSE(client.open(endpoint_of(fixture.address())));
  client.send_raw("GET " + path + " HTTP/1.1\r\nHost: x\r\n" + (path == "/ws" ? upgrade : "") +
                  "\r\n");
  return client.receive_raw_all();
}

ServerFixture::Adjust with_pages(const ServerFixture::Adjust& more = {}) {
  return [more](ServerOptions& options) {
    options.http.health = true;
    options.http.ready = true;
    if (more) more(options);
  };
}

bool accepts(const ServerFixture& fixture) {
  BlockingClient client;
  return !client.open(endpoint_of(fixture.address()));
}

// shows: X7
TEST(Drain, ClientsStayDuringTheDelayAndNoneComes) {
  ServerFixture fixture(2, with_pages());
  const Peer alice = fixture.peer("alice", {"lobby"});
  fixture.server().drain({.delay = kLong});
  EXPECT_TRUE(response(fixture, "/health").starts_with("HTTP/1.1 200 "));
  const std::string ready = response(fixture, "/ready");
  EXPECT_TRUE(ready.starts_with("HTTP/1.1 503 ")) << ready;
  EXPECT_TRUE(ready.ends_with("draining\n")) << ready;
  const std::string upgrade = response(fixture, "/ws");
  EXPECT_TRUE(upgrade.starts_with("HTTP/1.1 503 ")) << upgrade;
  EXPECT_NE(upgrade.find("\r\nRetry-After: "), std::string::npos) << upgrade;
  EXPECT_EQ(fixture.count(Counter::connections_refused_draining), 1u);
  EXPECT_EQ(fixture.server().handler().open(Server::new_client_id(),
                                            std::make_shared<FakeExternalTransport>()),
            Errc::stopped);
  EXPECT_THROW(fixture.server().listen("127.0.0.1:0"), std::system_error);
  EXPECT_FALSE(
      fixture.server().send({.destination = "lobby", .event = "still", .data = Json::text("1")}));
  EXPECT_EQ(alice.next(), message("still", "1")) << "the others are served on";
  fixture.server().shutdown();
  alice.expect_close(1001, "Server shutting down");
}

// shows: X7
TEST(Drain, EachClientIsToldItsOwnTimeAndClosedThen) {
  constexpr std::size_t clients = 12;
  constexpr milliseconds time{1'200};
  ServerFixture fixture(3);
  fixture.spread();
  std::vector<Peer> peers;
  for (std::size_t i = 0; i < clients; ++i) peers.push_back(fixture.peer("alice"));
  const auto begin = steady_clock::now();
  fixture.server().drain({.time = time});
  std::set<std::int64_t> all;
  std::vector<std::pair<std::int64_t, const Peer*>> order;
  for (const Peer& peer : peers) {
    const auto after = reconnect_after(peer.next());
    all.insert(after);
    order.emplace_back(after, &peer);
  }
  EXPECT_LT(steady_clock::now() - begin, milliseconds(1'000)) << "all are told at once";
  std::set<std::int64_t> even;
  for (int i = 1; i <= 12; ++i) even.insert(100 * i);
  EXPECT_EQ(all, even);
  std::ranges::sort(order);
  for (const auto& [after, peer] : order) {
    peer->expect_close(1001, "Server shutting down");
    EXPECT_GE(steady_clock::now() - begin, milliseconds(after));
    EXPECT_LT(steady_clock::now() - begin, milliseconds(after + 2'000));
    peer->socket->close();
  }
  fixture.server().wait();
  EXPECT_EQ(fixture.count(Counter::closed_drained), clients);
  EXPECT_EQ(fixture.count(Counter::closed_shutdown), 0u);
}

// shows: X7
TEST(Drain, ListeningEndsAndStrangersAreClosedWhenTheDelayIsOver) {
  ServerFixture fixture(2);
  const auto stranger = fixture.connect();
  const Peer alice = fixture.peer("alice");
  fixture.server().drain({.delay = milliseconds(300), .time = kLong});
  EXPECT_TRUE(accepts(fixture));
  EXPECT_EQ(stranger->receive(),
            (Event{Event::Kind::close, "Server shutting down", std::uint16_t{1001}}));
  EXPECT_FALSE(accepts(fixture));
  EXPECT_EQ(reconnect_after(alice.next()), kLong.count());
  fixture.server().shutdown();
  alice.expect_close(1001, "Server shutting down");
  alice.socket->close();
  stranger->close();
  fixture.server().wait();
  EXPECT_EQ(fixture.count(Counter::closed_drained), 1u);
  EXPECT_EQ(fixture.count(Counter::closed_shutdown), 1u);
}

TEST(Drain, WithoutClientsItEndsAtOnce) {
  ServerFixture fixture(3);
  const auto begin = steady_clock::now();
  fixture.server().drain({.time = kLong});
  fixture.server().wait();
  EXPECT_LT(steady_clock::now() - begin, std::chrono::seconds(5));
}

TEST(Drain, ItEndsWhenTheClientsHaveLeftAndTheirTimesHavePassed) {
  ServerFixture fixture(2);
  const Peer alice = fixture.peer("alice");
  fixture.server().drain({.time = milliseconds(200)});
  reconnect_after(alice.next());
  alice.socket->close();
  fixture.server().wait();
  EXPECT_EQ(fixture.count(Counter::closed_drained), 0u);
}

TEST(Drain, WithoutTimeItIsAShutdown) {
  ServerFixture fixture(2);
  const Peer alice = fixture.peer("alice");
  fixture.server().drain({.time = milliseconds(0)});
  alice.expect_close(1001, "Server shutting down");
  alice.socket->close();
  fixture.server().wait();
  EXPECT_EQ(fixture.count(Counter::closed_shutdown), 1u);
}

TEST(Drain, ASecondOneIsANoOpAndAHookMayAskForIt) {
  ServerFixture* with = nullptr;
  ServerFixture fixture(2, [&](ServerOptions& options) {
    options.hooks.message = [&](const ClientMessage&) { with->server().drain({.time = kLong}); };
  });
  with = &fixture;
  const Peer alice = fixture.peer("alice");
  alice.send("drain");
  EXPECT_EQ(reconnect_after(alice.next()), kLong.count());
  fixture.server().drain({.time = milliseconds(0)});
  EXPECT_FALSE(fixture.server().send_to_client({.client_id = alice.id, .event = "still"}).error());
  EXPECT_EQ(alice.next(), R"({"event":"still"})");
  fixture.server().shutdown();
  fixture.server().drain();
  alice.expect_close(1001, "Server shutting down");
}

TEST(Drain, BeforeTheServerRunsItIsAShutdown) {
  ServerOptions options;
  options.broker = memory_broker();
  options.hooks.authenticate = [](const AuthenticateRequest&) { return std::optional(Identity{}); };
  Server server(std::move(options));
  server.drain();
  server.wait();
  EXPECT_THROW(server.configure(), std::system_error);
}

TEST(Drain, NegativeTimesAreRefused) {
  ServerFixture fixture(1);
  EXPECT_THROW(fixture.server().drain({.delay = milliseconds(-1)}), std::invalid_argument);
  EXPECT_THROW(fixture.server().drain({.time = milliseconds(-1)}), std::invalid_argument);
  EXPECT_TRUE(accepts(fixture));
  const Peer alice = fixture.peer("alice");
}

}  // namespace
}  // namespace wscast
