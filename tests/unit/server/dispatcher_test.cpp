#include "server/dispatcher.h"

#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/directory_clients.h"
#include "support/fake_shards.h"

namespace wscast::server {
namespace {

using Texts = std::vector<std::string>;

constexpr std::size_t kMaxBytes = 10'000;
const Json kOne = Json::text("1");
const std::string kMessage = R"({"event":"e","data":1})";

class DispatcherTest : public testing::Test {
 protected:
  FakeReceiver& receiver(std::size_t shard) { return *shards_.receivers[shard]; }
  void fill(std::size_t shard) { ASSERT_TRUE(shards_.router.charge(shard, kMaxBytes)); }
  OnResult keep_result() {
    return [this](const PublishResult& result) { results_.push_back(result); };
  }
  std::string envelope(const std::string& rest) {
    return R"({"serverId":"me",)" + rest + R"(,"event":"e","data":1})";
  }
  std::uint64_t count(Counter counter) const {
    Stats stats;
    dispatcher_.add_to(stats);
    return stats[counter];
  }

  session::FakeClock clock_;
  Directory directory_{3, clock_};
  DirectoryClients clients_{directory_, clock_};
  FakeShards shards_{3, kMaxBytes};
  FakeBackplane backplane_{shards_};
  FakeBroker& broker_ = backplane_.broker;
  std::atomic<bool> running_{true};
  Tracer tracer_{directory_, system_random(), clock_};
  Dispatcher dispatcher_{running_,       backplane_.server_id, backplane_.log, directory_,
                         shards_.router, backplane_.port,      tracer_};
  std::vector<PublishResult> results_;
};

TEST_F(DispatcherTest, AMessageHasTheTimeWhenItWasTakenIfThatIsMeasured) {
  Dispatcher measured(running_, backplane_.server_id, backplane_.log, directory_, shards_.router,
                      backplane_.port, tracer_, &clock_);
  const std::string id = clients_.add(1).id.text();
  EXPECT_TRUE(measured.send_to_client({.client_id = id, .event = "e", .data = kOne}));
  EXPECT_FALSE(measured.broadcast({.event = "e", .data = kOne}));
  EXPECT_FALSE(dispatcher_.broadcast({.event = "e", .data = kOne}));
  shards_.executed();
  EXPECT_EQ(receiver(1).taken, (std::vector{clock_.now(), clock_.now(), SteadyTime{}}));
}

// send_to_client.

TEST_F(DispatcherTest, D1AMessageToAClientGoesToItsShard) {
  const std::string id = clients_.add(2).id.text();
  const auto sent = dispatcher_.send_to_client({.client_id = id, .event = "e", .data = kOne});
  EXPECT_EQ(*sent, static_cast<int>(kMessage.size()));
  EXPECT_EQ(shards_.executed(), (std::vector<Texts>{{}, {}, {"client " + id + ": " + kMessage}}));
}

TEST_F(DispatcherTest, OnItsOwnShardTheResultIsTheClientsOwn) {
  const std::string id = clients_.add(2).id.text();
  receiver(2).send_result = -1;
  shards_.on(2, [&] {
    EXPECT_EQ(*dispatcher_.send_to_client({.client_id = id, .event = "e", .data = kOne}), -1);
  });
  EXPECT_EQ(receiver(2).take(), Texts{"exactly: " + kMessage});
}

TEST_F(DispatcherTest, T12ForAnotherShardTheResultIsWhatThatSawLast) {
  auto& alice = clients_.add(2);
  const std::string id = alice.id.text();
  alice.backpressured = true;
  EXPECT_EQ(*dispatcher_.send_to_client({.client_id = id, .event = "e", .data = kOne}), -1);
  EXPECT_EQ(shards_.executed()[2].size(), 1u);
  alice.full = true;
  EXPECT_EQ(*dispatcher_.send_to_client({.client_id = id, .event = "e", .data = kOne}), 0);
  EXPECT_EQ(shards_.executed()[2].size(), 0u);
  EXPECT_EQ(count(Counter::dropped_backpressure), 1u);
}

TEST_F(DispatcherTest, X2AClientLearnsOfAMessageThatItsShardNeverSaw) {
  auto& alice = clients_.add(2);
  alice.state = ClientState::authenticated;
  alice.full = true;
  const std::string id = alice.id.text();
  EXPECT_EQ(*dispatcher_.send_to_client({.client_id = id, .event = "e", .data = kOne}), 0);
  EXPECT_EQ(*dispatcher_.send_to_client({.client_id = id, .event = "e", .data = kOne}), 0);
  EXPECT_EQ(shards_.executed()[2], Texts{"hole"}) << "its shard is notified once for each hole";
  EXPECT_EQ(directory_.info(alice.id)->dropped_messages, 2u);
  alice.full = alice.hole_announced = false;
  fill(2);
  const auto sent = dispatcher_.send_to_client({.client_id = id, .event = "e", .data = kOne});
  EXPECT_EQ(sent.error(), Errc::overloaded);
  EXPECT_EQ(dispatcher_.send({.destination = id, .event = "e", .data = kOne}), Errc::overloaded);
  EXPECT_EQ(shards_.executed()[2].back(), "hole");
  EXPECT_EQ(directory_.info(alice.id)->dropped_messages, 4u);
}

TEST_F(DispatcherTest, AnUnknownClientGetsNothing) {
  const std::string id = ClientId::generate(system_random()).text();
  EXPECT_EQ(*dispatcher_.send_to_client({.client_id = id, .event = "e", .data = kOne}), 0);
  EXPECT_EQ(*dispatcher_.send_to_client({.client_id = "alice", .event = "e"}), 0);
  EXPECT_EQ(shards_.executed(), std::vector<Texts>(3));
}

TEST_F(DispatcherTest, AMessageToAClientOfAFullShardIsRefused) {
  const std::string id = clients_.add(2).id.text();
  fill(2);
  const auto sent = dispatcher_.send_to_client({.client_id = id, .event = "e", .data = kOne});
  EXPECT_EQ(sent.error(), Errc::overloaded);
  EXPECT_EQ(shards_.refused(), 1u);
}

// Messages to several.

TEST_F(DispatcherTest, D2AMessageToAUserGoesToTheShardsOfItsClients) {
  clients_.add(0, "alice");
  clients_.add(2, "alice");
  clients_.add(1, "bob");
  EXPECT_FALSE(dispatcher_.send_to_user({.user_id = "alice", .event = "e", .data = kOne}));
  const Texts user{"user alice: " + kMessage};
  EXPECT_EQ(shards_.executed(), (std::vector<Texts>{user, {}, user}));
  EXPECT_FALSE(dispatcher_.send_to_user({.user_id = "", .event = "e", .data = kOne}));
  EXPECT_EQ(shards_.executed(), std::vector<Texts>(3));
}

TEST_F(DispatcherTest, D3AMessageToARoomGoesToTheShardsOfItsMembers) {
  const auto& alice = clients_.add(1);
  directory_.join(alice.id, "a");
  EXPECT_FALSE(dispatcher_.send_to_room({.room = "a", .event = "e", .data = kOne}));
  EXPECT_EQ(shards_.executed(), (std::vector<Texts>{{}, {"room a: " + kMessage}, {}}));
  EXPECT_EQ(broker_.asked, Texts{}) << "D3 is for this server alone";
}

TEST_F(DispatcherTest, D4ABroadcastGoesToAllShardsWithWhomToSkip) {
  const std::string id = clients_.add(1).id.text();
  EXPECT_FALSE(
      dispatcher_.broadcast({.event = "e", .data = kOne, .exclude = {id, "no client id"}}));
  const Texts all{"everybody without 1: " + kMessage};
  EXPECT_EQ(shards_.executed(), (std::vector<Texts>{all, all, all}));
}

TEST_F(DispatcherTest, WhatIsNoJsonIsRefused) {
  const Json bad = Json::text("{");
  const std::string id = clients_.add(1).id.text();
  EXPECT_EQ(dispatcher_.send_to_client({.client_id = id, .event = "e", .data = bad}).error(),
            Errc::invalid_json);
  EXPECT_EQ(dispatcher_.send_to_client({.client_id = id, .event = "e", .id = bad}).error(),
            Errc::invalid_json);
  EXPECT_EQ(dispatcher_.broadcast({.event = "e", .data = bad}), Errc::invalid_json);
  EXPECT_EQ(dispatcher_.broadcast({.event = "\xff", .data = kOne}), Errc::invalid_json);
  EXPECT_EQ(shards_.executed(), std::vector<Texts>(3));
}

TEST_F(DispatcherTest, O19AStoppedServerSendsNothing) {
  running_ = false;
  const std::string id = clients_.add(1).id.text();
  EXPECT_EQ(dispatcher_.send_to_client({.client_id = id, .event = "e"}).error(), Errc::stopped);
  EXPECT_EQ(dispatcher_.broadcast({.event = "e"}), Errc::stopped);
  EXPECT_EQ(dispatcher_.send({.event = "e", .data = kOne}), Errc::stopped);
  EXPECT_EQ(shards_.executed(), std::vector<Texts>(3));
}

// Results.

TEST_F(DispatcherTest, D11TheResultIsTheSumOfAllShards) {
  dispatcher_.broadcast({.event = "e", .data = kOne, .on_result = keep_result()});
  EXPECT_TRUE(results_.empty()) << "never inside the call";
  shards_.run();
  ASSERT_EQ(results_.size(), 1u);
  EXPECT_EQ(results_[0].accepted, 3u);
  EXPECT_EQ(results_[0].backplane, Backplane::none);
}

TEST_F(DispatcherTest, D11AMessageWithoutReceiversHasAResultToo) {
  dispatcher_.send_to_room({.room = "a", .event = "e", .on_result = keep_result()});
  EXPECT_TRUE(results_.empty()) << "never inside the call";
  EXPECT_EQ(shards_.executed(), (std::vector<Texts>{{"completed"}, {}, {}}));
  ASSERT_EQ(results_.size(), 1u);
  EXPECT_EQ(results_[0].accepted, 0u);
}

TEST_F(DispatcherTest, AMessageWithoutReceiversCompletesOnTheCallersShard) {
  shards_.on(2, [&] {
    dispatcher_.send_to_user({.user_id = "u", .event = "e", .on_result = keep_result()});
  });
  EXPECT_EQ(shards_.executed(), (std::vector<Texts>{{}, {}, {"completed"}}));
}

TEST_F(DispatcherTest, D10ARefusedMessageHasNoResult) {
  fill(1);
  EXPECT_EQ(dispatcher_.broadcast({.event = "e", .on_result = keep_result()}), Errc::overloaded);
  EXPECT_EQ(shards_.executed()[2].size(), 1u) << "the others have it";
  EXPECT_TRUE(results_.empty());
}

TEST_F(DispatcherTest, AnOverloadIsReportedToTheShardThatSent) {
  fill(1);
  shards_.on(0, [&] { dispatcher_.broadcast({.event = "e"}); });
  EXPECT_EQ(receiver(0).overloads, 1);
  EXPECT_EQ(shards_.refused(), 1u);
}

// send().

TEST_F(DispatcherTest, D7SendWithoutADestinationIsForEverybodyOnAllServers) {
  EXPECT_FALSE(
      dispatcher_.send({.event = "e", .data = kOne, .exclude = {"x"}, .on_result = keep_result()}));
  const Texts all{"everybody without 0: " + kMessage};
  const std::string out = R"({"serverId":"me","type":"broadcast","event":"e","data":1,)"
                          R"("exclude":["x"]})";
  const auto shards = shards_.executed();
  EXPECT_EQ(shards[0][0], all[0]);
  EXPECT_EQ(shards[0][1], "publish ws:broadcast: " + out);
  EXPECT_EQ(shards[1], all);
  EXPECT_EQ(shards[2], all);
  ASSERT_EQ(results_.size(), 1u);
  EXPECT_EQ(results_[0].accepted, 3u);
  EXPECT_EQ(results_[0].backplane, Backplane::ok);
}

TEST_F(DispatcherTest, D8SendToAClientHereNamesItToTheOthers) {
  const std::string id = clients_.add(1).id.text();
  EXPECT_FALSE(dispatcher_.send({.destination = id, .event = "e", .data = kOne}));
  EXPECT_EQ(shards_.executed(),
            (std::vector<Texts>{{"publish ws:client:" + id + ": " +
                                 envelope(R"("type":"client","target":")" + id + "\"")},
                                {"client " + id + ": " + kMessage},
                                {}}));
}

TEST_F(DispatcherTest, D9ARoomWithoutMembersHereMayHaveSomeOnOtherServers) {
  EXPECT_FALSE(dispatcher_.send(
      {.destination = "a", .event = "e", .data = kOne, .on_result = keep_result()}));
  EXPECT_EQ(shards_.executed(),
            (std::vector<Texts>{
                {"publish ws:room:a: " + envelope(R"("type":"room","target":"a")")}, {}, {}}));
  EXPECT_EQ(results_[0].backplane, Backplane::ok);
}

TEST_F(DispatcherTest, X10SendToAUserReachesItsClientsOnAllServers) {
  clients_.add(1, "alice");
  EXPECT_FALSE(dispatcher_.send({.user_id = "alice", .event = "e", .data = kOne}));
  EXPECT_EQ(shards_.executed(), (std::vector<Texts>{{"publish ws:user:alice: " +
                                                     envelope(R"("type":"user","target":"alice")")},
                                                    {"user alice: " + kMessage},
                                                    {}}));
}

TEST_F(DispatcherTest, SendStaysHereWhenThereAreNoOtherServers) {
  broker_.others = false;
  EXPECT_FALSE(dispatcher_.send(
      {.destination = "a", .event = "e", .data = kOne, .on_result = keep_result()}));
  EXPECT_EQ(shards_.executed(), (std::vector<Texts>{{"completed"}, {}, {}}));
}

TEST_F(DispatcherTest, D6SendWithoutTopicOrDataIsIgnored) {
  EXPECT_FALSE(dispatcher_.send({.event = "", .data = kOne}));
  EXPECT_FALSE(dispatcher_.send({.event = "e"}));
  EXPECT_EQ(shards_.executed(), std::vector<Texts>(3));
}

TEST_F(DispatcherTest, APublishOverTheBrokersLimitIsNotDeliveredHereEither) {
  broker_.max_bytes = 10;
  EXPECT_EQ(dispatcher_.send({.event = "e", .data = kOne}), Errc::message_too_big);
  EXPECT_EQ(shards_.executed(), std::vector<Texts>(3));
  EXPECT_EQ(count(Counter::publishes_too_big), 1u);
}

TEST_F(DispatcherTest, OtherServersAreSentTextAlone) {
  EXPECT_EQ(dispatcher_.send({.destination = "\xff", .event = "e", .data = kOne}),
            Errc::invalid_text);
  EXPECT_EQ(dispatcher_.send({.event = "e", .data = kOne, .exclude = {"\xff"}}),
            Errc::invalid_text);
  EXPECT_EQ(shards_.executed(), std::vector<Texts>(3));
}

TEST_F(DispatcherTest, APublishThatIsRefusedIsAnError) {
  fill(kBrokerShard);
  shards_.on(2, [&] {
    EXPECT_EQ(dispatcher_.send(
                  {.destination = "a", .event = "e", .data = kOne, .on_result = keep_result()}),
              Errc::overloaded);
  });
  shards_.run();
  EXPECT_EQ(receiver(2).overloads, 1);
  EXPECT_TRUE(results_.empty());
}

}  // namespace
}  // namespace wscast::server
