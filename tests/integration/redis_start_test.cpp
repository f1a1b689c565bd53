// Redis that comes later than we do (RedisOptions::startup_wait).

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wscast/emitter.h"
#include "wscast/log.h"

#include "support/broker_world.h"
#include "support/redis_process.h"

namespace wscast::test {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using std::chrono::steady_clock;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

/// The library's log lines, while this exists.
class LogLines {
 public:
  LogLines() {
    set_log_sink([this](const LogLine& logged) {
      const std::string_view line = logged.message;
      const std::lock_guard lock(mutex_);
      lines_.emplace_back(line);
      changed_.notify_all();
    });
  }
  ~LogLines() { set_log_sink({}); }
  LogLines(const LogLines&) = delete;
  LogLines& operator=(const LogLines&) = delete;

  bool await(std::string_view text) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, 20s, [&] {
      for (const auto& line : lines_) {
        if (line.find(text) != std::string::npos) return true;
      }
      return false;
    });
  }

  std::vector<std::string> all() {
    const std::lock_guard lock(mutex_);
    return lines_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> lines_;
};

TEST(RedisStartTest, AServerWaitsForARedisThatComesLater) {
  LogLines lines;
  RedisProcess redis;
  redis.kill();
  BrokerWorld world;
  auto& user = world.add(redis_broker({.url = redis.url(), .startup_wait = milliseconds::max()}));
  std::thread later([&] {
    EXPECT_TRUE(lines.await("waiting for it"));
    redis.start();
  });
  EXPECT_EQ(user.start(), "");
  later.join();
  EXPECT_EQ(user.broker().fault(), "");
  EXPECT_THAT(lines.all(), ElementsAre(AllOf(HasSubstr("Redis is not there yet"),
                                             HasSubstr("Connection refused")),
                                       HasSubstr("Redis is there: " + redis.address())));
}

TEST(RedisStartTest, ItWaitsForASocketAndANameThatAreNotThereYet) {
  const ScratchFolder folder;
  const std::string socket = (folder.path() / "none.sock").string();
  for (const auto& url : {"unix://" + socket, std::string("redis://no-such-host.invalid")}) {
    BrokerWorld world;
    auto& user = world.add(redis_broker({.url = url, .startup_wait = 1h}));
    bool over = false;
    user.broker().start(user, [&](const auto&) { over = true; });
    world.run_until([&] { return !user.broker().fault().empty() && over; }, 1s);
    EXPECT_FALSE(over) << url;
    user.stop();
    EXPECT_TRUE(over);
  }
}

TEST(RedisStartTest, ItFailsWithTheReasonWhenTheWaitIsOver) {
  BrokerWorld world;
  auto& user = world.add(redis_broker(
      {.url = "redis://127.0.0.1:" + std::to_string(free_port()), .startup_wait = 700ms}));
  const auto begin = steady_clock::now();
  EXPECT_THAT(user.start(), HasSubstr("Connection refused"));
  EXPECT_GE(steady_clock::now() - begin, 700ms);
}

TEST(RedisStartTest, WhatWaitingDoesNotMendFailsAtOnce) {
  const RedisProcess redis(
      {.lines = {"requirepass secret", "user narrow on >secret resetchannels +@all"}});
  const auto begin = steady_clock::now();
  for (const auto& [login, words] : std::vector<std::pair<std::string, std::string>>{
           {":wrong@", "WRONGPASS"}, {"", "NOAUTH"}, {"narrow:secret@", "NOPERM"}}) {
    BrokerWorld world;
    auto& user =
        world.add(redis_broker({.url = "redis://" + login + redis.address(), .startup_wait = 1h}));
    EXPECT_THAT(user.start(), HasSubstr(words));
  }
  EXPECT_LT(steady_clock::now() - begin, 15s);
}

TEST(RedisStartTest, AnEmitterWaitsForARedisThatComesLater) {
  LogLines lines;
  RedisProcess redis;
  redis.kill();
  Emitter emitter({.redis = RedisOptions{.url = redis.url(), .startup_wait = 1h}});
  std::thread later([&] {
    EXPECT_TRUE(lines.await("waiting for it"));
    redis.start();
  });
  EXPECT_NO_THROW(emitter.configure());
  later.join();
  EXPECT_EQ(lines.all().size(), 2u);
  std::error_code error = Errc::stopped;
  EXPECT_FALSE(emitter.broadcast(
      {.event = "e", .on_result = [&](const EmitResult& it) { error = it.error; }}));
  EXPECT_TRUE(emitter.flush(20s));
  EXPECT_FALSE(error);
}

TEST(RedisStartTest, AnEmitterThatWaitsCanBeShutDown) {
  LogLines lines;
  Emitter emitter({.redis = RedisOptions{.url = "redis://127.0.0.1:" + std::to_string(free_port()),
                                         .startup_wait = milliseconds::max()}});
  std::thread other([&] {
    EXPECT_TRUE(lines.await("waiting for it"));
    emitter.shutdown();
  });
  EXPECT_THROW(emitter.configure(), std::system_error);
  other.join();
}

TEST(RedisStartTest, AnEmitterWithAWrongPasswordDoesNotWait) {
  const RedisProcess redis({.lines = {"requirepass secret"}});
  Emitter emitter({.redis = RedisOptions{.url = "redis://:password@" + redis.address(),
                                         .startup_wait = milliseconds::max()}});
  try {
    emitter.configure();
    FAIL();
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), HasSubstr("WRONGPASS invalid username-password pair"));
  }
}

}  // namespace
}  // namespace wscast::test
