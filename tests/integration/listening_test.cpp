// Where a server listens, and who may connect there.

#include <sys/resource.h>
#include <sys/stat.h>

#include <atomic>
#include <chrono>
#include <fcntl.h>
#include <filesystem>
#include <grp.h>
#include <memory>
#include <mutex>
#include <string>
#include <system_error>
#include <unistd.h>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wscast/log.h"

#include "integration/server_fixture.h"
#include "support/redis_process.h"

namespace wscast {
namespace {

using client::BlockingClient;
using testing::HasSubstr;

class UnixSocket : public testing::Test {
 protected:
  struct stat status() const {
    struct stat status {};
    EXPECT_EQ(::lstat(path_.c_str(), &status), 0);
    return status;
  }
  std::string failure(const ListenOptions& options) {
    try {
      server_.server().listen("unix:" + path_, options);
    } catch (const std::system_error& error) {
      return error.what();
    }
    return {};
  }

  const test::ScratchFolder folder_;
  const std::string path_ = folder_.path() / "wscast.sock";
  ServerFixture server_{1};
};

TEST_F(UnixSocket, HasTheModeThatItWasGivenWhateverTheUmask) {
  for (const mode_t mask : {0, 022, 0777}) {
    const mode_t before = ::umask(mask);
    EXPECT_EQ(failure({.unix_mode = 0660}), "");
    ::umask(before);
    EXPECT_EQ(status().st_mode & 07777, 0660u);
    BlockingClient client;
    EXPECT_FALSE(client.connect(endpoint_of("unix:" + path_)));
    std::filesystem::remove(path_);
  }
}

TEST_F(UnixSocket, HasAModeByTheUmaskWithoutOne) {
  const mode_t before = ::umask(027);
  EXPECT_EQ(failure({}), "");
  ::umask(before);
  EXPECT_EQ(status().st_mode & 07777, 0750u);
}

TEST_F(UnixSocket, HasTheGroupThatItWasGiven) {
  const group* own = ::getgrgid(::getgid());
  ASSERT_NE(own, nullptr);
  EXPECT_EQ(failure({.unix_mode = 0660, .unix_group = own->gr_name}), "");
  EXPECT_EQ(status().st_gid, ::getgid());
  std::filesystem::remove(path_);
  if (::geteuid() != 0) return;  // Only root gives files to groups that it is not in.
  EXPECT_EQ(failure({.unix_group = "54321"}), "");
  EXPECT_EQ(status().st_gid, 54321u);
}

TEST_F(UnixSocket, IsNotMadeWhenItsGroupOrModeIsWrong) {
  EXPECT_THAT(failure({.unix_group = "no such group"}), HasSubstr("no group \"no such group\""));
  EXPECT_FALSE(std::filesystem::exists(path_));
  EXPECT_THAT(failure({.unix_mode = 01777}), HasSubstr("0777"));
  EXPECT_FALSE(std::filesystem::exists(path_));
  EXPECT_EQ(failure({}), "");
}

TEST_F(UnixSocket, ThatSomebodyListensOnIsNotReplacedThoughItIsForbidden) {
  EXPECT_EQ(failure({.unix_mode = 0}), "");
  const auto first = status().st_ino;
  EXPECT_THAT(failure({}), HasSubstr("in use"));
  EXPECT_EQ(status().st_ino, first);
}

TEST_F(UnixSocket, IsRemovedWhenTheServerEnds) {
  EXPECT_EQ(failure({}), "");
  server_.server().shutdown();
  server_.server().wait();
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST(Listening, TakesIpv4AtAnIpv6AddressOnlyWhenAsked) {
  std::mutex mutex;
  std::string peer;
  ServerFixture fixture(1, [&](ServerOptions& options) {
    options.transport.max_connections_per_address = 1;
    options.hooks.authenticate = [&](const AuthenticateRequest& request) {
      const std::lock_guard lock(mutex);
      peer = request.socket->remote_address();
      return std::nullopt;
    };
  });
  const auto at_ipv4 = [](const std::string& address) {
    return endpoint_of("127.0.0.1:" + address.substr(address.rfind(':') + 1));
  };
  const auto plain = fixture.server().listen("[::]:0");
  BlockingClient refused;
  EXPECT_TRUE(refused.connect(at_ipv4(plain)));

  const auto both = fixture.server().listen("[::]:0", {.ipv6_only = false});
  EXPECT_THAT(both, testing::StartsWith("[::]:"));
  BlockingClient four;
  ASSERT_FALSE(four.connect(at_ipv4(both)));
  four.send_text(R"({"event":"authenticate"})");
  EXPECT_THAT(four.receive().payload, HasSubstr("Authentication failed"));
  EXPECT_EQ(peer, "127.0.0.1") << "as what it is, in the limit of an address too";
  BlockingClient six;
  EXPECT_FALSE(six.connect(endpoint_of("[::1]" + both.substr(both.rfind(':')))))
      << "another address than the one before";
  BlockingClient second;
  EXPECT_TRUE(second.connect(at_ipv4(both)));
  EXPECT_EQ(second.response().status, 503);
}

TEST(Listening, WithoutDescriptorsOneLineSaysThatItBeginsAndOneThatItIsOver) {
  std::atomic<int> begun = 0;
  std::atomic<int> over = 0;
  set_log_sink([&](const LogLine& logged) {
    const std::string_view line = logged.message;
    if (line.find("no connection can be accepted") != std::string_view::npos) ++begun;
    if (line.find("accepted again") != std::string_view::npos) ++over;
  });
  {
    ServerFixture fixture(1);
    BlockingClient waiting;
    rlimit before{};
    getrlimit(RLIMIT_NOFILE, &before);
    rlimit limit = before;
    rlim_t next = 0;
    while (fcntl(static_cast<int>(next), F_GETFD) != -1) ++next;
    limit.rlim_cur = next + 1;
    setrlimit(RLIMIT_NOFILE, &limit);
    const auto error = waiting.open(endpoint_of(fixture.address()));
    ServerFixture::await([&] { return fixture.count(Counter::accept_failures) >= 5; });
    setrlimit(RLIMIT_NOFILE, &before);
    EXPECT_FALSE(error);
    EXPECT_FALSE(waiting.upgrade());
  }
  set_log_sink(nullptr);
  EXPECT_EQ(begun, 1);
  EXPECT_EQ(over, 1);
}

}  // namespace
}  // namespace wscast
