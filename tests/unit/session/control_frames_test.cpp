// protocol.md O10, O11, M13: pings and pongs count as messages.

#include <string>

#include <gtest/gtest.h>

#include "support/session_world.h"

namespace wscast::session {
namespace {

using std::chrono::seconds;

/// Returns how many of `n` pings get a pong.
int pongs(Client& client, int n, std::size_t payload_bytes = 0) {
  int count = 0;
  for (int i = 0; i < n; ++i) count += client.session.on_control_frame(payload_bytes) ? 1 : 0;
  return count;
}

TEST(ControlFrames, O10BeforeAuthenticationTheyCountAsMessages) {
  World world;
  Client& client = world.open();
  client.receive("{}");
  EXPECT_EQ(pongs(client, 63), 63);
  EXPECT_EQ(client.take_sent(), Texts{});
  EXPECT_FALSE(client.session.on_control_frame(0));
  EXPECT_EQ(client.take_sent(), Texts{"close 4010 Too many messages before authentication"});
  EXPECT_EQ(world.counted().at("closed_pre_auth_flood"), 1u);
  EXPECT_FALSE(client.session.on_control_frame(0)) << "it has ended";
}

TEST(ControlFrames, O10TheirBytesCountToo) {
  World world;
  world.options.max_bytes_before_auth = 1'000;
  Client& client = world.open();
  EXPECT_EQ(pongs(client, 8, 125), 8);
  EXPECT_FALSE(client.session.on_control_frame(1));
  EXPECT_TRUE(client.session.ended());
}

TEST(ControlFrames, O10AnAuthenticatedClientHasNoSuchLimit) {
  World world;
  Client& client = world.enter();
  EXPECT_EQ(pongs(client, 10'000, 125), 10'000);
}

TEST(ControlFrames, O11TheyShareTheRateOfMessages) {
  World world;
  world.options.message_rate = 10;
  Client& client = world.enter();
  world.clock.pass(seconds(1));
  client.receive(R"({"event":"heartbeat"})");
  EXPECT_EQ(pongs(client, 20), 9);
  EXPECT_EQ(client.take_sent(), Texts{error_text("Rate limit exceeded")});
  EXPECT_EQ(world.counted(), (Counts{{"rate_limited", 11}}));
  world.clock.pass(seconds(1));
  EXPECT_EQ(pongs(client, 20), 10);
}

TEST(ControlFrames, O11FiveSecondsOverTheRateClose) {
  World world;
  world.options.message_rate = 1;
  Client& client = world.enter();
  for (int second = 0; second < 5; ++second) {
    EXPECT_FALSE(client.session.ended());
    world.clock.pass(seconds(1));
    EXPECT_EQ(pongs(client, 2), 1);
  }
  EXPECT_EQ(client.take_sent().back(), "close 4009 Rate limit exceeded");
}

TEST(ControlFrames, M13TheyAreNoSignOfLife) {
  World world;
  Client& client = world.enter();
  world.clock.pass(world.options.heartbeat_timeout + std::chrono::milliseconds(1));
  EXPECT_TRUE(client.session.on_control_frame(0));
  client.session.check_heartbeat();
  EXPECT_EQ(client.take_sent(), Texts{"close 4002 Heartbeat timeout"});
}

TEST(ControlFrames, GetAPongWhileAHookRuns) {
  World world;
  Client& client = world.client_in(Stage::in_message_hook);
  EXPECT_TRUE(client.session.on_control_frame(0));
  EXPECT_EQ(world.take_requests(), Texts{});
}

}  // namespace
}  // namespace wscast::session
