// Compression on a server: who gets which form of a message, and what clients may send.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "wscast/ecdh.h"

#include "base/random.h"
#include "client/deflate_codec.h"
#include "client/frame_masker.h"
#include "integration/server_fixture.h"
#include "support/ecdh_client.h"

namespace wscast {
namespace {

using client::BlockingClient;
using Kind = client::Event::Kind;

const std::string kText(2'000, 'a');

std::string json_string(std::string_view text) {
  return '"' + std::string(text) + '"';
}

class Deflate : public testing::Test {
 protected:
  void start(const ServerFixture::Adjust& adjust = {}, std::size_t shards = 1) {
    fixture_.emplace(shards, [&](ServerOptions& options) {
      options.transport.per_message_deflate.enabled = true;
      if (adjust) adjust(options);
    });
    fixture_->spread();
  }

  std::unique_ptr<BlockingClient> connect(std::uint8_t server_bits = 15,
                                          std::uint8_t client_bits = 15) {
    auto client = std::make_unique<BlockingClient>();
    client->offer_deflate(
        {.server_max_window_bits = server_bits, .client_max_window_bits = client_bits});
    EXPECT_FALSE(client->connect(endpoint_of(fixture_->address())));
    EXPECT_TRUE(client->deflate());
    return client;
  }

  std::unique_ptr<BlockingClient> join(std::uint8_t server_bits = 15,
                                       std::uint8_t client_bits = 15) {
    auto client = connect(server_bits, client_bits);
    client->send_text(message("authenticate", R"({"token":"t"})"));
    EXPECT_TRUE(client->receive().payload.starts_with(R"({"event":"connected")"));
    enter(*client);
    return client;
  }

  /// An `ack` says that the client is in the room.
  static void enter(BlockingClient& client) {
    client.send_text(R"({"event":"join","data":{"rooms":["r"]},"id":1})");
    EXPECT_TRUE(client.receive().payload.starts_with(R"({"event":"ack")"));
  }

  std::uint64_t count(Counter counter) const { return fixture_->count(counter); }

  std::optional<ServerFixture> fixture_;
};

// shows: A-config-perMessageDeflate
TEST_F(Deflate, T7EachClientGetsTheFormThatItAgreedOnAndAFormIsMadeOnce) {
  start();
  std::vector<std::unique_ptr<BlockingClient>> clients;
  for (std::uint8_t bits = 9; bits <= 15; ++bits) {
    clients.push_back(join(bits, bits));
    clients.push_back(join(bits));
  }
  for (int i = 0; i < 3; ++i) clients.push_back(fixture_->join("plain", "r"));
  const auto before = count(Counter::compressed_forms);
  fixture_->server().send_to_room(
      {.room = "r", .event = "e", .data = Json::text(json_string(kText))});
  for (const auto& client : clients) {
    EXPECT_EQ(client->receive().payload, message("e", json_string(kText)));
  }
  EXPECT_EQ(count(Counter::compressed_forms) - before, 7u);
  EXPECT_EQ(count(Counter::compressed_sends), 14u);
  EXPECT_EQ(count(Counter::deflate_connections), 14u);
}

TEST_F(Deflate, T7FormsAreMadeOnEachShardByItself) {
  start({}, 2);
  std::vector<std::unique_ptr<BlockingClient>> clients;
  for (int i = 0; i < 4; ++i) clients.push_back(join());
  fixture_->server().send_to_room(
      {.room = "r", .event = "e", .data = Json::text(json_string(kText))});
  for (const auto& client : clients) {
    EXPECT_EQ(client->receive().payload, message("e", json_string(kText)));
  }
  EXPECT_EQ(count(Counter::compressed_forms), 2u);
  EXPECT_EQ(count(Counter::compressed_sends), 4u);
}

TEST_F(Deflate, T7IsOffUnlessSwitchedOn) {
  start([](ServerOptions& options) { options.transport.per_message_deflate.enabled = false; });
  BlockingClient client;
  client.offer_deflate();
  EXPECT_FALSE(client.connect(endpoint_of(fixture_->address())));
  EXPECT_FALSE(client.deflate());
}

TEST_F(Deflate, T7NothingIsSentCompressedBeforeAuthentication) {
  start();
  const auto client = connect();
  const std::string id(1'000, 'x');
  client->send_text(R"({"event":"e","id":")" + id + R"("})");
  EXPECT_NE(client->receive().payload.find(id), std::string::npos);
  EXPECT_EQ(count(Counter::compressed_forms), 0u);
}

TEST_F(Deflate, T7InflatesLittleBeforeAuthenticationAndAllAfterwards) {
  start();
  const auto at_limit = connect();
  const std::string frame_of_text = message("e", json_string(""));
  const std::string most(16 * 1024 - frame_of_text.size(), 'x');
  at_limit->send_compressed(ws::Opcode::text, message("e", json_string(most)));
  EXPECT_EQ(at_limit->receive().payload, error_message("Not authenticated"));
  at_limit->send_compressed(ws::Opcode::text, message("e", json_string(most + "x")));
  EXPECT_EQ(at_limit->receive().code, 1009);

  const auto client = join();
  const auto room = fixture_->join("plain", "r");
  client->send_compressed(ws::Opcode::text,
                          message("publish", R"({"room":"r","event":"e","data":)" +
                                                 json_string(std::string(100'000, 'x')) + "}"));
  EXPECT_EQ(room->receive().payload, message("publish", json_string(std::string(100'000, 'x'))));
  client->send_compressed(ws::Opcode::text, std::string(128 * 1024 + 1, 'x'));
  EXPECT_EQ(client->receive().code, 1009);
  EXPECT_EQ(count(Counter::closed_message_too_big), 2u);
}

TEST_F(Deflate, T7ABombIsHeldToTheLimit) {
  start();
  const auto client = join();
  client->send_compressed(ws::Opcode::binary, std::string(64 << 20, '\0'));
  const auto event = client->receive();
  EXPECT_EQ(event.kind, Kind::close);
  EXPECT_EQ(event.code, 1009);
}

TEST_F(Deflate, T7InvalidDataIsClosedWith1007) {
  start();
  const auto client = join();
  client::FrameMasker masker(system_random());
  std::string bytes;
  masker.append(bytes, {.opcode = ws::Opcode::text, .rsv = ws::kRsv1}, "no deflate data");
  client->send_raw(bytes);
  EXPECT_EQ(client->receive().code, 1007);
  EXPECT_EQ(count(Counter::closed_invalid_data), 1u);
}

TEST_F(Deflate, T7FragmentsOfCompressedMessagesArePutTogether) {
  start();
  const auto client = join();
  const auto room = fixture_->join("plain", "r");
  client::DeflateCodec codec;
  client::FrameMasker masker(system_random());
  for (const std::size_t size : {1u, 7u, 64u, 1000u}) {
    const std::string payload = *codec.compress(
        *client->deflate(),
        message("publish", R"({"room":"r","event":"e","data":)" + json_string(kText) + "}"));
    std::string bytes;
    for (std::size_t at = 0; at < payload.size(); at += size) {
      const bool first = at == 0;
      masker.append(bytes,
                    {.opcode = first ? ws::Opcode::text : ws::Opcode::continuation,
                     .rsv = first ? ws::kRsv1 : std::uint8_t{0},
                     .fin = at + size >= payload.size()},
                    payload.substr(at, size));
    }
    client->send_raw(bytes);
    EXPECT_EQ(room->receive().payload, message("publish", json_string(kText)));
  }
}

TEST_F(Deflate, T7CiphertextIsNotCompressed) {
  start(
      [](ServerOptions& options) { options.encryption = ecdh({.clients = Encryption::optional}); });
  const auto compressed = join();
  const auto encrypted = connect();
  const EcdhClient keys;
  encrypted->send_text(
      message("authenticate", R"({"token":"t","publicKey":")" + keys.public_key() + R"("})"));
  const auto connected = encrypted->receive();
  ASSERT_TRUE(connected.payload.starts_with(R"({"event":"connected")"));
  const auto forms = count(Counter::compressed_forms);
  fixture_->server().broadcast({.event = "e", .data = Json::text(json_string(kText))});
  EXPECT_EQ(compressed->receive().payload, message("e", json_string(kText)));
  EXPECT_TRUE(encrypted->receive().payload.starts_with(R"({"event":"encrypted")"));
  EXPECT_EQ(count(Counter::compressed_forms) - forms, 1u);
  EXPECT_EQ(count(Counter::compressed_sends), 1u);
}

// shows: A-arg-IWebSocket.send.compress
TEST_F(Deflate, T7T12ASocketMaySendWithoutCompression) {
  std::vector<int> results;
  start([&results](ServerOptions& options) {
    options.hooks.message = [&results](const ClientMessage& message) {
      results.push_back(message.socket->send(kText, false, message.event == "compress"));
    };
  });
  const auto client = join();
  for (const auto* event : {"compress", "do not"}) {
    client->send_text(message(event, "null"));
    EXPECT_EQ(client->receive().payload, kText);
  }
  EXPECT_EQ(count(Counter::compressed_sends), 1u);
  EXPECT_EQ(results, (std::vector<int>{2'000, 2'000})) << "the size as the application sees it";
}

TEST_F(Deflate, OptionsAreValidated) {
  ServerOptions options;
  options.transport.per_message_deflate = {
      .level = 0, .memory_level = 10, .max_window_bits = 8, .max_inflated_before_auth = 0};
  std::string all;
  for (const auto& fault : options.validate()) all += fault + "\n";
  for (const auto* name : {"level must", "memory_level must", "max_window_bits must",
                           "max_inflated_before_auth must"}) {
    EXPECT_NE(all.find("per_message_deflate." + std::string(name)), std::string::npos) << all;
  }
}

}  // namespace
}  // namespace wscast
