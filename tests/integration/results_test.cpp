// What on_result gets, when and on which thread.

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "integration/server_fixture.h"
#include "net/shard.h"

namespace wscast {
namespace {

class Results : public testing::TestWithParam<std::size_t> {
 protected:
  Results() : fixture_(GetParam()) { fixture_.spread(); }

  Server& server() { return fixture_.server(); }

  /// Makes `call` with a callback and waits for its result, on a shard's thread.
  template <class Call>
  PublishResult result_of(Call call) {
    auto told = std::make_shared<std::promise<PublishResult>>();
    auto answer = told->get_future();
    EXPECT_FALSE(call([told](const PublishResult& result) {
      EXPECT_NE(net::Shard::current(), nullptr);
      told->set_value(result);  // Throws when it runs twice.
    }));
    if (answer.wait_for(std::chrono::seconds(20)) != std::future_status::ready) {
      ADD_FAILURE() << "it was never told";
      return {};
    }
    return answer.get();
  }

  static void expect(const PublishResult& result, std::size_t accepted, std::size_t dropped) {
    EXPECT_EQ(result.accepted, accepted);
    EXPECT_EQ(result.dropped, dropped);
    EXPECT_EQ(result.backplane, Backplane::none);
  }

  ServerFixture fixture_;
};

// shows: A-arg-send.cb, D11
TEST_P(Results, TotalsAreThoseOfAllShards) {
  std::vector<Peer> peers;
  for (int i = 0; i < 7; ++i) peers.push_back(fixture_.peer("crowd", {"lobby"}));
  const auto stranger = fixture_.connect();
  ServerFixture::await([&] { return server().client_count() == 8; });
  for (const auto& info : server().get_clients()) {
    EXPECT_FALSE(server().join_room({.client_id = info.id, .room = "lobby"}));
  }
  const std::vector<std::string> exclude = {peers[0].id, peers[1].id};
  using Callback = const OnResult&;
  expect(result_of([&](Callback told) {
           return server().send_to_room(
               {.room = "lobby", .event = "e", .data = kOne, .on_result = told});
         }),
         7, 1);  // The stranger is a member that is not connected yet.
  expect(
      result_of([&](Callback told) {
        return server().send_to_room(
            {.room = "lobby", .event = "e", .data = kOne, .exclude = exclude, .on_result = told});
      }),
      5, 1);
  expect(result_of([&](Callback told) {
           return server().send_to_user({.user_id = "crowd", .event = "e", .on_result = told});
         }),
         7, 0);
  expect(result_of([&](Callback told) {
           return server().broadcast({.event = "e", .exclude = exclude, .on_result = told});
         }),
         5, 0);
  const auto send = [&](std::string_view destination) {
    return result_of([&](Callback told) {
      return server().send(
          {.destination = destination, .event = "e", .data = kOne, .on_result = told});
    });
  };
  expect(send(""), 7, 0);
  expect(send(peers[2].id), 1, 0);
  expect(send("lobby"), 7, 1);
  expect(send("nowhere"), 0, 0);
}

TEST_P(Results, D11TheCallbackOfAHooksCallRunsLater) {
  std::atomic<bool> inside = false;
  std::atomic<int> told = 0;
  ServerFixture* with = nullptr;
  ServerFixture fixture(GetParam(), [&](ServerOptions& options) {
    options.hooks.message = [&](const ClientMessage& message) {
      inside = true;
      const auto expect_outside = [&](const PublishResult&) {
        EXPECT_FALSE(inside);
        ++told;
      };
      with->server().send_to_room(
          {.room = message.event, .event = "e", .on_result = expect_outside});
      with->server().send({.destination = "nowhere",
                           .event = "e",
                           .data = Json::text("1"),
                           .on_result = expect_outside});
      with->server().broadcast({.event = "e", .on_result = expect_outside});
      inside = false;
    };
  });
  with = &fixture;
  const Peer peer = fixture.peer("alice", {"lobby"});
  peer.send("lobby");
  ServerFixture::await([&] { return told == 3; });
}

TEST_P(Results, TheCallbackOfAnErroneousCallNeverRuns) {
  const Peer peer = fixture_.peer("alice");
  const auto fail = [](const PublishResult&) { ADD_FAILURE() << "it ran"; };
  EXPECT_TRUE(server().broadcast({.event = "e", .data = Json::text("{"), .on_result = fail}));
  EXPECT_TRUE(server().send({.event = "e", .data = Json::text("{"), .on_result = fail}));
  EXPECT_FALSE(server().send({.event = "", .on_result = fail}));
  result_of(
      [&](const OnResult& told) { return server().broadcast({.event = "e", .on_result = told}); });
}

TEST_P(Results, ACallbackMayCallTheServerAndMayThrow) {
  const Peer peer = fixture_.peer("alice");
  EXPECT_FALSE(server().broadcast({.event = "e", .on_result = [this](const PublishResult&) {
                                     server().broadcast({.event = "again"});
                                     throw std::runtime_error("boom");
                                   }}));
  EXPECT_EQ(peer.next(), R"({"event":"e"})");
  EXPECT_EQ(peer.next(), R"({"event":"again"})");
  ServerFixture::await([&] { return fixture_.count(Counter::hook_failures) == 1; });
}

INSTANTIATE_TEST_SUITE_P(Shards, Results, testing::Values(1, 3), testing::PrintToStringParamName());

}  // namespace
}  // namespace wscast
