#include "publish_command.h"

#include <stdexcept>

#include <gtest/gtest.h>

namespace wscast::program {
namespace {

TEST(PublishCommand, TheBodyNamesTheDestinationAndKeepsTheData) {
  PublishArguments to_room{.room = "lobby", .event = "news", .exclude = {"a", "b\""}};
  EXPECT_EQ(publish_body(to_room, R"({"n": 1.50})"),
            R"({"room":"lobby","event":"news","data":{"n": 1.50},"exclude":["a","b\""]})");
  EXPECT_EQ(publish_body({.user = "alice", .event = "x"}, ""), R"({"user":"alice","event":"x"})");
  EXPECT_EQ(publish_body({.client = "id", .event = "x"}, "null"),
            R"({"client":"id","event":"x","data":null})");
  EXPECT_EQ(publish_body({.all = true, .event = "x"}, "0"), R"({"all":true,"event":"x","data":0})");
}

TEST(PublishCommand, RefusesWhatTheServerCouldNotUse) {
  using Fault = std::invalid_argument;
  EXPECT_THROW(publish_body({.event = "x"}, ""), Fault);
  EXPECT_THROW(publish_body({.room = "a", .user = "b", .event = "x"}, ""), Fault);
  EXPECT_THROW(publish_body({.room = "a"}, ""), Fault);
  EXPECT_THROW(publish_body({.room = "a", .event = "x"}, "{"), Fault);
  EXPECT_THROW(publish_body({.room = "a", .event = "x"}, R"(1,"all":true)"), Fault);
}

TEST(PublishCommand, TheExitCodeSaysWhatBecameOfIt) {
  EXPECT_EQ(publish_exit_code(200, R"({"accepted":1,"backplane":"ok"})"), kDone);
  EXPECT_EQ(publish_exit_code(200, "<html>"), kRefused);
  EXPECT_EQ(publish_exit_code(503, R"({"local":1,"backplane":"down"})"), kBackplaneDown);
  EXPECT_EQ(publish_exit_code(503, R"({"detail":"the server is shutting down"})"), kUnreachable);
  EXPECT_EQ(publish_exit_code(429, ""), kUnreachable);
  for (const int status : {301, 400, 401, 403, 404, 413}) {
    EXPECT_EQ(publish_exit_code(status, "{}"), kRefused) << status;
  }
  EXPECT_EQ(publish_exit_code(500, "{}"), kFailed);
}

}  // namespace
}  // namespace wscast::program
