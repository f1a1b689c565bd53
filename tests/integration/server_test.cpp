#include "wscast/server.h"

#include <atomic>
#include <cstdio>
#include <fstream>
#include <thread>
#include <unistd.h>
#include <vector>

#include <gtest/gtest.h>

#include "integration/server_fixture.h"

namespace wscast {
namespace {

using client::Event;

class ServerTest : public testing::TestWithParam<std::size_t> {
 protected:
  bool several_shards() const { return GetParam() > 1; }
};

std::string publish(int number) {
  return R"({"event":"chat","data":{"room":"lobby","data":)" + std::to_string(number) + "}}";
}

std::string chat(int number) {
  return R"({"event":"chat","data":)" + std::to_string(number) + "}";
}

// shows: A-server, A-server-configure, A-option-server, A-option-validateRoomFn,
//   A-option-messageHandler, A-field-IBunServer.pendingWebSockets, D8
TEST_P(ServerTest, MembersOfARoomMeetOnWhateverShardTheyAre) {
  ServerFixture fixture(GetParam());
  const auto alice = fixture.join("alice", "lobby");
  const auto bob = fixture.join("bob", "lobby");
  alice->send_text(publish(1));
  EXPECT_EQ(bob->receive().payload, chat(1));
  bob->send_text(publish(2));
  EXPECT_EQ(alice->receive().payload, chat(2));
  EXPECT_EQ(fixture.server().stats()[Counter::posts_between_shards] > 0, several_shards());
  EXPECT_EQ(fixture.server().room_size("lobby"), 2u);
  EXPECT_EQ(fixture.server().client_count(), 2u);
}

TEST_P(ServerTest, OrderFromOneSenderHoldsAtEveryMember) {
  ServerFixture fixture(GetParam());
  const auto sender = fixture.join("sender", "lobby");
  std::vector<std::unique_ptr<client::BlockingClient>> members;
  for (int i = 0; i < 4; ++i) members.push_back(fixture.join("m" + std::to_string(i), "lobby"));
  constexpr int count = 2000;
  for (int i = 0; i < count; ++i) ASSERT_TRUE(sender->send_text(publish(i)));
  for (const auto& member : members) {
    for (int i = 0; i < count; ++i) ASSERT_EQ(member->receive().payload, chat(i));
  }
}

// shows: A-server-send, A-arg-send.destination, A-arg-send.payload, D8
TEST_P(ServerTest, M9WhatAClientSaysBeforeItClosesIsHandled) {
  ServerFixture fixture(GetParam());
  const auto bob = fixture.join("bob", "lobby");
  for (int i = 0; i < 50; ++i) {
    const auto alice = fixture.join("alice", "lobby");
    client::FrameMasker masker(system_random());
    std::string both;
    masker.append(both, {.opcode = ws::Opcode::text}, publish(i));
    masker.append(both, {.opcode = ws::Opcode::close}, {});
    alice->send_raw(both);
    EXPECT_EQ(bob->receive().payload, chat(i));
  }
  EXPECT_EQ(fixture.server().stats()[Counter::dropped_after_close], 0u);
}

TEST_P(ServerTest, AnyThreadMaySend) {
  ServerFixture fixture(GetParam());
  const auto alice = fixture.join("alice", "lobby");
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&fixture] {
      for (int n = 0; n < 100; ++n) {
        EXPECT_FALSE(
            fixture.server().send({.destination = "lobby", .event = "n", .data = Json::text("1")}));
        fixture.server().stats();
      }
    });
  }
  for (auto& thread : threads) thread.join();
  for (int n = 0; n < 400; ++n) ASSERT_EQ(alice->receive().payload, R"({"event":"n","data":1})");
}

// shows: D6
TEST_P(ServerTest, D5BroadcastReachesTheAuthenticatedAlone) {
  ServerFixture fixture(GetParam());
  const auto stranger = fixture.connect();
  const auto alice = fixture.authenticate("alice");
  fixture.server().send({.event = "news", .data = Json::text("[]")});
  EXPECT_EQ(alice->receive().payload, R"({"event":"news","data":[]})");
  stranger->send_text(R"({"event":"other"})");
  EXPECT_EQ(stranger->receive().payload,
            R"({"event":"error","data":{"message":"Not authenticated"}})");
}

// shows: A-option-authenticateFn, A-type-AuthDataType, A-type-TNullable
TEST_P(ServerTest, O4ARefusedClientIsToldAndClosed) {
  ServerFixture fixture(GetParam());
  const auto client = fixture.connect();
  client->send_text(R"({"event":"authenticate","data":{"token":"wrong"}})");
  EXPECT_EQ(client->receive().payload,
            R"({"event":"error","data":{"message":"Authentication failed"}})");
  EXPECT_EQ(client->receive(), (Event{Event::Kind::close, "Authentication failed", 4003}));
  EXPECT_EQ(fixture.server().stats()[Counter::closed_authentication_failed], 1u);
}

// shows: A-option-authTimeout, A-field-IWebSocketClient.authTimer, T9
TEST_P(ServerTest, O1AClientThatDoesNotAuthenticateIsClosed) {
  ServerFixture fixture(GetParam(), [](ServerOptions& options) {
    options.session.auth_timeout = std::chrono::milliseconds(100);
  });
  const auto client = fixture.connect();
  EXPECT_EQ(client->receive(), (Event{Event::Kind::close, "Authentication timeout", 4001}));
  EXPECT_EQ(fixture.server().stats()[Counter::closed_authentication_timeout], 1u);
}

// shows: A-option-heartbeatInterval, A-option-heartbeatTimeout, T9
TEST_P(ServerTest, O3ASilentClientIsClosed) {
  ServerFixture fixture(GetParam(), [](ServerOptions& options) {
    options.session.heartbeat_interval = std::chrono::milliseconds(50);
    options.session.heartbeat_timeout = std::chrono::milliseconds(100);
  });
  const auto client = fixture.authenticate("alice");
  EXPECT_EQ(client->receive(), (Event{Event::Kind::close, "Heartbeat timeout", 4002}));
}

// shows: A-server-shutdown, A-option-clientDisconnectedFn
TEST_P(ServerTest, O8O16O19ShutdownTellsAllAndRunsEachDisconnectedHookOnce) {
  std::atomic<int> disconnected = 0;
  ServerFixture fixture(GetParam(), [&](ServerOptions& options) {
    options.hooks.disconnected = [&](const ClientEvent&) { ++disconnected; };
  });
  const auto alice = fixture.authenticate("alice");
  const auto stranger = fixture.connect();
  ServerFixture::await([&] { return fixture.server().client_count() == 2; });
  fixture.server().shutdown();
  fixture.server().shutdown();
  EXPECT_EQ(alice->receive(), (Event{Event::Kind::close, "Server shutting down", 1001}));
  EXPECT_EQ(stranger->receive(), (Event{Event::Kind::close, "Server shutting down", 1001}));
  alice->send_close(1001);
  stranger->send_close(1001);
  alice->close();
  stranger->close();
  fixture.server().wait();
  EXPECT_EQ(disconnected, 2);
  EXPECT_EQ(fixture.server().send({.event = "x", .data = Json::text("1")}), Errc::stopped);
}

TEST_P(ServerTest, ListensOnIpv6AndUnixSockets) {
  ServerFixture fixture(GetParam());
  const std::string path = testing::TempDir() + "wscast-" + std::to_string(getpid()) + ".sock";
  for (const std::string& address :
       {fixture.server().listen("[::1]:0"), fixture.server().listen("unix:" + path)}) {
    client::BlockingClient client;
    ASSERT_FALSE(client.connect(endpoint_of(address))) << address;
    client.send_text("nonsense");
    EXPECT_EQ(client.receive().payload,
              R"({"event":"error","data":{"message":"Invalid message format"}})");
  }
}

TEST(Server, AUnixSocketTakesNoOtherFilesPlace) {
  ServerFixture fixture(1);
  const std::string path = testing::TempDir() + "wscast-file-" + std::to_string(getpid());
  std::ofstream(path) << "precious";
  EXPECT_THROW(fixture.server().listen("unix:" + path), std::system_error);
  std::string content;
  std::ifstream(path) >> content;
  EXPECT_EQ(content, "precious");
  std::remove(path.c_str());
}

INSTANTIATE_TEST_SUITE_P(Shards, ServerTest, testing::Values(1, 3),
                         testing::PrintToStringParamName());

// shows: A-option-redisConnection
TEST(Server, R10WithoutABrokerItCannotBeMade) {
  EXPECT_THROW(
      {
        try {
          Server server(ServerOptions{});
        } catch (const std::invalid_argument& error) {
          EXPECT_STREQ(error.what(), "[WebSocketServerHelper] Invalid redis connection!");
          throw;
        }
      },
      std::invalid_argument);
}

// shows: A-server-constructor, A-type-IWebSocketServerOptions
TEST(Server, TellsAllThatIsWrongWithItsOptions) {
  ServerOptions options;
  options.broker = memory_broker();
  options.path = "ws";
  options.session.auth_timeout = std::chrono::milliseconds(0);
  EXPECT_EQ(options.validate().size(), 3u);  // And no authenticate hook.
  EXPECT_THROW(Server{options}, std::invalid_argument);
}

ServerOptions options_that_will_do() {
  ServerOptions options;
  options.broker = memory_broker();
  options.hooks.authenticate = [](const AuthenticateRequest&) { return std::nullopt; };
  return options;
}

TEST(Server, AnInboxHoldsTheLongestMessage) {
  ServerOptions options = options_that_will_do();
  options.max_inbox_bytes = options.transport.max_payload_length;
  EXPECT_TRUE(options.validate().empty());
  --options.max_inbox_bytes;
  ASSERT_EQ(options.validate().size(), 1u);
  EXPECT_NE(options.validate()[0].find("max_inbox_bytes"), std::string::npos);
}

// shows: T1
TEST(Server, TakesPathsThatBrowsersSendAsTheyAreAndNoOthers) {
  ServerOptions options = options_that_will_do();
  for (const char* path :
       {"/", "/ws", "/a/b/", "//", "/a.b/..c/...", "/-._~!$&'()*+,;=:@", "/caf%C3%A9"}) {
    options.path = path;
    EXPECT_TRUE(options.validate().empty()) << path;
  }
  for (const char* path : {"",     "ws", "/a b", "/a\tb",   "/ws?x",  "/ws#x",  "/\"",    "/<",
                           "/\\",  "/^", "/`",   "/{}",     "/|",     "/café",  "/%",     "/%4",
                           "/%4g", "/.", "/..",  "/a/../b", "/a/./b", "/a/%2e", "/%2E./b"}) {
    options.path = path;
    EXPECT_EQ(options.validate().size(), 1u) << path;
  }
}

// shows: A-type-IWebSocketServerOptions
TEST(Server, TakesOriginsAsBrowsersSendThemAndNoOthers) {
  ServerOptions options = options_that_will_do();
  for (const char* origin :
       {"https://example.com", "http://localhost:3000", "https://a-b.example.com:8443",
        "http://10.0.0.1", "http://[::1]", "http://[::1]:8080", "https://xn--caf-dma.example",
        "http://example.com:443", "chrome-extension://abcdef", "capacitor://localhost", "null"}) {
    options.allowed_origins = {origin};
    EXPECT_TRUE(options.validate().empty()) << origin;
  }
  for (const char* origin : {"",
                             "*",
                             "example.com",
                             "example.com:443",
                             "https://",
                             "://example.com",
                             "https://example.com/",
                             "https://example.com/page",
                             "https://example.com?x",
                             "https://*.example.com",
                             "https://Example.com",
                             "HTTPS://example.com",
                             "https://example.com:443",
                             "http://example.com:80",
                             "https://example.com:",
                             "https://example.com:x",
                             "https://:443",
                             "https://user@example.com",
                             "https://café.example",
                             " https://example.com",
                             "https://a.example https://b.example",
                             "Null"}) {
    options.allowed_origins = {"https://example.com", origin};
    EXPECT_EQ(options.validate().size(), 1u) << origin;
  }
}

TEST(Server, RefusesBadJsonAndATakenAddress) {
  ServerFixture fixture(1);
  EXPECT_EQ(fixture.server().send({.event = "x", .data = Json::text("{")}), Errc::invalid_json);
  EXPECT_EQ(fixture.server().send({.event = "x", .data = Json::text("\"\xff\"")}),
            Errc::invalid_json);
  EXPECT_THROW(fixture.server().listen(fixture.address()), std::system_error);
  EXPECT_THROW(fixture.server().listen("nowhere"), std::system_error);
}

}  // namespace
}  // namespace wscast
