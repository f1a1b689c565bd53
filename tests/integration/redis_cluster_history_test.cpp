// The history of rooms in a Redis Cluster.

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wscast/log.h"
#include "wscast/redis.h"

#include "broker/redis/discovery/cluster_slots.h"
#include "integration/history_user.h"
#include "integration/manual_rights.h"
#include "support/broker_world.h"
#include "support/redis_process.h"

namespace wscast::test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

const std::string kEnvelope = R"({"x":1})";

class RedisClusterHistoryTest : public ::testing::Test {
 protected:
  RedisClusterHistoryTest() { group_.await_keys(); }

  /// A room whose keys are on that node at first.
  static std::string room_of(std::size_t node) {
    for (int i = 0;; ++i) {
      auto room = "room" + std::to_string(i);
      if (redis::key_slot(room) / 5'462 == node) return room;
    }
  }
  static std::string slot_of(const std::string& room) {
    return std::to_string(redis::key_slot(room));
  }

  RedisProcess& node(std::size_t index) { return *group_.nodes()[index]; }
  std::string id(std::size_t index) { return node(index).call({"CLUSTER", "MYID"}); }

  /// Begins to move the room's slot from node 0 to node 1.
  void begin_move(const std::string& room) {
    const auto slot = slot_of(room);
    ASSERT_EQ(node(1).call({"CLUSTER", "SETSLOT", slot, "IMPORTING", id(0)}), "OK");
    ASSERT_EQ(node(0).call({"CLUSTER", "SETSLOT", slot, "MIGRATING", id(1)}), "OK");
  }
  void move_keys(const std::string& room) {
    for (const std::string key : {"ws:position:{", "ws:history:{"})
      ASSERT_EQ(node(0).call({"MIGRATE", "127.0.0.1", std::to_string(node(1).port()),
                              key + room + "}", "0", "5000"}),
                "OK");
  }
  void end_move(const std::string& room) {
    for (const std::size_t index : {1, 0, 2})
      ASSERT_EQ(node(index).call({"CLUSTER", "SETSLOT", slot_of(room), "NODE", id(1)}), "OK");
  }

  ClusterGroup group_;
  BrokerWorld world_;
};

TEST_F(RedisClusterHistoryTest, EachRoomIsOnTheMasterOfItsSlot) {
  HistoryUser user(world_, world_.start({.url = group_.url()}));
  for (const std::size_t index : {0, 1, 2}) {
    const auto room = room_of(index);
    EXPECT_EQ(user.append(room, kEnvelope, "k").position.offset, 1u);
    EXPECT_TRUE(user.append(room, kEnvelope, "k").repeated);
    EXPECT_EQ(node(index).call({"HGET", "ws:position:{" + room + "}", "last"}), "1");
  }
  const auto positions = user.positions({room_of(2), room_of(0), room_of(1)});
  for (const auto& position : positions) EXPECT_TRUE(position && position->offset == 1);
}

TEST_F(RedisClusterHistoryTest, ASlotThatMovedIsFollowed) {
  HistoryUser user(world_, world_.start({.url = group_.url()}));
  const auto room = room_of(0);
  const auto before = user.append(room, kEnvelope).position;
  begin_move(room);
  move_keys(room);
  const auto asked = user.append(room, kEnvelope);
  EXPECT_EQ(asked.backplane, Backplane::ok) << "behind ASKING";
  EXPECT_EQ(node(1).call({"CLUSTER", "COUNTKEYSINSLOT", slot_of(room)}), "2");
  end_move(room);
  const auto moved = user.append(room, kEnvelope);
  EXPECT_EQ(moved.backplane, Backplane::ok);
  EXPECT_NE(moved.position.epoch, before.epoch) << "another master has it";
  EXPECT_EQ(moved.position.epoch, asked.position.epoch);
  EXPECT_EQ(moved.position.offset, 2u);
  EXPECT_THAT(offsets(user.read(room, 0)), ElementsAre(1, 2));
}

TEST_F(RedisClusterHistoryTest, WhileKeysAreMovedACallIsTriedUntilItsTimeIsOver) {
  HistoryUser user(world_, world_.start({.url = group_.url(), .answer_timeout = 300ms}));
  const auto room = room_of(0);
  begin_move(room);
  EXPECT_EQ(user.append(room, kEnvelope).backplane, Backplane::down);
  std::optional<HistoryAppended> appended;
  user.history().append({.room = room, .envelope = kEnvelope},
                        [&](const auto& it) { appended = it; });
  world_.run_ready();
  end_move(room);
  EXPECT_TRUE(world_.run_until([&] { return appended.has_value(); }));
  EXPECT_EQ(appended->backplane, Backplane::ok);
}

TEST_F(RedisClusterHistoryTest, ANodeThatIsAwayCostsItsRoomsAlone) {
  HistoryUser user(world_, world_.start({.url = group_.url()}));
  const auto room = room_of(2);
  const auto before = user.append(room, kEnvelope).position;
  node(2).kill();
  EXPECT_TRUE(
      world_.run_until([&] { return user.append(room, kEnvelope).backplane == Backplane::down; }));
  EXPECT_FALSE(user.read(room, 0).available);
  EXPECT_TRUE(world_.run_until([&] {
    return user.append(room_of(1), kEnvelope).backplane == Backplane::ok;
  })) << "also when the other connections were to the node that is away";
  EXPECT_THAT(user.positions({room, room_of(1)}),
              ElementsAre(std::nullopt, testing::Ne(std::nullopt)));
  node(2).start();
  std::optional<Position> after;
  EXPECT_TRUE(world_.run_until([&] {
    if (after) return true;
    const auto appended = user.append(room, kEnvelope);
    if (appended.backplane == Backplane::ok) after = appended.position;
    world_.run_for(10ms);
    return after.has_value();
  }));
  EXPECT_EQ(after->offset, 1u);
  EXPECT_NE(after->epoch, before.epoch);
}

TEST_F(RedisClusterHistoryTest, AReplicaThatTakesOverBeginsAnEpoch) {
  HistoryUser user(world_, world_.start({.url = group_.url()}));
  const auto room = room_of(0);
  RedisProcess& replica = group_.add_replica_of(0);
  user.append(room, kEnvelope);
  const auto before = user.append(room, kEnvelope).position;
  EXPECT_EQ(before.offset, 2u);
  node(0).kill();
  ASSERT_EQ(replica.call({"CLUSTER", "FAILOVER", "TAKEOVER"}), "OK");
  HistoryPage page;
  EXPECT_TRUE(world_.run_until([&] {
    page = user.read(room, before.offset);
    if (!page.available) world_.run_for(10ms);
    return page.available;
  }));
  EXPECT_NE(page.epoch, before.epoch) << "it may have lost what came last";
  EXPECT_EQ(page.last, 0u);
  EXPECT_EQ(user.append(room, kEnvelope).position, (Position{1, page.epoch}));
}

/// Nothing is lost here, but it could be. The connections to the masters stay.
TEST_F(RedisClusterHistoryTest, AMasterThatWasAReplicaMeanwhileBeginsAnEpoch) {
  HistoryUser user(world_, world_.start({.url = group_.url()}));
  RedisProcess& replica = group_.add_replica_of(0);
  const auto room = room_of(0);
  const auto before = user.append(room, kEnvelope).position;
  EXPECT_TRUE(world_.run_until([&] { return replica.call({"DBSIZE"}) == "2"; })) << "replicated";
  ASSERT_EQ(replica.call({"CLUSTER", "FAILOVER", "TAKEOVER"}), "OK");
  EXPECT_TRUE(world_.run_until([&] {
    const auto role = node(0).call({"ROLE"});
    return role.starts_with("slave") && role.find("\nconnected") != std::string::npos;
  }));
  ASSERT_EQ(node(0).call({"CLUSTER", "FAILOVER", "TAKEOVER"}), "OK");
  EXPECT_EQ(node(0).call({"HGET", "ws:position:{" + room + "}", "epoch"}), before.epoch)
      << "nobody has used it meanwhile";
  const auto after = user.append(room, kEnvelope).position;
  EXPECT_EQ(after.offset, 1u);
  EXPECT_NE(after.epoch, before.epoch);
}

TEST_F(RedisClusterHistoryTest, NeedsTheRightsOfTheManualAndTwoMore) {
  for (const auto& process : group_.nodes()) {
    auto rights = rights_in_the_manual("wscast-history");
    rights.insert(rights.end(), {"+cluster|slots", "+asking"});
    std::vector<std::string_view> words = {"ACL", "SETUSER"};
    words.insert(words.end(), rights.begin() + 1, rights.end());
    ASSERT_EQ(process->call(words), "OK");
  }
  auto url = group_.url();
  url.insert(url.find("//") + 2, "wscast-history:secret@");
  HistoryUser user(world_, world_.start({.url = url}));
  const auto room = room_of(0);
  EXPECT_EQ(user.append(room, kEnvelope, "k").backplane, Backplane::ok);
  begin_move(room);
  move_keys(room);
  EXPECT_EQ(user.append(room, kEnvelope).backplane, Backplane::ok);
  EXPECT_EQ(node(1).call({"CLUSTER", "COUNTKEYSINSLOT", slot_of(room)}), "2");
  EXPECT_TRUE(user.read(room, 0).available);
}

TEST_F(RedisClusterHistoryTest, WithoutTheRightToAskForTheNodesItIsDownWithOneLine) {
  for (const auto& process : group_.nodes())
    process->call({"ACL", "SETUSER", "narrow", "on", ">secret", "allkeys", "allchannels", "+@all",
                   "-cluster"});
  const auto logged = std::make_shared<std::vector<std::string>>();
  set_log_sink([logged](const LogLine& line) {
    if (line.event == "redis_history_refused") logged->emplace_back(line.message);
  });
  auto url = group_.url();
  url.insert(url.find("//") + 2, "narrow:secret@");
  HistoryUser user(world_, world_.start({.url = url}));
  EXPECT_EQ(user.append("a", kEnvelope).backplane, Backplane::down);
  EXPECT_FALSE(user.read("a", 0).available);
  EXPECT_THAT(*logged, ElementsAre(HasSubstr("NOPERM")));
  user.broker().stop();
  set_log_sink(nullptr);
}

}  // namespace
}  // namespace wscast::test
