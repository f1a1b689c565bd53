#include "server/leaving_clients.h"

#include <memory>
#include <vector>

#include <gtest/gtest.h>

#include "support/fake_shards.h"
#include "support/session_world.h"

namespace wscast::server {
namespace {

using session::Client;
using std::chrono::milliseconds;

constexpr auto kDrainTimeout = milliseconds(2'000);

/// Holds a session as a connection does; says when it is destroyed.
class Owner final : public net::Attachment {
 public:
  explicit Owner(bool& destroyed) : destroyed_(destroyed) {}
  ~Owner() override { destroyed_ = true; }

 private:
  bool& destroyed_;
};

class LeavingClientsTest : public testing::Test {
 protected:
  void pass(milliseconds duration) {
    world_.clock.pass(duration);
    executor_.run_timers();
  }

  session::World world_;
  FakeExecutor executor_{world_.clock};
  LeavingClients leaving_{executor_, world_.hub, kDrainTimeout};
  bool destroyed_ = false;
};

TEST_F(LeavingClientsTest, AClientStaysInTheHubUntilItIsIdle) {
  Client& alice = world_.client_in(session::Stage::in_message_hook);
  leaving_.add(alice.session, std::make_unique<Owner>(destroyed_));
  EXPECT_TRUE(leaving_.end_finished().empty());
  EXPECT_EQ(world_.hub.find(alice.session.id), &alice.session);
  const int before = executor_.iterations_requested;
  leaving_.on_idle(alice.session);
  EXPECT_EQ(executor_.iterations_requested, before + 1);
  EXPECT_FALSE(destroyed_) << "the session itself may have called";
  EXPECT_EQ(leaving_.end_finished(), std::vector{alice.session.id});
  EXPECT_TRUE(destroyed_);
  EXPECT_TRUE(alice.session.ended());
  EXPECT_EQ(world_.hub.find(alice.session.id), nullptr);
  EXPECT_TRUE(leaving_.end_finished().empty());
}

TEST_F(LeavingClientsTest, ASessionReportsItselfIdleFromThenOn) {
  Client& alice = world_.client_in(session::Stage::in_message_hook);
  leaving_.add(alice.session, nullptr);
  EXPECT_TRUE(world_.delegate.idle_sessions.empty()) << "its hook has not begun";
  world_.complete_all();
  ASSERT_FALSE(world_.delegate.idle_sessions.empty());
  EXPECT_EQ(world_.delegate.idle_sessions.front(), &alice.session);
}

TEST_F(LeavingClientsTest, AClientThatIsNotIdleInTimeIsEnded) {
  Client& alice = world_.client_in(session::Stage::in_message_hook);
  leaving_.add(alice.session, std::make_unique<Owner>(destroyed_));
  pass(kDrainTimeout - milliseconds(1));
  EXPECT_TRUE(leaving_.end_finished().empty());
  pass(milliseconds(1'001));
  EXPECT_EQ(leaving_.end_finished(), std::vector{alice.session.id});
  EXPECT_TRUE(destroyed_);
}

TEST_F(LeavingClientsTest, ATimeoutOfZeroIsNone) {
  LeavingClients leaving(executor_, world_.hub, milliseconds(0));
  leaving.add(world_.client_in(session::Stage::in_message_hook).session, nullptr);
  for (int i = 0; i < 100; ++i) pass(milliseconds(1'000));
  EXPECT_TRUE(leaving.end_finished().empty());
}

TEST_F(LeavingClientsTest, OneTimerServesAllAndEndsWithTheLast) {
  for (int i = 0; i < 3; ++i) {
    leaving_.add(world_.client_in(session::Stage::in_message_hook).session, nullptr);
  }
  EXPECT_EQ(executor_.timers(), 1u);
  pass(kDrainTimeout);
  leaving_.end_finished();
  EXPECT_EQ(executor_.timers(), 1u);
  pass(kDrainTimeout);
  EXPECT_EQ(executor_.timers(), 0u) << "there is nothing to look for";
  leaving_.add(world_.client_in(session::Stage::in_message_hook).session, nullptr);
  EXPECT_EQ(executor_.timers(), 1u);
}

TEST_F(LeavingClientsTest, ClearDestroysWhatItOwns) {
  leaving_.add(world_.client_in(session::Stage::in_message_hook).session,
               std::make_unique<Owner>(destroyed_));
  leaving_.clear();
  EXPECT_TRUE(destroyed_);
}

}  // namespace
}  // namespace wscast::server
