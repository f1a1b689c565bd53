// wscast::Client at real servers that restart, are cut off, and fall silent.

#include "wscast/client.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wscast/json_fields.h"

#include "integration/server_fixture.h"
#include "support/tcp_relay.h"
#include "support/tls_files.h"

namespace wscast {
namespace {

using namespace std::chrono_literals;
using test::TcpRelay;

const std::vector<std::string> kRooms = {"orders-1", "orders-2"};

std::string text_of(Json json) {
  return std::string(json.view());
}

/// A server whose rooms `orders-*` have a history, and which publishes as the program does.
class TestServer {
 public:
  explicit TestServer(const ServerFixture::Adjust& adjust = {})
      : fixture_(2, [&](ServerOptions& options) {
          options.history = {{.match = "orders-*", .limits = {.size = 10'000}}};
          options.hooks.message = [this](const ClientMessage& message) { on_message(message); };
          if (adjust) adjust(options);
        }) {
    server_ = &fixture_.server();
  }

  Server& server() { return fixture_.server(); }
  const std::string& address() const { return fixture_.address(); }
  client::Endpoint endpoint() const { return endpoint_of(fixture_.address()); }

  void publish(const std::string& room, int data) {
    const std::string text = std::to_string(data);
    EXPECT_FALSE(server().send({.destination = room, .event = "n", .data = Json::text(text)}));
  }

 private:
  void on_message(const ClientMessage& message) {
    const auto fields = JsonFields::of(message.data);
    if (message.event != "publish" || !fields) return;
    const auto acknowledge = [this, client = std::string(message.client_id),
                              id = text_of(message.id)](const PublishResult& result) {
      std::string data = R"({"ok":true,"backplane":"ok")";
      if (result.position) {
        data += R"(,"position":{"offset":)" + std::to_string(result.position->offset) +
                R"(,"epoch":")" + result.position->epoch + "\"}";
      }
      if (result.repeated) data += ",\"repeated\":true";
      data += '}';
      server_.load()->send_to_client(
          {.client_id = client, .event = "ack", .data = Json::text(data), .id = Json::text(id)});
    };
    const std::string room = fields->string("room").value_or("");
    const std::string event = fields->string("event").value_or("");
    const std::string key = fields->string("key").value_or("");
    // Fails while the server stops; then nobody hears of it.
    server_.load()->send({.destination = room,
                          .event = event,
                          .data = fields->raw("data"),
                          .exclude = {std::string(message.client_id)},
                          .on_result = acknowledge,
                          .key = key});
  }

  std::atomic<Server*> server_ = nullptr;
  ServerFixture fixture_;
};

/// What a client has been told; waits for it.
class Told {
 public:
  /// Its options, with callbacks that note all.
  ClientOptions options(const std::string& url, const std::string& user = "alice") {
    return {
        .url = url,
        .token = [user] { return user; },
        .min_delay = 20ms,
        .max_delay = 100ms,
        .on_state = [this](const auto& change) { note([&] { states.push_back(change); }); },
        .on_message =
            [this](const ReceivedMessage& message) {
              note([&] {
                heard[std::string(message.room)].push_back(std::stoi(text_of(message.data)));
              });
            },
        .on_gap = [this](const ClientGap& gap) { note([&] { gaps.push_back(gap); }); },
        .on_error = [this](const ClientError& error) { note([&] { errors.push_back(error); }); }};
  }

  void note(const std::function<void()>& change) {
    const std::lock_guard lock(mutex_);
    change();
    changed_.notify_all();
  }

  /// Whether `condition` holds within 20 s.
  testing::AssertionResult await(const std::function<bool()>& condition) {
    std::unique_lock lock(mutex_);
    if (changed_.wait_for(lock, 20s, condition)) return testing::AssertionSuccess();
    auto failure = testing::AssertionFailure() << "in vain; errors:";
    for (const auto& error : errors) failure << ' ' << error.message << ';';
    return failure;
  }

  /// Of what may still change.
  template <class Read>
  auto look(const Read& read) {
    const std::lock_guard lock(mutex_);
    return read();
  }

  std::size_t count(ConnectionState state) const {
    std::size_t count = 0;
    for (const auto& change : states) count += change.state == state ? 1 : 0;
    return count;
  }

  std::vector<ClientStateChange> states;
  std::map<std::string, std::vector<int>> heard;
  std::vector<ClientGap> gaps;
  std::vector<ClientError> errors;
  int joined = 0;

  void join(Client& client, const std::string& room) {
    EXPECT_FALSE(client.join(room, [this](const ClientError& error) {
      EXPECT_FALSE(error) << error.message;
      note([&] { ++joined; });
    }));
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
};

std::vector<int> numbers(int last) {
  std::vector<int> all;
  for (int i = 1; i <= last; ++i) all.push_back(i);
  return all;
}

std::string url_at(std::uint16_t port) {
  return "ws://127.0.0.1:" + std::to_string(port) + "/ws";
}

TEST(ClientAtAServer, JoinsPublishesAndHears) {
  TestServer server;
  Told told;
  Client client(told.options("ws://" + server.address() + "/ws"));
  told.join(client, "lobby");
  ASSERT_TRUE(told.await([&] { return told.joined == 1; }));
  EXPECT_EQ(client.state(), ConnectionState::connected);
  EXPECT_EQ(client.user_id(), "alice");
  EXPECT_TRUE(server.server().in_room(client.id(), "lobby"));
  server.publish("lobby", 1);
  ASSERT_TRUE(told.await([&] { return told.heard[""] == numbers(1); }));
  EXPECT_FALSE(client.leave("lobby"));
  ServerFixture::await([&] { return !server.server().in_room(client.id(), "lobby"); });
}

TEST(ClientAtAServer, AClosedOneSaysSoToTheServer) {
  TestServer server;
  Told told;
  Client client(told.options("ws://" + server.address() + "/ws"));
  ASSERT_TRUE(told.await([&] { return told.count(ConnectionState::connected) == 1; }));
  client.close();
  ASSERT_TRUE(told.await([&] { return told.count(ConnectionState::closed) == 1; }));
  EXPECT_EQ(client.state(), ConnectionState::closed);
  EXPECT_EQ(client.publish({.room = "lobby", .event = "n"}), Errc::stopped);
}

TEST(ClientAtAServer, H5NothingIsLostWhenConnectionsAreCut) {
  TestServer server;
  TcpRelay relay(server.endpoint());
  Told told;
  Client client(told.options(url_at(relay.port())));
  for (const auto& room : kRooms) told.join(client, room);
  ASSERT_TRUE(told.await([&] { return told.joined == 2; }));
  constexpr int kLast = 2'000;
  constexpr int kCuts = 20;
  for (int i = 1; i <= kLast; ++i) {
    for (const auto& room : kRooms) server.publish(room, i);
    if (i % (kLast / kCuts) != 0) continue;
    const auto before = told.look([&] { return told.count(ConnectionState::connected); });
    relay.cut();
    ASSERT_TRUE(told.await([&] { return told.count(ConnectionState::connected) > before; }));
  }
  for (const auto& room : kRooms) {
    ASSERT_TRUE(told.await([&] { return told.heard[room].size() >= kLast; }));
    EXPECT_EQ(told.heard[room], numbers(kLast));
  }
  EXPECT_TRUE(told.gaps.empty());
}

TEST(ClientAtAServer, H10WhatItPublishesIsPublishedOnceAndInOrder) {
  TestServer server;
  TcpRelay relay(server.endpoint());
  Told bob;
  Client follower(bob.options("ws://" + server.address() + "/ws", "bob"));
  bob.join(follower, kRooms[0]);
  Told told;
  ClientOptions options = told.options(url_at(relay.port()));
  options.outbox = 1'000;
  Client client(options);
  told.join(client, kRooms[0]);
  ASSERT_TRUE(told.await([&] { return told.joined == 1; }));
  ASSERT_TRUE(bob.await([&] { return bob.joined == 1; }));
  constexpr int kLast = 600;
  int results = 0;
  std::set<std::string> failures;
  for (int i = 1; i <= kLast; ++i) {
    const std::string data = std::to_string(i);
    EXPECT_FALSE(client.publish({.room = kRooms[0],
                                 .event = "n",
                                 .data = Json::text(data),
                                 .on_result = [&](const ClientPublishResult& result) {
                                   told.note([&] {
                                     ++results;
                                     if (result.error) failures.insert(result.error.message);
                                   });
                                 }}));
    if (i % 60 == 0) relay.cut();
  }
  ASSERT_TRUE(told.await([&] { return results == kLast; }));
  EXPECT_THAT(failures, testing::IsEmpty());
  ASSERT_TRUE(bob.await([&] { return bob.heard[kRooms[0]].size() >= kLast; }));
  EXPECT_EQ(bob.heard[kRooms[0]], numbers(kLast));
  EXPECT_TRUE(told.heard[kRooms[0]].empty()) << "its own";
}

TEST(ClientAtAServer, O8AServerThatRestartsIsComeBackToAndTheGapIsTold) {
  auto server = std::make_unique<TestServer>();
  const std::string address = server->address();
  Told told;
  Client client(told.options("ws://" + address + "/ws"));
  for (const auto& room : kRooms) told.join(client, room);
  ASSERT_TRUE(told.await([&] { return told.joined == 2; }));
  for (const auto& room : kRooms) server->publish(room, 1);
  ASSERT_TRUE(
      told.await([&] { return told.heard[kRooms[0]].size() + told.heard[kRooms[1]].size() == 2; }));
  server.reset();
  ASSERT_TRUE(told.await([&] { return told.count(ConnectionState::waiting) > 0; }));
  server = std::make_unique<TestServer>();
  server->server().listen(address);
  ASSERT_TRUE(told.await([&] { return told.gaps.size() == 2; }));
  for (const auto& gap : told.look([&] { return told.gaps; })) EXPECT_EQ(gap.reason, "epoch");
  for (const auto& room : kRooms) server->publish(room, 2);
  for (const auto& room : kRooms) {
    ASSERT_TRUE(told.await([&] { return told.heard[room] == numbers(2); }));
  }
}

TEST(ClientAtAServer, M13AConnectionOnWhichNothingPassesIsLeft) {
  TestServer server;
  TcpRelay relay(server.endpoint());
  Told told;
  ClientOptions options = told.options(url_at(relay.port()));
  options.heartbeat = 100ms;
  Client client(options);
  told.join(client, kRooms[0]);
  ASSERT_TRUE(told.await([&] { return told.joined == 1; }));
  relay.block();
  server.publish(kRooms[0], 1);
  ASSERT_TRUE(told.await([&] { return told.heard[kRooms[0]] == numbers(1); }));
  EXPECT_EQ(told.look([&] { return told.errors.at(0).message; }), "nothing comes any more");
}

class ClientByTls : public testing::Test {
 protected:
  std::string listen() {
    const TlsOptions tls{.certificates = {files_.issue("server")}, .reload_interval = 0ms};
    return server_.server().listen("127.0.0.1:0", {.tls = tls});
  }

  static std::string url(std::uint16_t port) {
    return "wss://localhost:" + std::to_string(port) + "/ws";
  }

  test::TlsFiles files_;
  TestServer server_;
};

TEST_F(ClientByTls, TheSameByTls) {
  TcpRelay relay(endpoint_of(listen()));
  Told told;
  ClientOptions options = told.options(url(relay.port()));
  options.ca_file = files_.ca();
  options.heartbeat = 200ms;
  Client client(options);
  told.join(client, kRooms[0]);
  ASSERT_TRUE(told.await([&] { return told.joined == 1; }));
  for (int i = 1; i <= 200; ++i) {
    server_.publish(kRooms[0], i);
    if (i % 50 == 0) relay.cut();
  }
  ASSERT_TRUE(told.await([&] { return told.heard[kRooms[0]] == numbers(200); }));
  relay.block();
  server_.publish(kRooms[0], 201);
  ASSERT_TRUE(told.await([&] { return told.heard[kRooms[0]] == numbers(201); }));
  EXPECT_TRUE(told.gaps.empty());
}

TEST_F(ClientByTls, ACertificateOfAnotherAuthorityIsNotTrusted) {
  const auto port = endpoint_of(listen()).port;
  test::TlsFiles others;
  Told told;
  ClientOptions options = told.options(url(port));
  options.ca_file = others.ca();
  Client client(options);
  ASSERT_TRUE(told.await([&] { return !told.errors.empty(); }));
  const ClientError error = told.look([&] { return told.errors.at(0); });
  EXPECT_EQ(error.code, Errc::disconnected);
  EXPECT_THAT(error.message, testing::StartsWith("TLS: "));
  EXPECT_EQ(told.look([&] { return told.count(ConnectionState::connected); }), 0u);
}

TEST(ClientAtAServer, O4ATokenThatIsRejectedClosesIt) {
  TestServer server;
  Told told;
  Client client(told.options("ws://" + server.address() + "/ws", "wrong"));
  ASSERT_TRUE(told.await([&] { return told.count(ConnectionState::closed) == 1; }));
  const ClientError& error = told.states.back().error;
  EXPECT_EQ(error.code, Errc::not_authenticated);
  EXPECT_EQ(error.message, "Authentication failed");
  EXPECT_EQ(error.close_code, 4003);
}

TEST(ClientAtAServer, EachCallEndsOnceAlsoWhenTheClientIsDestroyed) {
  TestServer server;
  TcpRelay relay(server.endpoint());
  std::atomic<int> results = 0;
  int accepted = 0;
  for (int round = 0; round < 20; ++round) {
    Told told;
    ClientOptions options = told.options(url_at(relay.port()));
    options.outbox = 50;
    std::atomic<int> made = 0;
    {
      Client client(options);
      if (round % 4 != 0) {
        ASSERT_TRUE(told.await([&] { return told.count(ConnectionState::connected) > 0; }));
      }
      const auto use = [&] {
        for (int i = 0; i < 100; ++i) {
          const bool joins = i % 10 == 0;
          const auto error =
              joins ? client.join(kRooms[static_cast<std::size_t>(i) % 2],
                                  [&](const ClientError&) { ++results; })
                    : client.publish({.room = kRooms[0],
                                      .event = "n",
                                      .data = Json::text("1"),
                                      .on_result = [&](const ClientPublishResult&) { ++results; }});
          if (!error) ++made;
        }
      };
      std::thread other(use);
      use();
      other.join();
      if (round % 2 == 0) relay.cut();
      if (round % 3 == 0) client.close();
    }
    accepted += made;
    EXPECT_EQ(results, accepted) << "round " << round;
  }
  EXPECT_EQ(accepted, 20 * 200);
}

TEST(ClientAtAServer, CallsAreMadeInCallbacks) {
  TestServer server;
  Told told;
  ClientOptions options = told.options("ws://" + server.address() + "/ws");
  std::unique_ptr<Client> client;
  std::atomic<int> published = 0;
  client = std::make_unique<Client>(options);
  EXPECT_FALSE(client->join(kRooms[0], [&](const ClientError&) {
    EXPECT_FALSE(client->publish({.room = kRooms[0],
                                  .event = "n",
                                  .data = Json::text("1"),
                                  .echo = true,
                                  .on_result = [&](const ClientPublishResult& result) {
                                    EXPECT_FALSE(result.error) << result.error.message;
                                    told.note([&] { ++published; });
                                    client->close();
                                  }}));
  }));
  ASSERT_TRUE(told.await([&] { return published == 1; }));
  ASSERT_TRUE(told.await([&] { return told.count(ConnectionState::closed) == 1; }));
}

}  // namespace
}  // namespace wscast
