// Many messages that come by Redis at once: servers handle those to the same receivers as one, and
// each client gets each of them, in their order, as if they had come one by one.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "wscast/ecdh.h"
#include "wscast/redis.h"

#include "integration/server_fixture.h"
#include "support/ecdh_client.h"
#include "support/fake_transport.h"
#include "support/redis_process.h"

namespace wscast {
namespace {

using client::BlockingClient;

const std::string kEvent(40, 'e');  // Worth compressing.
constexpr int kBursts = 20;
constexpr int kInBurst = 100;
constexpr int kAll = kBursts * kInBurst;

class RedisBursts : public testing::Test {
 protected:
  std::unique_ptr<ServerFixture> make(std::size_t shards) {
    auto made = std::make_unique<ServerFixture>(shards, [&](ServerOptions& options) {
      options.broker = redis_broker({.url = redis_.url()});
      options.encryption = ecdh({.clients = Encryption::optional});
      options.transport.per_message_deflate = {.enabled = true, .threshold = 16};
    });
    made->spread();
    return made;
  }

  static void enter(BlockingClient& client, const std::string& data) {
    client.send_text(message("authenticate", data));
  }

  /// In the room once this returns, and subscribed.
  void await_members(std::size_t count) {
    ServerFixture::await([&] { return there_->server().room_size("lobby") == count; });
  }

  /// Publishes all messages, from another server, numbered. After each of one kind in ten comes one
  /// to everybody.
  void publish() {
    int number = 0;
    for (int burst = 0; burst < kBursts; ++burst) {
      here_->server().batch([&] {
        for (int i = 0; i < kInBurst; ++i, ++number) {
          const std::string text = std::to_string(number);
          const std::string_view room = number % 10 == 9 ? "" : "lobby";
          EXPECT_FALSE(here_->server().send(
              {.destination = room, .event = kEvent, .data = Json::text(text)}));
        }
      });
    }
  }

  /// What `receive` returns next are all messages.
  static void expect_all(const std::function<std::string()>& receive, std::string_view who) {
    for (int number = 0; number < kAll; ++number) {
      ASSERT_EQ(receive(), message(kEvent, std::to_string(number))) << who;
    }
  }

  test::RedisProcess redis_;
  std::unique_ptr<ServerFixture> here_ = make(1);
  std::unique_ptr<ServerFixture> there_ = make(2);
};

TEST_F(RedisBursts, EachKindOfClientGetsEachMessageInOrder) {
  const Peer plain = there_->peer("plain", {"lobby"});
  const Peer other_shard = there_->peer("other shard", {"lobby"});

  BlockingClient compressed;
  compressed.offer_deflate({});
  ASSERT_FALSE(compressed.connect(endpoint_of(there_->address())));
  enter(compressed, R"({"token":"compressed"})");
  ASSERT_TRUE(compressed.receive().payload.starts_with(R"({"event":"connected")"));
  compressed.send_text(message("join", R"({"rooms":["lobby"]})"));

  EcdhClient keys;
  const auto encrypted = there_->connect();
  enter(*encrypted, R"({"token":"encrypted","publicKey":")" + keys.public_key() + R"("})");
  ASSERT_TRUE(keys.learn_from(encrypted->receive().payload));
  encrypted->send_text(message("join", R"({"rooms":["lobby"]})"));

  const auto transport = std::make_shared<FakeExternalTransport>();
  ExternalServerHandler handler = there_->server().handler();
  const std::string id = Server::new_client_id();
  ASSERT_FALSE(handler.open(id, transport));
  ASSERT_FALSE(handler.message(id, message("authenticate", R"({"token":"external"})"), false));
  ServerFixture::await([&] { return transport->sent().size() == 1; });
  ASSERT_FALSE(handler.message(id, message("join", R"({"rooms":["lobby"]})"), false));

  await_members(5);
  const auto sent_before = there_->count(Counter::messages_sent);
  const auto posts_before = there_->count(Counter::posts_between_shards);
  publish();
  expect_all([&] { return plain.next(); }, "plain");
  expect_all([&] { return other_shard.next(); }, "other shard");
  expect_all([&] { return compressed.receive().payload; }, "compressed");
  expect_all([&] { return keys.open(encrypted->receive().payload).value_or("in the clear"); },
             "encrypted");
  ServerFixture::await([&] { return transport->sent().size() == 1 + kAll; });
  const auto external = transport->sent();
  std::size_t next = 1;
  expect_all([&] { return external[next++]; }, "external");

  EXPECT_EQ(there_->count(Counter::broker_messages), static_cast<std::uint64_t>(kAll));
  EXPECT_EQ(there_->count(Counter::messages_sent) - sent_before,
            static_cast<std::uint64_t>(4 * kAll));
  EXPECT_GE(there_->count(Counter::compressed_sends), static_cast<std::uint64_t>(kAll));
  EXPECT_LT(there_->count(Counter::posts_between_shards) - posts_before,
            static_cast<std::uint64_t>(kAll) / 2)
      << "most of them go to the other shard as parts of few";
}

}  // namespace
}  // namespace wscast
