// What bad input gets: its sender an answer and an end, everybody else nothing, and a count.

#include <sys/resource.h>

#include <fcntl.h>
#include <malloc.h>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "integration/server_fixture.h"

namespace wscast {
namespace {

using client::BlockingClient;
using client::Event;

constexpr std::string_view kRequest =
    "GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

/// Sends `head` and returns the status.
int status_of(ServerFixture& fixture, const std::string& head) {
  BlockingClient client;
  EXPECT_FALSE(client.open(endpoint_of(fixture.address())));
  client.send_raw(head);
  client.read_response();
  return client.response().status;
}

/// Two clients in a room still reach each other.
void expect_alive(ServerFixture& fixture) {
  const auto alice = fixture.join("alice", "lobby");
  const auto bob = fixture.join("bob", "lobby");
  alice->send_text(R"({"event":"chat","data":{"room":"lobby","data":7}})");
  EXPECT_EQ(bob->receive().payload, R"({"event":"chat","data":7})");
}

TEST(HostilePeers, TooManyHeaderFieldsGet431) {
  ServerFixture fixture(1);
  std::string head(kRequest);
  for (int i = 0; i < 2000; ++i) head += "A: b\r\n";
  EXPECT_EQ(status_of(fixture, head + "\r\n"), 431);
  EXPECT_EQ(fixture.server().stats()[Counter::http_head_too_large], 1u);
}

TEST(HostilePeers, AHeaderLineOfOneMebibyteGets431) {
  ServerFixture fixture(1);
  EXPECT_EQ(status_of(fixture, std::string(kRequest) + "A: " + std::string(1 << 20, 'b')), 431);
  EXPECT_EQ(fixture.server().stats()[Counter::http_head_too_large], 1u);
}

TEST(HostilePeers, ASlowRequestHeadGets408) {
  ServerFixture fixture(1, [](ServerOptions& options) {
    options.transport.head_timeout = std::chrono::milliseconds(100);
  });
  EXPECT_EQ(status_of(fixture, "GET /ws HT"), 408);
  EXPECT_EQ(fixture.server().stats()[Counter::http_head_timeout], 1u);
}

TEST(HostilePeers, O14ConnectionsOverTheLimitGet503AndALaterTime) {
  ServerFixture fixture(3, [](ServerOptions& options) { options.transport.max_connections = 2; });
  const auto one = fixture.authenticate("one");
  const auto two = fixture.authenticate("two");
  BlockingClient third;
  ASSERT_FALSE(third.open(endpoint_of(fixture.address())));
  third.send_raw(std::string(kRequest) + "\r\n");
  const std::string answer = third.receive_raw_all();
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 503 ")) << answer;
  EXPECT_NE(answer.find("\r\nRetry-After: "), std::string::npos) << answer;
  EXPECT_EQ(fixture.server().stats()[Counter::connections_refused], 1u);
}

TEST(HostilePeers, AFrameLengthOf2To63Gets1009) {
  ServerFixture fixture(1);
  const auto client = fixture.connect();
  client->send_raw(std::string("\x81\xff\x80\0\0\0\0\0\0\0", 10));
  EXPECT_EQ(client->receive().code, 1009);
  EXPECT_EQ(fixture.server().stats()[Counter::closed_message_too_big], 1u);
}

TEST(HostilePeers, AMessageOf65536OneByteFragmentsIsAMessage) {
  ServerFixture fixture(1);
  const auto client = fixture.authenticate("alice");
  const std::string text = R"({"event":"chat","data":{"room":"ws-default","data":")" +
                           std::string(65536 - 55, 'x') + R"("}})";
  const auto listener = fixture.join("bob", "lobby");
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto opcode = i == 0 ? ws::Opcode::text : ws::Opcode::continuation;
    ASSERT_TRUE(client->send_frame(opcode, text.substr(i, 1), i + 1 == text.size()));
  }
  const auto heard = listener->receive();
  EXPECT_EQ(heard.kind, Event::Kind::text);
  EXPECT_EQ(heard.payload.size(), 65536u - 55 + 26);
}

TEST(HostilePeers, AnIncompleteMessageEndsItsConnection) {
  ServerFixture fixture(1, [](ServerOptions& options) {
    options.transport.message_timeout = std::chrono::milliseconds(100);
  });
  const auto client = fixture.connect();
  client->send_frame(ws::Opcode::text, "{", false);
  EXPECT_EQ(client->receive().code, 1008);
  EXPECT_EQ(fixture.server().stats()[Counter::closed_message_timeout], 1u);
}

TEST(HostilePeers, O10AFloodBeforeAuthenticationIsEnded) {
  ServerFixture fixture(1);
  const auto client = fixture.connect();
  for (int i = 0; i < 65; ++i) client->send_text("{}");
  EXPECT_EQ(client->receive(),
            (Event{Event::Kind::close, "Too many messages before authentication", 4010}));
  EXPECT_EQ(fixture.server().stats()[Counter::closed_pre_auth_flood], 1u);
}

// shows: T5, A-config-backpressureLimit
TEST(HostilePeers, OneThatDoesNotReadLosesMessagesAndNobodyElseDoes) {
  ServerFixture fixture(1, [](ServerOptions& options) {
    options.transport.backpressure_limit = 64 * 1024;
    options.transport.send_buffer = 16 * 1024;
  });
  const auto deaf = fixture.join("deaf", "lobby");
  const std::string data = "\"" + std::string(60'000, 'x') + "\"";
  ServerFixture::await([&] {
    fixture.server().send({.destination = "lobby", .event = "big", .data = Json::text(data)});
    return fixture.server().stats()[Counter::dropped_backpressure] > 0;
  });
  expect_alive(fixture);
}

#ifndef WSCAST_SANITIZED  // The sanitizers' own memory would count.

/// Bytes on the heap.
std::size_t heap() {
  return mallinfo2().uordblks;
}

TEST(HostilePeers, APingFloodFromOneThatDoesNotReadTakesNoMemory) {
  ServerFixture fixture(1);
  const auto client = fixture.authenticate("deaf");
  std::string pings;
  for (int i = 0; i < 10'000; ++i) pings.append("\x89\x80\0\0\0\0", 6);
  const std::size_t before = heap();
  ServerFixture::await([&] {
    EXPECT_TRUE(client->send_raw(pings));
    EXPECT_LT(heap(), before + 1024 * 1024);
    return fixture.server().stats()[Counter::pongs_dropped] > 100'000;
  });
  expect_alive(fixture);
}

TEST(HostilePeers, ManyTinyMessagesForThoseThatDoNotReadTakeNoMoreThanTheirLimits) {
  constexpr std::size_t kClients = 50;
  ServerFixture fixture(1);
  std::vector<Peer> peers;
  for (std::size_t i = 0; i < kClients; ++i) {
    peers.push_back(fixture.peer("deaf" + std::to_string(i)));
  }
  const std::size_t before = heap();
  const std::size_t limit = TransportOptions().backpressure_limit;
  for (int i = 0; i < 70'000; ++i) {
    for (std::size_t k = 0; k < kClients; ++k) {
      const std::string user = "deaf" + std::to_string(k);
      while (fixture.server().send_to_user({.user_id = user, .event = "e"})) {
        std::this_thread::yield();
      }
    }
  }
  ServerFixture::await([&] { return fixture.server().stats().shards[0].inbox_bytes == 0; });
  EXPECT_LT(heap() - before, kClients * limit * 5 / 4);
  EXPECT_GT(fixture.server().stats()[Counter::dropped_backpressure], 0u);
  expect_alive(fixture);
}

#endif

TEST(HostilePeers, ResetsInTheMiddleOfEverythingHurtNobodyElse) {
  ServerFixture fixture(3);
  std::minstd_rand random(1);
  const std::string whole = std::string(kRequest) + "\r\n";
  for (int i = 0; i < 200; ++i) {
    BlockingClient client;
    ASSERT_FALSE(client.open(endpoint_of(fixture.address())));
    client.send_raw(whole.substr(0, random() % (2 * whole.size())));
    if (i % 2 == 0) {
      client.send_frame(ws::Opcode::text, R"({"event":"authenticate","data":{"token":"x"}})",
                        i % 4 == 0);
    }
    client.reset();
  }
  expect_alive(fixture);
  ServerFixture::await([&] { return fixture.server().stats().connections == 0; });
  EXPECT_GT(fixture.server().stats()[Counter::http_abandoned], 0u);
}

/// Lowers the descriptor limit of this process, and puts it back.
class DescriptorLimit {
 public:
  explicit DescriptorLimit(rlim_t limit) {
    getrlimit(RLIMIT_NOFILE, &before_);
    const rlimit lowered{limit, before_.rlim_max};
    setrlimit(RLIMIT_NOFILE, &lowered);
  }
  ~DescriptorLimit() { setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_{};
};

/// The number that the next descriptor will have.
rlim_t next_descriptor() {
  int next = 0;
  while (fcntl(next, F_GETFD) != -1) ++next;
  return static_cast<rlim_t>(next);
}

TEST(HostilePeers, WithoutDescriptorsTheServerWaitsAndThoseInsideGoOn) {
  ServerFixture fixture(1);
  const auto alice = fixture.join("alice", "lobby");
  const auto bob = fixture.join("bob", "lobby");
  {
    const DescriptorLimit limit(next_descriptor() + 1);
    BlockingClient filler;  // Takes the last descriptor, so accept() finds none.
    ASSERT_FALSE(filler.open(endpoint_of(fixture.address())));
    ServerFixture::await([&] { return fixture.server().stats()[Counter::accept_failures] > 0; });
    alice->send_text(R"({"event":"chat","data":{"room":"lobby","data":1}})");
    EXPECT_EQ(bob->receive().payload, R"({"event":"chat","data":1})");
  }
  expect_alive(fixture);
}

}  // namespace
}  // namespace wscast
