// Which clients each send reaches, and what it returns.

#include <algorithm>
#include <mutex>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "wscast/log.h"

#include "integration/server_fixture.h"

namespace wscast {
namespace {

class Sends : public testing::TestWithParam<std::size_t> {
 protected:
  Sends() : fixture_(GetParam()) { fixture_.spread(); }

  Server& server() { return fixture_.server(); }

  /// Everything that was sent before has been received.
  void expect_nothing_more(client::BlockingClient& socket, std::string_view id) {
    EXPECT_TRUE(server().send_to_client({.client_id = id, .event = "marker"}));
    EXPECT_EQ(socket.receive().payload, R"({"event":"marker"})");
  }
  void expect_nothing_more(const Peer& peer) { expect_nothing_more(*peer.socket, peer.id); }

  ServerFixture fixture_;
};

// shows: D15, A-server-sendToClient
TEST_P(Sends, D1T12AClientIsReachedInAnyState) {
  const auto stranger = fixture_.connect();
  ServerFixture::await([&] { return server().client_count() == 1; });
  const std::string id = server().get_clients().at(0).id;
  const auto sent = server().send_to_client({.client_id = id, .event = "e", .data = kOne});
  EXPECT_EQ(*sent, 22);  // Bytes of the message.
  EXPECT_EQ(stranger->receive().payload, message("e", "1"));
  EXPECT_EQ(*server().send_to_client({.client_id = id, .event = "e"}), 13);
  EXPECT_EQ(stranger->receive().payload, R"({"event":"e"})");
}

TEST_P(Sends, D15TheTextOfDataIsSentAsItIs) {
  const Peer peer = fixture_.peer("alice");
  for (const std::string data : {"1e999", "-0", R"({"a":1,"a":2})", "null", R"(" é \ud800")"}) {
    server().send_to_client({.client_id = peer.id, .event = "e", .data = Json::text(data)});
    EXPECT_EQ(peer.next(), message("e", data));
  }
}

// shows: T12
TEST_P(Sends, NobodyIsReachedByAnUnknownId) {
  for (const std::string& id : {Server::new_client_id(), std::string("nobody"), std::string()}) {
    EXPECT_EQ(*server().send_to_client({.client_id = id, .event = "e"}), 0);
    EXPECT_FALSE(server().send_to_user({.user_id = id, .event = "e"}));
    EXPECT_FALSE(server().send_to_room({.room = id, .event = "e"}));
  }
}

TEST_P(Sends, D2AUserIsReachedOnAllItsClients) {
  const Peer one = fixture_.peer("alice");
  const Peer two = fixture_.peer("alice");
  const Peer bob = fixture_.peer("bob");
  const Peer nobody = fixture_.peer("");
  EXPECT_FALSE(server().send_to_user({.user_id = "alice", .event = "e", .data = kOne}));
  EXPECT_FALSE(server().send_to_user({.user_id = "", .event = "e", .data = kOne}));
  EXPECT_EQ(one.next(), message("e", "1"));
  EXPECT_EQ(two.next(), message("e", "1"));
  expect_nothing_more(bob);
  expect_nothing_more(nobody);
}

// shows: A-server-sendToRoom, A-arg-sendToRoom.exclude, D3
TEST_P(Sends, D4ARoomIsReachedButForTheExcluded) {
  const Peer one = fixture_.peer("one", {"lobby"});
  const Peer two = fixture_.peer("two", {"lobby"});
  const Peer outside = fixture_.peer("outside");
  EXPECT_FALSE(server().send_to_room({.room = "lobby",
                                      .event = "e",
                                      .data = kOne,
                                      .exclude = {one.id, "no id", Server::new_client_id()}}));
  EXPECT_EQ(two.next(), message("e", "1"));
  expect_nothing_more(one);
  expect_nothing_more(outside);
}

// shows: A-server-broadcast, A-arg-broadcast.exclude
TEST_P(Sends, D5ABroadcastReachesAllButTheExcluded) {
  const auto stranger = fixture_.connect();
  ServerFixture::await([&] { return server().client_count() == 1; });
  const std::string id = server().get_clients().at(0).id;
  const Peer one = fixture_.peer("one");
  const Peer two = fixture_.peer("two");
  EXPECT_FALSE(server().broadcast({.event = "e", .data = kOne}));
  EXPECT_FALSE(server().broadcast({.event = "f", .data = kOne, .exclude = {one.id}}));
  EXPECT_EQ(one.next(), message("e", "1"));
  expect_nothing_more(one);
  EXPECT_EQ(two.next(), message("e", "1"));
  EXPECT_EQ(two.next(), message("f", "1"));
  expect_nothing_more(*stranger, id);
}

// shows: A-server-send, A-arg-send.destination
TEST_P(Sends, D6D7D8D9TheDestinationDecides) {
  const Peer one = fixture_.peer("one", {"lobby"});
  const Peer two = fixture_.peer("two", {"lobby"});
  const auto send = [&](std::string_view destination, std::string_view event,
                        std::vector<std::string> exclude = {}) {
    EXPECT_FALSE(server().send(
        {.destination = destination, .event = event, .data = kOne, .exclude = std::move(exclude)}));
  };
  send("", "all");
  send("", "all-but-one", {one.id});
  send(one.id, "to-one");
  send("lobby", "room");
  send("lobby", "room-but-one", {one.id});
  send("nowhere", "nowhere");
  send(Server::new_client_id(), "elsewhere");
  send("two", "users are no destination");
  for (const char* event : {"all", "to-one", "room"}) EXPECT_EQ(one.next(), message(event, "1"));
  for (const char* event : {"all", "all-but-one", "room", "room-but-one"}) {
    EXPECT_EQ(two.next(), message(event, "1"));
  }
  expect_nothing_more(one);
  expect_nothing_more(two);
}

// shows: A-arg-send.payload
TEST_P(Sends, D10WithoutTopicOrDataNothingIsSent) {
  const Peer peer = fixture_.peer("alice");
  const auto fail = [](const PublishResult&) { ADD_FAILURE() << "the callback ran"; };
  EXPECT_FALSE(server().send({.event = "", .data = kOne, .on_result = fail}));
  EXPECT_FALSE(server().send({.event = "t", .on_result = fail}));
  EXPECT_FALSE(server().send({.event = "t", .data = Json::text("null")}));
  EXPECT_EQ(peer.next(), message("t", "null"));
  expect_nothing_more(peer);
}

TEST_P(Sends, ErrorsAreReturnedAndNothingIsSent) {
  const Peer peer = fixture_.peer("alice", {"lobby"});
  const auto expect_all = [&](std::string_view event, Json data, Errc error) {
    EXPECT_EQ(server().send_to_client({.client_id = peer.id, .event = event, .data = data}).error(),
              error);
    EXPECT_EQ(server().send_to_user({.user_id = "alice", .event = event, .data = data}), error);
    EXPECT_EQ(server().send_to_room({.room = "lobby", .event = event, .data = data}), error);
    EXPECT_EQ(server().broadcast({.event = event, .data = data}), error);
    EXPECT_EQ(server().send({.destination = "lobby", .event = event, .data = data}), error);
  };
  expect_all("e", Json::text("{"), Errc::invalid_json);
  expect_all("e", Json::text(""), Errc::invalid_json);
  expect_all("e", Json::text("\"\xff\""), Errc::invalid_json);
  expect_all("e", Json::text(std::string(256, '[') + std::string(256, ']')), Errc::invalid_json);
  expect_all("\xff", kOne, Errc::invalid_json);
  expect_nothing_more(peer);
  server().shutdown();
  expect_all("e", kOne, Errc::stopped);
}

INSTANTIATE_TEST_SUITE_P(Shards, Sends, testing::Values(1, 3), testing::PrintToStringParamName());

// shows: A-arg-sendToClient.doLog, A-arg-send.doLog, A-option-identifier
TEST(SendsLog, ACallIsLoggedIfAskedTo) {
  std::mutex mutex;
  std::vector<std::string> lines;
  set_log_sink([&](const LogLine& logged) {
    const std::string_view line = logged.message;
    const std::lock_guard lock(mutex);
    lines.emplace_back(line);
  });
  {
    ServerFixture fixture(1, [](ServerOptions& options) { options.identifier = "unit-7"; });
    for (const bool log : {false, true}) {
      fixture.server().send_to_client({.client_id = "c\n", .event = "e1", .log = log});
      fixture.server().send({.destination = "d", .event = "t1", .data = kOne, .log = log});
    }
  }
  set_log_sink(nullptr);
  const auto having = [&](std::string_view text) {
    return std::ranges::count_if(lines, [text](const std::string& line) {
      return line.find(text) != std::string::npos && line.find('\n') == std::string::npos;
    });
  };
  EXPECT_EQ(having("\"e1\""), 1);
  EXPECT_EQ(having("\"t1\""), 1);
  EXPECT_GE(having("unit-7"), 1);
}

}  // namespace
}  // namespace wscast
