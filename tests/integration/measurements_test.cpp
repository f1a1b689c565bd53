// What a server measures: each delivery once, whatever the way of the message.

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>

#include "integration/server_fixture.h"

namespace wscast {
namespace {

class MeasuredServer : public testing::Test {
 protected:
  explicit MeasuredServer(const ServerFixture::Adjust& adjust = {})
      : fixture_(2, [&adjust](ServerOptions& options) {
          options.measure = true;
          if (adjust) adjust(options);
        }) {
    fixture_.spread();
  }

  Measurements measured() { return fixture_.server().measurements(); }

  static Distribution hook(const Measurements& all, std::string_view name) {
    return std::ranges::find(all.hooks, name, &HookTime::hook)->time_ns;
  }

  /// Deliveries are counted at the end of a loop iteration, perhaps after a client has them.
  void expect_deliveries(std::uint64_t count) {
    ServerFixture::await([&] { return measured().delivery_ns.count() >= count; });
    EXPECT_EQ(measured().delivery_ns.count(), count);
  }

  ServerFixture fixture_;
};

TEST_F(MeasuredServer, CountsEachDeliveryAndTheClientsOfEachMessage) {
  const Peer one = fixture_.peer("alice", {"lobby"});
  const Peer two = fixture_.peer("bob", {"lobby"});
  const Peer three = fixture_.peer("carol");
  expect_deliveries(3);  // The fixture's: not what the server itself says.
  Server& server = fixture_.server();
  server.send_to_room({.room = "lobby", .event = "e", .data = kOne});
  server.broadcast({.event = "e", .data = kOne});
  server.send_to_client({.client_id = three.id, .event = "e", .data = kOne});
  server.send_to_user({.user_id = "bob", .event = "e", .data = kOne});
  for (const auto& [peer, messages] : {std::pair(&one, 2), {&two, 3}, {&three, 2}}) {
    for (int i = 0; i < messages; ++i) EXPECT_EQ(peer->next(), message("e", "1"));
  }
  expect_deliveries(3 + 7);
  const Distribution fan_out = measured().fan_out;
  EXPECT_EQ(fan_out.sum, 3u + 7u);
  EXPECT_EQ(fan_out.count(), 3u + 6u) << "the room and the broadcast on both shards, two on one";
}

TEST_F(MeasuredServer, HooksAreMeasuredByTheirNames) {
  const Peer alice = fixture_.peer("alice", {"lobby"});
  const Measurements all = measured();
  EXPECT_EQ(hook(all, "authenticate").count(), 1u);
  EXPECT_EQ(hook(all, "left").count(), 0u);
}

TEST_F(MeasuredServer, ConnectionsAreCountedByStateAndTransport) {
  const Peer alice = fixture_.peer("alice");
  const auto stranger = fixture_.connect();
  const auto count = [this](std::string_view state) {
    for (const ConnectionCount& one : measured().connections) {
      if (one.transport == "plain" && one.state == state) return one.connections;
    }
    return std::uint64_t{0};
  };
  ServerFixture::await([&] { return count("open") == 1; });
  EXPECT_EQ(count("authenticated"), 1u);
  ServerFixture::await([&] { return measured().outbound.bytes == 0; });
  EXPECT_FALSE(measured().backplane.reaches_others);
}

class MeasuredTransformer : public MeasuredServer {
 protected:
  MeasuredTransformer()
      : MeasuredServer([](ServerOptions& options) {
          options.hooks.outbound_transformer = [](const TransformRequest& request) {
            return std::optional(
                Transformed{.event = "sealed", .data = std::string(request.data.view())});
          };
        }) {}
};

TEST_F(MeasuredTransformer, AnEncryptedMessageIsMeasuredFromWhenTheServerTookIt) {
  const Peer alice = fixture_.peer("alice");
  expect_deliveries(1);  // The fixture's.
  ASSERT_FALSE(fixture_.server().enable_client_encryption(alice.id));
  fixture_.server().broadcast({.event = "e", .data = kOne});
  EXPECT_EQ(alice.next(), message("sealed", "1"));
  expect_deliveries(2);
  EXPECT_EQ(hook(measured(), "outbound_transformer").count(), 1u);
}

TEST(Measured, NothingButWhenAsked) {
  ServerFixture fixture(1);
  const Peer alice = fixture.peer("alice");
  fixture.server().broadcast({.event = "e", .data = kOne});
  EXPECT_EQ(alice.next(), message("e", "1"));
  const Measurements all = fixture.server().measurements();
  EXPECT_EQ(all.delivery_ns.count() + all.fan_out.count() + all.hooks.size(), 0u);
  EXPECT_GT(all.max_connections, 0u);
}

}  // namespace
}  // namespace wscast
