// A program that starts processes while it serves: between fork and exec, and for as long as a
// child without exec lives, the child holds all open files, and a socket that the server has
// closed is not really closed.

#include <sys/wait.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <spawn.h>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

#include <gtest/gtest.h>

#include "integration/server_fixture.h"
#include "support/redis_process.h"
#include "support/watchdog.h"

namespace wscast {
namespace {

using client::BlockingClient;

constexpr std::size_t kClients = 10'000;
constexpr std::size_t kAtOnce = 16;
constexpr std::size_t kThreads = 2;

std::size_t clients() {
  const char* given = std::getenv("WSCAST_FORK_CLIENTS");
  return given == nullptr ? kClients : std::stoul(given);
}

/// A child that only holds the files for a while, as a slow fork in a big process does.
void fork_and_linger() {
  const pid_t child = ::fork();
  if (child == 0) {
    ::usleep(20'000);
    ::_exit(0);
  }
  ASSERT_GT(child, 0);
  int status = 0;
  ::waitpid(child, &status, 0);
}

void spawn() {
  std::string path = "/bin/true";
  char* const arguments[] = {path.data(), nullptr};
  pid_t child = 0;
  ASSERT_EQ(::posix_spawn(&child, path.c_str(), nullptr, nullptr, arguments, environ), 0);
  int status = 0;
  ::waitpid(child, &status, 0);
}

void start_processes(const std::atomic<bool>& over) {
  while (!over) {
    fork_and_linger();
    EXPECT_EQ(std::system("true"), 0);
    spawn();
  }
}

/// Clients of one thread: so many at once come, talk, and leave in each of the ways there are.
void come_and_go(const client::Endpoint& endpoint, std::size_t count) {
  std::size_t leaving = 0;
  for (std::size_t done = 0; done < count; done += kAtOnce) {
    std::vector<std::unique_ptr<BlockingClient>> all;
    for (std::size_t i = 0; i < std::min(kAtOnce, count - done); ++i) {
      all.push_back(std::make_unique<BlockingClient>());
      ASSERT_FALSE(all.back()->connect(endpoint));
    }
    for (const auto& one : all) one->send_text("nonsense");
    for (const auto& one : all) {
      ASSERT_EQ(one->receive().payload, error_message("Invalid message format"));
    }
    for (const auto& one : all) {
      switch (leaving++ % 3) {
        case 0:
          one->send_close(1000);
          break;
        case 1:
          one->reset();
          break;
        default:
          one->close();
      }
    }
  }
}

TEST(Processes, MayBeStartedWhileClientsComeAndGo) {
  const test::Watchdog watchdog("clients beside processes", std::chrono::seconds(280));
  const test::ScratchFolder folder;
  ServerFixture fixture(2);
  const std::string path = fixture.server().listen("unix:" + (folder.path() / "s").string());
  const auto idle = fixture.peer("idle");
  std::atomic<bool> over = false;
  std::thread starting([&] { start_processes(over); });
  std::vector<std::thread> coming;
  for (std::size_t i = 0; i < kThreads; ++i) {
    // TCP ports are few, and wait for a minute after each connection.
    const auto endpoint = endpoint_of(i % 2 == 0 ? fixture.address() : path);
    coming.emplace_back([endpoint] { come_and_go(endpoint, clients() / kThreads); });
  }
  for (auto& thread : coming) thread.join();
  over = true;
  starting.join();
  EXPECT_TRUE(fixture.server().send_to_client({.client_id = idle.id, .event = "still here"}));
  EXPECT_EQ(idle.next(), R"({"event":"still here"})");
  ServerFixture::await([&] { return fixture.server().client_count() == 1; });
}

}  // namespace
}  // namespace wscast
