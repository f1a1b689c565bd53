// Limits on how many clients there are, how fast they are, and how slow they may be.

#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <unistd.h>
#include <vector>

#include <gtest/gtest.h>

#include "integration/server_fixture.h"

namespace wscast {
namespace {

using client::BlockingClient;
using client::Event;

/// A client whose token is rejected.
void fail_to_authenticate(ServerFixture& fixture) {
  const auto client = fixture.connect();
  client->send_text(R"({"event":"authenticate","data":{"token":"wrong"}})");
  EXPECT_EQ(client->receive().payload, error_message("Authentication failed"));
  EXPECT_EQ(client->receive().code, 4003);
}

/// What a further connection is answered.
std::string answer_to_another(ServerFixture& fixture) {
  BlockingClient client;
  EXPECT_FALSE(client.open(endpoint_of(fixture.address())));
  client.send_raw(
      "GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
  return client.receive_raw(std::chrono::seconds(5));
}

void expect_refused(const std::string& answer) {
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 503 ")) << answer;
  EXPECT_NE(answer.find("\r\nRetry-After: "), std::string::npos) << answer;
}

void expect_taken(const std::string& answer) {
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 101 ")) << answer;
}

// shows: O14
TEST(Limits, OfConnectionsCountThoseThatAreOpen) {
  ServerFixture fixture(3, [](ServerOptions& options) { options.transport.max_connections = 2; });
  const auto one = fixture.connect();
  {
    const auto two = fixture.connect();
    expect_refused(answer_to_another(fixture));
  }
  ServerFixture::await([&] { return fixture.server().stats().connections == 1; });
  expect_taken(answer_to_another(fixture));
  EXPECT_EQ(fixture.count(Counter::connections_refused), 1u);
}

// shows: O14
TEST(Limits, OfTheUnauthenticatedDoNotCountTheAuthenticated) {
  ServerFixture fixture(
      3, [](ServerOptions& options) { options.transport.max_unauthenticated_connections = 2; });
  const auto one = fixture.connect();
  const auto two = fixture.connect();
  ServerFixture::await([&] { return fixture.server().client_count() == 2; });
  expect_refused(answer_to_another(fixture));
  EXPECT_EQ(fixture.count(Counter::connections_refused_unauthenticated), 1u);
  one->send_text(R"({"event":"authenticate","data":{"token":"alice"}})");
  one->receive();
  expect_taken(answer_to_another(fixture));
  ServerFixture::await([&] { return fixture.server().client_count() == 2; });
}

// shows: X8
TEST(Limits, OfFailedAuthenticationsOfAnAddress) {
  ServerFixture fixture(2, [](ServerOptions& options) {
    options.transport.max_failed_authentications_per_address = 3;
    options.http.health = true;
  });
  fixture.spread();
  const Peer before = fixture.peer("alice");
  fail_to_authenticate(fixture);
  fail_to_authenticate(fixture);
  expect_taken(answer_to_another(fixture));
  fail_to_authenticate(fixture);
  const std::string answer = answer_to_another(fixture);
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 429 Too Many Requests\r\n")) << answer;
  const auto after = answer.find("\r\nRetry-After: ");
  ASSERT_NE(after, std::string::npos) << answer;
  const int seconds = std::stoi(answer.substr(after + 15));
  EXPECT_GT(seconds, 30);
  EXPECT_LE(seconds, 60);
  EXPECT_EQ(fixture.count(Counter::http_too_many_requests), 1u);
  EXPECT_EQ(fixture.count(Counter::connections_refused), 0u);
  BlockingClient page;
  EXPECT_FALSE(page.open(endpoint_of(fixture.address())));
  page.send_raw("GET /health HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(page.receive_raw().starts_with("HTTP/1.1 200 ")) << "only upgrades are rejected";
  EXPECT_TRUE(fixture.server().send_to_client({.client_id = before.id, .event = "still"}));
  EXPECT_EQ(before.next(), R"({"event":"still"})") << "who is connected stays";
}

TEST(Limits, OfFailedAuthenticationsCountNothingElse) {
  ServerFixture fixture(1, [](ServerOptions& options) {
    options.transport.max_failed_authentications_per_address = 1;
    options.session.auth_timeout = std::chrono::milliseconds(50);
    options.hooks.authenticate = [](const AuthenticateRequest&) -> std::optional<Identity> {
      throw std::runtime_error("the directory of users is down");
    };
  });
  const auto client = fixture.connect();
  client->send_text(R"({"event":"authenticate"})");
  EXPECT_EQ(client->receive().payload, error_message("Authentication error"));
  EXPECT_EQ(client->receive().code, 4003);
  EXPECT_EQ(fixture.connect()->receive().code, 4001);
  expect_taken(answer_to_another(fixture));
}

TEST(Limits, OfFailedAuthenticationsAreForAddressesAlone) {
  ServerFixture fixture(1, [](ServerOptions& options) {
    options.transport.max_failed_authentications_per_address = 1;
  });
  const std::string path = "/tmp/wscast-failed-" + std::to_string(::getpid());
  const std::string endpoint = fixture.server().listen("unix:" + path);
  for (int i = 0; i < 3; ++i) {
    BlockingClient client;
    ASSERT_FALSE(client.connect(endpoint_of(endpoint)));
    client.send_text(R"({"event":"authenticate","data":{"token":"wrong"}})");
    EXPECT_EQ(client.receive().payload, error_message("Authentication failed"));
  }
}

TEST(Limits, OfFailedAuthenticationsAreOffByDefault) {
  ServerFixture fixture(1);
  for (int i = 0; i < 101; ++i) fail_to_authenticate(fixture);
  expect_taken(answer_to_another(fixture));
}

// shows: O14
TEST(Limits, OfAnAddressCountItsConnections) {
  ServerFixture fixture(
      3, [](ServerOptions& options) { options.transport.max_connections_per_address = 2; });
  const auto one = fixture.connect();
  {
    const auto two = fixture.connect();
    expect_refused(answer_to_another(fixture));
    EXPECT_EQ(fixture.count(Counter::connections_refused_address), 1u);
  }
  ServerFixture::await([&] { return fixture.server().stats().connections == 1; });
  expect_taken(answer_to_another(fixture));
}

// shows: O14
TEST(Limits, OneAddressOverItsLimitLocksNobodyElseOut) {
  ServerFixture fixture(3, [](ServerOptions& options) {
    options.transport.max_connections = 8;
    options.transport.max_connections_per_address = 2;
  });
  std::vector<BlockingClient> greedy(60);  // Of one address, and none sends a request.
  for (auto& client : greedy) ASSERT_FALSE(client.open(endpoint_of(fixture.address())));
  ServerFixture::await(
      [&] { return fixture.count(Counter::connections_refused_address) == greedy.size() - 2; });
  const std::string path = testing::TempDir() + "wscast-limits-" + std::to_string(::getpid());
  const std::string other = fixture.server().listen("unix:" + path);
  std::vector<BlockingClient> others(6);
  for (auto& client : others) EXPECT_FALSE(client.connect(endpoint_of(other)));
  EXPECT_GT(fixture.count(Counter::connections_discarded), 0u);
}

TEST(Limits, O11MessagesOverTheRateAreDroppedAndReportedOnce) {
  ServerFixture fixture(1, [](ServerOptions& options) { options.session.message_rate = 3; });
  const Peer peer = fixture.peer("alice");  // One message.
  for (int i = 0; i < 10; ++i) peer.socket->send_text("nonsense");
  EXPECT_EQ(peer.next(), error_message("Invalid message format"));
  EXPECT_EQ(peer.next(), error_message("Invalid message format"));
  std::string next = peer.next();
  if (next == error_message("Invalid message format")) next = peer.next();  // On a slow machine.
  EXPECT_EQ(next, error_message("Rate limit exceeded"));
  ServerFixture::await([&] { return fixture.count(Counter::messages_received) == 11; });
  EXPECT_GE(fixture.count(Counter::rate_limited), 6u);
}

TEST(Limits, O11JoinsHaveARateOfTheirOwn) {
  ServerFixture fixture(1, [](ServerOptions& options) { options.session.join_rate = 1; });
  const Peer peer = fixture.peer("alice");
  for (int i = 0; i < 5; ++i) {
    peer.send("join", R"({"rooms":["r)" + std::to_string(i) + R"("]})");
  }
  EXPECT_EQ(peer.next(), error_message("Rate limit exceeded"));
  peer.socket->send_text("nonsense");
  EXPECT_EQ(peer.next(), error_message("Invalid message format"));
  EXPECT_TRUE(fixture.server().in_room(peer.id, "r0"));
  EXPECT_FALSE(fixture.server().in_room(peer.id, "r4"));
}

TEST(Limits, O11OneThatDoesNotSlowDownIsClosed) {
  ServerFixture fixture(1, [](ServerOptions& options) { options.session.message_rate = 5; });
  const Peer peer = fixture.peer("alice");
  Event event;
  int told = 0;
  do {
    peer.socket->send_text(R"({"event":"heartbeat"})");
    event = peer.socket->receive(std::chrono::milliseconds(2));
    if (event.kind == Event::Kind::text) {
      EXPECT_EQ(event.payload, error_message("Rate limit exceeded"));
      ++told;
    }
  } while (event.kind == Event::Kind::text || event.kind == Event::Kind::timeout);
  EXPECT_EQ(event, (Event{Event::Kind::close, "Rate limit exceeded", 4009}));
  EXPECT_GE(told, 4);
  EXPECT_EQ(fixture.count(Counter::closed_rate_limit), 1u);
}

TEST(Limits, X5BytesOverTheRateAreDropped) {
  ServerFixture fixture(1, [](ServerOptions& options) { options.session.byte_rate = 1'000; });
  const Peer peer = fixture.peer("alice");
  const std::string big = R"({"event":"heartbeat","data":")" + std::string(10'000, 'x') + R"("})";
  peer.socket->send_text(big);  // It passes, and what is left is owed for 9 s and more.
  peer.socket->send_text("nonsense");
  EXPECT_EQ(peer.next(), error_message("Rate limit exceeded"));
  EXPECT_EQ(fixture.count(Counter::rate_limited), 1u);
}

/// Authenticates as `user`. Returns what comes last: `connected`, or the close.
Event enter(BlockingClient& client, const std::string& user) {
  client.send_text(R"({"event":"authenticate","data":{"token":")" + user + R"("}})");
  Event event = client.receive();
  if (event.payload == error_message("Too many connections")) event = client.receive();
  return event;
}

TEST(Limits, X6OfAUserCountItsClientsOnAllShards) {
  ServerFixture fixture(3,
                        [](ServerOptions& options) { options.session.max_clients_per_user = 2; });
  fixture.spread();
  const auto one = fixture.authenticate("alice");
  auto two = fixture.authenticate("alice");
  const auto three = fixture.connect();
  EXPECT_EQ(enter(*three, "alice"), (Event{Event::Kind::close, "Too many connections", 4011}));
  const auto bob = fixture.authenticate("bob");
  EXPECT_EQ(fixture.server().get_clients_by_user("alice").size(), 2u);
  EXPECT_EQ(fixture.count(Counter::closed_too_many_connections), 1u);
  two.reset();
  ServerFixture::await([&] { return fixture.server().get_clients_by_user("alice").size() == 1; });
  const auto four = fixture.connect();
  EXPECT_EQ(enter(*four, "alice").kind, Event::Kind::text);
}

TEST(Limits, X9ARevokedUserIsClosedOnAllShardsAndRefused) {
  ServerFixture fixture(3);
  fixture.spread();
  const auto one = fixture.authenticate("alice");
  const auto two = fixture.authenticate("alice");
  const auto bob = fixture.authenticate("bob");
  ASSERT_FALSE(fixture.server().revoke_user({.user_id = "alice"}));
  const Event closed{Event::Kind::close, "User revoked", 4003};
  for (const auto* client : {&one, &two}) {
    EXPECT_EQ((*client)->receive().payload, error_message("User revoked"));
    EXPECT_EQ((*client)->receive(), closed);
  }
  const auto three = fixture.connect();
  three->send_text(R"({"event":"authenticate","data":{"token":"alice"}})");
  EXPECT_EQ(three->receive().payload, error_message("User revoked"));
  EXPECT_EQ(three->receive(), closed);
  EXPECT_EQ(fixture.count(Counter::closed_user_revoked), 3u);
  ASSERT_FALSE(fixture.server().revoke_user(
      {.user_id = "alice", .until = std::chrono::system_clock::now()}));
  const auto four = fixture.authenticate("alice");
  EXPECT_EQ(fixture.server().client_count(), 2u) << "alice again, and bob";
}

TEST(Limits, X6IsExactWhenAllComeAtOnce) {
  constexpr std::size_t kClients = 60;
  constexpr std::size_t kMost = 7;
  ServerFixture fixture(
      3, [](ServerOptions& options) { options.session.max_clients_per_user = kMost; });
  fixture.spread();
  std::vector<std::unique_ptr<BlockingClient>> clients;
  for (std::size_t i = 0; i < kClients; ++i) clients.push_back(fixture.connect());
  for (const auto& client : clients) {
    client->send_text(R"({"event":"authenticate","data":{"token":"alice"}})");
  }
  std::size_t in = 0;
  for (const auto& client : clients) {
    const Event event = client->receive();
    if (event.payload.starts_with(R"({"event":"connected")")) ++in;
  }
  EXPECT_EQ(in, kMost);
  EXPECT_EQ(fixture.count(Counter::closed_too_many_connections), kClients - kMost);
  EXPECT_EQ(fixture.server().get_clients_by_user("alice").size(), kMost);
}

/// A client that does not read, and small buffers.
class SlowConsumer : public testing::TestWithParam<bool> {
 protected:
  SlowConsumer()
      : fixture_(3, [](ServerOptions& options) {
          options.transport.backpressure_limit = 64 * 1024;
          options.transport.send_buffer = 16 * 1024;
          options.transport.close_on_backpressure_limit = GetParam();
        }) {}

  int send(const Peer& peer) {
    ++sent_;
    return *fixture_.server().send_to_client(
        {.client_id = peer.id, .event = "big", .data = Json::text(data_)});
  }

  const std::string data_ = "\"" + std::string(30'000, 'x') + "\"";
  ServerFixture fixture_;
  std::uint64_t sent_ = 0;
};

class SlowConsumerStays : public SlowConsumer {};
class SlowConsumerEnds : public SlowConsumer {};

// shows: T5, A-field-IWebSocketClient.backpressured, A-server-sendToClient
TEST_P(SlowConsumerStays, T12ASendReturnsWhetherItWaitsOrIsDropped) {
  const Peer peer = fixture_.peer("deaf");
  int result = 0;
  ServerFixture::await([&] { return (result = send(peer)) <= 0; });
  // -1, or 0 if this thread sees both at once: it decides by what the shard last reported.
  EXPECT_TRUE(fixture_.server().get_client(peer.id)->backpressured);
  ServerFixture::await([&] { return send(peer) == 0; });
  EXPECT_GT(fixture_.count(Counter::dropped_backpressure), 0u);
  // It reads again: each message arrives or is counted in `dropped` (X3).
  std::uint64_t accounted = 0;
  while (accounted < sent_) {
    const std::string text = peer.next();
    const std::uint64_t dropped = dropped_count(text);
    if (dropped == 0) {
      EXPECT_EQ(text, message("big", data_));
    }
    accounted += dropped > 0 ? dropped : 1;
  }
  EXPECT_EQ(accounted, sent_);
  ServerFixture::await([&] { return !fixture_.server().get_client(peer.id)->backpressured; });
  EXPECT_GT(send(peer), 0);
}

// shows: T6, A-config-closeOnBackpressureLimit
TEST_P(SlowConsumerEnds, O9IsClosedIfThatWasAskedFor) {
  const Peer peer = fixture_.peer("deaf");
  ServerFixture::await([&] {
    send(peer);
    return fixture_.count(Counter::closed_slow_consumer) == 1;
  });
  ServerFixture::await([&] { return !fixture_.server().get_client(peer.id); });
  Event event;
  while ((event = peer.socket->receive()).kind == Event::Kind::text) {
    EXPECT_EQ(event.payload, message("big", data_));
  }
  EXPECT_EQ(event, (Event{Event::Kind::close, "Slow consumer", 4008}));
}

INSTANTIATE_TEST_SUITE_P(Slow, SlowConsumerStays, testing::Values(false));
INSTANTIATE_TEST_SUITE_P(Slow, SlowConsumerEnds, testing::Values(true));

}  // namespace
}  // namespace wscast
