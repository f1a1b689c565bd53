// A session and rooms with history (protocol.md H4 to H7): what it asks for, and what a client is
// sent of the answer.

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "support/session_world.h"

namespace wscast::session {
namespace {

using protocol::LossReason;

hub::SharedHistoryMessage message(std::uint64_t offset, std::vector<ClientId> exclude = {},
                                  bool replay = true) {
  return std::make_shared<const hub::HistoryMessage>(hub::HistoryMessage::Parts{
      .room = "h-1",
      .position = {offset, "e"},
      .event = "n",
      .head = R"({"event":"n","data":)" + std::to_string(offset),
      .tail = R"(,"room":"h-1","offset":)" + std::to_string(offset) + "}",
      .exclude = std::move(exclude),
      .replay = replay});
}

std::string plain(int offset) {
  return R"({"event":"n","data":)" + std::to_string(offset) + "}";
}
std::string positioned(int offset) {
  return R"({"event":"n","data":)" + std::to_string(offset) + R"(,"room":"h-1","offset":)" +
         std::to_string(offset) + "}";
}

constexpr auto kAsk = R"({"event":"authenticate","ext":{"positions":1}})";
constexpr auto kJoin = R"({"event":"join","data":{"rooms":["h-1","x"]},"id":1})";

std::string connected(std::string_view positions) {
  return R"({"event":"connected","data":{"id":"ID","userId":"alice",)"
         R"("time":"2026-01-31T12:00:00.000Z","positions":)" +
         std::string(positions) + "}}";
}
std::string ack(std::string_view positions,
                std::string_view rooms = R"("h-1":"joined","x":"joined")") {
  return R"({"event":"ack","data":{"ok":true,"rooms":{)" + std::string(rooms) +
         R"(},"positions":)" + std::string(positions) + R"(},"id":1})";
}

class SessionHistoryTest : public testing::Test {
 protected:
  SessionHistoryTest() { world_.context.history = &rules_; }

  /// A client that asked, connected.
  Client& enter() {
    Client& client = world_.open();
    client.receive(kAsk);
    client.session.on_authenticate_result(Identity{"alice"});
    if (!world_.delegate.history.empty()) answer({{.name = "ws-default", .position = at(0)}});
    world_.delegate.open.clear();
    world_.forget();
    return client;
  }
  /// A client in the room, at position 0.
  Client& member() {
    Client& client = enter();
    client.receive(kJoin);
    world_.complete_all();
    answer({{.name = "h-1", .position = at(0)}});
    world_.forget();
    return client;
  }

  static Position at(std::uint64_t offset) { return {offset, "e"}; }

  void answer(std::vector<HistoryAnswer::Room> rooms) {
    ASSERT_FALSE(world_.delegate.history.empty());
    const auto asked = std::move(world_.delegate.history.front());
    world_.delegate.history.pop_front();
    asked.session->on_history({.number = asked.request.number, .rooms = std::move(rooms)});
  }
  void deliver(Client& client, std::uint64_t offset, bool replay = true) {
    deliver(client, message(offset, {}, replay));
  }
  static void deliver(Client& client, const hub::SharedHistoryMessage& sent) {
    hub::HistoryFrames frames(*sent);
    client.session.deliver_positioned(frames);
  }

  const HistoryRules rules_{{HistoryRule{.match = "h-*"}}};
  World world_;
};

TEST_F(SessionHistoryTest, H4WhoDoesNotAskGetsMessagesAsEver) {
  Client& client = world_.enter();
  client.receive(kJoin);
  world_.complete_all();
  EXPECT_EQ(
      client.take_sent(),
      Texts{R"({"event":"ack","data":{"ok":true,"rooms":{"h-1":"joined","x":"joined"}},"id":1})"});
  deliver(client, 1);
  EXPECT_EQ(client.take_sent(), Texts{plain(1)});
  EXPECT_TRUE(world_.delegate.history.empty());
}

TEST_F(SessionHistoryTest, H4ConnectedSaysThatTheServerKnowsPositions) {
  Client& client = world_.open();
  client.receive(kAsk);
  client.session.on_authenticate_result(Identity{"alice"});
  EXPECT_EQ(client.take_sent(), Texts{connected("{}")});
}

TEST_F(SessionHistoryTest, H4ConnectedWaitsForThePositionsOfDefaultRooms) {
  world_.options.default_rooms = {"h-1", "x"};
  Client& client = world_.open();
  client.receive(kAsk);
  client.session.on_authenticate_result(Identity{"alice"});
  EXPECT_EQ(client.take_sent(), Texts{});
  EXPECT_FALSE(world_.hub.in_room(client.session, "h-1"));
  answer({{.name = "h-1", .position = at(4)}});
  EXPECT_EQ(client.take_sent(), Texts{connected(R"({"h-1":{"offset":4,"epoch":"e"}})")});
  deliver(client, 5);
  EXPECT_EQ(client.take_sent(), Texts{positioned(5)});
}

TEST_F(SessionHistoryTest, H4TheAckOfAJoinHasThePosition) {
  Client& client = enter();
  client.receive(kJoin);
  world_.complete_all();
  EXPECT_EQ(world_.take_requests(), (Texts{"rooms h-1 x", "history h-1"}));
  client.receive(R"({"event":"move"})");
  EXPECT_EQ(client.take_sent(), Texts{}) << "the client's messages wait";
  deliver(client, 4);
  EXPECT_EQ(client.take_sent(), Texts{}) << "it comes with the answer";
  answer({{.name = "h-1", .position = at(4)}});
  EXPECT_EQ(client.take_sent(), Texts{ack(R"({"h-1":{"offset":4,"epoch":"e"}})")});
  EXPECT_EQ(world_.take_requests(), Texts{"message move -"});
  deliver(client, 5);
  EXPECT_EQ(client.take_sent(), Texts{positioned(5)});
}

TEST_F(SessionHistoryTest, H4ARoomThatItIsInHasNoPositionAgain) {
  Client& client = member();
  client.receive(kJoin);
  world_.complete_all();
  EXPECT_EQ(client.take_sent(), Texts{ack("{}")});
}

TEST_F(SessionHistoryTest, H5WhatWasMissedFollowsTheAck) {
  Client& client = enter();
  const ClientId former = ClientId::generate(system_random());
  const ClientId before = ClientId::generate(system_random());
  client.receive(R"({"event":"join","data":{"rooms":["h-1","x"],"recover":{"ids":[")" +
                 former.text() + R"(",")" + before.text() +
                 R"("],"rooms":{"h-1":{"offset":2,"epoch":"e"}}}},"id":1})");
  world_.complete_all();
  EXPECT_EQ(world_.take_requests(), (Texts{"rooms h-1 x", "history h-1@2e"}));
  answer({{.name = "h-1",
           .position = at(2),
           .missed = {message(3), message(4, {former}), message(5, {client.session.id}),
                      message(6, {before}), message(7)}}});
  EXPECT_EQ(client.take_sent(), (Texts{ack(R"({"h-1":{"offset":2,"epoch":"e","recovered":true}})"),
                                       positioned(3), positioned(7)}));
  deliver(client, message(8, {before}));
  deliver(client, message(9));
  EXPECT_EQ(client.take_sent(), Texts{positioned(9)});
}

TEST_F(SessionHistoryTest, H5OrTheReason) {
  Client& client = enter();
  client.receive(R"({"event":"join","data":{"rooms":["h-1"],"recover":{"rooms":)"
                 R"({"h-1":{"offset":2,"epoch":"d"}}}},"id":1})");
  world_.complete_all();
  answer({{.name = "h-1", .position = at(9), .lost = LossReason::epoch}});
  EXPECT_EQ(client.take_sent(),
            Texts{ack(R"({"h-1":{"offset":9,"epoch":"e","recovered":false,"reason":"epoch"}})",
                      R"("h-1":"joined")")});
}

TEST_F(SessionHistoryTest, H5WithoutAnAckByAGap) {
  Client& client = enter();
  client.receive(R"({"event":"join","data":{"rooms":["h-1"],"recover":{"rooms":)"
                 R"({"h-1":{"offset":2,"epoch":"e"}}}}})");
  world_.complete_all();
  answer({{.name = "h-1", .position = at(9), .lost = LossReason::window}});
  EXPECT_EQ(client.take_sent(),
            Texts{R"({"event":"gap","data":{"room":"h-1","from":null,"to":null,"reason":"window",)"
                  R"("position":{"offset":9,"epoch":"e"}},"server":true})"});
}

TEST_F(SessionHistoryTest, H5ARoomThatItIsInGoesOnFromThere) {
  Client& client = member();
  client.receive(R"({"event":"join","data":{"rooms":["h-1"],"recover":{"rooms":)"
                 R"({"h-1":{"offset":2,"epoch":"e"}}}},"id":1})");
  deliver(client, 4);
  EXPECT_EQ(client.take_sent(), Texts{});
  world_.complete_all();
  answer({{.name = "h-1", .position = at(2), .missed = {message(3), message(4)}}});
  EXPECT_EQ(client.take_sent(),
            (Texts{ack(R"({"h-1":{"offset":2,"epoch":"e","recovered":true}})", R"("h-1":"joined")"),
                   positioned(3), positioned(4)}));
}

TEST_F(SessionHistoryTest, H5AlsoWhenTheHookAllowsNothing) {
  Client& client = member();
  world_.results.rooms = Texts{};
  client.receive(R"({"event":"join","data":{"rooms":["h-1"],"recover":{"rooms":)"
                 R"({"h-1":{"offset":2,"epoch":"e"}}}},"id":1})");
  world_.complete_all();
  answer({{.name = "h-1", .position = at(2), .missed = {message(3)}}});
  EXPECT_EQ(client.take_sent().back(), positioned(3));
}

TEST_F(SessionHistoryTest, H5TheJoinThatComesWithAuthenticate) {
  world_.options.default_rooms = {"h-1"};
  world_.delegate.has_connected_hook = true;
  Client& client = world_.open();
  client.receive(
      R"({"event":"authenticate","ext":{"positions":1,"join":{"id":1,"data":{"rooms":["h-1","x"],)"
      R"("recover":{"rooms":{"h-1":{"offset":2,"epoch":"e"}}}}}}})");
  client.session.on_authenticate_result(Identity{"alice"});
  answer({{.name = "h-1", .position = at(4)}});
  world_.take_requests();
  deliver(client, 5);
  EXPECT_EQ(client.take_sent(), Texts{connected(R"({"h-1":{"offset":4,"epoch":"e"}})")})
      << "nothing is delivered before the join is handled";
  std::erase_if(world_.delegate.open,
                [](const auto& one) { return one.hook == FakeDelegate::Hook::authenticate; });
  world_.complete_all();
  answer({{.name = "h-1", .position = at(2), .missed = {message(3), message(4), message(5)}}});
  EXPECT_EQ(client.take_sent(), (Texts{ack(R"({"h-1":{"offset":2,"epoch":"e","recovered":true}})"),
                                       positioned(3), positioned(4), positioned(5)}));
}

TEST_F(SessionHistoryTest, H5MuchComesInParts) {
  Client& client = enter();
  client.receive(R"({"event":"join","data":{"rooms":["h-1"],"recover":{"rooms":)"
                 R"({"h-1":{"offset":2,"epoch":"e"}}}},"id":1})");
  world_.complete_all();
  answer({{.name = "h-1", .position = at(2), .missed = {message(3)}, .more = true}});
  client.take_sent();
  deliver(client, 9);
  EXPECT_EQ(client.take_sent(), Texts{});
  world_.take_requests();
  client.session.request_replays();
  EXPECT_EQ(world_.take_requests(), Texts{"history h-1@3e"});
  answer({{.name = "h-1", .position = at(3), .missed = {message(4)}}});
  EXPECT_EQ(client.take_sent(), Texts{positioned(4)});
}

TEST_F(SessionHistoryTest, H6AGapIsToldToWhoAsked) {
  Client& client = member();
  const Position position = at(9);
  client.session.on_history_gap(
      {.room = "h-1", .from = 4, .to = 9, .reason = LossReason::window, .position = &position});
  EXPECT_EQ(client.take_sent(),
            Texts{R"({"event":"gap","data":{"room":"h-1","from":4,"to":9,"reason":"window",)"
                  R"("position":{"offset":9,"epoch":"e"}},"server":true})"});
  Client& other = world_.enter();
  other.session.on_history_gap({.room = "h-1", .reason = LossReason::epoch, .position = &position});
  EXPECT_EQ(other.take_sent(), Texts{R"({"event":"dropped","data":{"count":null}})"});
}

TEST_F(SessionHistoryTest, H7ASlowClientGetsTheRestOnceItCanTakeIt) {
  Client& client = member();
  client.transport.result = 0;
  client.session.outbound().on_backpressure();
  deliver(client, 1);
  deliver(client, 2);
  EXPECT_EQ(client.session.lost, 0u);
  client.session.request_replays();
  EXPECT_EQ(world_.take_requests(), Texts{}) << "it still cannot";
  client.transport.result = 1;
  client.session.outbound().on_drain();
  EXPECT_EQ(world_.delegate.replays.size(), 2u);
  client.session.request_replays();
  EXPECT_EQ(world_.take_requests(), Texts{"history h-1@0e"});
  deliver(client, 3);
  answer({{.name = "h-1", .position = at(0), .missed = {message(1), message(2), message(3)}}});
  deliver(client, 4);
  EXPECT_EQ(client.take_sent(),
            (Texts{positioned(1), positioned(2), positioned(3), positioned(4)}));
  EXPECT_TRUE(world_.counted().contains("history_replays"));
  EXPECT_FALSE(world_.counted().contains("history_recovered")) << "it was not away";
}

TEST_F(SessionHistoryTest, H7WhatItCannotGetIsTold) {
  Client& client = member();
  client.transport.result = 0;
  deliver(client, 1);
  client.transport.result = 1;
  client.session.request_replays();
  answer({{.name = "h-1", .position = at(8), .lost = LossReason::window}});
  EXPECT_EQ(client.take_sent(),
            Texts{R"({"event":"gap","data":{"room":"h-1","from":null,"to":null,"reason":"window",)"
                  R"("position":{"offset":8,"epoch":"e"}},"server":true})"});
  EXPECT_TRUE(world_.counted().contains("history_not_recovered"));
}

TEST_F(SessionHistoryTest, H7WithoutReplayItIsDroppedAsEver) {
  Client& client = member();
  client.transport.result = 0;
  deliver(client, 1, false);
  EXPECT_EQ(client.session.lost, 1u);
  client.transport.result = 1;
  deliver(client, 2, false);
  EXPECT_EQ(client.take_sent(),
            (Texts{R"({"event":"dropped","data":{"count":1},"server":true})", positioned(2)}));
}

TEST_F(SessionHistoryTest, ARoomThatItHasLeftIsNotGoneOnWith) {
  Client& client = member();
  client.transport.result = 0;
  deliver(client, 1);
  client.transport.result = 1;
  client.session.request_replays();
  client.receive(R"({"event":"leave","data":{"rooms":["h-1"]}})");
  answer({{.name = "h-1", .position = at(0), .missed = {message(1)}}});
  EXPECT_EQ(client.take_sent(), Texts{});
}

TEST_F(SessionHistoryTest, ALateAnswerIsANoOp) {
  Client& client = member();
  client.session.on_history({.number = 77, .rooms = {{.name = "h-1", .missed = {message(1)}}}});
  EXPECT_EQ(client.take_sent(), Texts{});
  client.session.on_close();
  client.session.on_history({.number = 1, .rooms = {}});
}

TEST(HistoryRules, StarsStandForAnyCharacters) {
  const HistoryRules rules({{.match = "exact"}, {.match = "a-*-z*"}, {.match = "*.log"}});
  for (const char* room : {"exact", "a--z", "a-b-z", "a-b-zz", "x.log", ".log"}) {
    EXPECT_NE(rules.find(room), nullptr) << room;
  }
  for (const char* room : {"exact2", "a-z", "a-b", "log", "x.logs", ""}) {
    EXPECT_EQ(rules.find(room), nullptr) << room;
  }
  const HistoryRules all({{.match = "*"}});
  EXPECT_EQ(all.find(ClientId::generate(system_random()).text()), nullptr);
}

}  // namespace
}  // namespace wscast::session
