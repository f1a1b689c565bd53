#include "server/close_log.h"

#include <string>

#include <gtest/gtest.h>

#include "support/session_world.h"

namespace wscast::server {
namespace {

using session::Client;

TEST(CloseLog, SaysWhoFromWhereWithWhichCodeAndWhy) {
  session::World world;
  Client& client = world.enter("alice");
  EXPECT_EQ(
      closed_line(client.session, {.code = 4002, .words = "Heartbeat timeout", .by_server = true}),
      "client " + client.id() +
          " of user \"alice\" at 192.0.2.1 closed by the server with 4002 \"Heartbeat timeout\"");
}

TEST(CloseLog, AClientsOwnWordsAreEscapedAndMayBeMissing) {
  session::World world;
  Client& client = world.open();
  const std::string start = "client " + client.id() + " at 192.0.2.1 closed with ";
  EXPECT_EQ(closed_line(client.session, {.code = 1000, .words = "a\n\"b"}),
            start + R"(1000 "a\x0a\"b")");
  EXPECT_EQ(closed_line(client.session, {.code = 1005, .words = ""}), start + "1005");
}

TEST(CloseLog, EachSessionReportsItsCauseOnce) {
  session::World world;
  Client& ended = world.enter();
  ended.session.end(session::kHeartbeatTimeout);
  ended.session.on_close({.code = 4002, .words = "echo"});
  Client& left = world.enter();
  left.session.on_close({.code = 1006, .words = "no byte for idle_timeout"});
  EXPECT_EQ(world.delegate.causes, (session::Texts{"4002 Heartbeat timeout by the server",
                                                   "1006 no byte for idle_timeout"}));
}

}  // namespace
}  // namespace wscast::server
