// Connections that are handed over to the application with an HTTP request, over real sockets.

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <poll.h>
#include <stdexcept>
#include <string>
#include <thread>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "integration/server_fixture.h"
#include "support/redis_process.h"
#include "support/tls_files.h"

namespace wscast {
namespace {

using client::BlockingClient;
using client::Event;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;
using Status = Transfer::Status;

constexpr std::string_view kRequest = "GET /api/x HTTP/1.1\r\nHost: x\r\n\r\n";
constexpr std::string_view kPage = "GET /page HTTP/1.1\r\nHost: x\r\n\r\n";
constexpr std::string_view kUpgrade =
    "GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

void await_ready(const HandedOverConnection& connection, short events) {
  pollfd waiting{.fd = connection.descriptor(), .events = events, .revents = 0};
  if (::poll(&waiting, 1, 5'000) != 1) throw std::runtime_error("nothing came");
}

/// Reads until `end` has come and nothing behind it, or to the connection's end.
std::string read_until(HandedOverConnection& connection, std::string_view end) {
  std::string all;
  while (!all.ends_with(end)) {
    std::array<char, 1> piece{};
    const Transfer moved = connection.read(piece);
    if (moved.status == Status::would_block) {
      await_ready(connection, POLLIN);
    } else if (moved.status == Status::ok) {
      all.append(piece.data(), moved.bytes);
    } else {
      break;
    }
  }
  return all;
}

std::string read_head(HandedOverConnection& connection) {
  return read_until(connection, "\r\n\r\n");
}

void write_all(HandedOverConnection& connection, std::string_view bytes) {
  while (!bytes.empty()) {
    const Transfer moved = connection.write(bytes);
    if (moved.status == Status::would_block) {
      await_ready(connection, POLLOUT);
    } else {
      ASSERT_EQ(moved.status, Status::ok);
      bytes.remove_prefix(moved.bytes);
    }
  }
}

/// A server that hands over what is below /api, to the test.
class Handover : public testing::Test {
 protected:
  explicit Handover(const ServerFixture::Adjust& adjust = {})
      : fixture_(2, [&](ServerOptions& options) {
          options.http.pages["/page"] = {.body = "a page"};
          options.http.handover = {.paths = {"/api"}, .take = [this](HandedOverConnection taken) {
                                     if (refuses_) return taken.refuse();
                                     const std::lock_guard lock(mutex_);
                                     taken_.push_back(std::move(taken));
                                     came_.notify_all();
                                   }};
          options.transport.head_timeout = seconds(2);
          if (adjust) adjust(options);
        }) {}

  ~Handover() override { taken_.clear(); }

  HandedOverConnection take() {
    std::unique_lock lock(mutex_);
    if (!came_.wait_for(lock, seconds(5), [this] { return !taken_.empty(); })) {
      throw std::runtime_error("nothing was handed over");
    }
    HandedOverConnection first = std::move(taken_.front());
    taken_.pop_front();
    return first;
  }

  std::unique_ptr<BlockingClient> open() { return open(fixture_.address()); }
  std::unique_ptr<BlockingClient> open(const std::string& address) {
    auto client = std::make_unique<BlockingClient>();
    EXPECT_FALSE(client->open(endpoint_of(address)));
    return client;
  }

  std::size_t connections() { return fixture_.server().stats().connections; }

  /// How many are in a state, such as `tls requesting`; those without connections are left out.
  std::map<std::string, std::uint64_t> states() {
    std::map<std::string, std::uint64_t> states;
    for (const ConnectionCount& count : fixture_.server().measurements().connections) {
      if (count.connections == 0) continue;
      states[std::string(count.transport) + " " + std::string(count.state)] = count.connections;
    }
    return states;
  }

  std::mutex mutex_;
  std::condition_variable came_;
  std::deque<HandedOverConnection> taken_;
  std::atomic<bool> refuses_{false};
  ServerFixture fixture_;
};

TEST_F(Handover, TheApplicationReadsTheRequestAndResponds) {
  const auto client = open();
  client->send_raw("POST /api/x HTTP/1.1\r\nHost: x\r\nContent-Length: 8\r\n\r\nbo");
  HandedOverConnection taken = take();
  EXPECT_EQ(taken.remote_address(), "127.0.0.1");
  EXPECT_FALSE(taken.encrypted());
  EXPECT_THAT(read_head(taken), StartsWith("POST /api/x HTTP/1.1\r\n"));
  client->send_raw("dy|end");
  EXPECT_EQ(read_until(taken, "end"), "body|end");
  write_all(taken, "HTTP/1.1 200 OK\r\n\r\nhello");
  EXPECT_THAT(client->receive_raw(), EndsWith("\r\n\r\nhello"));
  taken.shutdown_write();
  EXPECT_EQ(client->receive_raw(), "");
  client->shutdown_write();
  EXPECT_EQ(read_until(taken, "more"), "");
  EXPECT_EQ(fixture_.count(Counter::http_handed_over), 1u);
}

TEST_F(Handover, TheServerHasOtherRequestsOfAConnectionThatCameBack) {
  const auto client = open();
  client->send_raw(kRequest);
  HandedOverConnection taken = take();
  read_head(taken);
  write_all(taken, "one");
  EXPECT_EQ(client->receive_raw(), "one");
  taken.give_back("");
  client->send_raw(kRequest);
  taken = take();
  EXPECT_EQ(read_head(taken), kRequest);
  taken.give_back("");
  client->send_raw(kUpgrade);
  ASSERT_FALSE(client->read_response());
  EXPECT_EQ(client->response().status, 101);
  EXPECT_EQ(fixture_.count(Counter::connections_accepted), 1u);
  EXPECT_EQ(connections(), 1u);
}

TEST_F(Handover, PipelinedRequestsAreHandledInOrder) {
  const auto client = open();
  client->send_raw(std::string(kRequest) + std::string(kRequest) + std::string(kPage));
  for (int i = 0; i < 2; ++i) {
    HandedOverConnection taken = take();
    // What the application has read too much it gives back; what it has not read is kept.
    EXPECT_EQ(read_head(taken), kRequest);
    std::array<char, 3> ahead{};
    const Transfer moved = taken.read(ahead);
    ASSERT_EQ(moved.status, Status::ok);
    taken.give_back({ahead.data(), moved.bytes});
  }
  EXPECT_THAT(client->receive_raw_all(), EndsWith("\r\n\r\na page"));
}

TEST_F(Handover, AnIdleConnectionThatCameBackEndsWithoutAResponse) {
  const auto client = open();
  client->send_raw(kRequest);
  HandedOverConnection taken = take();
  read_head(taken);
  taken.give_back("");
  EXPECT_EQ(client->receive_raw(), "");
  EXPECT_EQ(fixture_.count(Counter::http_head_timeout), 0u);
  ServerFixture::await([&] { return connections() == 0; });
}

TEST_F(Handover, WhatIsAwayHasAStateOfItsOwn) {
  using States = std::map<std::string, std::uint64_t>;
  auto client = open();
  ServerFixture::await([&] { return states() == States{{"plain requesting", 1}}; });
  client->send_raw(kRequest);
  HandedOverConnection taken = take();
  EXPECT_EQ(states(), (States{{"plain handed_over", 1}}));
  read_head(taken);
  taken.give_back("");
  ServerFixture::await([&] { return states() == States{{"plain requesting", 1}}; });
  client->send_raw(kRequest);
  {
    const HandedOverConnection again = take();
    EXPECT_EQ(states(), (States{{"plain handed_over", 1}}));
  }
  EXPECT_EQ(states(), States{});
}

TEST_F(Handover, ADeadlineOfTheServerDoesNotRunMeanwhile) {
  const auto client = open();
  client->send_raw(kRequest);
  HandedOverConnection taken = take();
  read_head(taken);
  EXPECT_EQ(client->receive_raw(milliseconds(2'500)), "");
  write_all(taken, "late");
  EXPECT_EQ(client->receive_raw(), "late");
}

TEST_F(Handover, WhoIsDestroyedIsClosed) {
  const auto client = open();
  client->send_raw(kRequest);
  {
    HandedOverConnection taken = take();
    EXPECT_EQ(connections(), 1u);
    read_head(taken);
    write_all(taken, "last words");
  }
  EXPECT_EQ(client->receive_raw_all(), "last words");
  ServerFixture::await([&] { return connections() == 0; });
}

TEST_F(Handover, WhatTheApplicationRefusesIsClosedAndCounted) {
  refuses_ = true;
  const auto client = open();
  client->send_raw(kRequest);
  EXPECT_EQ(client->receive_raw_all(), "");
  EXPECT_EQ(fixture_.count(Counter::http_handovers_refused), 1u);
  ServerFixture::await([&] { return states().empty() && connections() == 0; });
}

TEST_F(Handover, AHalfClosedClientGetsItsResponse) {
  const auto client = open();
  client->send_raw(kRequest);
  client->shutdown_write();
  HandedOverConnection taken = take();
  EXPECT_EQ(read_until(taken, "to its end"), kRequest);
  write_all(taken, "answer");
  taken.give_back("");
  EXPECT_EQ(client->receive_raw_all(), "answer");
  ServerFixture::await([&] { return connections() == 0; });
}

TEST_F(Handover, ManyAtOnceGoAndComeBack) {
  constexpr int kClients = 100;
  std::vector<std::unique_ptr<BlockingClient>> clients;
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < kClients; ++i) {
      if (round == 0) clients.push_back(open());
      clients[static_cast<std::size_t>(i)]->send_raw(kRequest);
    }
    for (int i = 0; i < kClients; ++i) {
      HandedOverConnection taken = take();
      read_head(taken);
      taken.give_back("");
    }
  }
  EXPECT_EQ(connections(), 100u);
  EXPECT_EQ(fixture_.count(Counter::http_handed_over), 300u);
  clients.clear();
  ServerFixture::await([&] { return connections() == 0; });
}

TEST_F(Handover, AShutdownDoesNotWaitForWhatIsAway) {
  const auto client = open();
  client->send_raw(kRequest);
  const auto back = open();
  HandedOverConnection taken = take();
  back->send_raw(kRequest);
  HandedOverConnection other = take();
  read_head(other);
  const auto begin = std::chrono::steady_clock::now();
  fixture_.server().shutdown();
  other.give_back("GET /pa");  // While it stops.
  fixture_.server().wait();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, seconds(2));
  EXPECT_EQ(back->receive_raw_all(), "");
  EXPECT_EQ(fixture_.count(Counter::connections_dropped), 1u);
  read_head(taken);
  write_all(taken, "still");
  EXPECT_EQ(client->receive_raw(), "still");
  taken.give_back("");  // There is no thread any more: it waits to be destroyed with the server.
}

TEST_F(Handover, OverAUnixSocket) {
  const test::ScratchFolder folder;
  const auto path = fixture_.server().listen("unix:" + (folder.path() / "s.sock").string());
  const auto client = open(path);
  client->send_raw(kRequest);
  HandedOverConnection taken = take();
  EXPECT_EQ(taken.remote_address(), "");
  EXPECT_EQ(read_head(taken), kRequest);
}

class ThrowingHandover : public Handover {
 protected:
  ThrowingHandover()
      : Handover([](ServerOptions& options) {
          options.http.handover.take = [](const HandedOverConnection&) {
            throw std::runtime_error("not now");
          };
        }) {}
};

TEST_F(ThrowingHandover, ClosesTheConnection) {
  const auto client = open();
  client->send_raw(kRequest);
  EXPECT_EQ(client->receive_raw(), "");
  ServerFixture::await([&] { return connections() == 0; });
  EXPECT_FALSE(BlockingClient().connect(endpoint_of(fixture_.address())));
}

class LimitedHandover : public Handover {
 protected:
  LimitedHandover()
      : Handover([](ServerOptions& options) {
          options.transport.max_connections_per_address = 1;
          options.transport.trusted_proxies = {"unix"};
        }) {}
};

TEST_F(LimitedHandover, CountsAConnectionOnceHereAndThere) {
  auto client = open();
  for (int i = 0; i < 3; ++i) {
    client->send_raw(kRequest);
    HandedOverConnection taken = take();
    EXPECT_THAT(
        [&] {
          const auto second = open();
          second->send_raw(kRequest);
          return second->receive_raw();
        }(),
        StartsWith("HTTP/1.1 503 "));
    read_head(taken);
    taken.give_back("");
  }
  client.reset();
  ServerFixture::await([&] { return connections() == 0; });
  EXPECT_FALSE(BlockingClient().connect(endpoint_of(fixture_.address())));
}

TEST_F(LimitedHandover, EachRequestOfAProxyHasItsClient) {
  const test::ScratchFolder folder;
  const auto path = fixture_.server().listen("unix:" + (folder.path() / "s.sock").string());
  const auto proxy = open(path);
  const auto ask = [&](const std::string& fields) {
    proxy->send_raw("GET /api HTTP/1.1\r\nHost: x\r\n" + fields + "\r\n");
    HandedOverConnection taken = take();
    read_head(taken);
    const std::string client = taken.remote_address();
    taken.give_back("");
    return client;
  };
  EXPECT_EQ(ask("X-Forwarded-For: 192.0.2.1\r\n"), "192.0.2.1");
  EXPECT_EQ(ask("X-Forwarded-For: 192.0.2.1\r\n"), "192.0.2.1");  // The limit is 1.
  EXPECT_EQ(ask("X-Forwarded-For: 192.0.2.2\r\n"), "192.0.2.2");
  EXPECT_EQ(ask(""), "");
}

TEST_F(LimitedHandover, TheClientOfAPROXYHeaderStays) {
  const test::ScratchFolder folder;
  const auto path = fixture_.server().listen("unix:" + (folder.path() / "s.sock").string(),
                                             {.proxy_protocol = true});
  const auto proxy = open(path);
  proxy->send_raw("PROXY TCP4 192.0.2.1 192.0.2.9 1 2\r\n");
  for (int i = 0; i < 2; ++i) {
    proxy->send_raw("GET /api HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 192.0.2.7\r\n\r\n");
    HandedOverConnection taken = take();
    EXPECT_EQ(taken.remote_address(), "192.0.2.1");
    const auto second = open(path);
    second->send_raw("PROXY TCP4 192.0.2.1 192.0.2.9 1 2\r\n" + std::string(kRequest));
    EXPECT_THAT(second->receive_raw(), StartsWith("HTTP/1.1 503 "));
    read_head(taken);
    taken.give_back("");
  }
}

class TlsHandover : public Handover {
 protected:
  TlsHandover() {
    address_ = fixture_.server().listen("127.0.0.1:0",
                                        {.tls = TlsOptions{.certificates = {files_.issue("server")},
                                                           .reload_interval = milliseconds(0)}});
    tls_.emplace(client::TlsSettings{.ca_file = files_.ca(), .name = "localhost"});
  }

  std::unique_ptr<BlockingClient> open_tls() {
    auto client = std::make_unique<BlockingClient>();
    client->use_tls(*tls_);
    EXPECT_FALSE(client->open(endpoint_of(address_)));
    return client;
  }

  test::TlsFiles files_;
  std::string address_;
  std::optional<client::TlsClient> tls_;
};

TEST_F(TlsHandover, GoesOnInBothDirections) {
  const auto client = open_tls();
  const std::string big(300'000, 'b');
  client->send_raw(std::string(kRequest) + "body");
  HandedOverConnection taken = take();
  EXPECT_TRUE(taken.encrypted());
  EXPECT_EQ(read_head(taken), kRequest);
  std::thread sender([&] { client->send_raw(big + "|end"); });
  EXPECT_EQ(read_until(taken, "|end"), "body" + big + "|end");
  sender.join();
  std::string got;
  std::thread reader([&] {
    while (got.size() < big.size()) {
      const std::string piece = client->receive_raw();
      if (piece.empty()) break;
      got += piece;
    }
  });
  write_all(taken, big);
  reader.join();
  EXPECT_EQ(got, big);
  taken.give_back("");
  client->send_raw(std::string(kRequest) + std::string(kUpgrade));
  taken = take();
  EXPECT_EQ(read_head(taken), kRequest);
  taken.give_back("");
  ASSERT_FALSE(client->read_response());
  EXPECT_EQ(client->response().status, 101);
  EXPECT_EQ(fixture_.count(Counter::tls_handshakes), 1u);
  EXPECT_EQ(connections(), 1u);
}

TEST_F(TlsHandover, SaysThatNothingFollows) {
  const auto client = open_tls();
  client->send_raw(kRequest);
  {
    HandedOverConnection taken = take();
    read_head(taken);
    write_all(taken, "all");
    taken.shutdown_write();
    EXPECT_EQ(client->receive_raw_all(), "all");
    client->shutdown_write();
    EXPECT_EQ(read_until(taken, "x"), "");
  }
  EXPECT_EQ(connections(), 0u);
  EXPECT_EQ(fixture_.count(Counter::tls_errors), 0u);
}

TEST_F(Handover, ItsOptionsAreValidated) {
  ServerOptions options;
  options.broker = memory_broker();
  options.hooks.authenticate = [](const AuthenticateRequest&) { return std::optional<Identity>(); };
  options.http.handover.paths = {"/api", "api", "/api/", "/", ""};
  EXPECT_EQ(options.validate().size(), 5u);
  options.http.handover = {.paths = {"/api", "/a/b"}, .take = [](const HandedOverConnection&) {}};
  EXPECT_TRUE(options.validate().empty());
}

}  // namespace
}  // namespace wscast
