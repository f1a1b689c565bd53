// protocol.md O8, O15, O16, O17: every way to leave, from every stage, and in the middle of each
// hook.

#include <functional>
#include <string>
#include <tuple>

#include <gtest/gtest.h>

#include "support/session_world.h"

namespace wscast::session {
namespace {

/// A way in which a client's session ends.
struct Way {
  std::string name;
  std::function<void(Session&)> leave;
  Texts sent;
  Counts counted;

  friend void PrintTo(const Way& way, std::ostream* out) { *out << way.name; }
};

class Leaving : public testing::TestWithParam<std::tuple<Way, Stage>> {
 protected:
  const Way& way() const { return std::get<0>(GetParam()); }

  /// A close waits for what the transformer has.
  void leave() {
    way().leave(client_.session);
    world_.complete_all();
  }

  Texts expected() const {
    Texts sent = way().sent;
    const bool waits = !sent.empty() && sent.front() != "close 4008 Slow consumer";
    if (std::get<1>(GetParam()) == Stage::transforming && waits) {
      sent.insert(sent.begin(), R"({"event":"x"})");
    }
    return sent;
  }

  World world_;
  Client& client_ = world_.client_in(std::get<1>(GetParam()));
};

TEST_P(Leaving, O17SendsTheReasonOnceAndCountsOnce) {
  leave();
  EXPECT_TRUE(client_.session.ended());
  EXPECT_EQ(client_.take_sent(), expected());
  EXPECT_EQ(world_.counted(), way().counted);
  leave();
  client_.session.end(kShutdown);
  client_.session.on_deadline();
  client_.session.on_close();
  EXPECT_EQ(client_.take_sent(), Texts{});
  EXPECT_EQ(world_.counted(), way().counted);
}

TEST_P(Leaving, O16RunsTheDisconnectedHookOnceWhenTheClientIsInNothing) {
  world_.hub.join(client_.session, "a");
  world_.hub.subscribe(client_.session, "t");
  world_.delegate.on_disconnected = [&](Session& session) {
    EXPECT_EQ(world_.hub.find(session.id), nullptr);
    EXPECT_EQ(world_.hub.clients(), 0u);
    EXPECT_EQ(world_.hub.authenticated(), 0u);
    EXPECT_TRUE(world_.hub.members_of_user("alice").empty());
    EXPECT_EQ(world_.hub.room_count(session), 0u);
    EXPECT_EQ(world_.hub.subscribers("t"), nullptr);
  };
  leave();
  leave();
  client_.session.on_close();
  EXPECT_EQ(world_.delegate.disconnections, 1);
}

TEST_P(Leaving, O15DiscardsLateResultsAndLaterInput) {
  leave();
  client_.take_sent();
  world_.forget();
  world_.delegate.has_connected_hook = true;
  world_.complete_late(client_);
  client_.receive("no json");
  client_.receive(R"({"event":"authenticate"})");
  client_.receive(R"({"event":"join","data":{"rooms":["a"]}})");
  client_.session.check_heartbeat();
  client_.session.hold();
  client_.session.release();
  EXPECT_EQ(client_.take_sent(), Texts{});
  EXPECT_EQ(world_.take_requests(), Texts{});
  EXPECT_EQ(world_.counted(), Counts{});
  EXPECT_EQ(world_.hub.clients(), 0u);
  EXPECT_EQ(world_.hub.authenticated(), 0u);
  EXPECT_EQ(world_.hub.room_count(client_.session), 0u);
}

TEST_P(Leaving, O17NothingReachesTheClientAnyMore) {
  world_.hub.join(client_.session, "a");
  leave();
  client_.take_sent();
  EXPECT_EQ(world_.broadcast("x").accepted, 0u);
  EXPECT_EQ(world_.to_room("a", "x").accepted, 0u);
  EXPECT_EQ(world_.to_room(client_.id(), "x").accepted, 0u);
  EXPECT_EQ(world_.to_user("alice", "x").accepted, 0u);
  EXPECT_EQ(client_.take_sent(), Texts{});
}

const Way kPeer{"ByThePeer", [](Session& session) { session.on_close(); }, {}, {}};
const Way kServer{"ByTheShutdown",
                  [](Session& session) { session.end(kShutdown); },
                  {"close 1001 Server shutting down"},
                  {{"closed_shutdown", 1}}};
const Way kApplication{"ByTheApplication",
                       [](Session& session) { session.close(4'500, "Banned"); },
                       {"close 4500 Banned"},
                       {{"closed_by_application", 1}}};
const Way kSlow{"ForBeingSlow",
                [](Session& session) { session.end(kSlowConsumer); },
                {"close 4008 Slow consumer"},
                {{"closed_slow_consumer", 1}}};

INSTANTIATE_TEST_SUITE_P(
    Each, Leaving,
    testing::Combine(testing::Values(kPeer, kServer, kApplication, kSlow),
                     testing::Values(Stage::unauthorized, Stage::authenticating, Stage::handshaking,
                                     Stage::in_connected_hook, Stage::authenticated,
                                     Stage::in_rooms_hook, Stage::in_message_hook,
                                     Stage::transforming)),
    [](const auto& row) {
      return std::get<0>(row.param).name + std::string(to_string(std::get<1>(row.param)));
    });

// shows: O8
TEST(LeavingTogether, O8AShutdownEndsAClientAtAnyStage) {
  World world;
  for (const auto stage : {Stage::unauthorized, Stage::authenticated, Stage::handshaking}) {
    world.client_in(stage);
  }
  for (hub::Member* member : world.hub.members()) static_cast<Session*>(member)->end(kShutdown);
  EXPECT_EQ(world.counted(), (Counts{{"closed_shutdown", 3}}));
  EXPECT_EQ(world.delegate.disconnections, 3);
  EXPECT_EQ(world.hub.clients(), 0u);
}

TEST(LeavingTogether, O16OneOfAUsersClientsLeavesTheOthersStay) {
  World world;
  Client& first = world.enter();
  Client& second = world.enter();
  Client& third = world.enter();
  second.session.on_close();
  EXPECT_EQ(world.to_user("alice", "x").accepted, 2u);
  EXPECT_EQ(first.take_sent(), Texts{"x"});
  EXPECT_EQ(third.take_sent(), Texts{"x"});
}

}  // namespace
}  // namespace wscast::session
