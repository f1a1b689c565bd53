#include "server/shard_command_handler.h"

#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/allocation_faults.h"
#include "support/fake_shards.h"
#include "support/session_world.h"

namespace wscast::server {
namespace {

using session::Client;
using session::Texts;

ws::SharedFrame frame(std::string_view text) {
  ws::SharedFrameBuilder builder(ws::Opcode::text, text.size());
  std::ranges::copy(text, builder.payload().begin());
  return std::move(builder).finish();
}

/// The commands of shard 0, on sessions with fake connections.
class ShardCommandHandlerTest : public testing::Test {
 protected:
  void execute(const ShardCommand& command) {
    shards_.on(0, [&] { handler_.execute(command); });
  }
  std::uint64_t count(Counter counter) const {
    Stats stats;
    counters_.add_to(stats);
    return stats[counter];
  }

  session::World world_;
  FakeShards shards_{2};
  FakeBackplane backplane_{shards_};
  FakeBroker& broker_ = backplane_.broker;
  Counters counters_;
  Directory directory_{2, world_.clock};
  ServerOptions options_{};
  Topics topics_{world_.hub, shards_.router, false};
  RoomOccupancy occupancy_{options_, directory_, shards_.router};
  ShardHooks hooks_{*shards_.executors[0], options_, backplane_.log, world_.hub,
                    shards_.router,        topics_,  occupancy_};
  ShardCommandHandler handler_{{counters_, world_.hub, hooks_, topics_, directory_, shards_.router,
                                backplane_.port, backplane_.interest, occupancy_}};
};

TEST_F(ShardCommandHandlerTest, X2X3ClientsAreToldWhatTheyLost) {
  Client& alice = world_.enter("alice");
  Client& bob = world_.enter("bob");
  alice.session.lost = 2;
  alice.session.hole_announced = true;
  execute(HoleNotice{alice.session.id});
  EXPECT_EQ(alice.take_sent(), Texts{R"({"event":"dropped","data":{"count":2}})"});
  EXPECT_EQ(bob.take_sent(), Texts{});
  const auto pending = std::make_shared<std::atomic<bool>>(true);
  execute(GapNotice{pending});
  EXPECT_EQ(alice.take_sent(), Texts{R"({"event":"dropped","data":{"count":null}})"});
  EXPECT_EQ(bob.take_sent(), Texts{R"({"event":"dropped","data":{"count":null}})"});
  EXPECT_FALSE(*pending) << "another one may come";
  EXPECT_EQ(count(Counter::gap_notices), 1u);
}

TEST_F(ShardCommandHandlerTest, X3WithoutMemoryALossIsToldByTheNextMessageAtTheLatest) {
  using protocol::BackplaneTarget;
  const std::string notice = R"({"event":"dropped","data":{"count":null}})";
  const std::vector<ShardCommand> commands{
      GapNotice{std::make_shared<std::atomic<bool>>(true)},
      LossNotice{{{BackplaneTarget::user, "alice"}, {BackplaneTarget::user, "alice"}}}};
  for (const auto& command : commands) {
    Client& alice = world_.enter("alice");
    test::AllocationFaults::watch_this_thread();
    test::AllocationFaults::arm(1);
    execute(command);
    EXPECT_TRUE(test::AllocationFaults::disarm());
    test::AllocationFaults::watch_this_thread(false);
    EXPECT_EQ(alice.take_sent(), Texts{});
    alice.send("x");
    EXPECT_EQ(alice.take_sent(), (Texts{notice, "x"}));
  }
}

TEST_F(ShardCommandHandlerTest, X3ThoseWhomALossConcernsAreToldOnce) {
  using protocol::BackplaneTarget;
  Client& alice = world_.enter("alice");
  Client& bob = world_.enter("bob");
  Client& carol = world_.enter("carol");
  const Texts told{R"({"event":"dropped","data":{"count":null}})"};
  world_.hub.join(bob.session, "a");
  execute(LossNotice{{{BackplaneTarget::room, "a"}}});
  EXPECT_EQ(bob.take_sent(), told);
  execute(LossNotice{{{BackplaneTarget::user, "alice"}}});
  EXPECT_EQ(alice.take_sent(), told);
  execute(LossNotice{{{BackplaneTarget::client, bob.session.id.text()},
                      {BackplaneTarget::user, "bob"},
                      {BackplaneTarget::room, "a"},
                      {BackplaneTarget::client, "nobody"},
                      {BackplaneTarget::room, "nobody"}}});
  EXPECT_EQ(bob.take_sent(), told);
  EXPECT_EQ(alice.take_sent(), Texts{});
  EXPECT_EQ(carol.take_sent(), Texts{});
}

TEST_F(ShardCommandHandlerTest, AFanOutReachesItsTarget) {
  Client& alice = world_.enter("alice");
  Client& bob = world_.enter("bob");
  world_.hub.join(bob.session, "a");
  topics_.subscribe(alice.session, "t");
  execute(FanOut{.to = FanOut::To::client, .client = alice.session.id, .frame = frame("1")});
  execute(FanOut{.to = FanOut::To::user, .target = "bob", .frame = frame("2")});
  execute(FanOut{.to = FanOut::To::room, .target = "a", .frame = frame("3")});
  execute(FanOut{.to = FanOut::To::topic, .target = "t", .frame = frame("4")});
  execute(FanOut{.frame = frame("5")});
  EXPECT_EQ(alice.take_sent(), (Texts{"1", "4", "5"}));
  EXPECT_EQ(bob.take_sent(), (Texts{"2", "3", "5"}));
}

TEST_F(ShardCommandHandlerTest, CountsTheClientsOfEachMessageIfThatIsMeasured) {
  FanOutSizes sizes;
  ShardCommandHandler handler({counters_, world_.hub, hooks_, topics_, directory_, shards_.router,
                               backplane_.port, backplane_.interest, occupancy_, &sizes});
  Client& alice = world_.enter("alice");
  world_.enter("bob");
  handler.execute(FanOut{.frame = frame("1")});
  handler.execute(FanOut{.to = FanOut::To::room, .target = "nobody", .frame = frame("2")});
  handler.execute(
      FanOut{.to = FanOut::To::client, .client = alice.session.id, .frame = frame("3")});
  handler.send_to_client(alice.session.id, ws::FrameRef::of(frame("4")));
  Distribution all;
  sizes.add_to(all);
  EXPECT_EQ(all.count(), 4u);
  EXPECT_EQ(all.sum, 4u);
  EXPECT_EQ(all.counts[0], 1u) << "the message to nobody";
}

TEST_F(ShardCommandHandlerTest, D4AFanOutSkipsTheExcluded) {
  Client& alice = world_.enter("alice");
  const auto exclude = std::make_shared<std::vector<ClientId>>(1, alice.session.id);
  world_.hub.join(alice.session, "a");
  execute(FanOut{.frame = frame("1"), .exclude = exclude});
  execute(FanOut{.to = FanOut::To::room, .target = "a", .frame = frame("2"), .exclude = exclude});
  EXPECT_EQ(alice.take_sent(), Texts{});
}

TEST_F(ShardCommandHandlerTest, AClientThatIsGoneIsCounted) {
  const ClientId gone = ClientId::generate(system_random());
  execute(FanOut{.to = FanOut::To::client, .client = gone, .frame = frame("1")});
  EXPECT_EQ(count(Counter::dropped_late), 1u);
  EXPECT_EQ(handler_.send_to_client(gone, ws::FrameRef::of(frame("1"))), 0);
}

TEST_F(ShardCommandHandlerTest, D11TheLastReportQueuesTheResult) {
  world_.enter();
  std::vector<PublishResult> results;
  const auto aggregator = std::make_shared<PublishAggregator>(
      [&](const PublishResult& result) { results.push_back(result); });
  aggregator->expect(2);
  execute(FanOut{.frame = frame("1"), .aggregator = aggregator});
  hooks_.run_slice();
  EXPECT_TRUE(results.empty()) << "the broker has not reported";
  execute(RemotePublish{"c", "e", aggregator});
  broker_.reports.front()(Backplane::ok);
  EXPECT_TRUE(results.empty()) << "only between iterations";
  hooks_.run_slice();
  ASSERT_EQ(results.size(), 1u);
  EXPECT_EQ(results[0].accepted, 1u);
  EXPECT_EQ(results[0].backplane, Backplane::ok);
}

TEST_F(ShardCommandHandlerTest, AMessageWithoutReceiversIsCompletedLikeOthers) {
  int results = 0;
  execute(PublishCompleted{
      std::make_shared<PublishAggregator>([&](const PublishResult&) { ++results; })});
  EXPECT_EQ(results, 0);
  hooks_.run_slice();
  EXPECT_EQ(results, 1);
}

TEST_F(ShardCommandHandlerTest, TheDirectoryHasTheLastWordOnMembership) {
  Client& alice = world_.enter();
  const ClientId id = alice.session.id;
  directory_.add(alice.session);
  directory_.change(id, "a", true);
  directory_.change(id, "a", false);
  execute(MembershipChange{id, "a", true});
  EXPECT_TRUE(world_.hub.in_room(alice.session, "a"))
      << "as it was made, while more are on the way";
  execute(MembershipChange{id, "a", true});
  EXPECT_FALSE(world_.hub.in_room(alice.session, "a")) << "as the directory says";
  directory_.remove(alice.session);
}

TEST_F(ShardCommandHandlerTest, AChangeOfMembershipIsReportedToTheHooksOnce) {
  Texts reported;
  options_.hooks.joined = [&](const MembershipEvent& event) {
    reported.push_back("joined " + std::string(event.room));
  };
  options_.hooks.left = [&](const MembershipEvent& event) {
    reported.push_back("left " + std::string(event.room));
  };
  Client& alice = world_.enter();
  const ClientId id = alice.session.id;
  directory_.add(alice.session);
  for (const bool in : {true, true, false, false}) {
    directory_.change(id, "a", in);
    execute(MembershipChange{id, "a", in});
  }
  hooks_.run_slice();
  EXPECT_EQ(reported, (Texts{"joined a", "left a"}));
  directory_.remove(alice.session);
}

TEST_F(ShardCommandHandlerTest, ARoomThatAClientLeftByItsEndIsChecked) {
  options_.hooks.room_vacated = [](const RoomEvent&) {};
  RoomOccupancy occupancy(options_, directory_, shards_.router);
  ShardCommandHandler handler({counters_, world_.hub, hooks_, topics_, directory_, shards_.router,
                               backplane_.port, backplane_.interest, occupancy});
  Client& alice = world_.enter();
  directory_.add(alice.session);
  directory_.change(alice.session.id, "a", true);
  const MembershipChange change{alice.session.id, "a", true};
  directory_.remove(alice.session);
  alice.session.on_close();
  handler.execute(change);
  EXPECT_EQ(occupancy.pending(), 1u);
}

TEST_F(ShardCommandHandlerTest, ADisconnectClosesAClientOrAUsersClients) {
  Client& one = world_.enter("alice");
  Client& two = world_.enter("alice");
  Client& bob = world_.enter("bob");
  execute(Disconnect{bob.session.id, {}, 4000, "r"});
  EXPECT_EQ(bob.take_sent(), Texts{"close 4000 r"});
  EXPECT_FALSE(one.session.ended());
  execute(Disconnect{std::nullopt, std::string("alice"), 4001, "s"});
  EXPECT_EQ(one.take_sent(), Texts{"close 4001 s"});
  EXPECT_EQ(two.take_sent(), Texts{"close 4001 s"});
}

TEST_F(ShardCommandHandlerTest, X9ARevocationEndsAUsersClients) {
  Client& one = world_.enter("alice");
  Client& two = world_.enter("alice");
  Client& bob = world_.enter("bob");
  execute(Revocation{"alice"});
  for (Client* client : {&one, &two}) {
    EXPECT_EQ(client->take_sent(),
              (Texts{session::error_text("User revoked"), "close 4003 User revoked"}));
  }
  EXPECT_FALSE(bob.session.ended());
}

TEST_F(ShardCommandHandlerTest, EncryptsAClientFromNowOn) {
  Client& alice = world_.enter();
  execute(EncryptionChange{alice.session.id});
  EXPECT_TRUE(alice.session.encrypted);
  execute(EncryptionChange{ClientId::generate(system_random())});
}

TEST_F(ShardCommandHandlerTest, ASubscriptionIsConfirmedToTheShardThatAsked) {
  execute(SubscribeRequest{ClientId::generate(system_random()), 1, {"a", "b"}});
  EXPECT_EQ(broker_.take(), (Texts{"subscribe a", "subscribe b"}));
  shards_.run();
  EXPECT_EQ(shards_.receivers[1]->take(), Texts{}) << "not before the broker confirms";
  shards_.on(0, [&] { broker_.confirmations.front()({"b"}); });
  shards_.run();
  EXPECT_EQ(shards_.receivers[1]->take(), Texts{"confirmed a b refused b"});
}

TEST_F(ShardCommandHandlerTest, InterestReachesTheBroker) {
  execute(InterestChange{{{"a"}, {"b"}}});
  EXPECT_EQ(broker_.take(), (Texts{"subscribe a", "unsubscribe b"}));
}

TEST_F(ShardCommandHandlerTest, AConfirmationForAClientThatIsGoneGivesItsChannelsUp) {
  execute(SubscribeConfirmed{ClientId::generate(system_random()), {"a"}, {}});
  EXPECT_EQ(shards_.receivers[0]->take(), Texts{"interest -a"});
}

TEST_F(ShardCommandHandlerTest, AClientWhoseRoomCannotBeFollowedIsGivenUpAndTheChangeIsSettled) {
  Client& alice = world_.enter("alice");
  directory_.add(alice.session);
  const MembershipChange change{alice.session.id, "a room whose name fits into no small string",
                                true};
  for (int i = 0; i < 2; ++i) directory_.change(alice.session.id, change.room, true);
  const ShardCommand command = change;
  test::AllocationFaults::watch_this_thread();
  test::AllocationFaults::arm(1);
  execute(command);
  EXPECT_TRUE(test::AllocationFaults::disarm());
  test::AllocationFaults::watch_this_thread(false);
  EXPECT_TRUE(alice.transport.given_up);
  EXPECT_EQ(count(Counter::dropped_out_of_memory), 1u);
  EXPECT_EQ(directory_.settle(alice.session.id, change.room), true) << "one was left";
  directory_.remove(alice.session);
}

TEST_F(ShardCommandHandlerTest, ACloseWithoutMemoryEndsTheClientWithoutItsCloseFrame) {
  Client& alice = world_.enter("alice");
  Client& bob = world_.enter("bob");
  const ShardCommand command =
      Disconnect{std::nullopt, "alice", 4000, "a reason that fits into no small string"};
  test::AllocationFaults::watch_this_thread();
  test::AllocationFaults::arm(1);
  execute(command);
  EXPECT_TRUE(test::AllocationFaults::disarm());
  test::AllocationFaults::watch_this_thread(false);
  EXPECT_TRUE(alice.transport.given_up);
  EXPECT_FALSE(bob.transport.given_up);
}

}  // namespace
}  // namespace wscast::server
