// Rooms with history: positions, what was missed, what is lost (tests/client/history.test.mjs has
// the same of the package).

#include "client/room_history.h"

#include <gtest/gtest.h>

#include "unit/client/client_world.h"

namespace wscast::client {
namespace {

using namespace std::chrono_literals;
using Texts = ClientWorld::Texts;

std::string at(int offset, const std::string& epoch = "e", const std::string& more = "") {
  return R"({"offset":)" + std::to_string(offset) + R"(,"epoch":")" + epoch + '"' + more + '}';
}

std::string recovered(int offset, const std::string& epoch = "e") {
  return R"({"r":)" + at(offset, epoch, ",\"recovered\":true") + '}';
}

/// A client that has just joined `r` at offset 3 of epoch e, as client-1.
class RoomHistory : public testing::Test {
 protected:
  RoomHistory() {
    world.start();
    world.join("r");
    world.admit("{}", "client-1");
    world.reply(kJoined, R"({"r":)" + at(3) + '}');
  }

  /// Reconnects as that client. Returns `recover` of its join, or what it sent if it has none.
  std::string come_back(const std::string& id = "client-2") {
    world.reconnect();
    const std::string text = world.admit("{}", id);
    const auto begin = text.find("\"recover\":");
    return begin == std::string::npos ? text
                                      : text.substr(begin + 10, text.rfind("}},\"id\"") - 20);
  }

  static bool names(const std::string& recover, const std::string& ids, const std::string& seen) {
    return recover.starts_with(R"({"ids":[)" + ids + R"(],"rooms":{"r":)" + seen + "}}");
  }

  const std::string kJoined = R"({"r":"joined"})";
  ClientWorld world;
};

TEST_F(RoomHistory, H4AMessageSaysWhereItStands) {
  world.chat("r", 4);
  world.receive("chat", "5");
  EXPECT_EQ(world.heard, (Texts{"chat 4 r 4 e", "chat 5"}));
}

TEST_F(RoomHistory, H4AMessageComesNeverTwiceAndNeverBehindALaterOne) {
  for (const int offset : {3, 4, 4, 6, 5, 1, 7}) world.chat("r", offset);
  EXPECT_EQ(world.heard, (Texts{"chat 4 r 4 e", "chat 6 r 6 e", "chat 7 r 7 e"}));
}

TEST_F(RoomHistory, H5AfterAReconnectItNamesWhatItHasSeenAndGoesOnFromThere) {
  world.chat("r", 4);
  const std::string recover = come_back();
  EXPECT_TRUE(names(recover, R"("client-1")", at(4))) << recover;
  world.chat("r", 9);  // Were it in the room already.
  world.reply(kJoined, recovered(4));
  for (const int offset : {4, 5, 7}) world.chat("r", offset);
  EXPECT_EQ(world.heard, (Texts{"chat 4 r 4 e", "chat 5 r 5 e", "chat 7 r 7 e"}));
  const std::string again = come_back("client-3");
  EXPECT_TRUE(names(again, R"("client-2","client-1")", at(7))) << again;
}

TEST_F(RoomHistory, H5ItNamesTheLatest16OfItsIds) {
  for (int i = 2; i <= 20; ++i) come_back("client-" + std::to_string(i));
  const std::string recover = come_back("client-21");
  EXPECT_TRUE(recover.starts_with(R"({"ids":["client-20","client-19",)")) << recover;
  EXPECT_NE(recover.find(R"("client-6","client-5"],)"), std::string::npos) << recover;
}

TEST_F(RoomHistory, H5WhatIsNotRecoveredIsAGapAndItGoesOnBehind) {
  struct Case {
    std::string reason, epoch;
    int offset;
    std::string to;
  };
  const std::vector<Case> cases{{"window", "e", 9, "9"},
                                {"limit", "e", 20, "20"},
                                {"unavailable", "e", 30, "30"},
                                {"epoch", "f", 2, "null"}};
  int seen = 3;
  for (const auto& [reason, epoch, offset, to] : cases) {
    come_back();
    world.reply(
        kJoined,
        R"({"r":)" + at(offset, epoch, R"(,"recovered":false,"reason":")" + reason + '"') + '}');
    world.chat("r", offset);
    world.chat("r", offset + 1);
    const std::string number = std::to_string(offset + 1);
    EXPECT_EQ(world.heard, (Texts{"gap r " + std::to_string(seen + 1) + ' ' + to + ' ' + reason,
                                  "chat " + number + " r " + number + ' ' + epoch}));
    world.heard.clear();
    seen = offset + 1;
  }
}

TEST_F(RoomHistory, H5H6WhereTheServerCouldNotFindOut) {
  const std::string nowhere =
      R"({"r":{"offset":null,"epoch":null,"recovered":false,"reason":"unavailable"}})";
  come_back();
  world.reply(kJoined, nowhere);
  world.chat("r", 20);
  EXPECT_EQ(world.heard, (Texts{"gap r 4 null unavailable", "chat 20 r 20 "}));
  world.heard.clear();
  for (const auto& expected : {"gap r 21 null unavailable", "gap r null null unavailable"}) {
    EXPECT_EQ(come_back().find("recover"), std::string::npos);
    world.reply(kJoined, nowhere);
    EXPECT_EQ(world.heard, Texts{expected});
    world.heard.clear();
  }
  come_back();
  world.reply(kJoined, R"({"r":null})");
  EXPECT_EQ(world.heard, Texts{"gap r null null unavailable"});
}

TEST_F(RoomHistory, H5ARoomThatHasNoHistoryAnyMoreIsAGapOnce) {
  come_back();
  world.reply(kJoined, "{}");
  come_back();
  world.reply(kJoined, "{}");
  EXPECT_EQ(world.heard, Texts{"gap r 4 null unavailable"});
}

TEST_F(RoomHistory, H5ARoomThatIsOutOfReachIsTriedAgainWithWhatWasSeen) {
  come_back();
  world.reply(R"({"r":"unavailable"})", "{}");
  world.tick(3s);
  EXPECT_EQ(
      world.take(),
      Texts{R"({"event":"join","data":{"rooms":["r"],"recover":{"ids":["client-2","client-1"],)"
            R"("rooms":{"r":{"offset":3,"epoch":"e"}}}},"id":"join"})"});
  world.reply(kJoined, recovered(3));
  world.chat("r", 4);
  EXPECT_EQ(world.heard, Texts{"chat 4 r 4 e"});
}

TEST_F(RoomHistory, H5WhoLeavesARoomAndJoinsItAgainBeginsAnew) {
  world.session->leave("r");
  world.reconnect();
  EXPECT_EQ(world.admit().find("\"join\""), std::string::npos);
  world.join("r");
  EXPECT_EQ(world.take(), Texts{R"({"event":"join","data":{"rooms":["r"]},"id":"join"})"});
  world.reply(kJoined, R"({"r":)" + at(30) + '}');
  world.chat("r", 31);
  EXPECT_EQ(world.heard, Texts{"chat 31 r 31 e"});
}

TEST(RoomsOfTheServer, H4WhatIsMissedThereIsAGap) {
  ClientWorld world;
  world.start_connected();
  world.end();
  world.tick(1s);
  world.admit(R"({"all":)" + at(5) + R"(,"news":)" + at(1) + '}');
  world.chat("all", 6);
  world.reconnect();
  world.admit(R"({"all":)" + at(6) + R"(,"news":)" + at(4) + '}');
  EXPECT_EQ(world.heard, (Texts{"chat 6 all 6 e", "gap news 2 4 unavailable"}));
}

TEST_F(RoomHistory, H6H7AGapOfTheServerIsToldInItsPlace) {
  const std::string by_server = ",\"server\":true";
  world.chat("r", 4);
  world.receive("gap", R"({"room":"r","from":5,"to":9,"reason":"window","position":)" + at(9) + '}',
                "", by_server);
  world.chat("r", 9);
  world.chat("r", 10);
  world.receive(
      "gap", R"({"room":"r","from":11,"to":null,"reason":"epoch","position":)" + at(0, "f") + '}',
      "", by_server);
  world.chat("r", 1);
  EXPECT_EQ(world.heard, (Texts{"chat 4 r 4 e", "gap r 5 9 window", "chat 10 r 10 e",
                                "gap r 11 null epoch", "chat 1 r 1 f"}));
  const std::string recover = come_back();
  EXPECT_TRUE(names(recover, R"("client-1")", at(1, "f"))) << recover;
}

TEST_F(RoomHistory, AServerThatKnowsNoPositionsIsAGapAndBelievedAsEver) {
  world.reconnect();
  world.admit("");
  EXPECT_EQ(world.take(),
            Texts{R"({"event":"join","data":{"rooms":["r"],"recover":{"ids":[)"
                  R"("client-1","client-1"],"rooms":{"r":{"offset":3,"epoch":"e"}}}},)"
                  R"("id":"join"})"});
  world.reply(kJoined);
  world.receive("gap", "1");
  world.receive("error", R"({"message":"said as ever"})");
  EXPECT_EQ(world.heard, (Texts{"gap r 4 null unavailable", "gap 1"}));
  EXPECT_EQ(world.errors.back(), "server: said as ever");
}

TEST_F(RoomHistory, H10WhatItPublishedItselfCountsAsSeenWhereItDoesNotComeToIt) {
  int id = 0;
  const auto publish = [&](int offset, bool echo) {
    world.publish("r", std::to_string(offset), "", echo);
    world.receive("ack", R"({"ok":true,"position":)" + at(offset) + '}', std::to_string(++id));
  };
  const auto is_seen = [&](int offset) {
    const bool seen = come_back().find("\"r\":" + at(offset) + "}") != std::string::npos;
    world.reply(kJoined, recovered(offset));
    return seen;
  };
  publish(4, false);
  EXPECT_TRUE(is_seen(4));
  publish(6, false);
  EXPECT_TRUE(is_seen(4)) << "another message is between them";
  publish(5, true);
  world.chat("r", 5);
  EXPECT_EQ(world.heard, Texts{"chat 5 r 5 e"});
}

}  // namespace
}  // namespace wscast::client
