#include "wscast/emitter.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <unistd.h>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wscast/log.h"

#include "support/redis_process.h"

namespace wscast::test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::StartsWith;

constexpr auto kLong = 20s;

std::string message_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const std::exception& error) {
    return error.what();
  }
  return "";
}

/// Results in the order in which they came.
class Results {
 public:
  OnEmitted next() {
    return [this](const EmitResult& result) {
      const std::lock_guard lock(mutex_);
      all_.push_back(result.error);
    };
  }

  OnEmitted numbered(int number) {
    return [this, number](const EmitResult& result) {
      const std::lock_guard lock(mutex_);
      if (!result.error) numbers_.push_back(number);
    };
  }

  std::vector<std::error_code> all() {
    const std::lock_guard lock(mutex_);
    return all_;
  }

  std::vector<int> numbers() {
    const std::lock_guard lock(mutex_);
    return numbers_;
  }

 private:
  std::mutex mutex_;
  std::vector<std::error_code> all_;
  std::vector<int> numbers_;
};

/// Takes connections and says nothing.
class UnresponsiveServer {
 public:
  UnresponsiveServer() : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    if (::bind(socket_, any, size) != 0 || ::listen(socket_, 16) != 0 ||
        ::getsockname(socket_, any, &size) != 0) {
      throw std::runtime_error("no port");
    }
    port_ = ntohs(address.sin_port);
  }
  ~UnresponsiveServer() { ::close(socket_); }
  UnresponsiveServer(const UnresponsiveServer&) = delete;
  UnresponsiveServer& operator=(const UnresponsiveServer&) = delete;

  std::string url() const { return "redis://127.0.0.1:" + std::to_string(port_); }

 private:
  int socket_;
  int port_ = 0;
};

EmitterOptions options_for(const std::string& url) {
  return {.redis = RedisOptions{.url = url}};
}

EmitBroadcast said(OnEmitted on_result = {}) {
  return {.event = "said", .data = Json::text("1"), .on_result = std::move(on_result)};
}

/// Emits until Redis has a message again.
void await_delivery(Emitter& emitter) {
  const auto late = std::chrono::steady_clock::now() + kLong;
  for (std::atomic<bool> there = false; !there;) {
    ASSERT_LT(std::chrono::steady_clock::now(), late);
    ASSERT_FALSE(emitter.broadcast(said([&](const EmitResult& result) { there = !result.error; })));
    ASSERT_TRUE(emitter.flush(kLong));
    std::this_thread::sleep_for(5ms);
  }
}

// shows: A-emitter-constructor, A-emitterOption-redisConnection, A-emitter
TEST(EmitterTest, R10NoRedisIsRefusedInTheWordsOfTheReference) {
  EXPECT_EQ(message_of([] { Emitter emitter({}); }),
            "[WebSocketEmitter] Invalid redis connection!");
}

// shows: A-type-IWebSocketEmitterOptions
TEST(EmitterTest, AllFaultsOfTheOptionsAreNamedAtOnce) {
  EmitterOptions options = options_for("http://nowhere");
  options.redis->answer_timeout = 0ms;
  options.max_messages_in_flight = 0;
  options.max_bytes_in_flight = 0;
  const std::string faults = message_of([&] { Emitter emitter(options); });
  for (const char* fault :
       {"The Redis URL", "answer_timeout", "max_messages_in_flight", "max_bytes_in_flight"}) {
    EXPECT_THAT(faults, HasSubstr(fault));
  }
  EXPECT_THAT(EmitterOptions{}.validate(), testing::ElementsAre("redis is required."));
}

TEST(EmitterTest, NothingIsTakenBeforeItIsConfiguredAndAfterItWasShutDown) {
  const RedisProcess redis;
  Emitter emitter(options_for(redis.url()));
  EXPECT_EQ(emitter.broadcast(said()), Errc::stopped);
  EXPECT_TRUE(emitter.flush(0ms));
  emitter.configure();
  EXPECT_FALSE(emitter.broadcast(said()));
  EXPECT_THROW(emitter.configure(), std::system_error);
  emitter.shutdown();
  emitter.shutdown();
  EXPECT_EQ(emitter.broadcast(said()), Errc::stopped);
}

TEST(EmitterTest, ShutDownBeforeItWasConfigured) {
  Emitter emitter(options_for("redis://127.0.0.1:1"));
  emitter.shutdown();
  EXPECT_THROW(emitter.configure(), std::system_error);
}

// shows: A-emitter-toClient, A-emitter-toUser, A-emitter-toRoom, A-emitter-broadcast
TEST(EmitterTest, WhatNobodyCouldReadIsRefusedByTheCall) {
  const RedisProcess redis;
  EmitterOptions options = options_for(redis.url());
  options.redis->max_publish_bytes = 200;
  Emitter emitter(options);
  emitter.configure();
  const std::string long_text = '"' + std::string(200, 'x') + '"';
  EXPECT_EQ(emitter.broadcast({.event = "said", .data = Json::text("{")}), Errc::invalid_json);
  EXPECT_EQ(emitter.broadcast({.event = "said", .data = Json::text("\"\xff\"")}),
            Errc::invalid_json);
  EXPECT_EQ(emitter.broadcast({.event = "\xff"}), Errc::invalid_json);
  EXPECT_EQ(emitter.to_user({.user_id = "\xff", .event = "said"}), Errc::invalid_json);
  EXPECT_EQ(emitter.to_room({.room = "lobby", .event = "said", .exclude = {{"\xff"}}}),
            Errc::invalid_json);
  EXPECT_EQ(emitter.to_client({.client_id = "", .event = "said"}), Errc::invalid_text);
  EXPECT_EQ(emitter.to_user({.user_id = "", .event = "said"}), Errc::invalid_text);
  EXPECT_EQ(emitter.to_room({.room = "", .event = "said"}), Errc::invalid_text);
  EXPECT_EQ(emitter.broadcast({.event = "said", .data = Json::text(long_text)}),
            Errc::message_too_big);
  EXPECT_EQ(emitter.to_client({.client_id = "x", .event = ""}), Errc::invalid_text);
  EXPECT_EQ(emitter.to_user({.user_id = "x", .event = ""}), Errc::invalid_text);
  EXPECT_EQ(emitter.to_room({.room = "x", .event = ""}), Errc::invalid_text);
  EXPECT_EQ(emitter.broadcast({.event = ""}), Errc::invalid_text);
  Results results;
  EXPECT_FALSE(
      emitter.to_client({.client_id = "x", .event = "error", .on_result = results.next()}));
  EXPECT_TRUE(emitter.flush(kLong));
  EXPECT_THAT(results.all(), testing::ElementsAre(std::error_code()));
}

// shows: A-emitterOption-identifier
TEST(EmitterTest, ItsLogLinesBeginWithItsName) {
  const RedisProcess redis;
  std::mutex mutex;
  std::vector<std::string> lines;
  set_log_sink([&](const LogLine& logged) {
    const std::string_view line = logged.message;
    const std::lock_guard lock(mutex);
    lines.emplace_back(line);
  });
  {
    EmitterOptions options = options_for(redis.url());
    options.identifier = "orders";
    Emitter emitter(options);
    emitter.configure();
  }
  set_log_sink({});
  EXPECT_THAT(lines, testing::ElementsAre("[orders] Redis at " + redis.address() + " is ready"));
}

// shows: A-emitter-configure
TEST(EmitterTest, R9ARefusedConnectionEndsConfigureAtOnce) {
  const std::string port = std::to_string(free_port());
  Emitter emitter(options_for("redis://127.0.0.1:" + port));
  EXPECT_EQ(message_of([&] { emitter.configure(); }), "127.0.0.1:" + port + ": Connection refused");
  EXPECT_EQ(emitter.broadcast(said()), Errc::stopped);
  EXPECT_THROW(emitter.configure(), std::system_error);
}

TEST(EmitterTest, R9ARefusedLoginEndsConfigureAtOnce) {
  const RedisProcess redis({.lines = {"requirepass secret"}});
  Emitter emitter(options_for(redis.url()));
  EXPECT_THAT(message_of([&] { emitter.configure(); }), HasSubstr("NOAUTH"));
}

TEST(EmitterTest, R9AnUnresponsiveRedisEndsConfigureInTheWordsOfTheReference) {
  const UnresponsiveServer server;
  EmitterOptions options = options_for(server.url());
  options.redis->ready_timeout = 300ms;
  Emitter emitter(options);
  EXPECT_THAT(message_of([&] { emitter.configure(); }),
              StartsWith("Redis client did not become ready within 300ms (status: "));
}

TEST(EmitterTest, ShutDownEndsConfigure) {
  const UnresponsiveServer server;
  Emitter emitter(options_for(server.url()));
  std::thread other([&] {
    std::this_thread::sleep_for(50ms);
    emitter.shutdown();
  });
  EXPECT_THROW(emitter.configure(), std::system_error);
  other.join();
}

TEST(EmitterTest, R8ItHasOneConnection) {
  const RedisProcess redis;
  EmitterOptions options = options_for(redis.url());
  options.redis->client_name = "the-emitter";
  Emitter emitter(options);
  emitter.configure();
  const std::string clients = redis.call({"CLIENT", "LIST"});
  const auto at = clients.find("name=the-emitter");
  EXPECT_NE(at, std::string::npos) << clients;
  EXPECT_EQ(clients.find("name=the-emitter", at + 1), std::string::npos) << clients;
}

TEST(EmitterTest, ResultsComeInTheOrderOfTheCalls) {
  const RedisProcess redis;
  Emitter emitter(options_for(redis.url()));
  emitter.configure();
  Results results;
  std::vector<int> expected;
  for (int n = 0; n < 5'000; ++n) {
    expected.push_back(n);
    ASSERT_FALSE(emitter.broadcast(said(results.numbered(n))));
  }
  EXPECT_TRUE(emitter.flush(kLong));
  EXPECT_EQ(results.numbers(), expected);
}

TEST(EmitterTest, EveryThreadMayEmit) {
  constexpr int kThreads = 4;
  constexpr int kMessages = 1'000;
  const RedisProcess redis;
  Emitter emitter(options_for(redis.url()));
  emitter.configure();
  std::vector<Results> results(kThreads);
  std::vector<std::thread> threads;
  for (auto& own : results) {
    threads.emplace_back([&] {
      for (int n = 0; n < kMessages; ++n) EXPECT_FALSE(emitter.broadcast(said(own.numbered(n))));
      EXPECT_TRUE(emitter.flush(kLong));
      EXPECT_EQ(own.numbers().size(), kMessages);
    });
  }
  for (auto& thread : threads) thread.join();
  for (auto& own : results) {
    const auto numbers = own.numbers();
    EXPECT_TRUE(std::ranges::is_sorted(numbers));
  }
}

TEST(EmitterTest, SoManyMessagesMayBeInFlight) {
  RedisProcess redis;
  EmitterOptions options = options_for(redis.url());
  options.redis->answer_timeout = kLong;
  options.max_messages_in_flight = 3;
  Emitter emitter(options);
  emitter.configure();
  redis.stop();
  Results results;
  for (int n = 0; n < 3; ++n) EXPECT_FALSE(emitter.broadcast(said(results.next())));
  EXPECT_EQ(emitter.broadcast(said(results.next())), Errc::queue_full);
  EXPECT_FALSE(emitter.flush(50ms));
  redis.cont();
  EXPECT_TRUE(emitter.flush(kLong));
  EXPECT_FALSE(emitter.broadcast(said(results.next())));
  EXPECT_TRUE(emitter.flush(kLong));
  EXPECT_THAT(results.all(), testing::ElementsAre(std::error_code(), std::error_code(),
                                                  std::error_code(), std::error_code()));
}

TEST(EmitterTest, SoManyBytesMayBeInFlight) {
  RedisProcess redis;
  EmitterOptions options = options_for(redis.url());
  options.redis->answer_timeout = kLong;
  options.max_bytes_in_flight = 1100;
  options.redis->max_publish_bytes = 1100;
  Emitter emitter(options);
  emitter.configure();
  redis.stop();
  const std::string data = '"' + std::string(400, 'x') + '"';
  const EmitBroadcast call{.event = "said", .data = Json::text(data)};
  EXPECT_FALSE(emitter.broadcast(call));
  EXPECT_FALSE(emitter.broadcast(call));
  EXPECT_EQ(emitter.broadcast(call), Errc::queue_full);
  EXPECT_FALSE(emitter.broadcast(said()));
  redis.cont();
  EXPECT_TRUE(emitter.flush(kLong));
  EXPECT_FALSE(emitter.broadcast(call));
}

TEST(EmitterTest, ALimitThatALongMessageCannotPassIsAFault) {
  EmitterOptions options = options_for("redis://127.0.0.1");
  options.max_bytes_in_flight = options.redis->max_publish_bytes - 1;
  EXPECT_THAT(options.validate(),
              testing::ElementsAre(HasSubstr("max_bytes_in_flight must not be under")));
  options.max_bytes_in_flight = options.redis->max_publish_bytes;
  EXPECT_THAT(options.validate(), testing::IsEmpty());
}

TEST(EmitterTest, TheLongestMessageGoesWhateverItsChannelIs) {
  const RedisProcess redis;
  EmitterOptions options = options_for(redis.url());
  options.max_bytes_in_flight = options.redis->max_publish_bytes = 100;
  Emitter emitter(options);
  emitter.configure();
  Results results;
  const std::string room(10, 'r');
  const std::string data = '"' + std::string(20, 'x') + '"';
  EXPECT_FALSE(emitter.to_room(
      {.room = room, .event = "e", .data = Json::text(data), .on_result = results.next()}));
  EXPECT_TRUE(emitter.flush(kLong));
  EXPECT_THAT(results.all(), testing::ElementsAre(std::error_code()));
}

TEST(EmitterTest, WhatRedisRefusesIsReportedInItsOwnWords) {
  const RedisProcess redis(
      {.lines = {"user narrow on >secret resetchannels &ws:broadcast -@all +publish"}});
  Emitter emitter(options_for("redis://narrow:secret@" + redis.address()));
  emitter.configure();
  EmitResult refused;
  EmitResult taken;
  EXPECT_FALSE(emitter.to_room(
      {.room = "a", .event = "e", .on_result = [&](const auto& it) { refused = it; }}));
  EXPECT_FALSE(emitter.broadcast(said([&](const auto& it) { taken = it; })));
  EXPECT_TRUE(emitter.flush(kLong));
  EXPECT_EQ(refused.error, Errc::broker_refused);
  EXPECT_THAT(refused.reason, StartsWith("NOPERM "));
  EXPECT_EQ(refused.error.message(), "Redis refused the message");
  EXPECT_FALSE(taken.error);
  EXPECT_EQ(taken.reason, "");
}

TEST(EmitterTest, WhyThereIsNoConnectionIsReported) {
  RedisProcess redis;
  Emitter emitter(options_for(redis.url()));
  emitter.configure();
  redis.kill();
  EmitResult last;
  const auto late = std::chrono::steady_clock::now() + kLong;
  while (last.error != Errc::broker_down && std::chrono::steady_clock::now() < late) {
    EXPECT_FALSE(emitter.broadcast(said([&](const EmitResult& result) { last = result; })));
    ASSERT_TRUE(emitter.flush(kLong));
  }
  EXPECT_THAT(last.reason, StartsWith(redis.address() + ": "));
}

TEST(EmitterTest, AnUnresponsiveRedisIsNotGivenMessagesForEver) {
  RedisProcess redis;
  EmitterOptions options = options_for(redis.url());
  options.redis->answer_timeout = 1ms;
  options.max_messages_in_flight = 10;
  options.max_bytes_in_flight = options.redis->max_publish_bytes = 1'000;
  Emitter emitter(options);
  emitter.configure();
  redis.stop();
  Results results;
  const auto late = std::chrono::steady_clock::now() + kLong;
  const auto is_down = [&] {
    const auto all = results.all();
    return !all.empty() && all.back() == Errc::broker_down;
  };
  while (!is_down() && std::chrono::steady_clock::now() < late) {
    static_cast<void>(emitter.broadcast(said(results.next())));
    ASSERT_TRUE(emitter.flush(kLong));
  }
  EXPECT_TRUE(is_down()) << "what is late is on the connection all the same";
  redis.cont();
  await_delivery(emitter);
}

TEST(EmitterTest, ARedisThatDiesIsReportedAndComesBack) {
  RedisProcess redis;
  Emitter emitter(options_for(redis.url()));
  emitter.configure();
  await_delivery(emitter);
  redis.kill();
  std::error_code error;
  const auto late = std::chrono::steady_clock::now() + kLong;
  while (error != Errc::broker_down && std::chrono::steady_clock::now() < late) {
    EXPECT_FALSE(emitter.broadcast(said([&](const EmitResult& result) { error = result.error; })));
    ASSERT_TRUE(emitter.flush(kLong));
    EXPECT_TRUE(error == Errc::broker_down || error == Errc::broker_silent) << error.message();
  }
  EXPECT_EQ(error, Errc::broker_down);
  redis.start();
  await_delivery(emitter);
}

TEST(EmitterTest, ARedisThatDoesNotReplyIsReported) {
  RedisProcess redis;
  EmitterOptions options = options_for(redis.url());
  options.redis->answer_timeout = 200ms;
  Emitter emitter(options);
  emitter.configure();
  redis.stop();
  Results results;
  EXPECT_FALSE(emitter.broadcast(said(results.next())));
  EXPECT_FALSE(emitter.flush(20ms));
  EXPECT_TRUE(emitter.flush(kLong));
  EXPECT_THAT(results.all(), testing::ElementsAre(make_error_code(Errc::broker_silent)));
  redis.cont();
  await_delivery(emitter);
}

// shows: A-emitter-shutdown
TEST(EmitterTest, WhatIsInFlightIsAnsweredBeforeTheEnd) {
  RedisProcess redis;
  Results results;
  {
    Emitter emitter(options_for(redis.url()));
    emitter.configure();
    for (int n = 0; n < 1'000; ++n) ASSERT_FALSE(emitter.broadcast(said(results.numbered(n))));
    emitter.shutdown();
  }
  EXPECT_EQ(results.numbers().size(), 1'000U);
}

TEST(EmitterTest, AnEndBesideAnUnresponsiveRedisComesInTime) {
  RedisProcess redis;
  Results results;
  const auto started = std::chrono::steady_clock::now();
  {
    EmitterOptions options = options_for(redis.url());
    options.redis->answer_timeout = 200ms;
    Emitter emitter(options);
    emitter.configure();
    redis.stop();
    for (int n = 0; n < 10; ++n) EXPECT_FALSE(emitter.broadcast(said(results.next())));
  }
  EXPECT_LT(std::chrono::steady_clock::now() - started, 5s);
  EXPECT_EQ(results.all(), std::vector(10, make_error_code(Errc::broker_silent)));
}

TEST(EmitterTest, ACallbackMayEmitAndThrow) {
  const RedisProcess redis;
  std::atomic<int> calls = 0;
  std::function<void(const EmitResult&)> again;
  Emitter emitter(options_for(redis.url()));
  emitter.configure();
  again = [&](const EmitResult&) {
    if (++calls < 10) {
      EXPECT_FALSE(emitter.broadcast(said(again)));
    }
    EXPECT_FALSE(emitter.flush(kLong));  // Its own result is not reported yet.
    throw std::runtime_error("from a callback");
  };
  EXPECT_FALSE(emitter.broadcast(said(again)));
  while (calls < 10) ASSERT_TRUE(emitter.flush(kLong));
  EXPECT_TRUE(emitter.flush(kLong));
}

TEST(EmitterTest, ItGoesToTheMasterThatSentinelsName) {
  SentinelGroup group(1);
  Emitter emitter(options_for(group.url()));
  emitter.configure();
  await_delivery(emitter);
}

TEST(EmitterTest, ItGoesToNodesOfAClusterThatItsUrlDoesNotName) {
  ClusterGroup cluster;
  Emitter emitter(options_for("redis-cluster://" + cluster.nodes()[0]->address()));
  emitter.configure();
  await_delivery(emitter);
  cluster.nodes()[0]->kill();
  await_delivery(emitter);
}

TEST(EmitterTest, ItGoesToAClusterAndToAnotherNodeWhenOneDies) {
  ClusterGroup cluster;
  Emitter emitter(options_for(cluster.url()));
  emitter.configure();
  await_delivery(emitter);
  cluster.nodes()[0]->kill();
  await_delivery(emitter);
}

}  // namespace
}  // namespace wscast::test
