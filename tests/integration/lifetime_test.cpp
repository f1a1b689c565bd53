// How a server starts and ends, whatever goes wrong and whoever calls.

#include <sys/socket.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <latch>
#include <memory>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wscast/log.h"
#include "wscast/redis.h"

#include "integration/server_fixture.h"
#include "net/endpoint.h"
#include "net/listener.h"
#include "server/node.h"
#include "server/server_access.h"
#include "support/bus.h"
#include "support/fake_redis_thread.h"
#include "support/fake_transport.h"
#include "support/watchdog.h"

namespace wscast {
namespace {

using namespace std::chrono_literals;
using test::FakeRedisThread;
using test::Watchdog;
using testing::HasSubstr;

constexpr auto kPatience = 60s;

ServerOptions plain_options(std::shared_ptr<Broker> broker, std::size_t shards = 1) {
  ServerOptions options;
  options.broker = std::move(broker);
  options.shards = shards;
  options.hooks.authenticate = [](const AuthenticateRequest&) {
    return std::optional(Identity{.user_id = "alice"});
  };
  return options;
}

/// A TCP port that takes connections and says nothing.
class MuteServer {
 public:
  MuteServer()
      : bound_(net::bind_socket(*net::Endpoint::parse("127.0.0.1:0"), ListenOptions(), 0)) {}

  std::string url() const { return "redis://" + bound_.endpoint.text(); }

  /// Returns when somebody has connected; the connection stays open.
  void await_connection() {
    ServerFixture::await([this] {
      net::Fd taken(::accept(bound_.socket.get(), nullptr, nullptr));
      if (taken) taken_.push_back(std::move(taken));
      return !taken_.empty();
    });
  }

 private:
  net::BoundSocket bound_;
  std::vector<net::Fd> taken_;
};

// DisconnectReason while something is slow

/// The hook outlasts all of shutdown()'s patience, so that the loop ends before the broker can.
TEST(Lifetime, ABrokerLetsGoOfALoopThatEndsBehindASlowHook) {
  const Watchdog watchdog("shutdown behind a slow hook", kPatience);
  FakeRedisThread redis;
  std::atomic<int> results = 0;
  Backplane told = Backplane::none;
  ServerOptions options = plain_options(redis_broker({.url = redis.url(), .answer_timeout = 30s}));
  options.hooks.disconnected = [](const ClientEvent&) { std::this_thread::sleep_for(4s); };
  {
    Server server(options);  // The options hold the broker, and live longer.
    server.configure();
    const auto handler = server.handler();
    EXPECT_FALSE(handler.open(Server::new_client_id(), std::make_shared<FakeExternalTransport>()));
    ServerFixture::await([&] { return server.client_count() == 1; });
    redis.answer(false);
    EXPECT_FALSE(server.send(
        {.event = "x", .data = Json::text("1"), .on_result = [&](const PublishResult& result) {
           told = result.backplane;
           ++results;
         }}));
    server.shutdown();
    server.wait();
  }
  EXPECT_EQ(results, 1) << "what was published has its result";
  EXPECT_EQ(told, Backplane::unknown);
}

TEST(Lifetime, AExternalTransportIsGivenBackOnItsThread) {
  std::thread::id given_back;
  const auto note = [&](FakeExternalTransport* transport) {
    given_back = std::this_thread::get_id();
    delete transport;
  };
  {
    ServerFixture fixture(1);
    const auto handler = fixture.server().handler();
    EXPECT_FALSE(handler.open(Server::new_client_id(), std::shared_ptr<FakeExternalTransport>(
                                                           new FakeExternalTransport, note)));
    ServerFixture::await([&] { return fixture.server().client_count() == 1; });
  }
  EXPECT_NE(given_back, std::thread::id());
  EXPECT_NE(given_back, std::this_thread::get_id());
}

// Calls that cross

TEST(Lifetime, ListenWaitsForNoHookThatShutsDown) {
  const Watchdog watchdog("listen() beside a hook that calls shutdown()", kPatience);
  std::latch inside(1);
  std::latch listening(1);
  Server* server = nullptr;
  ServerFixture fixture(1, [&](ServerOptions& options) {
    options.hooks.message = [&](const ClientMessage&) {
      inside.count_down();
      listening.wait();
      server->shutdown();
    };
  });
  server = &fixture.server();
  const Peer peer = fixture.peer("alice");
  peer.send("anything");
  inside.wait();
  EXPECT_NE(fixture.server().listen("127.0.0.1:0"), "");  // The only shard is in the hook.
  listening.count_down();
  fixture.server().wait();
  EXPECT_THROW(fixture.server().listen("127.0.0.1:0"), std::system_error);
}

TEST(Lifetime, AHookMayListen) {
  const Watchdog watchdog("listen() in a hook", kPatience);
  std::atomic<Server*> server = nullptr;
  std::string address;
  std::latch listening(1);
  ServerFixture fixture(2, [&](ServerOptions& options) {
    options.hooks.message = [&](const ClientMessage&) {
      address = server.load()->listen("127.0.0.1:0");
      listening.count_down();
    };
  });
  server = &fixture.server();
  fixture.spread();  // The first shard's own hook.
  const Peer peer = fixture.peer("alice");
  peer.send("anything");
  listening.wait();
  client::BlockingClient another;
  EXPECT_FALSE(another.connect(endpoint_of(address)));
}

TEST(Lifetime, ALogSinkMayCallTheServer) {
  const Watchdog watchdog("a log sink that calls the server", kPatience);
  Server server(plain_options(memory_broker()));
  set_log_sink([&](const LogLine& logged) {
    const std::string_view line = logged.message;
    if (line.find("listening") != std::string_view::npos) server.shutdown();
  });
  server.configure();
  server.listen("127.0.0.1:0");
  server.wait();
  set_log_sink(nullptr);
}

TEST(Lifetime, ShutdownWakesConfigureWhileRedisIsUnresponsive) {
  const Watchdog watchdog("configure() that was shut down", kPatience);
  MuteServer mute;
  Server server(
      plain_options(redis_broker({.url = mute.url(), .ready_timeout = 1h, .answer_timeout = 1h})));
  std::error_code error;
  std::thread starting([&] {
    try {
      server.configure();
    } catch (const std::system_error& stopped) {
      error = stopped.code();
    }
  });
  mute.await_connection();
  server.shutdown();
  starting.join();
  EXPECT_EQ(error, Errc::stopped);
  server.wait();
}

TEST(Lifetime, AServerThatWasNeverStartedEndsToo) {
  const Watchdog watchdog("wait() for a server that was never started", kPatience);
  Server server(plain_options(memory_broker()));
  std::thread waiting([&] { server.wait(); });
  server.shutdown();
  waiting.join();
  EXPECT_THROW(server.configure(), std::system_error);
}

// Threads that cannot be started

class FailingThreads : public testing::TestWithParam<std::size_t> {};

TEST_P(FailingThreads, AreAnErrorOfConfigureAndTheServerStops) {
  const Watchdog watchdog("configure() without threads", kPatience);
  Server server(plain_options(memory_broker(), 3));
  std::size_t left = GetParam();
  ServerAccess::node(server).engine().start_threads_with(
      [&](std::string_view what, std::function<void()> body) {
        if (left-- == 0) {
          throw std::system_error(EAGAIN, std::generic_category(), "no " + std::string(what));
        }
        return start_thread(what, std::move(body));
      });
  try {
    server.configure();
    FAIL() << "it started";
  } catch (const std::system_error& error) {
    EXPECT_EQ(error.code(), std::errc::resource_unavailable_try_again);
    EXPECT_THAT(error.what(), HasSubstr("thread"));
  }
  EXPECT_THROW(server.listen("127.0.0.1:0"), std::system_error);
  server.shutdown();
  server.wait();
}

INSTANTIATE_TEST_SUITE_P(Lifetime, FailingThreads, testing::Values(0, 1, 2, 3),
                         testing::PrintToStringParamName());

// One broker, one server

TEST(Lifetime, ABrokerIsForOneServerOnce) {
  Bus bus;
  for (const auto& broker : {memory_broker(), redis_broker({}), bus.broker()}) {
    const ServerOptions options = plain_options(broker);
    {
      const Server first(options);
      EXPECT_THROW(
          {
            try {
              const Server second(options);
            } catch (const std::invalid_argument& error) {
              EXPECT_THAT(error.what(), HasSubstr("another Server uses it"));
              throw;
            }
          },
          std::invalid_argument);
    }
    EXPECT_THROW(const Server third(options), std::invalid_argument);
  }
}

// The log

TEST(Lifetime, AStaticServerOutlivesALogSinkThatWasSetLater) {
  testing::GTEST_FLAG(death_test_style) = "threadsafe";
  EXPECT_EXIT(
      {
        static Server server(plain_options(memory_broker()));
        const auto big = std::make_shared<std::string>(1'000, 'x');  // On the heap.
        set_log_sink([big, more = std::string(1'000, 'y')](const LogLine& logged) {
          const std::string_view line = logged.message;
          std::fprintf(stderr, "%.*s %zu\n", static_cast<int>(line.size()), line.data(),
                       big->size() + more.size());
        });
        server.configure();
        server.listen("127.0.0.1:0");
        std::exit(0);
      },
      testing::ExitedWithCode(0), "stopped 2000");
}

TEST(Lifetime, ALogSinkThatThrowsIsCountedAndHarmsNobody) {
  set_log_sink([](const LogLine&) { throw std::runtime_error("disk full"); }, LogLevel::debug);
  {
    ServerFixture fixture(2);
    const Peer peer = fixture.peer("alice");
    EXPECT_GE(fixture.count(Counter::log_failures), 2u);
    fixture.server().close_client({.client_id = peer.id});
    EXPECT_EQ(peer.socket->receive().code, 1000);
  }
  set_log_sink([](const LogLine&) { throw 1; });
  { const ServerFixture fixture(1); }
  set_log_sink(nullptr);
}

}  // namespace
}  // namespace wscast
