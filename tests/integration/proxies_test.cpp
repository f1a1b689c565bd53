// What a server learns of its clients behind proxies, over real sockets.

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <system_error>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wscast/log.h"

#include "integration/server_fixture.h"
#include "support/redis_process.h"

namespace wscast {
namespace {

using client::BlockingClient;
using client::Event;
using testing::HasSubstr;

constexpr std::string_view kUpgrade =
    "GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

/// A server that trusts its own machine, and remembers the addresses of those who authenticate.
class Proxies : public testing::Test {
 protected:
  explicit Proxies(std::vector<std::string> trusted = {"127.0.0.1", "10.0.0.0/8"})
      : fixture_(2, [&](ServerOptions& options) {
          options.transport.trusted_proxies = std::move(trusted);
          options.transport.max_connections_per_address = 2;
          options.transport.head_timeout = std::chrono::milliseconds(400);
          options.hooks.authenticate = [this](const AuthenticateRequest& request) {
            const std::lock_guard lock(mutex_);
            seen_ = request.socket->remote_address();
            return std::optional(Identity{.user_id = "somebody"});
          };
        }) {}

  /// An address of the server where the PROXY protocol is due.
  std::string listen_for_proxy_protocol() {
    return fixture_.server().listen("127.0.0.1:0", {.proxy_protocol = true});
  }

  /// What is answered to these bytes, sent at once; empty when the connection is only closed.
  std::string response(BlockingClient& client, const std::string& address, std::string_view start,
                       std::string_view fields) {
    EXPECT_FALSE(client.open(endpoint_of(address)));
    client.send_raw(std::string(start) + std::string(kUpgrade) + std::string(fields) + "\r\n");
    return client.receive_raw();
  }

  /// The client's address as the server sees it, in its hooks; the connection stays open.
  std::string address_of(const std::string& where, std::string_view start,
                         std::string_view fields) {
    auto client = std::make_unique<BlockingClient>();
    const std::string answer = response(*client, where, start, fields);
    if (!answer.starts_with("HTTP/1.1 101 ")) return answer.substr(0, answer.find('\r'));
    const std::size_t before = fixture_.server().stats().authenticated;
    client->send_text(R"({"event":"authenticate","data":{"token":"a"}})");
    ServerFixture::await([&] { return fixture_.server().stats().authenticated == before + 1; });
    clients_.push_back(std::move(client));
    const std::lock_guard lock(mutex_);
    return seen_;
  }

  void expect_closed(const std::string& answer, Counter counter, std::uint64_t count = 1) {
    EXPECT_EQ(answer, "");
    EXPECT_EQ(fixture_.count(counter), count) << to_string(counter);
  }

  std::mutex mutex_;
  std::string seen_;
  ServerFixture fixture_;
  std::vector<std::unique_ptr<BlockingClient>> clients_;
};

class DistantProxies : public Proxies {
 protected:
  DistantProxies() : Proxies({"192.0.2.0/24"}) {}
};

class UnixProxies : public Proxies {
 protected:
  UnixProxies() : Proxies({"unix"}) {}
};

TEST_F(Proxies, SayWhoTheClientIs) {
  EXPECT_EQ(address_of(fixture_.address(), "", "X-Forwarded-For: 192.0.2.1, 198.51.100.7\r\n"),
            "198.51.100.7");
  EXPECT_EQ(address_of(fixture_.address(), "",
                       "Forwarded: for=\"[2001:db8::7]:80\", for=10.0.0.1\r\n"
                       "X-Forwarded-For: 192.0.2.1\r\n"),
            "2001:db8::7");
}

TEST_F(Proxies, ThatSayNothingAreTheClient) {
  EXPECT_EQ(address_of(fixture_.address(), "", ""), "127.0.0.1");
  EXPECT_EQ(address_of(fixture_.address(), "", "Forwarded: for=unknown\r\n"), "127.0.0.1");
}

TEST_F(DistantProxies, AreNotThoseWhoClaimToBe) {
  EXPECT_EQ(address_of(fixture_.address(), "",
                       "Forwarded: for=192.0.2.1\r\nX-Forwarded-For: 192.0.2.1\r\n"),
            "127.0.0.1");
}

TEST_F(UnixProxies, AreThePeersOfAUnixSocketAlone) {
  const test::ScratchFolder folder;
  const auto path = fixture_.server().listen("unix:" + (folder.path() / "wscast.sock").string());
  EXPECT_EQ(address_of(path, "", "X-Forwarded-For: 192.0.2.1\r\n"), "192.0.2.1");
  EXPECT_EQ(address_of(path, "", ""), "");
  EXPECT_EQ(address_of(fixture_.address(), "", "X-Forwarded-For: 192.0.2.1\r\n"), "127.0.0.1");
}

TEST_F(UnixProxies, MaySendThePROXYProtocol) {
  const test::ScratchFolder folder;
  const auto path = fixture_.server().listen("unix:" + (folder.path() / "wscast.sock").string(),
                                             {.proxy_protocol = true});
  EXPECT_EQ(address_of(path, "PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n", ""), "192.0.2.1");
}

TEST_F(Proxies, SayItInQueriesToo) {
  address_of(fixture_.address(), "", "X-Forwarded-For: 192.0.2.1\r\n");
  address_of(fixture_.address(), "", "");
  std::vector<std::string> addresses;
  for (const ClientInfo& client : fixture_.server().get_clients()) {
    addresses.push_back(client.remote_address);
  }
  EXPECT_THAT(addresses, testing::UnorderedElementsAre("192.0.2.1", "127.0.0.1"));
}

TEST(ProxiesLog, NamesTheClientAndNotTheProxy) {
  std::mutex mutex;
  std::string lines;
  set_log_sink(
      [&](const LogLine& logged) {
        const std::string_view line = logged.message;
        const std::lock_guard lock(mutex);
        lines += line;
      },
      LogLevel::debug);
  {
    ServerFixture fixture(
        1, [](ServerOptions& options) { options.transport.trusted_proxies = {"127.0.0.1"}; });
    BlockingClient client;
    EXPECT_FALSE(client.connect(endpoint_of(fixture.address()), "/ws",
                                {{.name = "X-Forwarded-For", .value = "192.0.2.1"}}));
  }
  set_log_sink({});
  EXPECT_THAT(lines, HasSubstr(" from 192.0.2.1"));
}

// shows: O14
TEST_F(Proxies, AreNotWhatTheLimitOfAnAddressCounts) {
  const std::string one = "X-Forwarded-For: 192.0.2.1\r\n";
  for (int i = 0; i < 5; ++i) address_of(fixture_.address(), "", "");
  EXPECT_EQ(address_of(fixture_.address(), "", one), "192.0.2.1");
  EXPECT_EQ(address_of(fixture_.address(), "", one), "192.0.2.1");
  EXPECT_EQ(address_of(fixture_.address(), "", one), "HTTP/1.1 503 Service Unavailable");
  EXPECT_EQ(fixture_.count(Counter::connections_refused_address), 1u);
  EXPECT_EQ(address_of(fixture_.address(), "", "X-Forwarded-For: 192.0.2.2\r\n"), "192.0.2.2");
  clients_.erase(clients_.end() - 2);
  ServerFixture::await([&] { return fixture_.server().client_count() == 7; });
  EXPECT_EQ(address_of(fixture_.address(), "", one), "192.0.2.1") << "there is room again";
}

// shows: X8
TEST(ProxiesLog, AFailedAuthenticationIsThatOfTheClientThatTheProxyNames) {
  std::mutex mutex;
  std::vector<std::string> lines;
  set_log_sink(
      [&](const LogLine& logged) {
        const std::string_view line = logged.message;
        const std::lock_guard lock(mutex);
        lines.emplace_back(line);
      },
      LogLevel::warning);
  {
    ServerFixture fixture(1, [](ServerOptions& options) {
      options.transport.trusted_proxies = {"127.0.0.1"};
      options.transport.max_failed_authentications_per_address = 2;
    });
    const auto status = [&](const std::vector<client::Header>& fields, bool fails) {
      BlockingClient client;
      client.connect(endpoint_of(fixture.address()), "/ws", fields);
      if (fails) {
        client.send_text(R"({"event":"authenticate","data":{"token":"wrong"}})");
        EXPECT_EQ(client.receive().payload, error_message("Authentication failed"));
      }
      return client.response().status;
    };
    const client::Header bad{.name = "X-Forwarded-For", .value = "192.0.2.1"};
    const client::Header good{.name = "X-Forwarded-For", .value = "192.0.2.2"};
    for (int i = 0; i < 2; ++i) EXPECT_EQ(status({bad}, true), 101);
    for (int i = 0; i < 3; ++i) EXPECT_EQ(status({bad}, false), 429);
    EXPECT_EQ(status({good}, true), 101);
    EXPECT_EQ(status({good}, false), 101) << "one failure is none too many";
    for (int i = 0; i < 5; ++i) EXPECT_EQ(status({}, true), 101) << "the proxy never counts";
  }
  set_log_sink({});
  EXPECT_THAT(lines, testing::Contains(HasSubstr("192.0.2.1 has reached")).Times(1));
}

TEST_F(Proxies, NameTheClientByThePROXYProtocol) {
  const auto address = listen_for_proxy_protocol();
  EXPECT_EQ(address_of(address, "PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n", ""), "192.0.2.1");
  const std::string binary(
      "\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xc6\x33\x64\x07\xc0\0\x02\x02\0\x01\0\x02", 28);
  EXPECT_EQ(address_of(address, binary, ""), "198.51.100.7");
}

TEST_F(Proxies, MayNotKnowTheClientOfThePROXYProtocol) {
  const auto address = listen_for_proxy_protocol();
  const std::string forged = "X-Forwarded-For: 192.0.2.1\r\nForwarded: for=192.0.2.1\r\n";
  const std::string local("\r\n\r\n\0\r\nQUIT\n\x20\0\0\0", 16);
  EXPECT_EQ(address_of(address, "PROXY UNKNOWN\r\n", forged), "127.0.0.1");
  EXPECT_EQ(address_of(address, local, forged), "127.0.0.1");
}

TEST_F(Proxies, BelieveTheRequestOnlyOfAProxyBehindThePROXYProtocol) {
  const auto address = listen_for_proxy_protocol();
  const std::string forwarded = "X-Forwarded-For: 198.51.100.7\r\n";
  EXPECT_EQ(address_of(address, "PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n", forwarded), "192.0.2.1");
  EXPECT_EQ(address_of(address, "PROXY TCP4 10.0.0.1 10.0.0.2 1 2\r\n", forwarded), "198.51.100.7");
}

TEST_F(Proxies, MustSendThePROXYHeaderWhereItIsDue) {
  const auto address = listen_for_proxy_protocol();
  BlockingClient client;
  expect_closed(response(client, address, "", ""), Counter::proxy_header_invalid);
  EXPECT_EQ(fixture_.count(Counter::http_abandoned), 0u);
  BlockingClient other;
  EXPECT_THAT(response(other, fixture_.address(), "PROXY UNKNOWN\r\n", ""),
              testing::StartsWith("HTTP/1.1 400 "))
      << "and only there";
}

TEST_F(Proxies, MustBeDoneWithThePROXYHeaderInTime) {
  const auto address = listen_for_proxy_protocol();
  for (const std::string_view start : {"", "PROXY TCP4 192.0.2.1"}) {
    BlockingClient client;
    ASSERT_FALSE(client.open(endpoint_of(address)));
    client.send_raw(start);
    EXPECT_EQ(client.receive().kind, Event::Kind::reset) << "and no response";
  }
  EXPECT_EQ(fixture_.count(Counter::proxy_header_timeouts), 2u);
  BlockingClient late;
  ASSERT_FALSE(late.open(endpoint_of(address)));
  late.send_raw("PROXY UNKNOWN\r\nGET / HTTP/1.1\r\n");
  EXPECT_THAT(late.receive_raw(), testing::StartsWith("HTTP/1.1 408 "));
}

TEST_F(DistantProxies, AreTheOnlyOnesWhoMaySpeakThePROXYProtocol) {
  const auto address = listen_for_proxy_protocol();
  BlockingClient client;
  ASSERT_FALSE(client.open(endpoint_of(address)));
  const Event end = client.receive();
  EXPECT_TRUE(end.kind == Event::Kind::end || end.kind == Event::Kind::reset);
  EXPECT_EQ(fixture_.count(Counter::proxy_untrusted), 1u);
}

// shows: O14
TEST_F(Proxies, OverTheLimitOfAnAddressByThePROXYProtocolAreRefusedSoon) {
  const auto address = listen_for_proxy_protocol();
  const std::string one = "PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n";
  address_of(address, one, "");
  address_of(address, one, "");
  EXPECT_EQ(address_of(address, one, ""), "HTTP/1.1 503 Service Unavailable");
  EXPECT_EQ(fixture_.count(Counter::connections_refused_address), 1u);
  EXPECT_EQ(address_of(address, "PROXY TCP4 192.0.2.3 192.0.2.2 1 2\r\n", ""), "192.0.2.3");
}

TEST(ClientAddress, IsKnownUntilTheLastMessageOfAClientIsHandled) {
  std::mutex mutex;
  std::vector<Reply<void>> open;
  bool slow = true;
  const auto hooks = [&] {
    const std::lock_guard lock(mutex);
    return open.size();
  };
  ServerFixture fixture(1, [&](ServerOptions& options) {
    options.hooks.message = [&](const ClientMessage&, Reply<void> reply) {
      const std::lock_guard lock(mutex);
      if (slow) open.push_back(std::move(reply));
    };
  });
  {
    const Peer alice = fixture.peer("alice");
    for (int i = 0; i < 2; ++i) alice.send("said");
    ServerFixture::await([&] { return hooks() == 1; });
  }
  ServerFixture::await([&] { return fixture.server().stats().connections == 0; });
  const auto clients = fixture.server().get_clients();
  ASSERT_EQ(clients.size(), 1u) << "its second message still waits";
  EXPECT_EQ(clients.front().remote_address, "127.0.0.1");
  const std::lock_guard lock(mutex);
  slow = false;
  open.clear();
}

TEST(ProxyProtocol, NeedsProxiesThatAreTrusted) {
  ServerFixture fixture(1);
  try {
    fixture.server().listen("127.0.0.1:0", {.proxy_protocol = true});
    FAIL() << "it listens for nobody";
  } catch (const std::system_error& error) {
    EXPECT_THAT(error.what(), HasSubstr("the PROXY protocol needs transport.trusted_proxies"));
  }
}

}  // namespace
}  // namespace wscast
