#include "server/shard_hooks.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "support/fake_shards.h"
#include "support/session_world.h"

namespace wscast::server {
namespace {

using session::Client;
using session::Texts;
using std::chrono::milliseconds;

constexpr std::size_t kMaxBytes = 1'000;

class ShardHooksTest : public testing::Test {
 protected:
  ShardHooksTest() {
    options_.hooks.message = [this](const ClientMessage& request) {
      ran_.emplace_back(request.event);
      if (on_message_) on_message_();
    };
  }
  /// The hooks that report memberships, from now on.
  void report_memberships() {
    const auto note = [this](const char* verb) {
      return [this, verb](const MembershipEvent& event) {
        const int* level = event.metadata.get<int>();
        ran_.push_back(std::string(event.user_id) + " " + verb + " " + std::string(event.room) +
                       (level == nullptr ? "" : " at " + std::to_string(*level)));
        EXPECT_EQ(event.client_id.size(), 36u);
      };
    };
    options_.hooks.joined = note("joined");
    options_.hooks.left = note("left");
    options_.hooks.disconnected = [this](const ClientEvent& event) {
      ran_.push_back(std::string(event.user_id) + " disconnected");
    };
    options_.hooks.room_occupied = [this](const RoomEvent& event) {
      ran_.push_back("occupied " + std::string(event.room));
    };
    options_.hooks.room_vacated = [this](const RoomEvent& event) {
      ran_.push_back("vacated " + std::string(event.room));
    };
  }

  FakeExecutor& executor() { return *shards_.executors[0]; }

  /// A message of the client, which its session hands to the hook.
  void receive(Client& client, const std::string& event) {
    client.receive(R"({"event":")" + event + R"("})");
    ASSERT_FALSE(world_.delegate.open.empty());
    world_.delegate.open.clear();
    hooks_->handle(client.session, {.event = event, .data = {}, .id = {}});
  }

  session::World world_;
  FakeShards shards_{2, kMaxBytes};
  ServerOptions options_;
  const NamedLog log_{"test"};
  Topics topics_{world_.hub, shards_.router, false};
  Directory directory_{2, world_.clock};
  RoomOccupancy occupancy_{options_, directory_, shards_.router};
  std::optional<ShardHooks> hooks_{std::in_place, executor(),     options_, log_,
                                   world_.hub,    shards_.router, topics_,  occupancy_};
  Texts ran_;
  std::function<void()> on_message_;
};

TEST_F(ShardHooksTest, HooksRunLaterInTheirOrder) {
  Client& alice = world_.enter();
  Client& bob = world_.enter("bob");
  receive(alice, "a");
  receive(bob, "b");
  EXPECT_EQ(ran_, Texts{}) << "not inside the call";
  EXPECT_TRUE(hooks_->pending());
  EXPECT_GT(executor().iterations_requested, 0);
  hooks_->run_slice();
  EXPECT_EQ(ran_, (Texts{"a", "b"}));
  EXPECT_FALSE(hooks_->pending());
}

TEST_F(ShardHooksTest, O15NoHookRunsForAClientThatIsGone) {
  Client& alice = world_.enter();
  receive(alice, "a");
  alice.session.on_close();
  hooks_->run_slice();
  EXPECT_EQ(ran_, Texts{});
  EXPECT_EQ(executor().count(Counter::dropped_after_close), 1u);
}

TEST_F(ShardHooksTest, AHookThatThrowsIsCounted) {
  on_message_ = [] { throw std::runtime_error("thrown by the test"); };
  receive(world_.enter(), "a");
  hooks_->run_slice();
  EXPECT_EQ(executor().count(Counter::hook_failures), 1u);
}

TEST_F(ShardHooksTest, TheTimeOfAHookIsMeasuredIfAskedFor) {
  HookTimes times;
  hooks_.emplace(executor(), options_, log_, world_.hub, shards_.router, topics_, occupancy_,
                 &times);
  on_message_ = [this] { shards_.clock.pass(milliseconds(7)); };
  receive(world_.enter(), "a");
  hooks_->run_slice();
  std::vector<HookTime> all;
  times.add_to(all);
  for (const HookTime& one : all) {
    EXPECT_EQ(one.time_ns.count(), one.hook == "message" ? 1u : 0u) << one.hook;
    EXPECT_EQ(one.time_ns.sum, one.hook == "message" ? 7'000'000u : 0u) << one.hook;
  }
  hooks_.reset();  // Before what it refers to.
}

TEST_F(ShardHooksTest, TheClientWhoseHookOverloadsAShardIsPausedUntilThereIsRoom) {
  Client& alice = world_.enter();
  Client& bob = world_.enter("bob");
  ASSERT_TRUE(shards_.router.charge(1, kMaxBytes));
  on_message_ = [this] {
    if (ran_.back() == "a") hooks_->on_overload();
  };
  receive(alice, "a");
  receive(bob, "b");
  hooks_->run_slice();
  EXPECT_FALSE(alice.transport.reading);
  EXPECT_TRUE(bob.transport.reading);
  world_.clock.pass(milliseconds(10));
  shards_.clock.pass(milliseconds(10));
  executor().run_timers();
  EXPECT_FALSE(alice.transport.reading) << "the queue is still full";
  shards_.router.release(1, kMaxBytes);
  shards_.clock.pass(milliseconds(10));
  executor().run_timers();
  EXPECT_TRUE(alice.transport.reading);
}

TEST_F(ShardHooksTest, AnOverloadOutsideAHookPausesNoClient) {
  Client& alice = world_.enter();
  receive(alice, "a");
  hooks_->on_overload();
  hooks_->run_slice();
  EXPECT_TRUE(alice.transport.reading);
}

TEST_F(ShardHooksTest, MembershipsAreReportedInOrderAsTheyWere) {
  report_memberships();
  Client& alice = world_.enter();
  alice.session.identity.metadata = Metadata::of(1);
  hooks_->on_joined(alice.session, "a");
  receive(alice, "e");
  alice.session.identity.metadata = Metadata::of(2);
  hooks_->on_left(alice.session, "a");
  hooks_->on_left(alice.session, "b");
  hooks_->disconnected(alice.session);
  EXPECT_EQ(hooks_->open_disconnects(), 3u);
  EXPECT_EQ(ran_, Texts{}) << "not inside the call";
  hooks_->run_slice();
  EXPECT_EQ(ran_, (Texts{"alice joined a at 1", "e", "alice left a at 2", "alice left b at 2",
                         "alice disconnected"}));
  EXPECT_EQ(hooks_->open_disconnects(), 0u);
}

TEST_F(ShardHooksTest, DefaultRoomsAndTheClientsOwnAreNotReported) {
  report_memberships();
  Client& alice = world_.enter();
  Client& bob = world_.enter("bob");
  for (const std::string& room : {std::string("ws-default"), alice.id()}) {
    hooks_->on_joined(alice.session, room);
    hooks_->on_left(alice.session, room);
  }
  EXPECT_FALSE(hooks_->pending());
  hooks_->on_joined(bob.session, alice.id());
  hooks_->run_slice();
  EXPECT_EQ(ran_, Texts{"bob joined " + alice.id()});
}

TEST_F(ShardHooksTest, WithoutTheHooksNothingIsQueued) {
  EXPECT_FALSE(hooks_->wanted());
  Client& alice = world_.enter();
  hooks_->on_joined(alice.session, "a");
  hooks_->on_left(alice.session, "a");
  EXPECT_FALSE(hooks_->pending());
  options_.hooks.left = [](const MembershipEvent&) {};
  EXPECT_TRUE(hooks_->wanted());
  hooks_->on_joined(alice.session, "a");
  EXPECT_FALSE(hooks_->pending());
}

TEST_F(ShardHooksTest, NothingWaitsForTheReplyOfAMembershipHook) {
  std::optional<Reply<void>> kept;
  options_.hooks.joined = [&](const MembershipEvent&, const Reply<void>& reply) { kept = reply; };
  Client& alice = world_.enter();
  hooks_->on_joined(alice.session, "a");
  receive(alice, "e");
  hooks_->run_slice();
  EXPECT_EQ(ran_, Texts{"e"});
  ASSERT_TRUE(kept);
  (*kept)();
}

TEST_F(ShardHooksTest, ARoomIsReportedAsTheDirectoryHasItWhenTheHookRuns) {
  report_memberships();
  Client& alice = world_.enter();
  directory_.add(alice.session);
  directory_.join(alice.session.id, "a");
  hooks_->check_room("a");
  hooks_->check_room("a");
  hooks_->run_slice();
  EXPECT_EQ(ran_, Texts{"occupied a"});
  directory_.leave(alice.session.id, "a");
  hooks_->check_room("a");
  hooks_->run_slice();
  EXPECT_EQ(ran_, (Texts{"occupied a", "vacated a"}));
  directory_.join(alice.session.id, "b");
  hooks_->check_room("b");
  directory_.leave(alice.session.id, "b");
  hooks_->run_slice();
  EXPECT_EQ(ran_.size(), 2u);
  directory_.remove(alice.session);
}

TEST_F(ShardHooksTest, X4ARenewalIsNotWaitedForByAClientThatIsLeaving) {
  Client& alice = world_.open();
  alice.receive(R"({"event":"authenticate"})");
  alice.session.on_authenticate_result(
      Identity{.user_id = "alice", .expires_in = milliseconds(60'000)});
  std::optional<Reply<std::optional<Identity>>> kept;
  options_.hooks.authenticate = [&](const AuthenticateRequest&,
                                    const Reply<std::optional<Identity>>& reply) { kept = reply; };
  alice.receive(R"({"event":"authenticate"})");
  EXPECT_TRUE(alice.session.busy());
  hooks_->authenticate(alice.session, "{}");
  hooks_->run_slice();
  EXPECT_TRUE(kept);
  EXPECT_FALSE(alice.session.busy()) << "the hook has started";
}

TEST_F(ShardHooksTest, AtTheEndOfTheShardOnlyResultsRun) {
  int results = 0;
  receive(world_.enter(), "a");
  hooks_->complete(std::make_shared<PublishAggregator>([&](const PublishResult&) { ++results; }));
  hooks_->run_results();
  EXPECT_EQ(results, 1);
  EXPECT_EQ(ran_, Texts{});
}

TEST_F(ShardHooksTest, AReplyThatComesAfterTheShardIsDropped) {
  std::optional<Reply<std::optional<Identity>>> kept;
  options_.hooks.authenticate = [&](const AuthenticateRequest&,
                                    const Reply<std::optional<Identity>>& reply) { kept = reply; };
  Client& alice = world_.open();
  hooks_->authenticate(alice.session, "{}");
  hooks_->run_slice();
  ASSERT_TRUE(kept);
  hooks_.reset();
  (*kept)(Identity{"alice"});
  EXPECT_EQ(executor().posted(), 0u);
}

}  // namespace
}  // namespace wscast::server
