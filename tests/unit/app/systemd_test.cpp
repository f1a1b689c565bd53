#include "systemd.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <poll.h>
#include <string>
#include <unistd.h>

#include <gtest/gtest.h>

namespace wscast::program {
namespace {

using namespace std::chrono_literals;

/// The socket on which systemd would listen, and its environment.
class SystemdTest : public testing::Test {
 protected:
  SystemdTest() {
    char name[] = "/tmp/wscast-systemd-XXXXXX";
    folder_ = ::mkdtemp(name);
    sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
    const std::string path = folder_ + "/notify";
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    EXPECT_EQ(::bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
  }
  ~SystemdTest() override {
    ::unsetenv("NOTIFY_SOCKET");
    ::unsetenv("WATCHDOG_USEC");
    ::close(socket_);
    std::filesystem::remove_all(folder_);
  }

  /// What came next; empty if nothing comes in that time.
  std::string next(std::chrono::milliseconds patience = 5'000ms) const {
    pollfd ready{.fd = socket_, .events = POLLIN, .revents = 0};
    if (::poll(&ready, 1, static_cast<int>(patience.count())) != 1) return {};
    std::array<char, 4096> bytes{};
    const ssize_t size = ::recv(socket_, bytes.data(), bytes.size(), 0);
    return {bytes.data(), static_cast<std::size_t>(size)};
  }

  const int socket_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  std::string folder_;
};

TEST_F(SystemdTest, SaysWhatItIsDoingAndWhenItIsReady) {
  Systemd systemd;
  Systemd::starting("Waiting for Redis");
  EXPECT_EQ(next(), "STATUS=Waiting for Redis");
  systemd.ready([] { return true; }, [] { return std::string("3 clients"); });
  EXPECT_EQ(next(), "READY=1");
  EXPECT_EQ(next(), "STATUS=3 clients");
  EXPECT_EQ(next(50ms), "") << "the unit has no watchdog";
}

TEST_F(SystemdTest, IsAliveWhileItIsHealthy) {
  ::setenv("WATCHDOG_USEC", "100000", 1);
  std::atomic<bool> healthy = true;
  Systemd systemd;
  systemd.ready([&] { return healthy.load(); }, [] { return std::string("well"); });
  EXPECT_EQ(next(), "READY=1");
  EXPECT_EQ(next(), "STATUS=well");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(next(), "WATCHDOG=1");
  healthy = false;
  while (!next(500ms).empty()) {
  }
  healthy = true;
  EXPECT_EQ(next(), "WATCHDOG=1");
}

TEST_F(SystemdTest, AReloadBeginsWithItsTimeAndEndsWithReady) {
  bool reloaded = false;
  Systemd::reloading([&] { reloaded = true; });
  EXPECT_TRUE(reloaded);
  const std::string begin = next();
  const std::string prefix = "RELOADING=1\nMONOTONIC_USEC=";
  ASSERT_TRUE(begin.starts_with(prefix)) << begin;
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  const std::chrono::microseconds said(std::stoll(begin.substr(prefix.size())));
  EXPECT_LE(said, now);
  EXPECT_GT(said + 60s, now);
  EXPECT_EQ(next(), "READY=1");
}

TEST_F(SystemdTest, AsksForTheTimeThatStoppingTakes) {
  Systemd systemd;
  systemd.ready([] { return true; }, [] { return std::string("well"); });
  EXPECT_EQ(next(), "READY=1");
  EXPECT_EQ(next(), "STATUS=well");
  systemd.stopping("Draining", 12'500ms);
  EXPECT_EQ(next(), "STOPPING=1\nSTATUS=Draining\nEXTEND_TIMEOUT_USEC=12500000");
}

TEST_F(SystemdTest, WithoutSystemdNothingIsSent) {
  ::unsetenv("NOTIFY_SOCKET");
  Systemd systemd;
  Systemd::starting("anything");
  systemd.ready([] { return true; }, [] { return std::string("well"); });
  bool reloaded = false;
  Systemd::reloading([&] { reloaded = true; });
  EXPECT_TRUE(reloaded);
  systemd.stopping("Draining", 1s);
  EXPECT_EQ(next(50ms), "");
}

}  // namespace
}  // namespace wscast::program
