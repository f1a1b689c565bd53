// Connections of a client, one after the other (tests/client/connecting.test.mjs has the same of
// the package).

#include "client/client_session.h"

#include <gtest/gtest.h>

#include "unit/client/client_world.h"

namespace wscast::client {
namespace {

using namespace std::chrono_literals;
using Texts = ClientWorld::Texts;

TEST(ClientSession, AuthenticatesFirstAndIsConnectedByTheReply) {
  ClientWorld world;
  world.options.data = R"( {"device":"tv"} )";
  world.start();
  EXPECT_EQ(world.connections, 1);
  world.session->on_open();
  EXPECT_EQ(world.take(), Texts{R"({"event":"authenticate","data":{"device":"tv","token":"alice"},)"
                                R"("ext":{"positions":1},"id":"authenticate"})"});
  EXPECT_EQ(world.states, Texts{"connecting"});
  world.receive("connected", R"({"id":"client-1","userId":"alice"})", "\"authenticate\"");
  EXPECT_EQ(world.states, (Texts{"connecting", "connected"}));
  EXPECT_EQ(world.session->id(), "client-1");
  EXPECT_EQ(world.session->user_id(), "alice");
  EXPECT_EQ(world.take(), Texts{});
}

TEST(ClientSession, H4AsksForNoPositionsIfItShallNot) {
  ClientWorld world;
  world.options.positions = false;
  world.options.token = nullptr;
  world.start();
  world.join("lobby");
  EXPECT_EQ(world.admit(""), R"({"event":"authenticate","data":{},"id":"authenticate"})");
  EXPECT_EQ(world.take(), Texts{R"({"event":"join","data":{"rooms":["lobby"]},"id":"join"})"});
}

TEST(ClientSession, TriesAgainAfterEverLongerDelays) {
  ClientWorld world;
  world.start();
  for (int i = 0; i < 7; ++i) world.reconnect();
  Texts waits;
  for (const auto& state : world.states) {
    if (state != "connecting") waits.push_back(state);
  }
  EXPECT_EQ(waits, (Texts{"waiting 1000", "waiting 2000", "waiting 4000", "waiting 8000",
                          "waiting 16000", "waiting 30000", "waiting 30000"}));
  EXPECT_EQ(world.connections, 8);
  EXPECT_EQ(world.errors.at(0), "disconnected: the end");
}

TEST(ClientSession, DelaysAreShortAgainAfterAConnectionThatLasted) {
  ClientWorld world;
  world.start();
  world.end();
  world.tick(1s);
  world.admit();
  world.tick(9999ms);
  world.end();
  EXPECT_EQ(world.states.back(), "waiting 2000");
  world.tick(2s);
  world.admit();
  world.tick(10s);
  world.end();
  EXPECT_EQ(world.states.back(), "waiting 1000");
}

TEST(ClientSession, AServerThatDoesNotAnswerInTimeIsLeft) {
  ClientWorld world;
  world.start();
  world.session->on_open();
  world.tick(14'999ms);
  EXPECT_FALSE(world.aborted);
  world.tick(1ms);
  EXPECT_TRUE(world.aborted);
  EXPECT_EQ(world.errors, Texts{"timeout: no connection in 15000 ms"});
  EXPECT_EQ(world.states.back(), "waiting 1000");
}

TEST(ClientSession, AnEndThatWasItsOwnIsNoSecondOne) {
  ClientWorld world;
  world.start();
  world.tick(15s);
  const auto states = world.states;
  world.end();
  EXPECT_EQ(world.states, states);
}

TEST(ClientSession, CloseCodesSayWhenItComesBack) {
  for (const auto& [code, state] : std::vector<std::pair<std::uint16_t, std::string>>{
           {1000, "waiting 1000"},
           {1001, "waiting 1000"},
           {1011, "waiting 1000"},
           {1002, "waiting 30000"},
           {4009, "waiting 30000"},
           {4011, "waiting 30000"},
           {4004, "closed: disconnected: the end"},
           {4010, "closed: disconnected: the end"}}) {
    ClientWorld world;
    world.start_connected();
    world.end(code);
    EXPECT_EQ(world.states.back(), state) << code;
  }
}

TEST(ClientSession, X7AServerThatWillCloseIsLeftForAnotherAtOnce) {
  ClientWorld world;
  world.start_connected();
  world.receive("disconnect", R"({"reconnectAfterMs":20000})", "", ",\"server\":true");
  world.tick(20s);
  world.receive("leave", "{}", "\"heartbeat\"");
  EXPECT_EQ(world.states.back(), "connected");
  world.end(1001);
  EXPECT_EQ(world.states.back(), "waiting 0");
  world.tick();
  EXPECT_EQ(world.connections, 2);
}

TEST(ClientSession, X7AServerThatDoesNotCloseWhenItSaidIsLeft) {
  ClientWorld world;
  world.start_connected();
  world.receive("disconnect", R"({"reconnectAfterMs":1000})", "", ",\"server\":true");
  world.tick(5999ms);
  EXPECT_EQ(world.connections, 1);
  world.tick(1ms);
  EXPECT_EQ(world.connections, 2);
  EXPECT_EQ(world.errors, Texts{"disconnected: the server did not close"});
}

TEST(ClientSession, CloseEndsItForGood) {
  ClientWorld world;
  world.start_connected();
  world.session->close();
  EXPECT_EQ(world.closed_with, 1000);
  EXPECT_EQ(world.states.back(), "closed: stopped");
  world.join("lobby");
  world.publish("lobby", "1");
  world.session->close();
  world.tick(60s);
  EXPECT_EQ(world.results, (Texts{"lobby: stopped", "1: stopped"}));
  EXPECT_EQ(world.states, (Texts{"connecting", "connected", "closed: stopped"}));
  EXPECT_EQ(world.connections, 1);
}

TEST(ClientSession, CloseWhileItWaits) {
  ClientWorld world;
  world.start();
  world.end();
  world.session->close();
  EXPECT_FALSE(world.closed_with);
  world.tick(60s);
  EXPECT_EQ(world.connections, 1);
}

TEST(ClientSession, M13AsksWhetherTheConnectionLivesAndLeavesADeadOne) {
  ClientWorld world;
  world.start_connected();
  world.tick(25s);
  const Texts beat{R"({"event":"leave","data":{"rooms":[]},"id":"heartbeat"})"};
  EXPECT_EQ(world.take(), beat);
  world.receive("ack", R"({"ok":true,"rooms":{}})", "\"heartbeat\"");
  world.tick(25s);
  EXPECT_EQ(world.take(), beat);
  world.session->on_received();  // A part of a long message.
  world.tick(25s);
  EXPECT_EQ(world.take(), beat);
  world.tick(24'999ms);
  EXPECT_FALSE(world.aborted);
  world.tick(1ms);
  EXPECT_TRUE(world.aborted);
  EXPECT_EQ(world.errors, Texts{"timeout: nothing comes any more"});
}

TEST(ClientSession, AServerThatDoesNotReplyGetsHeartbeatsAndPings) {
  ClientWorld world;
  world.start();
  world.session->on_open();
  world.take();
  world.receive("connected", R"({"id":"client-1"})");
  world.tick(25s);
  EXPECT_EQ(world.take(), (Texts{R"({"event":"heartbeat"})", "ping"}));
  world.tick(25s);
  EXPECT_TRUE(world.aborted);
}

TEST(ClientSession, X2X3WhatTheServerLostIsToldAndItsErrors) {
  ClientWorld world;
  world.start_connected(false);
  world.receive("dropped", R"({"count":3})");
  world.receive("dropped", R"({"count":null})");
  world.receive("error", R"({"message":"Invalid JSON"})");
  EXPECT_EQ(world.heard, (Texts{"dropped 3", "dropped null"}));
  EXPECT_EQ(world.errors, Texts{"server: Invalid JSON"});
}

TEST(ClientSession, H4WhatSomebodyPublishesIsNotBelievedToBeTheServers) {
  ClientWorld world;
  world.start_connected();
  for (const char* event : {"error", "dropped", "gap", "disconnect"}) world.receive(event, "{}");
  EXPECT_EQ(world.heard, (Texts{"error {}", "dropped {}", "gap {}", "disconnect {}"}));
  world.receive("dropped", R"({"count":1})", "", ",\"server\":true");
  EXPECT_EQ(world.heard.back(), "dropped 1");
  world.tick(60s);
  EXPECT_EQ(world.errors, Texts{"timeout: nothing comes any more"});
}

TEST(ClientSession, WhatIsNoMessageIsPassedOnAsItIs) {
  ClientWorld world;
  world.start();
  world.session->on_open();
  world.receive_text("[1]");
  EXPECT_EQ(world.heard, Texts{});
  world.receive("connected", R"({"id":"client-1"})", "1");
  for (const char* text : {"[1]", "nonsense", R"({"event":1})", "\xff"}) world.receive_text(text);
  EXPECT_EQ(world.heard, (Texts{"[1]", "nonsense", R"({"event":1})", "\xff"}));
}

}  // namespace
}  // namespace wscast::client
