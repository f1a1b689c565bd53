#include "server/external_gateway.h"

#include <atomic>
#include <memory>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "wscast/error.h"

#include "support/fake_shards.h"
#include "support/fake_transport.h"
#include "support/session_world.h"

namespace wscast::server {
namespace {

using session::Texts;
using std::chrono::milliseconds;

class ExternalGatewayTest : public testing::Test {
 protected:
  static constexpr std::size_t kMaxBytes = 1'000;

  struct Shard {
    explicit Shard(FakeExecutor& executor)
        : leaving(executor, world.hub, milliseconds(0)),
          clients(executor, world.context, leaving, log) {}

    session::World world;
    const NamedLog log{"test"};
    LeavingClients leaving;
    ExternalClients clients;
  };

  ExternalGatewayTest() {
    gateway_.connect(
        {{shards_.executors[0].get(), &one_.clients}, {shards_.executors[1].get(), &two_.clients}});
  }
  bool is_here(Shard& shard) { return shard.world.hub.find(*ClientId::parse(id_)) != nullptr; }

  FakeShards shards_{2, kMaxBytes};
  Shard one_{*shards_.executors[0]};
  Shard two_{*shards_.executors[1]};
  Directory directory_{2, shards_.clock};
  std::atomic<bool> running_{true};
  ExternalGateway gateway_{running_, directory_, shards_.router};
  const std::string id_ = ClientId::generate(system_random()).text();
  std::shared_ptr<FakeExternalTransport> transport_ = std::make_shared<FakeExternalTransport>();
};

TEST_F(ExternalGatewayTest, AClientIsOnOneShardFromOpenToClose) {
  EXPECT_FALSE(gateway_.open(id_, transport_));
  EXPECT_FALSE(is_here(one_) || is_here(two_)) << "not inside the call";
  shards_.run();
  EXPECT_NE(is_here(one_), is_here(two_));
  EXPECT_FALSE(gateway_.close(id_));
  shards_.run();
  EXPECT_FALSE(is_here(one_) || is_here(two_));
  EXPECT_EQ(gateway_.close(id_), Errc::unknown_client);
}

TEST_F(ExternalGatewayTest, O21AnIdIsOpenedOnce) {
  EXPECT_FALSE(gateway_.open(id_, transport_));
  EXPECT_EQ(gateway_.open(id_, transport_), Errc::client_exists);
  EXPECT_EQ(gateway_.open("no client id", transport_), Errc::invalid_client);
}

TEST_F(ExternalGatewayTest, CallsForAnUnknownClientAreRefused) {
  EXPECT_EQ(gateway_.message(id_, "x", false), Errc::unknown_client);
  EXPECT_EQ(gateway_.drain(id_), Errc::unknown_client);
  EXPECT_EQ(gateway_.close("x"), Errc::unknown_client);
}

TEST_F(ExternalGatewayTest, O19AStoppedServerRefusesAll) {
  running_ = false;
  EXPECT_EQ(gateway_.open(id_, transport_), Errc::stopped);
  EXPECT_EQ(gateway_.message(id_, "x", false), Errc::stopped);
  EXPECT_EQ(gateway_.drain(id_), Errc::stopped);
  EXPECT_EQ(gateway_.close(id_), Errc::stopped);
}

TEST_F(ExternalGatewayTest, AMessageIsChargedToItsShardUntilItIsHandled) {
  gateway_.open(id_, transport_);
  EXPECT_FALSE(gateway_.message(id_, std::string(100, 'x'), false));
  const auto queued = [this] {
    return shards_.router.queued_bytes(0) + shards_.router.queued_bytes(1);
  };
  EXPECT_GT(queued(), 100u);
  shards_.run();
  EXPECT_EQ(queued(), 0u);
}

TEST_F(ExternalGatewayTest, AMessageForAFullShardIsRefusedAndCounted) {
  gateway_.open(id_, transport_);
  EXPECT_EQ(gateway_.message(id_, std::string(kMaxBytes, 'x'), false), Errc::overloaded);
  EXPECT_EQ(shards_.refused(), 1u);
  EXPECT_FALSE(gateway_.message(id_, "x", false));
}

TEST_F(ExternalGatewayTest, MessagesReachTheSessionOfTheirClient) {
  gateway_.open(id_, transport_);
  gateway_.message(id_, R"({"event":"authenticate"})", false);
  EXPECT_FALSE(gateway_.drain(id_));
  shards_.run();
  Texts asked = one_.world.take_requests();
  for (auto& text : two_.world.take_requests()) asked.push_back(std::move(text));
  EXPECT_EQ(asked, Texts{"auth {}"});
}

}  // namespace
}  // namespace wscast::server
