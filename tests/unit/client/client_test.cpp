#include "wscast/client.h"

#include <stdexcept>

#include <gtest/gtest.h>

namespace wscast {
namespace {

using namespace std::chrono_literals;

TEST(Client, NamesAllThatIsWrongWithItsOptions) {
  ClientOptions options{.url = "http://x", .data = "[1]"};
  options.max_waiting_bytes = options.max_message = 0;
  options.outbox_timeout = options.connect_timeout = 0ms;
  options.reply_timeout = -1ms;
  options.heartbeat = 90s;
  options.min_delay = 2s;
  options.max_delay = 1s;
  EXPECT_EQ(options.validate().size(), 9u);
  EXPECT_THROW(Client{options}, std::invalid_argument);
  EXPECT_EQ((ClientOptions{.url = "wss://x/ws", .data = "{}"}.validate()),
            std::vector<std::string>{});
}

TEST(Client, AFileThatIsMissingIsSaidAtOnce) {
  EXPECT_THROW(Client({.url = "wss://127.0.0.1:1/ws", .ca_file = "/no/such/file"}),
               std::runtime_error);
}

TEST(Client, RejectsWhatCannotBeSent) {
  Client client({.url = "ws://127.0.0.1:1/ws"});
  EXPECT_EQ(client.join(""), Errc::invalid_text);
  EXPECT_EQ(client.leave("\xff"), Errc::invalid_json);
  EXPECT_EQ(client.publish({.room = "r", .event = "", .data = {}}), Errc::invalid_text);
  EXPECT_EQ(client.publish({.room = "r", .event = "e", .data = Json::text("{")}),
            Errc::invalid_json);
  const std::string key(129, 'k');
  EXPECT_EQ(client.publish({.room = "r", .event = "e", .key = key}), Errc::invalid_text);
  EXPECT_EQ(client.send("e", Json::text("")), Errc::invalid_json);
  client.close();
  EXPECT_EQ(client.join("r"), Errc::stopped);
}

TEST(Client, WhatWaitsIsBoundedInBytes) {
  Client client({.url = "ws://127.0.0.1:1/ws", .outbox = 100, .max_waiting_bytes = 1'000});
  const std::string data = '"' + std::string(600, 'x') + '"';
  EXPECT_FALSE(client.send("e", Json::text(data)));
  EXPECT_EQ(client.send("e", Json::text(data)), Errc::queue_full);
  EXPECT_FALSE(client.join("r"));
}

}  // namespace
}  // namespace wscast
