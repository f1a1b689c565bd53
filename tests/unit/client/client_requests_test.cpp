// What a client sends for the program (tests/client/publish.test.mjs has the same of the package).

#include "client/client_requests.h"

#include <gtest/gtest.h>

#include "unit/client/client_world.h"

namespace wscast::client {
namespace {

using namespace std::chrono_literals;
using Texts = ClientWorld::Texts;

std::string publish_of(const std::string& data, int id, const std::string& more = "") {
  return R"({"event":"publish","data":{"room":"r","event":"chat","data":)" + data + more +
         R"(},"id":)" + std::to_string(id) + '}';
}

TEST(ClientRequests, APublishEndsWithTheServersReply) {
  ClientWorld world;
  world.start_connected();
  ClientPublishResult result;
  world.session->publish(world.now, {"r", "chat", "1", true, "", [&](auto& r) { result = r; }});
  EXPECT_EQ(world.take(), Texts{publish_of("1", 1, ",\"echo\":true")});
  world.receive("ack", R"({"ok":true,"delivered":3,"backplane":"none"})", "1");
  EXPECT_FALSE(result.error);
  EXPECT_TRUE(result.acknowledged);
  EXPECT_EQ(result.delivered, 3u);
  EXPECT_EQ(result.backplane, Backplane::none);
  EXPECT_FALSE(result.position);
}

TEST(ClientRequests, OrWithItsWords) {
  ClientWorld world;
  world.start_connected();
  world.publish("r", "1");
  world.publish("r", "2");
  world.receive("ack", R"({"ok":false,"error":"not a member"})", "1");
  world.receive("error", R"({"message":"Rate limit exceeded"})", "2");
  EXPECT_EQ(world.results, (Texts{"1: refused: not a member", "2: refused: Rate limit exceeded"}));
}

TEST(ClientRequests, NoReplyInTimeAndALateOneIsIgnored) {
  ClientWorld world;
  world.start_connected();
  world.publish("r", "1");
  world.tick(9999ms);
  EXPECT_EQ(world.results, Texts{});
  world.tick(1ms);
  EXPECT_EQ(world.results, Texts{"1: timeout: no reply in 10000 ms"});
  world.receive("ack", R"({"ok":true})", "1");
  EXPECT_EQ(world.results.size(), 1u);
  EXPECT_EQ(world.session->waiting_bytes(), 0u);
}

TEST(ClientRequests, OneWithoutAReplyWhenTheConnectionEndsIsLost) {
  ClientWorld world;
  world.options.outbox = 5;
  world.start_connected();
  world.publish("r", "1");
  world.end();
  EXPECT_EQ(world.results, Texts{"1: lost"});
  world.tick(1s);
  world.admit();
  EXPECT_EQ(world.take(), Texts{});
  world.receive("ack", R"({"ok":true})", "1");
  EXPECT_EQ(world.results.size(), 1u);
}

TEST(ClientRequests, WithoutAConnectionItFailsAtOnce) {
  ClientWorld world;
  world.start();
  world.publish("r", "1");
  EXPECT_EQ(world.results, Texts{"1: not connected"});
}

TEST(ClientRequests, WhatNobodyWaitsForIsAnError) {
  ClientWorld world;
  world.start();
  world.session->publish(world.now, {"r", "chat", "1", false, "", {}});
  world.session->send(world.now, "own", "", {});
  EXPECT_EQ(world.errors, (Texts{"not connected", "not connected"}));
}

TEST(ClientRequests, EventsOfOnesOwnServer) {
  ClientWorld world;
  world.start_connected();
  Texts replies;
  const auto on_reply = [&](const ClientError& error, Json data) {
    replies.push_back(ClientWorld::text(error) + ' ' + std::string(data.view()));
  };
  world.session->send(world.now, "sum", "[1,2]", on_reply);
  world.session->send(world.now, "note", "", {});
  EXPECT_EQ(world.take(), (Texts{R"({"event":"sum","data":[1,2],"id":1})", R"({"event":"note"})"}));
  world.receive("sum", "3", "1");
  EXPECT_EQ(replies, Texts{"ok 3"});
}

TEST(ClientRequests, AServerThatDoesNotReplyEndsThemAsTheyAreSent) {
  ClientWorld world;
  world.start();
  world.session->on_open();
  world.receive("connected", R"({"id":"client-1"})");
  world.publish("r", "1");
  EXPECT_EQ(world.results, Texts{"1: ok"});
}

TEST(ClientRequests, TheOutboxKeepsWhatIsSentWithoutAConnectionInOrderBehindTheRooms) {
  ClientWorld world;
  world.options.outbox = 2;
  world.start();
  world.join("r");
  world.publish("r", "1");
  world.publish("r", "2");
  world.publish("r", "3");
  EXPECT_EQ(world.results, Texts{"3: full"});
  EXPECT_GT(world.session->waiting_bytes(), 0u);
  world.admit();
  EXPECT_EQ(world.take(), Texts{});
  world.reply(R"({"r":"joined"})");
  EXPECT_EQ(world.take(), (Texts{publish_of("1", 1), publish_of("2", 2)}));
}

TEST(ClientRequests, AMessageWaitsInTheOutboxForAMinute) {
  ClientWorld world;
  world.options.outbox = 2;
  world.start();
  world.publish("r", "1");
  world.tick(59'999ms);
  EXPECT_EQ(world.results, Texts{});
  world.tick(1ms);
  EXPECT_EQ(world.results, Texts{"1: not connected"});
  EXPECT_EQ(world.session->waiting_bytes(), 0u);
}

TEST(ClientRequests, AClosedClientEndsWhatWaits) {
  ClientWorld world;
  world.options.outbox = 2;
  world.start_connected();
  world.publish("r", "1");
  world.end();
  world.publish("r", "2");
  world.session->close();
  EXPECT_EQ(world.results, (Texts{"1: lost", "2: stopped"}));
}

TEST(ClientRequests, WhoJoinsAndThenPublishesIsInTheRoom) {
  ClientWorld world;
  world.start_connected();
  world.session->join("r", {});
  world.publish("r", "1");
  const auto sent = world.take();
  ASSERT_EQ(sent.size(), 2u);
  EXPECT_EQ(sent[0], R"({"event":"join","data":{"rooms":["r"]},"id":"join"})");
  EXPECT_EQ(sent[1], publish_of("1", 1));
}

// In rooms with history.

/// In `r`, at offset 3 of epoch e.
void start_in_history(ClientWorld& world, std::size_t outbox) {
  world.options.outbox = outbox;
  world.start_connected();
  world.join("r");
  world.reply(R"({"r":"joined"})", R"({"r":{"offset":3,"epoch":"e"}})");
  world.results.clear();
  world.take();
}

void come_back(ClientWorld& world) {
  world.reconnect();
  world.admit("{}", "client-2");
  world.take();
  world.reply(R"({"r":"joined"})", R"({"r":{"offset":3,"epoch":"e","recovered":true}})");
}

const std::string kKeyed = R"(,"key":"ffffffffffffffffffffffffffffffff")";

TEST(ClientRequests, H10APublishMayHaveAKeyAndHasThePosition) {
  ClientWorld world;
  start_in_history(world, 0);
  world.publish("r", "1", "k");
  world.publish("r", "2");
  EXPECT_EQ(world.take(), (Texts{publish_of("1", 1, R"(,"key":"k")"), publish_of("2", 2)}));
  world.receive("ack", R"({"ok":true,"position":{"offset":4,"epoch":"e"},"repeated":true})", "1");
  EXPECT_EQ(world.results, Texts{"1: ok at 4 repeated"});
  world.end();
  EXPECT_EQ(world.results.back(), "2: lost") << "without an outbox nothing is sent again";
}

TEST(ClientRequests, H10WhatIsLostIsSentAgainWithTheSameKeyAndInOrder) {
  ClientWorld world;
  start_in_history(world, 5);
  world.publish("r", "1");
  world.publish("r", "2");
  const Texts both{publish_of("1", 1, kKeyed), publish_of("2", 2, kKeyed)};
  EXPECT_EQ(world.take(), both);
  world.end();
  world.publish("r", "3");
  world.tick(1s);
  world.admit();
  EXPECT_EQ(world.take(), Texts{});
  world.reply(R"({"r":"joined"})", R"({"r":{"offset":3,"epoch":"e","recovered":true}})");
  EXPECT_EQ(world.take(), (Texts{both[0], both[1], publish_of("3", 3, kKeyed)}));
  world.receive("ack", R"({"ok":true,"position":{"offset":4,"epoch":"e"},"repeated":true})", "1");
  EXPECT_EQ(world.results, Texts{"1: ok at 4 repeated"});
}

TEST(ClientRequests, H10WhatWasLostAndThenFailsIsLost) {
  ClientWorld world;
  start_in_history(world, 1);
  for (const char* data : {"1", "2"}) world.publish("r", data);
  come_back(world);
  EXPECT_EQ(world.results, Texts{"2: lost"}) << "the outbox has place for one";
  EXPECT_EQ(world.take(), Texts{publish_of("1", 1, kKeyed)});
  world.receive("ack", R"({"ok":false,"error":"not a member"})", "1");
  EXPECT_EQ(world.results.back(), "1: lost");
  world.publish("r", "3");
  world.end();
  world.tick(60s);
  EXPECT_EQ(world.results.back(), "3: lost") << "it waited too long";
}

TEST(ClientRequests, H10NothingIsSentAgainOnceTheServerMayHaveForgottenItsKey) {
  ClientWorld world;
  world.options.outbox_timeout = 1h;
  start_in_history(world, 5);
  world.publish("r", "1");
  world.end();
  world.now += 240'001ms;
  world.tick();
  come_back(world);
  EXPECT_EQ(world.take(), Texts{});
  EXPECT_EQ(world.results, Texts{"1: lost"});
}

}  // namespace
}  // namespace wscast::client
