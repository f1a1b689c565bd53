// Peers that are slower than the server, in both directions: what they lose they are told, and what
// they cost is bounded.

#include <sys/socket.h>

#include <malloc.h>
#include <mutex>
#include <optional>
#include <poll.h>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "wscast/json_fields.h"

#include "integration/server_fixture.h"
#include "support/bus.h"
#include "support/ecdh_client.h"

namespace wscast {
namespace {

std::string dropped(std::string_view count) {
  return message("dropped", R"({"count":)" + std::string(count) + "}");
}

void use_small_buffers(ServerOptions& options) {
  options.transport.backpressure_limit = 64 * 1024;
  options.transport.send_buffer = 16 * 1024;
}

// Outbound

/// A room with numbered messages; a client of it that reads when the test says so.
class Numbered {
 public:
  explicit Numbered(ServerFixture& fixture) : fixture_(fixture) {}

  void publish(int count) {
    for (int i = 0; i < count; ++i) {
      const std::string data = '"' + std::to_string(++published_) + std::string(10'000, ' ') + '"';
      fixture_.server().send_to_room({.room = "lobby", .event = "n", .data = Json::text(data)});
    }
    ServerFixture::await([this] {
      std::uint64_t waiting = 0;
      for (const auto& shard : fixture_.server().stats().shards) waiting += shard.inbox_bytes;
      return waiting == 0;
    });
  }

  /// The next message is the one that follows, or tells how many are missing.
  void read_one(const Peer& peer) {
    const std::string text = peer.next();
    const std::string start = R"({"event":"n","data":")";
    if (text.starts_with(start)) {
      ++received_;
      EXPECT_EQ(std::stoi(text.substr(start.size())), ++last_) << "a hole without a word";
      return;
    }
    const auto count = static_cast<int>(dropped_count(text));
    ASSERT_GT(count, 0) << text.substr(0, 100);
    lost_ += count;
    last_ += count;
  }

  bool complete() const { return last_ == published_; }
  int lost() const { return lost_; }
  int received() const { return received_; }

 private:
  ServerFixture& fixture_;
  int published_ = 0;
  int last_ = 0;
  int received_ = 0;
  int lost_ = 0;
};

TEST(SlowPeers, X2AClientThatReadsLateKnowsEachHoleAndItsPlace) {
  ServerFixture fixture(3, use_small_buffers);
  fixture.spread();
  const auto slow = fixture.peer("slow", {"lobby"});
  Numbered messages(fixture);
  while (fixture.count(Counter::dropped_backpressure) < 20) messages.publish(20);
  for (int i = 0; i < 10; ++i) messages.read_one(slow);
  messages.publish(50);
  while (!messages.complete()) messages.read_one(slow);
  messages.publish(1);
  messages.read_one(slow);
  EXPECT_GT(messages.received(), 10);
  EXPECT_GE(messages.lost(), 20);
  const auto info = fixture.server().get_client(slow.id);
  EXPECT_EQ(info->dropped_messages, static_cast<std::uint64_t>(messages.lost()));
  EXPECT_EQ(fixture.count(Counter::dropped_backpressure), info->dropped_messages);
  EXPECT_GE(fixture.count(Counter::dropped_notices), 1u);
}

TEST(SlowPeers, X2WhatAnotherThreadsCallDropsIsToldToo) {
  ServerFixture fixture(1, use_small_buffers);
  const auto slow = fixture.peer("slow");
  const std::string data = '"' + std::string(60'000, 'x') + '"';
  int refused = 0;
  ServerFixture::await([&] {
    refused += *fixture.server().send_to_client(
                   {.client_id = slow.id, .event = "e", .data = Json::text(data)}) == 0;
    return refused == 10;
  });
  const auto lost = [&] { return fixture.server().get_client(slow.id)->dropped_messages; };
  EXPECT_GE(lost(), 10u);
  for (std::uint64_t told = 0; told < lost();) {
    told += dropped_count(slow.next());
    EXPECT_LE(told, lost());
  }
}

TEST(SlowPeers, X3AfterAGapBetweenServersEachAuthenticatedClientIsTold) {
  Bus bus;
  ServerFixture fixture(3, [&](ServerOptions& options) { options.broker = bus.broker(); });
  fixture.spread();
  const auto alice = fixture.peer("alice");
  const auto bob = fixture.peer("bob");
  const auto stranger = fixture.connect();
  bus.gap(std::chrono::milliseconds(1'500));
  EXPECT_EQ(alice.next(), dropped("null"));
  EXPECT_EQ(bob.next(), dropped("null"));
  stranger->send_text("?");
  EXPECT_EQ(stranger->receive().payload, error_message("Invalid message format"));
  EXPECT_EQ(fixture.count(Counter::subscription_gaps), 1u);
  EXPECT_EQ(fixture.count(Counter::dropped_notices), 2u);
}

TEST(SlowPeers, X3OfALossThoseAreToldWhomTheMessagesWereFor) {
  Bus bus;
  ServerFixture fixture(3, [&](ServerOptions& options) { options.broker = bus.broker(); });
  fixture.spread();
  const auto alice = fixture.peer("alice", {"lobby"});
  const auto bob = fixture.peer("bob", {"lobby"});
  const auto carol = fixture.peer("carol");
  bus.lose({"ws:room:lobby", "ws:user:bob"});
  EXPECT_EQ(alice.next(), dropped("null"));
  EXPECT_EQ(bob.next(), dropped("null"));
  bus.lose({"ws:client:" + carol.id});
  EXPECT_EQ(carol.next(), dropped("null"));
  bus.lose({""});
  for (const auto* client : {&alice, &bob, &carol}) EXPECT_EQ(client->next(), dropped("null"));
  EXPECT_EQ(fixture.count(Counter::dropped_notices), 6u);
}

TEST(SlowPeers, X3SwitchedOffNobodyIsTold) {
  Bus bus;
  ServerFixture fixture(1, [&](ServerOptions& options) {
    options.broker = bus.broker();
    options.session.notify_dropped = false;
  });
  const auto alice = fixture.peer("alice");
  bus.gap(std::chrono::milliseconds(1'500));
  ServerFixture::await([&] { return fixture.count(Counter::gap_notices) == 1; });
  EXPECT_TRUE(fixture.server().send_to_client({.client_id = alice.id, .event = "e"}));
  EXPECT_EQ(alice.next(), R"({"event":"e"})");
}

#ifndef WSCAST_SANITIZED  // The sanitizers' own memory would count.

std::size_t heap() {
  return mallinfo2().uordblks;
}

TEST(SlowPeers, ManyThatDoNotReadHoldOneCopyOfEachMessageOnAllShards) {
  constexpr int kClients = 200;
  constexpr std::size_t kSize = 64 * 1024;
  ServerFixture fixture(2);
  fixture.spread();
  std::vector<Peer> peers;
  for (int i = 0; i < kClients; ++i) peers.push_back(fixture.peer("deaf", {"lobby"}));
  const std::string data = '"' + std::string(kSize, 'x') + '"';
  const std::size_t before = heap();
  while (fixture.count(Counter::dropped_backpressure) < 10 * kClients) {
    fixture.server().send_to_room({.room = "lobby", .event = "e", .data = Json::text(data)});
    ServerFixture::await([&] {
      const auto stats = fixture.server().stats();
      return stats.shards[0].inbox_bytes + stats.shards[1].inbox_bytes == 0;
    });
  }
  // Each queue holds 1 MiB, the same 17 messages or so: a copy for each shard would be 2 MiB more.
  EXPECT_LT(heap() - before, 2 * TransportOptions().backpressure_limit);
  EXPECT_EQ(fixture.count(Counter::drop_episodes), static_cast<std::uint64_t>(kClients));
}

// Inbound

/// A frame of a client, with the key 0.
std::string masked(std::string_view payload, char opcode = '\x81') {
  std::string bytes(1, opcode);
  const std::size_t size = payload.size();
  if (size < 126) {
    bytes += static_cast<char>(0x80 | size);
  } else if (size < 65'536) {
    bytes += {'\xfe', static_cast<char>(size >> 8), static_cast<char>(size)};
  } else {
    bytes += '\xff';
    for (int shift = 56; shift >= 0; shift -= 8) bytes += static_cast<char>(size >> shift);
  }
  return bytes.append(4, '\0').append(payload);
}

/// A server whose message hook does not reply until it is let go.
class SlowHook : public testing::Test {
 protected:
  SlowHook()
      : fixture_(1, [this](ServerOptions& options) {
          options.session.message_rate = 0;
          options.encryption.emplace().clients = Encryption::optional;
          options.hooks.message = [this](const ClientMessage&, Reply<void> reply) {
            const std::lock_guard lock(mutex_);
            if (let_go_) return reply();
            kept_.push_back(std::move(reply));
          };
        }) {}

  void let_go() {
    std::vector<Reply<void>> kept;
    {
      const std::lock_guard lock(mutex_);
      let_go_ = true;
      kept = std::exchange(kept_, {});
    }
    for (auto& reply : kept) reply();
  }

  /// Sends `bytes` again and again until the server has not taken any for a while.
  std::size_t flood(const client::BlockingClient& client, std::string_view bytes) {
    std::size_t sent = 0;
    while (sent < kEndless) {
      const std::string_view left = bytes.substr(sent % bytes.size());
      const ssize_t taken =
          ::send(client.fd(), left.data(), left.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (taken > 0) {
        sent += static_cast<std::size_t>(taken);
        continue;
      }
      pollfd entry{.fd = client.fd(), .events = POLLOUT, .revents = 0};
      if (::poll(&entry, 1, 500) == 0) break;
    }
    return sent;
  }

  /// The client is stopped by TCP, with little in memory; and read again once the hook replies.
  void expect_held(const client::BlockingClient& client, const std::string& bytes,
                   std::uint64_t handled_before) {
    const std::size_t before = heap();
    EXPECT_LT(flood(client, bytes), kEndless) << "it is read without an end";
    EXPECT_LT(heap() - before, kMostMemory);
    const auto handled = fixture_.count(Counter::messages_received);
    EXPECT_LE(handled - handled_before, 16u + 2u) << "the one in the hook, and the one that stops";
    let_go();
    ServerFixture::await([&] { return fixture_.count(Counter::messages_received) > handled + 5; });
  }

  static constexpr std::size_t kEndless = 200 * 1024 * 1024;
  static constexpr std::size_t kMostMemory = 3 * 1024 * 1024 / 2;  ///< T5, and a message or two.

  std::mutex mutex_;
  std::vector<Reply<void>> kept_;
  bool let_go_ = false;
  ServerFixture fixture_;
};

std::string repeated(const std::string& text, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

TEST_F(SlowHook, M14AFloodOfSmallMessagesStandsInTheKernel) {
  const auto client = fixture_.authenticate("flooder");
  expect_held(*client, repeated(masked(R"({"event":"e"})"), 5'000), 1);
}

TEST_F(SlowHook, M14AFloodOfLargeMessagesStandsInTheKernel) {
  const auto client = fixture_.authenticate("flooder");
  expect_held(*client, masked(message("e", '"' + std::string(120'000, 'x') + '"')), 1);
}

TEST_F(SlowHook, M14PingsAmongThemDoNotHelp) {
  const auto client = fixture_.authenticate("flooder");
  expect_held(*client, repeated(masked(R"({"event":"e"})") + masked("", '\x89'), 5'000), 1);
}

TEST_F(SlowHook, M14S8EncryptedMessagesAreHeldTheSameWay) {
  const auto client = fixture_.connect();
  EcdhClient keys;
  client->send_text(
      message("authenticate", R"({"token":"flooder","publicKey":")" + keys.public_key() + R"("})"));
  ASSERT_TRUE(keys.learn_from(client->receive().payload));
  std::string bytes;
  for (int i = 0; i < 20'000; ++i) {
    bytes += masked(keys.seal(R"({"event":"e","data":")" + std::string(500, 'x') + R"("})"));
  }
  expect_held(*client, bytes, 1);
}

#endif

}  // namespace
}  // namespace wscast
