#include "server/external_clients.h"

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/fake_shards.h"
#include "support/fake_transport.h"
#include "support/session_world.h"

namespace wscast::server {
namespace {

using session::Texts;
using std::chrono::milliseconds;

/// An external server's connection that throws from some time on.
class BrokenTransport final : public ExternalTransport {
 public:
  int send(std::string_view, bool) override {
    if (broken) throw std::runtime_error("broken");
    return 1;
  }
  void close(std::uint16_t, std::string_view) override {}
  std::string remote_address() const override { return {}; }
  ReadyState ready_state() const override { return ReadyState::open; }

  bool broken = false;
};

class ExternalClientsTest : public testing::Test {
 protected:
  session::Session* session(const ClientId& id) {
    return static_cast<session::Session*>(world_.hub.find(id));
  }
  ClientId open(std::shared_ptr<ExternalTransport> transport) {
    const ClientId id = ClientId::generate(system_random());
    clients_.open(id, std::move(transport));
    return id;
  }
  ClientId open() { return open(transport_); }

  /// Authenticates the client and leaves it with a message whose hook has not begun.
  void make_busy(const ClientId& id) {
    clients_.on_message(id, false, R"({"event":"authenticate"})");
    world_.complete_all();
    clients_.on_message(id, false, R"({"event":"x"})");
    ASSERT_NE(session(id), nullptr);
    ASSERT_TRUE(session(id)->busy());
  }
  void send_to_broken(const ClientId& id) {
    breaking_->broken = true;
    session(id)->deliver(ws::make_frame(ws::Opcode::text, "x"), hub::Address::client);
  }
  void pass(milliseconds duration) {
    world_.clock.pass(duration);
    executor_.run_timers();
  }

  session::World world_;
  FakeExecutor executor_{world_.clock};
  const NamedLog log_{"test"};
  LeavingClients leaving_{executor_, world_.hub, milliseconds(2'000)};
  ExternalClients clients_{executor_, world_.context, leaving_, log_};
  std::shared_ptr<FakeExternalTransport> transport_ = std::make_shared<FakeExternalTransport>();
  std::shared_ptr<BrokenTransport> breaking_ = std::make_shared<BrokenTransport>();
};

TEST_F(ExternalClientsTest, AnOpenClientHasASessionThatGetsItsMessages) {
  const ClientId id = open();
  ASSERT_NE(session(id), nullptr);
  clients_.on_message(id, false, R"({"event":"authenticate"})");
  EXPECT_EQ(world_.take_requests(), Texts{"auth {}"});
  EXPECT_EQ(executor_.count(Counter::messages_received), 1u);
}

TEST_F(ExternalClientsTest, TextThatIsNoUtf8IsNoTextMessage) {
  const ClientId id = open();
  clients_.on_message(id, false, "\xff");
  EXPECT_EQ(world_.take_requests(), Texts{});
  EXPECT_EQ(executor_.count(Counter::messages_received), 1u);
}

TEST_F(ExternalClientsTest, CallsForAnUnknownClientAreIgnored) {
  const ClientId id = ClientId::generate(system_random());
  clients_.on_message(id, false, "{}");
  clients_.on_drain(id);
  clients_.on_close(id);
  EXPECT_EQ(executor_.count(Counter::messages_received), 0u);
}

TEST_F(ExternalClientsTest, ACloseEndsAnIdleSessionAtOnce) {
  const ClientId id = open();
  clients_.on_close(id);
  EXPECT_EQ(session(id), nullptr);
  EXPECT_EQ(world_.delegate.disconnections, 1);
}

TEST_F(ExternalClientsTest, ABusySessionOutlivesItsCloseUntilItIsIdle) {
  const ClientId id = open();
  make_busy(id);
  clients_.on_close(id);
  ASSERT_NE(session(id), nullptr);
  EXPECT_EQ(session(id)->transport().ready_state(), ReadyState::closed);
  leaving_.on_idle(*session(id));
  for (const ClientId& client : leaving_.end_finished()) clients_.remove(client);
  EXPECT_EQ(session(id), nullptr);
}

TEST_F(ExternalClientsTest, DeadlinesOfSessionsAreSwept) {
  world_.options.auth_timeout = milliseconds(1'000);
  const ClientId id = open();
  pass(milliseconds(900));
  EXPECT_FALSE(session(id)->ended());
  pass(milliseconds(200));
  EXPECT_EQ(session(id), nullptr) << "it has not authenticated in time";
  EXPECT_EQ(transport_->sent().back().substr(0, 10), "close 4001");
}

TEST_F(ExternalClientsTest, ThereIsOneSweepAndNoneWithoutClients) {
  const ClientId one = open();
  const ClientId two = open();
  EXPECT_EQ(executor_.timers(), 1u);
  clients_.on_close(one);
  pass(milliseconds(100));
  EXPECT_EQ(executor_.timers(), 1u);
  clients_.on_close(two);
  pass(milliseconds(100));
  EXPECT_EQ(executor_.timers(), 0u);
}

TEST_F(ExternalClientsTest, ATransportThatThrowsEndsItsClientLater) {
  const ClientId id = open(breaking_);
  send_to_broken(id);
  EXPECT_NE(session(id), nullptr) << "not inside the call";
  EXPECT_EQ(executor_.count(Counter::transport_failures), 1u);
  EXPECT_GT(executor_.iterations_requested, 0);
  clients_.end_broken();
  EXPECT_EQ(session(id), nullptr);
}

TEST_F(ExternalClientsTest, WhatABrokenClientSentBeforeIsHandled) {
  const ClientId id = open(breaking_);
  make_busy(id);
  send_to_broken(id);
  clients_.end_broken();
  ASSERT_NE(session(id), nullptr);
  leaving_.on_idle(*session(id));
  EXPECT_EQ(leaving_.end_finished(), std::vector{id});
}

TEST_F(ExternalClientsTest, ClearDestroysAllSessions) {
  const ClientId id = open();
  clients_.clear();
  EXPECT_EQ(session(id), nullptr);
  EXPECT_EQ(transport_.use_count(), 1) << "transports are let go of";
}

}  // namespace
}  // namespace wscast::server
