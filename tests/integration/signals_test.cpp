// The program's signals, and the library's threads.

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <pthread.h>
#include <set>
#include <string>
#include <unistd.h>
#include <vector>

#include <gtest/gtest.h>

#include "wscast/emitter.h"
#include "wscast/redis.h"

#include "integration/server_fixture.h"
#include "support/fake_redis_thread.h"

namespace wscast {
namespace {

std::atomic<pid_t> handled_by = 0;

void note_thread(int) {
  handled_by = gettid();
}

class Handler {
 public:
  Handler(int signal, void (*handler)(int)) : signal_(signal) {
    struct sigaction action {};
    action.sa_handler = handler;
    action.sa_flags = SA_RESTART | SA_ONSTACK;
    sigaction(signal, &action, &before_);
  }
  ~Handler() { sigaction(signal_, &before_, nullptr); }
  Handler(const Handler&) = delete;
  Handler& operator=(const Handler&) = delete;

 private:
  int signal_;
  struct sigaction before_ {};
};

std::set<std::string> threads() {
  std::set<std::string> all;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/task")) {
    all.insert(entry.path().filename());
  }
  return all;
}

/// Blocked signals of a thread, the lowest in the lowest bit.
std::uint64_t blocked(const std::string& thread) {
  std::ifstream status("/proc/self/task/" + thread + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("SigBlk:")) return std::stoull(line.substr(7), nullptr, 16);
  }
  ADD_FAILURE() << "no thread " << thread;
  return 0;
}

bool has(std::uint64_t set, int signal) {
  return (set >> (signal - 1) & 1) != 0;
}

TEST(Signals, EachThreadOfTheLibraryBlocksTheProgramsAndNoOthers) {
  test::FakeRedisThread redis;
  const auto others = threads();  // The test's own.
  ServerFixture fixture(
      2, [&](ServerOptions& options) { options.broker = redis_broker({.url = redis.url()}); });
  Emitter emitter({.redis = RedisOptions{.url = redis.url()}});
  emitter.configure();
  std::size_t found = 0;
  for (const auto& thread : threads()) {
    if (others.contains(thread)) continue;
    ++found;
    const auto set = blocked(thread);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGCHLD, SIGUSR1, SIGUSR2, SIGALRM,
                             SIGPIPE, SIGIO, SIGRTMIN, SIGRTMAX}) {
      EXPECT_TRUE(has(set, signal)) << "signal " << signal;
    }
    for (const int signal :
         {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS, SIGPROF, SIGVTALRM}) {
      EXPECT_FALSE(has(set, signal)) << "signal " << signal;
    }
  }
  EXPECT_EQ(found, 4u) << "two shards, one that stops them, one of the emitter";
}

TEST(Signals, AProfilersSignalReachesAShardsThread) {
  const Handler handler(SIGPROF, note_thread);
  std::atomic<pid_t> shard = 0;
  std::atomic<pthread_t> thread{};
  ServerFixture fixture(1, [&](ServerOptions& options) {
    options.hooks.message = [&](const ClientMessage&) {
      thread = pthread_self();
      shard = gettid();
    };
  });
  const Peer peer = fixture.peer("alice");
  peer.send("who");
  ServerFixture::await([&] { return shard != 0; });
  handled_by = 0;
  EXPECT_EQ(pthread_kill(thread, SIGPROF), 0);
  ServerFixture::await([&] { return handled_by == shard; });
}

TEST(Signals, ASigtermGoesToTheProgramsThread) {
  const Handler handler(SIGTERM, note_thread);
  const ServerFixture fixture(3);
  for (int i = 0; i < 20; ++i) {
    handled_by = 0;
    EXPECT_EQ(kill(getpid(), SIGTERM), 0);
    ServerFixture::await([] { return handled_by != 0; });
    EXPECT_EQ(handled_by, getpid());
  }
}

[[noreturn]] void crash_handler(int) {
  _exit(42);
}

/// As a crash reporter has it: on a stack of its own.
void crash_in_a_hook() {
  static std::vector<char> stack(64 * 1024);
  const Handler handler(SIGSEGV, crash_handler);
  ServerFixture fixture(1, [](ServerOptions& options) {
    options.hooks.message = [](const ClientMessage&) {
      const stack_t own{.ss_sp = stack.data(), .ss_flags = 0, .ss_size = stack.size()};
      sigaltstack(&own, nullptr);
      *reinterpret_cast<volatile int*>(std::uintptr_t{64}) = 1;
    };
  });
  fixture.peer("alice").send("crash");
  for (;;) pause();
}

TEST(Signals, ACrashHandlerSeesACrashInAHook) {
  testing::GTEST_FLAG(death_test_style) = "threadsafe";
  EXPECT_EXIT(crash_in_a_hook(), testing::ExitedWithCode(42), "");
}

}  // namespace
}  // namespace wscast
