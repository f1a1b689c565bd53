// Several servers as one (protocol.md sections 2 and 3), on a bus in place of Redis: what crosses,
// what is asked for, and that nothing is missed.

#include <chrono>
#include <future>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/uuid.h"
#include "integration/server_fixture.h"
#include "support/bus.h"

namespace wscast {
namespace {

std::string in_quotes(std::string_view text) {
  return '"' + std::string(text) + '"';
}

/// As an emitter writes it.
std::string envelope(std::string_view type, std::string_view target, std::string_view event,
                     std::string_view rest = {}) {
  return R"({"serverId":"emitter","type":)" + in_quotes(type) +
         (target.empty() ? "" : R"(,"target":)" + in_quotes(target)) + R"(,"event":)" +
         in_quotes(event) + R"(,"data":1)" + std::string(rest) + "}";
}

struct Setting {
  std::size_t shards;
  bool exact;
};

class Servers : public testing::TestWithParam<Setting> {
 protected:
  std::unique_ptr<ServerFixture> make(const ServerFixture::Adjust& adjust = {}) {
    auto made = std::make_unique<ServerFixture>(GetParam().shards, [&](ServerOptions& options) {
      options.broker = bus_.broker(GetParam().exact);
      if (adjust) adjust(options);
    });
    made->spread();
    return made;
  }

  Bus bus_;
  std::unique_ptr<ServerFixture> here_ = make();
  std::unique_ptr<ServerFixture> there_ = make();
};

INSTANTIATE_TEST_SUITE_P(Each, Servers,
                         testing::Values(Setting{1, true}, Setting{3, true}, Setting{1, false},
                                         Setting{3, false}),
                         [](const auto& row) {
                           return std::string(row.param.exact ? "Exact" : "Patterns") +
                                  std::to_string(row.param.shards) + "Shards";
                         });

// shows: D6, D12
TEST_P(Servers, EverybodyIsReachedOnEachServer) {
  const auto alice = here_->peer("alice");
  const auto bob = there_->peer("bob");
  EXPECT_FALSE(here_->server().send({.event = "news", .data = kOne}));
  EXPECT_EQ(alice.next(), message("news", "1"));
  EXPECT_EQ(bob.next(), message("news", "1"));
}

// shows: D8, D9, D12
TEST_P(Servers, ARoomIsReachedOnEachServerButForTheExcluded) {
  const auto alice = here_->peer("alice", {"lobby"});
  const auto bob = there_->peer("bob", {"lobby"});
  const auto carol = there_->peer("carol", {"lobby"});
  const auto dave = there_->peer("dave");
  EXPECT_FALSE(here_->server().send(
      {.destination = "lobby", .event = "first", .data = kOne, .exclude = {bob.id}}));
  EXPECT_FALSE(here_->server().send({.event = "second", .data = kOne}));
  for (const auto* one : {&alice, &carol}) EXPECT_EQ(one->next(), message("first", "1"));
  for (const auto* one : {&alice, &bob, &carol, &dave}) {
    EXPECT_EQ(one->next(), message("second", "1"));
  }
}

// shows: D9, D13
TEST_P(Servers, AClientOnAnotherServerIsReachedByItsId) {
  const auto alice = here_->peer("alice");
  const auto bob = there_->peer("bob");
  EXPECT_FALSE(here_->server().send({.destination = bob.id, .event = "psst", .data = kOne}));
  EXPECT_EQ(bob.next(), message("psst", "1"));
}

// shows: D12
TEST_P(Servers, AllOtherCallsAreForThisServerAlone) {
  const auto alice = here_->peer("crowd", {"lobby"});
  const auto bob = there_->peer("crowd", {"lobby"});
  Server& server = here_->server();
  EXPECT_FALSE(server.send_to_user({.user_id = "crowd", .event = "user", .data = kOne}));
  EXPECT_FALSE(server.send_to_room({.room = "lobby", .event = "room", .data = kOne}));
  EXPECT_FALSE(server.broadcast({.event = "all", .data = kOne}));
  EXPECT_TRUE(bus_.published().empty());
  EXPECT_FALSE(server.send({.event = "last", .data = kOne}));
  EXPECT_EQ(bob.next(), message("last", "1"));
}

// shows: R2
TEST_P(Servers, WhatComesBackFromTheBrokerIsNotDeliveredAgain) {
  const auto alice = here_->peer("alice", {"lobby"});
  Server& server = here_->server();
  for (const auto* event : {"one", "two"}) {
    EXPECT_FALSE(server.send({.destination = "lobby", .event = event, .data = kOne}));
  }
  EXPECT_EQ(alice.next(), message("one", "1"));
  EXPECT_EQ(alice.next(), message("two", "1"));
  ServerFixture::await([&] { return bus_.published().size() == 2; });  // They have come back.
  EXPECT_FALSE(there_->server().send({.destination = "lobby", .event = "three", .data = kOne}));
  EXPECT_EQ(alice.next(), message("three", "1"));
  EXPECT_EQ(here_->count(Counter::broker_messages), 1u);
  EXPECT_EQ(here_->count(Counter::broker_unroutable), 0u);
}

// shows: D6, D7, D8, D9, A-server-send-redis
TEST_P(Servers, WhatIsPublishedIsTheReferencesToTheLetter) {
  const auto alice = here_->peer("alice", {"lobby"});
  Server& server = here_->server();
  const auto send = [&server](std::string_view destination, std::vector<std::string> exclude = {}) {
    EXPECT_FALSE(server.send({.destination = destination,
                              .event = "e",
                              .data = Json::text(R"({ "a": 1e999 })"),
                              .exclude = std::move(exclude)}));
  };
  send("");
  send(alice.id);
  send("lobby", {"x", "y"});
  send("nobody \"here\"");
  ServerFixture::await([this] { return bus_.published().size() == 4; });
  const std::string begin = R"({"serverId":")" + server.server_id() + R"(","type":)";
  const std::string end = R"("event":"e","data":{ "a": 1e999 })";
  EXPECT_EQ(bus_.published(), (std::vector<Bus::Published>{
                                  {"ws:broadcast", begin + R"("broadcast",)" + end + "}"},
                                  {"ws:client:" + alice.id, begin + R"("client","target":")" +
                                                                alice.id + R"(",)" + end + "}"},
                                  {"ws:room:lobby", begin + R"("room","target":"lobby",)" + end +
                                                        R"(,"exclude":["x","y"]})"},
                                  {"ws:room:nobody \"here\"",
                                   begin + R"("room","target":"nobody \"here\"",)" + end + "}"}}));
}

// shows: R4, R6
TEST_P(Servers, AnEmitterReachesClientsUsersRoomsAndEverybody) {
  const auto alice = here_->peer("alice", {"lobby"});
  const auto bob = there_->peer("bob", {"lobby"});
  bus_.say("ws:client:" + alice.id, envelope("client", alice.id, "mine"));
  bus_.say("ws:user:bob", envelope("user", "bob", "user"));
  bus_.say("ws:room:lobby",
           envelope("room", "lobby", "room", R"(,"exclude":[)" + in_quotes(alice.id) + ",7]"));
  bus_.say("ws:broadcast", envelope("broadcast", "", "all"));
  EXPECT_EQ(alice.next(), message("mine", "1"));
  EXPECT_EQ(alice.next(), message("all", "1"));
  EXPECT_EQ(bob.next(), message("user", "1"));
  EXPECT_EQ(bob.next(), message("room", "1"));
  EXPECT_EQ(bob.next(), message("all", "1"));
}

// shows: R1, R3, R11
TEST_P(Servers, WhatIsNoMessageIsCountedAndReachesNobody) {
  const auto alice = here_->peer("alice");
  const auto say = [this](const std::string& text) { bus_.say("ws:broadcast", text); };
  say("\xff\xfe random");
  say("[]");
  say(R"({"serverId":1,"type":"broadcast","event":"x"})");
  say(R"({"serverId":"emitter","type":"broadcast","event":1})");
  say(R"({"serverId":"emitter","type":"broadcast","event":"x","data":)" + std::string(300, '[') +
      std::string(300, ']') + "}");
  say(R"({"serverId":"emitter","type":"planet","event":"x"})");
  say(R"({"serverId":"emitter","type":"room","event":"x"})");
  say(R"({"serverId":"emitter","type":"room","target":"","event":"x"})");
  say(envelope("broadcast", "", "at last"));
  EXPECT_EQ(alice.next(), message("at last", "1"));
  EXPECT_EQ(here_->count(Counter::broker_malformed), 5u);
  EXPECT_EQ(here_->count(Counter::broker_unroutable), 3u);
  EXPECT_EQ(here_->count(Counter::broker_messages), 1u);
}

TEST_P(Servers, TheCallerLearnsWhetherOthersWereReached) {
  const auto alice = here_->peer("alice", {"lobby"});
  for (const Backplane said : {Backplane::ok, Backplane::down, Backplane::unknown}) {
    bus_.answer(said);
    for (const auto* room : {"lobby", "nobody's"}) {
      auto told = std::make_shared<std::promise<PublishResult>>();
      EXPECT_FALSE(here_->server().send(
          {.destination = room,
           .event = "e",
           .data = kOne,
           .on_result = [told](const PublishResult& result) { told->set_value(result); }}));
      const PublishResult result = told->get_future().get();
      EXPECT_EQ(result.backplane, said);
      EXPECT_EQ(result.accepted, std::string_view(room) == "lobby" ? 1u : 0u);
    }
  }
}

TEST_P(Servers, AMessageThatIsTooLongForTheBrokerIsRefusedWhole) {
  const auto alice = here_->peer("alice");
  const std::string text = '"' + std::string(1024 * 1024, 'x') + '"';
  EXPECT_EQ(here_->server().send({.event = "e", .data = Json::text(text)}), Errc::message_too_big);
  EXPECT_FALSE(here_->server().send({.event = "after", .data = kOne}));
  EXPECT_EQ(alice.next(), message("after", "1"));
  EXPECT_EQ(here_->count(Counter::publishes_too_big), 1u);
}

TEST_P(Servers, WhatOthersCouldNotReadIsRefusedWhole) {
  const auto alice = here_->peer("alice");
  const auto send = [&](std::string_view destination, std::vector<std::string> exclude) {
    return here_->server().send(
        {.destination = destination, .event = "e", .data = kOne, .exclude = std::move(exclude)});
  };
  EXPECT_EQ(send("\xff", {}), Errc::invalid_text);
  EXPECT_EQ(send("", {"\xff"}), Errc::invalid_text);
  EXPECT_EQ(send("ws-default", {"fine", "\xff"}), Errc::invalid_text);
  EXPECT_FALSE(here_->server().send({.event = "after", .data = kOne}));
  EXPECT_EQ(alice.next(), message("after", "1"));
}

/// Both servers ask for the channels of those who are there, and for no others.
TEST_P(Servers, ChannelsAreHeardWhileSomebodyNeedsThem) {
  if (!GetParam().exact) return;
  {
    const auto alice = here_->peer("u", {"a", "b"});
    const auto bob = there_->peer("u", {"b"});
    std::set<std::string> expected = {"ws:user:u", "ws:room:a", "ws:room:b", "ws:room:ws-default",
                                      "ws:room:ws-notification"};
    for (const auto& id : {alice.id, bob.id}) {
      expected.insert("ws:client:" + id);
      expected.insert("ws:room:" + id);
    }
    ServerFixture::await([&] { return bus_.subscribed() == expected; });
    EXPECT_FALSE(here_->server().join_room({.client_id = alice.id, .room = "api"}));
    expected.insert("ws:room:api");
    alice.send("leave", R"({"rooms":["a",)" + in_quotes(alice.id) + "]}");
    expected.erase("ws:room:a");
    expected.erase("ws:room:" + alice.id);
    ServerFixture::await(
        [&] { return bus_.subscribed() == expected && bus_.needed() == expected; });
  }
  ServerFixture::await([&] { return bus_.subscribed().empty() && bus_.needed().empty(); });
}

// shows: M17
TEST_P(Servers, AClientIsConnectedOnceItsChannelsAreHeard) {
  if (!GetParam().exact) return;
  bus_.hold();
  const auto alice = here_->connect();
  alice->send_text(R"({"event":"authenticate","data":{"token":"alice"}})");
  ServerFixture::await([this] { return bus_.waiting() > 0; });
  bus_.say("ws:broadcast", envelope("broadcast", "", "too early"));
  EXPECT_EQ(here_->server().get_clients().front().state, ClientState::authenticating);
  bus_.release();
  EXPECT_TRUE(alice->receive().payload.starts_with(R"({"event":"connected")"));
  bus_.say("ws:user:alice", envelope("user", "alice", "now"));
  EXPECT_EQ(alice->receive().payload, message("now", "1"));
}

// shows: M7, M14
TEST_P(Servers, WhatAnswersAMessageBehindAJoinKnowsThatTheRoomIsHeard) {
  if (!GetParam().exact) return;
  const auto alice = here_->peer("alice");
  bus_.hold();
  alice.send("join", R"({"rooms":["late"]})");
  alice.send("marker", R"({"room":")" + alice.id + R"(","data":2})");
  ServerFixture::await([this] { return bus_.waiting() > 0; });
  EXPECT_FALSE(here_->server().in_room(alice.id, "late"));
  bus_.release();
  EXPECT_EQ(alice.next(), message("marker", "2"));
  EXPECT_EQ(bus_.say("ws:room:late", envelope("room", "late", "heard")), 1u);
  EXPECT_EQ(alice.next(), message("heard", "1"));
}

TEST_P(Servers, AClientThatGoesWhileItWaitsLeavesNothingBehind) {
  if (!GetParam().exact) return;
  bus_.hold();
  {
    const auto alice = here_->connect();
    alice->send_text(R"({"event":"authenticate","data":{"token":"alice"}})");
    ServerFixture::await([this] { return bus_.waiting() > 0; });
  }
  ServerFixture::await([this] { return here_->server().client_count() == 0; });
  bus_.release();
  ServerFixture::await([this] { return bus_.needed().empty() && bus_.subscribed().empty(); });
}

/// Members come and go, in any order, by messages and by calls; what is asked for follows.
TEST_P(Servers, AtRestWhatIsHeardIsWhatIsNeeded) {
  if (!GetParam().exact) return;
  std::mt19937 random(20261124);
  const auto below = [&random](std::size_t n) { return random() % n; };
  std::vector<Peer> peers;
  for (int i = 0; i < 6; ++i) {
    peers.push_back((i % 2 == 0 ? here_ : there_)->peer("u" + std::to_string(below(3))));
  }
  for (int step = 0; step < 400; ++step) {
    const std::size_t one = below(peers.size());
    const std::string room = "r" + std::to_string(below(4));
    Server& server = (one % 2 == 0 ? here_ : there_)->server();
    switch (below(5)) {
      case 0:
        peers[one].send("join", R"({"rooms":[)" + in_quotes(room) + "]}");
        break;
      case 1:
        peers[one].send("leave", R"({"rooms":[)" + in_quotes(room) + "]}");
        break;
      case 2:
        server.join_room({.client_id = peers[one].id, .room = room});
        break;
      case 3:
        server.leave_room({.client_id = peers[one].id, .room = room});
        break;
      default:
        below(2) == 0 ? bus_.hold() : bus_.release();
    }
  }
  bus_.release();
  const auto expected = [&] {
    std::set<std::string> all = {"ws:room:ws-default", "ws:room:ws-notification"};
    for (auto* fixture : {here_.get(), there_.get()}) {
      for (const auto& info : fixture->server().get_clients()) {
        all.insert("ws:client:" + info.id);
        all.insert("ws:user:" + info.user_id);
        for (const auto& room : info.rooms) all.insert("ws:room:" + room);
      }
    }
    return all;
  };
  const auto settled = [&] {
    return bus_.waiting() == 0 && bus_.subscribed() == expected() && bus_.needed() == expected();
  };
  ServerFixture::await(settled);
  for (const auto& peer : peers) {  // Whatever was still on its way has been handled behind this.
    bus_.say("ws:client:" + peer.id, envelope("client", peer.id, "end"));
    EXPECT_EQ(peer.next(), message("end", "1"));
  }
  ServerFixture::await(settled);
}

TEST(ServerWithABroker, DoesNotStartWithoutIt) {
  Bus bus;
  bus.fault = "no such Redis";
  try {
    const ServerFixture fixture(2, [&](ServerOptions& options) { options.broker = bus.broker(); });
    FAIL() << "it started";
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "no such Redis");
  }
}

}  // namespace
}  // namespace wscast
