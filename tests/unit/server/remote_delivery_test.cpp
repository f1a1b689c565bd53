#include "server/remote_delivery.h"

#include <memory>
#include <new>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "server/history_delivery.h"
#include "support/allocation_faults.h"
#include "support/directory_clients.h"
#include "support/fake_shards.h"

namespace wscast::server {
namespace {

using protocol::BackplaneMessage;
using protocol::BackplaneTarget;
using Texts = std::vector<std::string>;

constexpr std::size_t kMaxBytes = 100'000;

std::string envelope(const std::string& data) {
  return R"({"event":"e","data":)" + data + "}";
}
std::string numbered(int n) {
  return envelope(std::to_string(n));
}
const std::string kMessage = numbered(1);

class RemoteDeliveryTest : public testing::Test {
 protected:
  void fill(std::size_t shard) { ASSERT_TRUE(shards_.router.charge(shard, kMaxBytes)); }

  /// Receives these together.
  void receive(const std::vector<BackplaneMessage>& messages) {
    shards_.on(kBrokerShard, [&] {
      for (const auto& message : messages) remote_.deliver(message);
      remote_.flush();
    });
  }

  static BackplaneMessage to_room(const std::string& room, std::string_view data = "1") {
    return {.type = BackplaneTarget::room, .target = room, .event = "e", .data = data};
  }

  session::FakeClock clock_;
  Directory directory_{3, clock_};
  DirectoryClients clients_{directory_, clock_};
  FakeShards shards_{3, kMaxBytes};
  Tracer tracer_{directory_, system_random(), clock_};
  RemoteDelivery remote_{directory_, shards_.router, tracer_};
};

TEST_F(RemoteDeliveryTest, X3AFullShardThatLosesAMessageOfAnotherServerTellsItsClients) {
  clients_.add(2);
  shards_.on(0, [&] {
    remote_.report_gap();
    remote_.report_gap();
  });
  EXPECT_EQ(shards_.executed(), (std::vector<Texts>{{"gap"}, {"gap"}, {"gap"}}))
      << "one at a time is on its way";
}

TEST_F(RemoteDeliveryTest, X3ALossIsToldWhereItsReceiversAre) {
  const std::string id = clients_.add(2, "alice").id.text();
  clients_.add(1, "alice");
  const auto report = [this](const Texts& channels) {
    shards_.on(kBrokerShard, [&] { remote_.report_loss(channels); });
    return shards_.executed();
  };
  EXPECT_EQ(report({"ws:probe:me", "ws:server:me", "ws:room:empty", "ws:client:nobody"}),
            std::vector<Texts>(3));
  EXPECT_EQ(report({"ws:client:" + id, "ws:user:alice"}),
            (std::vector<Texts>{{}, {"loss alice"}, {"loss " + id + " alice"}}));
}

TEST_F(RemoteDeliveryTest, X3ALossThatMayConcernAnybodyIsToldToAll) {
  for (const Texts& channels : {Texts{""}, Texts{"ws:user:nobody", "ws:broadcast"}}) {
    shards_.on(kBrokerShard, [&] { remote_.report_loss(channels); });
  }
  EXPECT_EQ(shards_.executed(), (std::vector<Texts>{{"gap"}, {"gap"}, {"gap"}}));
}

TEST_F(RemoteDeliveryTest, R4AMessageOfAnotherServerGoesToItsTarget) {
  const auto& alice = clients_.add(1, "alice");
  directory_.join(alice.id, "a");
  const std::string id = alice.id.text();
  const auto deliver = [&](BackplaneTarget type, std::string target) {
    receive({{.type = type, .target = std::move(target), .event = "e", .data = "1"}});
    return shards_.executed();
  };
  const std::string end = ": " + kMessage;
  EXPECT_EQ(deliver(BackplaneTarget::client, id)[1], Texts{"client " + id + end});
  EXPECT_EQ(deliver(BackplaneTarget::user, "alice")[1], Texts{"user alice" + end});
  EXPECT_EQ(deliver(BackplaneTarget::room, "a")[1], Texts{"room a" + end});
  for (const Texts& shard : deliver(BackplaneTarget::broadcast, "")) {
    EXPECT_EQ(shard, Texts{"everybody" + end});
  }
  for (const auto type : {BackplaneTarget::client, BackplaneTarget::user, BackplaneTarget::room}) {
    EXPECT_EQ(deliver(type, "nobody"), std::vector<Texts>(3));
  }
}

TEST_F(RemoteDeliveryTest, R5AMessageOfAnotherServerNamesWhomToSkip) {
  const std::string id = ClientId::generate(system_random()).text();
  receive({{.event = "e", .data = "1", .exclude = {id, "x"}}});
  EXPECT_EQ(shards_.executed()[2], Texts{"everybody without 1: " + kMessage});
}

TEST_F(RemoteDeliveryTest, AMessageOfAnotherServerForAFullShardIsCounted) {
  fill(2);
  receive({{.event = "e", .data = "1"}});
  EXPECT_EQ(shards_.refused(), 1u);
  receive({{.event = "e", .data = "2"}, {.event = "e", .data = "3"}});
  EXPECT_EQ(shards_.refused(), 3u);
  const auto executed = shards_.executed();
  EXPECT_EQ(executed[1].size(), 2u);
  EXPECT_EQ(executed[2].back(), "gap") << "its publisher is not told, so its clients are (X3)";
}

TEST_F(RemoteDeliveryTest, X3AGapThatCouldNotBeToldIsToldNextTime) {
  const auto tell = [this] { shards_.on(kBrokerShard, [this] { remote_.report_gap(); }); };
  shards_.executors[2]->out_of_memory = true;
  try {
    remote_.report_gap();
  } catch (const std::bad_alloc&) {
  }
  shards_.executors[2]->out_of_memory = false;
  tell();
  EXPECT_EQ(shards_.executed()[2], Texts{"gap"});
}

// Messages that came together.

TEST_F(RemoteDeliveryTest, MessagesToTheSameReceiversGoOnAsOne) {
  directory_.join(clients_.add(1).id, "a");
  receive({to_room("a", "1"), to_room("a", "2"), to_room("a", "3")});
  EXPECT_EQ(shards_.executed()[1],
            Texts{"room a: " + numbered(1) + " + " + numbered(2) + " + " + numbered(3)});
  receive({to_room("a", "4")});
  EXPECT_EQ(shards_.executed()[1], Texts{"room a: " + numbered(4)});
}

TEST_F(RemoteDeliveryTest, TheyWaitForTheEndOfWhatCameTogether) {
  directory_.join(clients_.add(1).id, "a");
  shards_.on(kBrokerShard, [&] { remote_.deliver(to_room("a")); });
  EXPECT_EQ(shards_.executed()[1], Texts{});
  shards_.on(kBrokerShard, [&] { remote_.flush(); });
  EXPECT_EQ(shards_.executed()[1], Texts{"room a: " + kMessage});
  shards_.on(kBrokerShard, [&] { remote_.flush(); });
  EXPECT_EQ(shards_.executed()[1], Texts{}) << "once";
}

TEST_F(RemoteDeliveryTest, NoMessageOvertakesAnother) {
  const auto& alice = clients_.add(1, "a");
  directory_.join(alice.id, "a");
  directory_.join(alice.id, "b");
  const std::string id = alice.id.text();
  const ClientId other = ClientId::generate(system_random());
  receive({to_room("a", "1"),
           {.type = BackplaneTarget::user, .target = "a", .event = "e", .data = "2"},
           {.type = BackplaneTarget::client, .target = id, .event = "e", .data = "3"},
           {.type = BackplaneTarget::client, .target = id, .event = "e", .data = "4"},
           to_room("b", "5"),
           to_room("nobody is there", "6"),
           to_room("b", "7"),
           {.type = BackplaneTarget::room,
            .target = "b",
            .event = "e",
            .data = "8",
            .exclude = {other.text()}},
           to_room("b", "9"),
           {.event = "e", .data = "10"},
           {.event = "e", .data = "11"}});
  EXPECT_EQ(
      shards_.executed()[1],
      (Texts{"room a: " + numbered(1), "user a: " + numbered(2),
             "client " + id + ": " + numbered(3) + " + " + numbered(4), "room b: " + numbered(5),
             "room b: " + numbered(7), "room b without 1: " + numbered(8), "room b: " + numbered(9),
             "everybody: " + numbered(10) + " + " + numbered(11)}));
}

TEST_F(RemoteDeliveryTest, LongMessagesGoOnInTheirOrderToo) {
  directory_.join(clients_.add(1).id, "a");
  const std::string half(ws::FrameJoiner::kMostBytes / 2, '1');
  const std::string all(ws::FrameJoiner::kMostBytes, '1');
  receive({to_room("a", half), to_room("a", half), to_room("a", "2"), to_room("a", all),
           to_room("a", "3")});
  const auto executed = shards_.executed()[1];
  ASSERT_EQ(executed.size(), 4u);
  EXPECT_EQ(executed[0], "room a: " + envelope(half));
  EXPECT_TRUE(executed[1].ends_with(" + " + numbered(2)));
  EXPECT_EQ(executed[2], "room a: " + envelope(all));
  EXPECT_EQ(executed[3], "room a: " + numbered(3));
}

TEST_F(RemoteDeliveryTest, X3AnythingSaidOfALossComesAfterThem) {
  clients_.add(1);
  shards_.on(kBrokerShard, [&] {
    remote_.deliver({.event = "e", .data = "1"});
    remote_.report_gap();
    remote_.deliver({.event = "e", .data = "2"});
    remote_.report_loss({"ws:broadcast"});
  });
  EXPECT_EQ(shards_.executed()[1],
            (Texts{"everybody: " + numbered(1), "gap", "everybody: " + numbered(2)}))
      << "one gap at a time is on its way";
}

TEST_F(RemoteDeliveryTest, X12MessagesThatAreFollowedGoAlone) {
  directory_.join(clients_.add(1).id, "a");
  ASSERT_FALSE(tracer_.start({.id = "t", .kind = TraceKind::room, .target = "a"}));
  receive({to_room("a", "1"), to_room("a", "2")});
  EXPECT_EQ(shards_.executed()[1], (Texts{"room a: " + numbered(1), "room a: " + numbered(2)}));
  EXPECT_EQ(tracer_.report("t")->messages, 2u);
}

TEST_F(RemoteDeliveryTest, WithoutMemoryWhatWaitsIsDeliveredLaterOrLostWithAnException) {
  directory_.join(clients_.add(1).id, "a");
  shards_.on(kBrokerShard, [&] {
    remote_.deliver(to_room("a", "1"));
    int thrown = 0;
    const int failed = test::fail_each_allocation([&] {
      ++thrown;
      remote_.flush();
      --thrown;
    });
    EXPECT_GT(failed, 0);
    EXPECT_LE(thrown, failed);
    remote_.deliver(to_room("a", "2"));
    remote_.flush();
  });
  const auto executed = shards_.executed()[1];
  EXPECT_EQ(executed.back(), "room a: " + numbered(2)) << "what failed before does no harm";
}

TEST_F(RemoteDeliveryTest, H6MembersOnAFullShardAreToldWhichMessageOfARoomWithHistoryTheyMiss) {
  directory_.join(clients_.add(2).id, "a");
  fill(2);
  const auto message = std::make_shared<const hub::HistoryMessage>(hub::HistoryMessage::Parts{
      .room = "a", .position = {7, "epoch"}, .event = "e", .head = "{", .tail = "}"});
  HistoryDelivery history(directory_, shards_.router, tracer_);
  shards_.on(kBrokerShard, [&] { history.deliver(message); });
  EXPECT_EQ(shards_.executed()[2], Texts{"lost a"});
}

}  // namespace
}  // namespace wscast::server
