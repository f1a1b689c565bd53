// Rooms of a client (tests/client/rooms.test.mjs has the same of the package).

#include "client/client_rooms.h"

#include <gtest/gtest.h>

#include "wscast/json_fields.h"

#include "unit/client/client_world.h"

namespace wscast::client {
namespace {

using namespace std::chrono_literals;
using Texts = ClientWorld::Texts;

std::string join_of(const std::string& names) {
  return R"({"event":"join","data":{"rooms":[)" + names + R"(]},"id":"join"})";
}

TEST(ClientRooms, AJoinEndsWithTheServersReply) {
  ClientWorld world;
  world.start_connected();
  world.join("lobby");
  world.join("lobby");
  EXPECT_EQ(world.take(), Texts{join_of(R"("lobby")")});
  EXPECT_EQ(world.results, Texts{});
  world.reply(R"({"lobby":"joined"})");
  EXPECT_EQ(world.results, (Texts{"lobby: ok", "lobby: ok"}));
  world.join("lobby");
  EXPECT_EQ(world.results.size(), 3u);
  EXPECT_EQ(world.take(), Texts{});
}

TEST(ClientRooms, RoomsThatAreJoinedInOneGoAreOneMessageLaterOnesTheNext) {
  ClientWorld world;
  world.start_connected();
  world.session->join("a", {});
  world.session->join("b\"", {});
  world.session->flush(world.now);
  EXPECT_EQ(world.take(), Texts{join_of(R"("a","b\"")")});
  world.join("c");
  EXPECT_EQ(world.take(), Texts{});
  world.reply(R"({"a":"joined","b\"":"joined"})");
  EXPECT_EQ(world.take(), Texts{join_of(R"("c")")});
}

TEST(ClientRooms, EachRoomHasItsOwnResult) {
  ClientWorld world;
  world.start_connected();
  for (const char* room : {"a", "b", "c"}) {
    world.session->join(room, [&world, room](const ClientError& error) {
      world.results.push_back(std::string(room) + ": " + ClientWorld::text(error));
      EXPECT_EQ(error.room, error ? room : "");
    });
  }
  world.session->flush(world.now);
  world.reply(R"({"a":"joined","b":"not allowed","c":"unavailable"})");
  EXPECT_EQ(world.results, (Texts{"a: ok", "b: refused: not allowed", "c: refused: unavailable"}));
}

TEST(ClientRooms, AJoinThatNobodyWaitsForIsAnError) {
  ClientWorld world;
  world.start_connected();
  world.session->join("a", {});
  world.session->flush(world.now);
  world.reply(R"({"a":"not allowed"})");
  EXPECT_EQ(world.errors, Texts{"refused: not allowed"});
}

TEST(ClientRooms, O11AJoinOverTheRateComesAgainLaterWithOthers) {
  ClientWorld world;
  world.start_connected();
  world.join("a");
  world.take();
  world.receive("error", R"({"message":"Rate limit exceeded"})", "\"join\"");
  world.join("b");
  world.tick(2999ms);
  EXPECT_EQ(world.take(), Texts{});
  world.tick(1ms);
  EXPECT_EQ(world.take(), Texts{join_of(R"("a","b")")});
  world.reply(R"({"a":"joined","b":"joined"})");
  EXPECT_EQ(world.results, (Texts{"a: ok", "b: ok"}));
}

TEST(ClientRooms, ManyRoomsAreAsManyAsFitIntoAMessage) {
  ClientWorld world;
  world.start_connected();
  for (int i = 0; i < 2500; ++i) world.session->join("room-" + std::to_string(i), {});
  world.session->join(std::string(95'000, 'x'), {});
  world.session->flush(world.now);
  std::size_t messages = 0;
  for (Texts sent; !(sent = world.take()).empty(); ++messages) {
    ASSERT_EQ(sent.size(), 1u);
    ASSERT_LT(sent[0].size(), 98'240u);
    const auto data = object_member(Json::text(sent[0]), "data");
    std::string rooms{JsonFields::of(data)->raw("rooms").view()};
    std::string results = "{";
    for (std::size_t at = 1; at < rooms.size() - 1;) {
      const std::size_t end = std::min(rooms.find(',', at), rooms.size() - 1);
      results += (at == 1 ? "" : ",") + rooms.substr(at, end - at) + ":\"joined\"";
      at = end + 1;
    }
    world.reply(results + '}');
  }
  EXPECT_GT(messages, 3u);
  EXPECT_EQ(world.errors, Texts{});
}

TEST(ClientRooms, RoomsAreJoinedAgainOnTheNextConnectionInOneMessage) {
  ClientWorld world;
  world.start_connected();
  world.join("a");
  world.reply(R"({"a":"joined"})");
  world.join("b");  // Has no reply.
  world.reconnect();
  world.join("c");
  EXPECT_EQ(world.admit(), R"({"event":"authenticate","data":{"token":"alice"},"ext":{"positions":)"
                           R"(1,"join":{"data":{"rooms":["a","b","c"]},"id":"join"}},)"
                           R"("id":"authenticate"})");
  world.reply(R"({"a":"joined","b":"joined","c":"joined"})");
  EXPECT_EQ(world.results, (Texts{"a: ok", "b: ok", "c: ok"}));
  EXPECT_EQ(world.take(), Texts{});
}

TEST(ClientRooms, AServerThatKnowsNoPositionsIsToldTheRoomsBehindConnected) {
  ClientWorld world;
  world.start();
  world.join("a");
  world.admit("");
  EXPECT_EQ(world.take(), Texts{join_of(R"("a")")});
}

TEST(ClientRooms, ARoomThatWasJoinedAndIsRefusedLaterIsAnError) {
  ClientWorld world;
  world.start_connected();
  world.join("a");
  world.join("b");
  world.reply(R"({"a":"joined"})");
  world.reply(R"({"b":"joined"})");
  world.reconnect();
  world.admit();
  world.errors.clear();
  world.take();
  world.reply(R"({"a":"not allowed","b":"unavailable"})");
  EXPECT_EQ(world.errors, Texts{"refused: not allowed"});
  world.tick(3s);
  EXPECT_EQ(world.take(), Texts{join_of(R"("b")")});
}

TEST(ClientRooms, LeaveEndsAJoinThatWaits) {
  ClientWorld world;
  world.start_connected();
  world.join("a");
  world.take();
  world.session->leave("a");
  EXPECT_EQ(world.results, Texts{"a: left"});
  EXPECT_EQ(world.take(), Texts{R"({"event":"leave","data":{"rooms":["a"]},"id":"leave"})"});
  world.reply(R"({"a":"joined"})");
  world.reconnect();
  EXPECT_EQ(world.admit().find("join"), std::string::npos);
}

TEST(ClientRooms, H5ARoomThatIsLeftWhileItConnectsIsLeftOnTheServerToo) {
  ClientWorld world;
  world.start();
  world.join("a");
  world.join("b");
  world.session->on_open();
  world.take();
  world.session->leave("a");
  world.session->leave("b");
  world.join("b");
  world.receive("connected", R"({"id":"c","positions":{}})", "\"authenticate\"");
  EXPECT_EQ(world.take(), Texts{R"({"event":"leave","data":{"rooms":["a","b"]}})"});
  world.reply(R"({"a":"joined","b":"joined"})", R"({"a":{"offset":1,"epoch":"e"}})");
  EXPECT_EQ(world.results, (Texts{"a: left", "b: left"}));
  EXPECT_EQ(world.take(), Texts{join_of(R"("b")")});
}

TEST(ClientRooms, AServerThatDoesNotReplyIsBelieved) {
  ClientWorld world;
  world.start();
  world.session->on_open();
  world.receive("connected", R"({"id":"client-1"})");
  world.join("a");
  EXPECT_EQ(world.results, Texts{"a: ok"});
}

TEST(ClientRooms, AClosedClientEndsTheJoinsThatWait) {
  ClientWorld world;
  world.start_connected();
  world.join("a");
  world.session->close();
  EXPECT_EQ(world.results, Texts{"a: stopped"});
}

}  // namespace
}  // namespace wscast::client
