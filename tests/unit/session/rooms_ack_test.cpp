// protocol.md X1: a `join` or `leave` with an id gets one `ack`, with the outcome of each room.

#include "session/rooms_ack.h"

#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "acks.h"

namespace wscast::session {
namespace {

struct Request {
  std::string name;
  std::string event;
  std::string data;
  std::string sent{};
  std::optional<Texts> hook{};  ///< The hook's result; `std::nullopt`: what was requested.

  friend void PrintTo(const Request& request, std::ostream* out) { *out << request.name; }
};

class RequestWithAnId : public testing::TestWithParam<Request> {};

TEST_P(RequestWithAnId, GetsOneAckWithTheOutcomeOfEachRoom) {
  World world;
  Client& client = world.enter();
  world.results.rooms = GetParam().hook;
  client.receive(message(GetParam().event, GetParam().data));
  world.complete_all();
  EXPECT_EQ(client.take_sent(), Texts{GetParam().sent});
}

const std::string kLong(257, 'x');
const std::string kOther = ClientId::generate(system_random()).text();

// clang-format off
const std::vector<Request> kRequests = {
    {"X1_AJoinedRoom", "join", rooms_of(R"("a")"), ack(true, R"("rooms":{"a":"joined"})")},
    {"X1_SeveralRoomsInOrder", "join", rooms_of(R"("b","a")"),
     ack(true, R"("rooms":{"b":"joined","a":"joined"})")},
    {"X1_DuplicatesAreReportedOnce", "join", rooms_of(R"("a","b","a","\u0061")"),
     ack(true, R"("rooms":{"a":"joined","b":"joined"})")},
    {"X1_ARoomThatItIsInAlreadyIsJoined", "join", rooms_of(R"("ws-default")"),
     ack(true, R"("rooms":{"ws-default":"joined"})")},
    {"X1_NoRoomAtAllIsFine", "join", rooms_of(""), ack(true, R"("rooms":{})")},
    {"X1_NamesAreWrittenAsTheyCame", "join", rooms_of(R"("\u0061\/\ud83d\ude00")"),
     ack(true, R"("rooms":{"\u0061\/\ud83d\ude00":"joined"})")},
    {"X1_InvalidNames", "join", rooms_of(R"("","ws:x","\ud800","a")"),
     ack(false, R"("rooms":{"":"invalid name","ws:x":"invalid name","\ud800":"invalid name","a":"joined"})")},
    {"X1_InvalidNamesAreReportedOnceToo", "join", rooms_of(R"("","")"),
     ack(false, R"("rooms":{"":"invalid name"})")},
    {"X1_TooLongANameIsInvalid", "join", rooms_of('"' + kLong + '"'),
     ack(false, R"("rooms":{")" + kLong + R"(":"invalid name"})")},
    {"X1_TheHookAllowsNone", "join", rooms_of(R"("a")"),
     ack(false, R"("rooms":{"a":"not allowed"})"), Texts{}},
    {"X1_TheHookAllowsSome", "join", rooms_of(R"("a","b")"),
     ack(false, R"("rooms":{"a":"not allowed","b":"joined"})"), Texts{"b"}},
    {"X1_TheHookAddsARoom", "join", rooms_of(R"("a")"),
     ack(true, R"("rooms":{"a":"joined","b\n\"":"joined"})"), Texts{"a", "b\n\""}},
    {"X1_TheHookMapsARoom", "join", rooms_of(R"("a")"),
     ack(false, R"("rooms":{"a":"not allowed","t1/a":"joined"})"), Texts{"t1/a"}},
    {"X1_WhatTheHookMayNotAddIsNotReported", "join", rooms_of(R"("a")"),
     ack(true, R"("rooms":{"a":"joined"})"), Texts{"a", "ws:x", ""}},
    {"X1_AResultInInvalidUtf8IsAnError", "join", rooms_of(R"("a","")"),
     ack(false, R"("rooms":{"a":"error","":"invalid name"})"), Texts{"\xff"}},
    {"X1_D14_TheRoomOfAnotherClient", "join", rooms_of('"' + kOther + '"'),
     ack(false, R"("rooms":{")" + kOther + R"(":"not allowed"})")},
    {"X1_M10_NoData", "join", "null", ack(false, R"("rooms":{},"error":"Invalid rooms")")},
    {"X1_M10_RoomsMissing", "join", "{}", ack(false, R"("rooms":{},"error":"Invalid rooms")")},
    {"X1_M10_RoomsNull", "join", R"({"rooms":null})",
     ack(false, R"("rooms":{},"error":"Invalid rooms")")},
    {"X1_M10_RoomsOfAString", "join", R"({"rooms":"a"})",
     ack(false, R"("rooms":{},"error":"Invalid rooms")")},
    {"X1_M7_WhatIsNoString", "join", rooms_of(R"(7,"a",null)"),
     ack(false, R"("rooms":{"a":"joined"},"error":"Invalid rooms")")},
    {"X1_ALeftRoom", "leave", rooms_of(R"("ws-default")"),
     ack(true, R"("rooms":{"ws-default":"left"})")},
    {"X1_ARoomThatItIsNotInIsLeft", "leave", rooms_of(R"("a","ws:x","","a")"),
     ack(true, R"("rooms":{"a":"left","ws:x":"left","":"left"})")},
    {"X1_ALoneSurrogateCannotBeLeft", "leave", rooms_of(R"("\ud800")"),
     ack(false, R"("rooms":{"\ud800":"invalid name"})")},
    {"X1_M10_NothingToLeave", "leave", R"({"rooms":7})",
     ack(false, R"("rooms":{},"error":"Invalid rooms")")},
};
// clang-format on

INSTANTIATE_TEST_SUITE_P(Each, RequestWithAnId, testing::ValuesIn(kRequests),
                         [](const auto& row) { return row.param.name; });

TEST(RoomsAck, X1TheIdIsAnyJsonAndComesBackAsItIs) {
  World world;
  Client& client = world.enter();
  for (const char* id : {"7", "1e999", R"("a\/b")", "null", R"({"a": [1 ,2]})", "[]", "false"}) {
    client.receive(message("leave", rooms_of(""), id));
    EXPECT_EQ(client.take_sent(), Texts{ack(true, R"("rooms":{})", id)});
  }
}

TEST(RoomsAck, X1WithoutAHookNoRoomIsAllowed) {
  World world;
  world.delegate.has_hooks = false;
  Client& client = world.enter();
  client.receive(message("join", rooms_of(R"("a")")));
  EXPECT_EQ(client.take_sent(), Texts{ack(false, R"("rooms":{"a":"not allowed"})")});
}

TEST(RoomsAck, X1O18AHookThatThrowsIsAnError) {
  World world;
  Client& client = world.enter();
  client.receive(message("join", rooms_of(R"("a","ws:b")")));
  client.session.on_rooms_result(std::nullopt);
  EXPECT_EQ(client.take_sent(),
            Texts{ack(false, R"("rooms":{"a":"error","ws:b":"invalid name"})")});
}

TEST(RoomsAck, X1M14ALeaveAfterAJoinGetsItsAckAfterIt) {
  World world;
  Client& client = world.enter();
  client.receive(message("join", rooms_of(R"("a")"), "1"));
  client.receive(message("leave", rooms_of(R"("a")"), "2"));
  EXPECT_EQ(client.take_sent(), Texts{});
  world.complete_all();
  EXPECT_EQ(client.take_sent(), (Texts{ack(true, R"("rooms":{"a":"joined"})", "1"),
                                       ack(true, R"("rooms":{"a":"left"})", "2")}));
}

TEST(RoomsAck, X1AJoinGetsItsAckOnceItIsSubscribed) {
  World world;
  world.delegate.has_other_servers = true;
  Client& client = world.enter();
  client.receive(message("join", rooms_of(R"("a")")));
  client.session.on_rooms_result(Texts{"a"});
  EXPECT_EQ(client.take_sent(), Texts{});
  client.session.on_subscribed();
  EXPECT_EQ(client.take_sent(), Texts{ack(true, R"("rooms":{"a":"joined"})")});
}

TEST(RoomsAck, X1ARoomThatTheBrokerRefusesIsUnavailableAndNotJoined) {
  World world;
  world.delegate.has_other_servers = true;
  Client& client = world.enter();
  client.receive(message("join", rooms_of(R"("a","b","c")")));
  client.session.on_rooms_result(Texts{"a", "b", "c"});
  const Texts refused = {"b"};
  client.session.on_subscribed(refused);
  EXPECT_FALSE(world.hub.in_room(client.session, "b"));
  EXPECT_TRUE(world.hub.in_room(client.session, "c"));
  EXPECT_EQ(client.take_sent(),
            Texts{ack(false, R"("rooms":{"a":"joined","b":"unavailable","c":"joined"})")});
  EXPECT_EQ(world.counted(), (Counts{{"rooms_dropped", 1}}));
}

TEST(RoomsAck, M17ADefaultRoomThatTheBrokerRefusesIsJoinedOnThisServer) {
  World world;
  world.delegate.has_other_servers = true;
  Client& client = world.client_in(Stage::authenticating);
  client.session.on_authenticate_result(Identity{"alice"});
  const Texts refused = {"ws-default"};
  client.session.on_subscribed(refused);
  EXPECT_EQ(client.session.state, ClientState::authenticated);
  EXPECT_TRUE(world.hub.in_room(client.session, "ws-default"));
  EXPECT_TRUE(world.hub.in_room(client.session, "ws-notification"));
}

TEST(RoomsAck, X1O13TheRestOfARoomsLimitIsInTheAckAlone) {
  World world;
  world.options.max_rooms_per_client = 4;
  Client& client = world.enter();
  client.receive(message("join", rooms_of(R"("a","b","ws-default")")));
  world.complete_all();
  EXPECT_EQ(
      client.take_sent(),
      Texts{ack(false, R"("rooms":{"a":"joined","b":"too many rooms","ws-default":"joined"})")});
  EXPECT_EQ(world.counted(), (Counts{{"too_many_rooms", 1}}));
}

TEST(RoomsAck, X1O13TheAckReportsMoreNamesThanMayBeNamed) {
  World world;
  world.options.max_rooms_per_join = 2;
  Client& client = world.enter();
  client.receive(message("join", rooms_of(R"("a","b","c")")));
  world.complete_all();
  client.receive(message("leave", rooms_of(R"("a","b","c")"), "2"));
  EXPECT_EQ(
      client.take_sent(),
      (Texts{ack(false, R"("rooms":{"a":"joined","b":"joined"},"error":"Too many rooms")"),
             ack(false, R"("rooms":{"a":"left","b":"left"},"error":"Too many rooms")", "2")}));
  EXPECT_EQ(world.counted(), (Counts{{"too_many_rooms", 2}}));
}

TEST(RoomsAck, X1AJoinWithoutAnIdAfterOneWithGetsNoAck) {
  World world;
  Client& client = world.enter();
  client.receive(message("join", rooms_of(R"("a")")));
  world.complete_all();
  client.take_sent();
  client.receive(R"({"event":"join","data":{"rooms":["b"]}})");
  world.complete_all();
  EXPECT_EQ(client.take_sent(), Texts{});
}

TEST(RoomsAck, O15AJoinOfAClientThatLeftGetsNoAck) {
  World world;
  Client& client = world.enter();
  client.receive(message("join", rooms_of(R"("a")")));
  client.session.on_close();
  client.session.on_rooms_result(Texts{"a"});
  EXPECT_EQ(client.take_sent(), Texts{});
}

}  // namespace
}  // namespace wscast::session
