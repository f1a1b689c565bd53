// An emitter that writes the history of rooms (protocol.md section 7), on a real Redis.

#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wscast/emitter.h"

#include "integration/manual_rights.h"
#include "integration/server_fixture.h"
#include "support/redis_process.h"

namespace wscast::test {
namespace {

using namespace std::chrono_literals;
using testing::AnyOf;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

constexpr auto kLong = 20s;

EmitterOptions options_for(const std::string& url) {
  return {.redis = RedisOptions{.url = url, .answer_timeout = kLong}};
}

/// An emitter, and what it is to write.
class Writer {
 public:
  explicit Writer(EmitterOptions options) : emitter(std::move(options)) { emitter.configure(); }
  explicit Writer(const std::string& url) : Writer(options_for(url)) {}

  EmitToRoom message(std::string_view room, std::string_view key = "") {
    return {.room = room,
            .event = "n",
            .data = Json::text("1"),
            .on_result = [this](const EmitResult& result) { add(result); },
            .history = limits,
            .key = key};
  }

  /// The result of one message.
  EmitResult write(std::string_view room, std::string_view key = "") {
    EXPECT_FALSE(emitter.to_room(message(room, key)));
    EXPECT_TRUE(emitter.flush(kLong));
    const auto all = results();
    return all.empty() ? EmitResult{} : all.back();
  }

  std::vector<EmitResult> results() {
    const std::lock_guard lock(mutex_);
    return results_;
  }

  /// Writes until it is in the history; the other results are `while_away`.
  EmitResult write_once_back(std::string_view room, const testing::Matcher<Errc>& while_away) {
    const auto late = std::chrono::steady_clock::now() + kLong;
    for (;;) {
      const auto result = write(room);
      if (!result.error) return result;
      EXPECT_THAT(static_cast<Errc>(result.error.value()), while_away) << result.reason;
      if (std::chrono::steady_clock::now() > late || testing::Test::HasFailure()) return result;
    }
  }

  HistoryLimits limits{};

 private:
  void add(const EmitResult& result) {
    const std::lock_guard lock(mutex_);
    results_.push_back(result);
  }

  std::mutex mutex_;
  std::vector<EmitResult> results_;

 public:
  Emitter emitter;  // Its callbacks use the others.
};

std::uint64_t offset_of(const EmitResult& result) {
  return result.position ? result.position->offset : 0;
}

std::error_code error_of(const EmitResult& result) {
  return result.error;
}

TEST(EmitterHistoryTest, H9ItWritesWhatAServerReads) {
  const RedisProcess redis;
  auto options = options_for(redis.url());
  options.redis->prefix = "p:";
  Writer writer(options);
  writer.limits = {.size = 5, .ttl = 60s};
  auto message = writer.message("r");
  message.exclude = {"some-id"};
  EXPECT_FALSE(writer.emitter.to_room(message));
  const auto second = writer.write("r");
  const auto first = writer.results().front();
  EXPECT_EQ(error_of(first), std::error_code());
  EXPECT_EQ(first.receivers_at_least, 0U);
  EXPECT_FALSE(first.repeated);
  const std::string epoch = redis.call({"HGET", "p:ws:position:{r}", "epoch"});
  EXPECT_NE(epoch, "");
  EXPECT_EQ(first.position, (Position{1, epoch}));
  EXPECT_EQ(second.position, (Position{2, epoch}));
  EXPECT_THAT(redis.call({"XRANGE", "p:ws:history:{r}", "-", "+", "COUNT", "1"}),
              StartsWith("1-0\nm\n"
                         R"({"serverId":"emitter","type":"room","target":"r","event":"n","data":1,)"
                         R"("exclude":["some-id"]})"
                         "\nt\n"));
  EXPECT_NEAR(std::stod(redis.call({"PTTL", "p:ws:history:{r}"})), 60'500, 600);
}

TEST(EmitterHistoryTest, H1WithoutHistoryNothingIsKept) {
  const RedisProcess redis;
  Writer writer(redis.url());
  auto message = writer.message("r");
  message.history.reset();
  EXPECT_FALSE(writer.emitter.to_room(message));
  EXPECT_TRUE(writer.emitter.flush(kLong));
  ASSERT_THAT(writer.results(), SizeIs(1));
  EXPECT_EQ(error_of(writer.results()[0]), std::error_code());
  EXPECT_FALSE(writer.results()[0].position);
  EXPECT_EQ(redis.call({"DBSIZE"}), "0");
}

TEST(EmitterHistoryTest, H10AKeyIsWrittenOnce) {
  const RedisProcess redis;
  Writer writer(redis.url());
  const auto first = writer.write("r", "k");
  EXPECT_FALSE(first.repeated);
  const auto again = writer.write("r", "k");
  EXPECT_EQ(error_of(again), std::error_code());
  EXPECT_TRUE(again.repeated);
  EXPECT_EQ(again.position, first.position);
  EXPECT_EQ(offset_of(writer.write("other", "k")), 1U) << "a key is of its room";
  EXPECT_EQ(redis.call({"XLEN", "ws:history:{r}"}), "1");
}

TEST(EmitterHistoryTest, H1H3MembersGetItWithItsPositionBetweenLiveMessages) {
  const RedisProcess redis;
  ServerFixture fixture(2, [&](ServerOptions& options) {
    options.broker = redis_broker({.url = redis.url()});
    options.history = {{.match = "r"}};
  });
  Peer asked;
  asked.socket = fixture.connect();
  asked.socket->send_text(R"({"event":"authenticate","data":{"token":"a"},"ext":{"positions":1}})");
  EXPECT_THAT(asked.next(), HasSubstr(R"("event":"connected")"));
  asked.send("join", R"({"rooms":["r"]})");
  const Peer plain = fixture.peer("b");
  plain.send("join", R"({"rooms":["r"]})");
  const Peer excluded = fixture.peer("c");
  excluded.send("join", R"({"rooms":["r"]})");
  ServerFixture::await([&] { return fixture.server().room_size("r") == 3; });

  Writer writer(redis.url());
  auto live = writer.message("r");
  live.history.reset();
  live.event = "live";
  EXPECT_FALSE(writer.emitter.to_room(live));
  auto kept = writer.message("r");
  kept.exclude = {excluded.id};
  EXPECT_FALSE(writer.emitter.to_room(kept));
  EXPECT_FALSE(writer.emitter.to_room(live));
  EXPECT_EQ(offset_of(writer.write("r")), 2U);

  EXPECT_EQ(asked.next(), message("live", "1"));
  EXPECT_EQ(asked.next(), R"({"event":"n","data":1,"room":"r","offset":1})");
  EXPECT_EQ(asked.next(), message("live", "1"));
  EXPECT_EQ(asked.next(), R"({"event":"n","data":1,"room":"r","offset":2})");
  for (const char* event : {"live", "n", "live", "n"}) EXPECT_EQ(plain.next(), message(event, "1"));
  for (const char* event : {"live", "live", "n"}) EXPECT_EQ(excluded.next(), message(event, "1"));
}

TEST(EmitterHistoryTest, R8ItHasOneConnection) {
  const RedisProcess redis;
  auto options = options_for(redis.url());
  options.redis->client_name = "the-emitter";
  Writer writer(options);
  EXPECT_EQ(offset_of(writer.write("r")), 1U);
  const std::string clients = redis.call({"CLIENT", "LIST"});
  const auto at = clients.find("name=the-emitter");
  ASSERT_NE(at, std::string::npos) << clients;
  EXPECT_EQ(clients.find("name=the-emitter", at + 1), std::string::npos) << clients;
}

TEST(EmitterHistoryTest, WhatNoHistoryCanHaveIsRefusedByTheCall) {
  const RedisProcess redis;
  Writer writer(redis.url());
  const auto refused = [&](const std::function<void(EmitToRoom&)>& change) {
    auto message = writer.message("r");
    change(message);
    return writer.emitter.to_room(message);
  };
  const std::string longest(128, 'k');
  const std::string longer(129, 'k');
  const std::string own_room = Server::new_client_id();
  for (const HistoryLimits limits : {HistoryLimits{.size = 0}, HistoryLimits{.size = 100'001},
                                     HistoryLimits{.ttl = 999ms}, HistoryLimits{.ttl = 721h}}) {
    EXPECT_EQ(refused([&](EmitToRoom& m) { m.history = limits; }), Errc::invalid_text);
  }
  EXPECT_EQ(refused([&](EmitToRoom& m) { m.key = longer; }), Errc::invalid_text);
  EXPECT_EQ(refused([](EmitToRoom& m) { m.key = "\xff"; }), Errc::invalid_text);
  EXPECT_EQ(refused([](EmitToRoom& m) { m.key = "k", m.history.reset(); }), Errc::invalid_text);
  EXPECT_EQ(refused([&](EmitToRoom& m) { m.room = own_room; }), Errc::invalid_text);
  EXPECT_EQ(refused([](EmitToRoom& m) { m.room = ""; }), Errc::invalid_text);
  EXPECT_EQ(refused([](EmitToRoom& m) { m.data = Json::text("{"); }), Errc::invalid_json);
  EXPECT_TRUE(writer.emitter.flush(kLong));
  EXPECT_EQ(redis.call({"DBSIZE"}), "0");
  EXPECT_EQ(refused([&](EmitToRoom& m) { m.key = longest; }), std::error_code());
  EXPECT_EQ(refused([](EmitToRoom& m) { m.history = {.size = 100'000, .ttl = 720h}; }),
            std::error_code());
  EXPECT_TRUE(writer.emitter.flush(kLong));
  EXPECT_THAT(writer.results(), SizeIs(2));
}

TEST(EmitterHistoryTest, WhatRedisRefusesIsReportedInItsOwnWords) {
  const RedisProcess redis({.lines = {"user narrow on >secret allchannels -@all +publish"}});
  Writer writer("redis://narrow:secret@" + redis.address());
  const auto refused = writer.write("r");
  EXPECT_EQ(refused.error, Errc::broker_refused);
  EXPECT_THAT(refused.reason, StartsWith("NOPERM "));
  EXPECT_FALSE(refused.position);
  EXPECT_EQ(redis.call({"DBSIZE"}), "0");
  auto live = writer.message("r");
  live.history.reset();
  EXPECT_FALSE(writer.emitter.to_room(live));
  EXPECT_TRUE(writer.emitter.flush(kLong));
  EXPECT_EQ(error_of(writer.results().back()), std::error_code());
}

TEST(EmitterHistoryTest, WhatTheManualAllowsIsEnough) {
  std::string line;
  for (const auto& word : rights_in_the_manual("wscast-emitter-history")) line += word + ' ';
  const RedisProcess redis({.lines = {line}});
  Writer writer("redis://wscast-emitter-history:secret@" + redis.address());
  writer.limits.ttl = 1s;
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(error_of(writer.write("r", std::to_string(i))), std::error_code());
  }
  std::this_thread::sleep_for(1'010ms);  // They expire, so that others have to trim them.
  for (int i = 0; i < 10; ++i) EXPECT_EQ(error_of(writer.write("r")), std::error_code());
  EXPECT_EQ(redis.call({"XLEN", "ws:history:{r}"}), "10") << "some were trimmed";
  EXPECT_FALSE(writer.emitter.broadcast({.event = "n"}));
  EXPECT_TRUE(writer.emitter.flush(kLong));
  EXPECT_EQ(redis.call({"ACL", "LOG"}).find("lua"), std::string::npos);
}

TEST(EmitterHistoryTest, WhatIsKeptButNotPublishedMayHaveBeenSent) {
  const RedisProcess redis({.lines = {"user narrow on >secret resetchannels &ws:room:a ~* +@all"}});
  Writer writer("redis://narrow:secret@" + redis.address());
  EXPECT_EQ(error_of(writer.write("a")), std::error_code());
  const auto hidden = writer.write("b");
  EXPECT_EQ(hidden.error, Errc::broker_silent);
  EXPECT_THAT(hidden.reason, AnyOf(HasSubstr("NOPERM"), HasSubstr("can't publish to the channel")));
  EXPECT_FALSE(hidden.position);
}

TEST(EmitterHistoryTest, ARedisThatDiesIsReportedAndAnotherEpochBegins) {
  RedisProcess redis;
  auto options = options_for(redis.url());
  options.redis->answer_timeout = 1s;
  Writer writer(options);
  const auto before = writer.write("r");
  redis.kill();
  const auto late = std::chrono::steady_clock::now() + kLong;
  EmitResult away = writer.write("r");
  while (away.error == Errc::broker_silent && std::chrono::steady_clock::now() < late) {
    away = writer.write("r");
  }
  EXPECT_EQ(away.error, Errc::broker_down);
  EXPECT_THAT(away.reason, StartsWith(redis.address() + ": "));
  EXPECT_FALSE(away.position);
  redis.start();
  const auto after = writer.write_once_back("r", AnyOf(Errc::broker_down, Errc::broker_silent));
  ASSERT_TRUE(before.position && after.position);
  EXPECT_EQ(after.position->offset, 1U);
  EXPECT_NE(after.position->epoch, before.position->epoch);
}

TEST(EmitterHistoryTest, ARedisThatDoesNotReplyIsReported) {
  RedisProcess redis;
  auto options = options_for(redis.url());
  options.redis->answer_timeout = 200ms;
  Writer writer(options);
  redis.stop();
  EXPECT_EQ(writer.write("r").error, Errc::broker_silent);
  redis.cont();
  const auto back = writer.write_once_back("r", testing::Eq(Errc::broker_silent));
  EXPECT_EQ(offset_of(back), writer.results().size()) << "the late ones were written";
}

TEST(EmitterHistoryTest, ItCountsAsInFlight) {
  RedisProcess redis;
  auto options = options_for(redis.url());
  options.max_messages_in_flight = 3;
  Writer writer(options);
  redis.stop();
  for (int n = 0; n < 3; ++n) EXPECT_FALSE(writer.emitter.to_room(writer.message("r")));
  EXPECT_EQ(writer.emitter.to_room(writer.message("r")), Errc::queue_full);
  redis.cont();
  EXPECT_TRUE(writer.emitter.flush(kLong));
  EXPECT_EQ(offset_of(writer.write("r")), 4U);
}

/// Until it is known that Redis has the script each message carries it.
TEST(EmitterHistoryTest, AllThatMayBeInFlightGoesBeforeTheScriptIsKnown) {
  RedisProcess redis;
  auto options = options_for(redis.url());
  options.max_bytes_in_flight = 2 * options.redis->max_publish_bytes;
  Writer writer(options);
  redis.stop();
  std::size_t count = 0;
  while (!writer.emitter.to_room(writer.message("r"))) ++count;
  EXPECT_EQ(count, 10'000U);
  redis.cont();
  EXPECT_TRUE(writer.emitter.flush(kLong));
  const auto results = writer.results();
  ASSERT_THAT(results, SizeIs(count));
  for (std::size_t n = 0; n < count; ++n) ASSERT_EQ(offset_of(results[n]), n + 1);
}

TEST(EmitterHistoryTest, WhatIsInFlightIsAnsweredBeforeTheEnd) {
  const RedisProcess redis;
  Writer writer(redis.url());
  for (int n = 0; n < 1'000; ++n) ASSERT_FALSE(writer.emitter.to_room(writer.message("r")));
  writer.emitter.shutdown();
  EXPECT_TRUE(writer.emitter.flush(kLong));
  const auto results = writer.results();
  ASSERT_THAT(results, SizeIs(1'000));
  EXPECT_EQ(offset_of(results.back()), 1'000U);
}

TEST(EmitterHistoryTest, InAClusterEachRoomIsOnTheMasterOfItsSlot) {
  ClusterGroup cluster;
  cluster.await_keys();
  Writer writer(cluster.url());
  constexpr int kRooms = 20;  // More than one master has some of them.
  for (int n = 0; n < 2 * kRooms; ++n) {
    const std::string room = "room" + std::to_string(n % kRooms);
    EXPECT_FALSE(writer.emitter.to_room(writer.message(room)));
  }
  EXPECT_TRUE(writer.emitter.flush(kLong));
  const auto results = writer.results();
  ASSERT_THAT(results, SizeIs(2 * kRooms));
  for (const auto& result : results) {
    EXPECT_EQ(error_of(result), std::error_code()) << result.reason;
    EXPECT_THAT(offset_of(result), AnyOf(1U, 2U));
  }
  int nodes = 0;
  for (const auto& node : cluster.nodes()) nodes += node->call({"DBSIZE"}) == "0" ? 0 : 1;
  EXPECT_GT(nodes, 1);
  EXPECT_TRUE(writer.write("room0", "k").position && writer.write("room0", "k").repeated);
}

TEST(EmitterHistoryTest, AnEndBesideAnUnresponsiveClusterComesInTime) {
  ClusterGroup cluster;
  cluster.await_keys();
  auto options = options_for(cluster.url());
  options.redis->answer_timeout = 300ms;
  Writer writer(options);
  for (const auto& node : cluster.nodes()) node->stop();
  for (int n = 0; n < 20; ++n) {
    const std::string room = "room" + std::to_string(n);
    EXPECT_FALSE(writer.emitter.to_room(writer.message(room)));
  }
  writer.emitter.shutdown();
  EXPECT_TRUE(writer.emitter.flush(5s));
  for (const auto& node : cluster.nodes()) node->cont();
  EXPECT_THAT(writer.results(), SizeIs(20));
  for (const auto& result : writer.results()) {
    EXPECT_THAT(static_cast<Errc>(result.error.value()),
                AnyOf(Errc::broker_silent, Errc::broker_down));
  }
}

}  // namespace
}  // namespace wscast::test
