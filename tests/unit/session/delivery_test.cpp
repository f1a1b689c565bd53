// protocol.md section 2, as far as one shard goes: who a message reaches, and what it looks like.

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "protocol/envelope.h"
#include "support/session_world.h"

namespace wscast::session {
namespace {

class DeliveryTest : public testing::Test {
 protected:
  /// The result of a fan-out, as `accepted/dropped`.
  static std::string tally(const hub::Delivered& delivered) {
    return std::to_string(delivered.accepted) + "/" + std::to_string(delivered.dropped);
  }

  void join(Client& client, std::string_view room) { world_.hub.join(client.session, room); }

  World world_;
};

class ByItsId : public testing::TestWithParam<Stage> {};

TEST_P(ByItsId, D1AClientIsReachedInAnyStage) {
  World world;
  Client& client = world.client_in(GetParam());
  EXPECT_EQ(world.hub.find(client.session.id), &client.session);
  EXPECT_EQ(client.send("hello"), 1);
  EXPECT_EQ(client.take_sent(), Texts{"hello"});
}

INSTANTIATE_TEST_SUITE_P(Each, ByItsId,
                         testing::Values(Stage::unauthorized, Stage::authenticating,
                                         Stage::in_connected_hook, Stage::authenticated,
                                         Stage::in_rooms_hook, Stage::in_message_hook),
                         [](const auto& row) { return std::string(to_string(row.param)); });

TEST_F(DeliveryTest, D1OnlyThatClientIsReached) {
  Client& alice = world_.enter();
  Client& bob = world_.enter("bob");
  alice.send("x");
  EXPECT_EQ(alice.take_sent(), Texts{"x"});
  EXPECT_EQ(bob.take_sent(), Texts{});
}

TEST_F(DeliveryTest, D2EachClientOfAUserIsReached) {
  Client& phone = world_.enter("alice");
  Client& desk = world_.enter("alice");
  Client& bob = world_.enter("bob");
  EXPECT_EQ(tally(world_.to_user("alice", "x")), "2/0");
  EXPECT_EQ(phone.take_sent(), Texts{"x"});
  EXPECT_EQ(desk.take_sent(), Texts{"x"});
  EXPECT_EQ(bob.take_sent(), Texts{});
}

TEST_F(DeliveryTest, D2AnUnknownUserHasNoClients) {
  world_.enter("alice");
  EXPECT_EQ(tally(world_.to_user("alic", "x")), "0/0");
  EXPECT_EQ(tally(world_.to_user("Alice", "x")), "0/0");
}

TEST_F(DeliveryTest, D2AUserThatIsNotAuthenticatedYetHasNoClients) {
  world_.client_in(Stage::handshaking);
  EXPECT_EQ(tally(world_.to_user("alice", "x")), "0/0");
}

TEST_F(DeliveryTest, D3EachMemberOfARoomIsReachedOnce) {
  Client& in = world_.enter();
  Client& out = world_.enter();
  join(in, "a");
  join(in, "a");
  EXPECT_EQ(tally(world_.to_room("a", "x")), "1/0");
  EXPECT_EQ(in.take_sent(), Texts{"x"});
  EXPECT_EQ(out.take_sent(), Texts{});
}

TEST_F(DeliveryTest, D3AUsersNameIsNoRoom) {
  world_.enter("alice");
  EXPECT_EQ(tally(world_.to_room("alice", "x")), "0/0");
}

TEST_F(DeliveryTest, D3WhoLeftIsNotReached) {
  Client& client = world_.enter();
  client.receive(R"({"event":"leave","data":{"rooms":["ws-default"]}})");
  EXPECT_EQ(tally(world_.to_room("ws-default", "x")), "0/0");
}

TEST_F(DeliveryTest, D3RoomNamesAreComparedToTheLetter) {
  join(world_.enter(), "Lobby");
  for (const char* other : {"lobby", "Lobby ", "Lobb", ""}) {
    EXPECT_EQ(tally(world_.to_room(other, "x")), "0/0") << other;
  }
}

TEST_F(DeliveryTest, D4TheExcludedOfARoomAreSkipped) {
  Client& alice = world_.enter();
  Client& bob = world_.enter("bob");
  Client& carol = world_.enter("carol");
  const std::vector<ClientId> exclude{alice.session.id, carol.session.id};
  EXPECT_EQ(tally(world_.to_room("ws-default", "x", exclude)), "1/0");
  EXPECT_EQ(bob.take_sent(), Texts{"x"});
}

TEST_F(DeliveryTest, D4ExcludingStrangersChangesNothing) {
  world_.enter();
  const std::vector<ClientId> exclude{ClientId::generate(system_random())};
  EXPECT_EQ(tally(world_.to_room("ws-default", "x", exclude)), "1/0");
}

TEST_F(DeliveryTest, D4ExcludingAllClientsReachesNone) {
  const std::vector<ClientId> exclude{world_.enter().session.id};
  EXPECT_EQ(tally(world_.to_room("ws-default", "x", exclude)), "0/0");
}

TEST_F(DeliveryTest, D4TheExcludedOfItsOwnRoomIsSkippedToo) {
  Client& client = world_.enter();
  const std::vector<ClientId> exclude{client.session.id};
  EXPECT_EQ(tally(world_.to_room(client.id(), "x", exclude)), "0/0");
}

TEST_F(DeliveryTest, D5ABroadcastReachesTheAuthenticatedAlone) {
  world_.client_in(Stage::unauthorized);
  world_.client_in(Stage::authenticating);
  Client& inside = world_.client_in(Stage::in_message_hook);
  world_.client_in(Stage::handshaking);
  EXPECT_EQ(tally(world_.broadcast("x")), "1/0");
  EXPECT_EQ(inside.take_sent(), Texts{"x"});
}

TEST_F(DeliveryTest, D5ABroadcastNeedsNoRoom) {
  Client& client = world_.enter();
  const std::string all = R"(["ws-default","ws-notification",")" + client.id() + R"("])";
  client.receive(R"({"event":"leave","data":{"rooms":)" + all + "}}");
  EXPECT_EQ(world_.hub.room_count(client.session), 0u);
  EXPECT_EQ(tally(world_.broadcast("x")), "1/0");
}

TEST_F(DeliveryTest, D5ABroadcastSkipsTheExcluded) {
  Client& alice = world_.enter();
  Client& bob = world_.enter();
  const std::vector<ClientId> exclude{alice.session.id};
  EXPECT_EQ(tally(world_.broadcast("x", exclude)), "1/0");
  EXPECT_EQ(alice.take_sent(), Texts{});
  EXPECT_EQ(bob.take_sent(), Texts{"x"});
}

TEST_F(DeliveryTest, D9ARoomWithoutMembersReachesNoClientHere) {
  world_.enter();
  EXPECT_EQ(tally(world_.to_room("nowhere", "x")), "0/0");
  EXPECT_EQ(tally(world_.to_room(ClientId::generate(system_random()).text(), "x")), "0/0");
}

TEST_F(DeliveryTest, D13TheRoomOfItsOwnIdReachesAClientFromConnectedOn) {
  Client& client = world_.client_in(Stage::authenticating);
  EXPECT_EQ(tally(world_.to_room(client.id(), "x")), "0/0");
  world_.complete_all();
  EXPECT_EQ(tally(world_.to_room(client.id(), "x")), "1/0");
}

TEST_F(DeliveryTest, D13LeavingThatRoomSilencesThatRoomAlone) {
  Client& client = world_.enter();
  client.receive(R"({"event":"leave","data":{"rooms":[")" + client.id() + R"("]}})");
  EXPECT_EQ(tally(world_.to_room(client.id(), "x")), "0/0");
  EXPECT_GT(client.send("1"), 0);
  EXPECT_EQ(tally(world_.to_user("alice", "2")), "1/0");
  EXPECT_EQ(tally(world_.broadcast("3")), "1/0");
  EXPECT_EQ(client.take_sent(), (Texts{"1", "2", "3"}));
}

TEST_F(DeliveryTest, D14TheApiPutsAnyClientIntoAnotherClientsRoom) {
  Client& alice = world_.enter();
  Client& bob = world_.enter("bob");
  join(bob, alice.id());
  EXPECT_EQ(tally(world_.to_room(alice.id(), "x")), "2/0");
  bob.session.on_close();
  EXPECT_EQ(tally(world_.to_room(alice.id(), "x")), "1/0");
}

TEST_F(DeliveryTest, D14TheApiKnowsNoRulesForNames) {
  Client& client = world_.enter();
  for (const std::string& room : {std::string(), std::string("ws:x"), std::string(10'000, 'x')}) {
    join(client, room);
    EXPECT_EQ(tally(world_.to_room(room, "x")), "1/0");
  }
}

TEST_F(DeliveryTest, D14AMemberBeforeConnectedIsReachedInItsRoomFromConnectedOn) {
  Client& client = world_.client_in(Stage::authenticating);
  join(client, "a");
  EXPECT_EQ(tally(world_.to_room("a", "early")), "0/1");
  EXPECT_EQ(world_.counted(), (Counts{{"dropped_before_connected", 1}}));
  world_.complete_all();
  client.take_sent();
  EXPECT_EQ(tally(world_.to_room("a", "late")), "1/0");
  EXPECT_EQ(client.take_sent(), Texts{"late"});
}

TEST_F(DeliveryTest, D14AMemberOfItsOwnRoomBeforeConnectedIsInItOnce) {
  Client& client = world_.client_in(Stage::authenticating);
  join(client, client.id());
  world_.complete_all();
  EXPECT_EQ(tally(world_.to_room(client.id(), "x")), "1/0");
  EXPECT_EQ(world_.hub.room_count(client.session), 3u);
}

TEST_F(DeliveryTest, O21ASecondClientOfTheSameIdIsRefused) {
  Client& client = world_.enter();
  hub::Hub& hub = world_.hub;
  FakeTransport transport;
  {
    Session second(world_.context, client.session.id, transport);
    EXPECT_EQ(hub.find(client.session.id), &client.session);
    EXPECT_EQ(hub.clients(), 1u);
  }
  EXPECT_EQ(hub.find(client.session.id), &client.session) << "its end takes nothing along";
  EXPECT_EQ(tally(world_.broadcast("x")), "1/0");
}

struct Envelope {
  std::string name;
  std::string event;
  std::optional<std::string> data;
  std::string text;

  friend void PrintTo(const Envelope& row, std::ostream* out) { *out << row.name; }
};

class EnvelopeToAClient : public testing::TestWithParam<Envelope> {};

TEST_P(EnvelopeToAClient, IsWritten) {
  World world;
  Client& client = world.enter();
  world.broadcast(protocol::make_envelope({GetParam().event, GetParam().data}));
  EXPECT_EQ(client.take_sent(), Texts{GetParam().text});
}

INSTANTIATE_TEST_SUITE_P(
    Each, EnvelopeToAClient,
    testing::Values(
        Envelope{"D15_EventThenData", "e", R"({"x":1})", R"({"event":"e","data":{"x":1}})"},
        Envelope{"D15_NoDataIsNoKey", "e", {}, R"({"event":"e"})"},
        Envelope{"D15_NullIsData", "e", "null", R"({"event":"e","data":null})"},
        Envelope{"D15_NumbersStayAsGiven", "e", "[1e999,-0]", R"({"event":"e","data":[1e999,-0]})"},
        Envelope{"D15_DuplicateKeysStay", "e", R"({"a":1,"a":2})",
                 R"({"event":"e","data":{"a":1,"a":2}})"},
        Envelope{"D15_EventsAreEscaped", "a\"\n", "1", R"({"event":"a\"\n","data":1})"}),
    [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace wscast::session
