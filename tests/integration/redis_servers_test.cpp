// Servers on one real Redis: what their clients get, and what they get when Redis fails
// (protocol.md sections 2 and 3).

#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "wscast/redis.h"

#include "integration/server_fixture.h"
#include "support/redis_process.h"

namespace wscast {
namespace {

using test::RedisProcess;

class RedisServers : public testing::Test {
 protected:
  std::unique_ptr<ServerFixture> make(std::size_t shards = 2,
                                      RedisSubscribe subscribe = RedisSubscribe::exact) {
    return std::make_unique<ServerFixture>(shards, [&](ServerOptions& options) {
      options.broker = redis_broker({.url = redis_.url(), .subscribe = subscribe});
      options.http = {.pages = {}, .health = true, .ready = true};
      options.session.max_rooms_per_client = 2'000;
    });
  }

  /// In the rooms by its own `join`: from then on it is subscribed (a call to join_room()
  /// does not wait for that).
  static Peer member(ServerFixture& of, std::string_view user,
                     const std::vector<std::string>& rooms) {
    Peer made = of.peer(user);
    std::string names;
    for (const auto& room : rooms) names += (names.empty() ? "\"" : ",\"") + room + '"';
    made.send("join", R"({"rooms":[)" + names + "]}");
    ServerFixture::await([&] { return of.server().in_room(made.id, rooms.back()); });
    return made;
  }

  static void send(ServerFixture& from, std::string_view room, std::string_view event) {
    EXPECT_FALSE(from.server().send({.destination = room, .event = event, .data = kOne}));
  }

  static Backplane backplane_of_send(ServerFixture& from) {
    auto outcome = std::make_shared<std::promise<PublishResult>>();
    EXPECT_FALSE(from.server().send(
        {.destination = "lobby",
         .event = "probing",
         .data = kOne,
         .on_result = [outcome](const PublishResult& result) { outcome->set_value(result); }}));
    return outcome->get_future().get().backplane;
  }

  /// The answer's status and body.
  static std::pair<int, std::string> get(ServerFixture& fixture, std::string_view path) {
    client::BlockingClient client;
    EXPECT_FALSE(client.open(endpoint_of(fixture.address())));
    client.send_raw("GET " + std::string(path) +
                    " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    EXPECT_FALSE(client.read_response());
    const int status = client.response().status;
    return {status, client.receive_raw_all()};
  }

  static void await_ready(ServerFixture& fixture, int status) {
    ServerFixture::await([&] { return get(fixture, "/ready").first == status; });
  }

  RedisProcess redis_;
};

TEST_F(RedisServers, ActAsOne) {
  for (const auto subscribe : {RedisSubscribe::exact, RedisSubscribe::patterns}) {
    const auto here = make(1, subscribe);
    const auto there = make(3, subscribe);
    const auto alice = member(*here, "alice", {"lobby"});
    const auto bob = member(*there, "bob", {"lobby"});
    send(*here, "lobby", "to the room");
    send(*here, bob.id, "to bob");
    send(*here, "", "to all");
    EXPECT_EQ(bob.next(), message("to the room", "1"));
    EXPECT_EQ(bob.next(), message("to bob", "1"));
    EXPECT_EQ(bob.next(), message("to all", "1"));
    EXPECT_EQ(alice.next(), message("to the room", "1"));
    EXPECT_EQ(alice.next(), message("to all", "1"));
    EXPECT_EQ(backplane_of_send(*here), Backplane::ok);
  }
}

TEST_F(RedisServers, NobodyLosesAnythingButTheOthersWhenRedisDies) {
  const auto here = make();
  const auto there = make();
  const auto alice = member(*here, "alice", {"lobby"});
  const auto bob = member(*there, "bob", {"lobby"});
  redis_.kill();
  await_ready(*here, 503);
  EXPECT_EQ(get(*here, "/health").first, 200);
  EXPECT_EQ(backplane_of_send(*here), Backplane::down);
  EXPECT_EQ(alice.next(), message("probing", "1"));
  const auto carol = member(*here, "carol", {"lobby", "new"});
  EXPECT_GT(here->count(Counter::subscriptions_late), 0u);

  redis_.start();
  await_ready(*here, 200);
  await_ready(*there, 200);
  for (const auto* room : {"lobby", "new"}) send(*there, room, room);
  for (const auto* client : {&alice, &bob, &carol}) {
    EXPECT_EQ(client->next(), message("dropped", R"({"count":null})")) << "X3";
    EXPECT_EQ(client->next(), message("lobby", "1")) << "what was said meanwhile is not said again";
  }
  EXPECT_EQ(carol.next(), message("new", "1"));
}

StoreResult store(ServerFixture& on, std::string_view value, bool replace = false,
                  std::chrono::milliseconds ttl = std::chrono::minutes(1)) {
  auto outcome = std::make_shared<std::promise<StoreResult>>();
  EXPECT_FALSE(on.server().store(
      {.key = "k",
       .value = value,
       .ttl = ttl,
       .replace = replace,
       .on_result = [outcome](const StoreResult& result) { outcome->set_value(result); }}));
  return outcome->get_future().get();
}

// shows: X13
TEST_F(RedisServers, X13ATextIsKeptOnceForAllServersAndForItsTime) {
  const auto here = make();
  const auto there = make();
  EXPECT_EQ(store(*here, "first").status, StoreStatus::stored);
  const StoreResult second = store(*there, "second");
  EXPECT_EQ(second.status, StoreStatus::present);
  EXPECT_EQ(second.value, "first");
  EXPECT_EQ(store(*there, std::string("a\0\r\nb", 5), true).status, StoreStatus::stored);
  EXPECT_EQ(store(*here, "third").value, std::string("a\0\r\nb", 5));
  EXPECT_EQ(redis_.call({"EXISTS", "ws:store:k"}), "1");
  EXPECT_EQ(store(*here, "short", true, std::chrono::milliseconds(1)).status, StoreStatus::stored);
  ServerFixture::await([&] { return store(*there, "late").status == StoreStatus::stored; });
}

TEST_F(RedisServers, X13WithoutRedisNothingIsKept) {
  const auto here = make();
  redis_.kill();
  EXPECT_EQ(store(*here, "value").status, StoreStatus::unavailable);
  await_ready(*here, 503);
  EXPECT_EQ(store(*here, "value").status, StoreStatus::unavailable);
}

TEST_F(RedisServers, X13WhatIsOutOfItsLimitsIsRefused) {
  const auto here = make();
  const auto ignore = [](const StoreResult&) {};
  Server& server = here->server();
  const std::string long_key(1'025, 'k');
  EXPECT_EQ(server.store({.key = "", .on_result = ignore}), Errc::invalid_text);
  EXPECT_EQ(server.store({.key = long_key, .on_result = ignore}), Errc::invalid_text);
  EXPECT_EQ(server.store({.key = "\xff", .on_result = ignore}), Errc::invalid_text);
  EXPECT_EQ(server.store({.key = "k", .ttl = std::chrono::hours(25), .on_result = ignore}),
            Errc::invalid_text);
  EXPECT_EQ(server.store({.key = "k"}), Errc::invalid_text);
  const std::string big(9 * 1024 * 1024, 'x');
  EXPECT_EQ(server.store({.key = "k", .value = big, .on_result = ignore}), Errc::message_too_big);
}

TEST_F(RedisServers, ARedisThatHangsIsReportedAndOutlived) {
  const auto here = make();
  const auto alice = member(*here, "alice", {"lobby"});
  redis_.stop();
  EXPECT_EQ(backplane_of_send(*here), Backplane::unknown);
  EXPECT_EQ(alice.next(), message("probing", "1")) << "here first";
  await_ready(*here, 503);
  EXPECT_NE(get(*here, "/ready").second.find("Redis"), std::string::npos);
  EXPECT_EQ(get(*here, "/health").first, 200);
  const auto bob = member(*here, "bob", {"lobby"});
  redis_.cont();
  await_ready(*here, 200);
  EXPECT_EQ(backplane_of_send(*here), Backplane::ok);
  EXPECT_EQ(bob.next(), message("dropped", R"({"count":null})")) << "X3";
  EXPECT_EQ(bob.next(), message("probing", "1"));
}

// shows: X3
TEST_F(RedisServers, X3OfAMessageThatIsTooLongItsReceiversAreTold) {
  const auto here = make();
  const auto alice = member(*here, "alice", {"lobby"});
  const auto bob = member(*here, "bob", {"lobby"});
  const auto carol = member(*here, "carol", {"elsewhere"});
  const auto say = [this](const std::string& channel) {
    redis_.call({"PUBLISH", channel, std::string(9'000'000, 'x')});
  };
  say("ws:room:lobby");
  redis_.call(
      {"PUBLISH", "ws:room:lobby",
       R"({"serverId":"emitter","type":"room","target":"lobby","event":"behind it","data":1})"});
  for (const auto* client : {&alice, &bob}) {
    EXPECT_EQ(client->next(), message("dropped", R"({"count":null})"));
    EXPECT_EQ(client->next(), message("behind it", "1"));
  }
  say("ws:broadcast");
  for (const auto* client : {&alice, &bob, &carol}) {
    EXPECT_EQ(client->next(), message("dropped", R"({"count":null})"));
  }
}

// shows: R1, R3, R5, R11
TEST_F(RedisServers, PoisonCostsNobodyAnything) {
  const auto here = make();
  const auto alice = member(*here, "alice", {"lobby"});
  const auto bob = member(*here, "bob", {"lobby"});
  const auto say = [this](const std::string& text) {
    EXPECT_NE(redis_.call({"PUBLISH", "ws:room:lobby", text}), "0");
  };
  const std::string head = R"({"serverId":"emitter","type":"room","target":"lobby","event":)";
  say(std::string("\0\xff\xfe\x80{", 5));
  say(R"({"serverId":7})");
  say(head + "\"\xff\"}");
  say(head + R"("e","data":)" + std::string(100'000, '[') + "}");
  say(R"({"serverId":"emitter","type":"galaxy","target":"lobby","event":"e"})");
  say(R"({"serverId":")" + here->server().server_id() +
      R"(","type":"room","target":"lobby","event":"our own"})");
  std::string exclude;
  for (int i = 0; i < 100'000; ++i) exclude += R"("00000000-0000-4000-8000-000000000000",)";
  say(head + R"("many","data":1,"exclude":[)" + exclude + '"' + alice.id + R"("]})");
  say(head + R"("odd","data":1,"exclude":{"length":3}})");
  EXPECT_EQ(bob.next(), message("many", "1"));
  EXPECT_EQ(bob.next(), message("odd", "1"));
  EXPECT_EQ(alice.next(), message("odd", "1"));
  EXPECT_EQ(here->count(Counter::broker_malformed), 4u);
  EXPECT_EQ(here->count(Counter::broker_unroutable), 1u);
  EXPECT_EQ(here->count(Counter::dropped_notices), 0u) << "it was nobody's message";
  EXPECT_EQ(here->count(Counter::broker_connections_lost), 0u);
}

/// Each server has rooms of its own; a further one sends to all of them. A server receives what its
/// own clients need, or with patterns everything.
TEST_F(RedisServers, AServerReceivesWhatItsClientsNeed) {
  constexpr std::size_t kServers = 4;
  constexpr std::size_t kRoomsEach = 1'000;
  constexpr std::size_t kMessagesARoom = 5;
  for (const auto subscribe : {RedisSubscribe::exact, RedisSubscribe::patterns}) {
    std::vector<std::unique_ptr<ServerFixture>> servers;
    std::vector<Peer> peers;
    for (std::size_t i = 0; i < kServers; ++i) {
      servers.push_back(make(1, subscribe));
      std::vector<std::string> rooms;
      for (std::size_t room = 0; room < kRoomsEach; ++room) {
        rooms.push_back("r" + std::to_string(i) + "-" + std::to_string(room));
      }
      peers.push_back(member(*servers.back(), "u" + std::to_string(i), rooms));
    }
    const auto sender = make(1, subscribe);
    for (std::size_t n = 0; n < kMessagesARoom; ++n) {
      for (std::size_t room = 0; room < kRoomsEach; ++room) {
        for (std::size_t i = 0; i < kServers; ++i) {
          send(*sender, "r" + std::to_string(i) + "-" + std::to_string(room), "e");
        }
      }
    }
    for (const auto& peer : peers) send(*sender, peer.id, "end");
    for (const auto& peer : peers) {
      std::size_t received = 0;
      for (std::string text = peer.next(); !text.empty() && text != message("end", "1");
           text = peer.next()) {
        ++received;
      }
      EXPECT_EQ(received, kRoomsEach * kMessagesARoom);
    }
    const std::size_t own = kRoomsEach * kMessagesARoom + 1;
    for (const auto& server : servers) {
      const std::size_t all = kServers * own;
      const bool exact = subscribe == RedisSubscribe::exact;
      ServerFixture::await(
          [&] { return server->count(Counter::broker_messages) >= (exact ? own : all); });
      EXPECT_EQ(server->count(Counter::broker_messages), exact ? own : all);
    }
  }
}

}  // namespace
}  // namespace wscast
