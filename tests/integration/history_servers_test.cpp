// Servers with rooms with history on a real Redis that stays: whatever happens to the servers and
// their connections, each member gets every message, in order and once (protocol.md H3, H5, H6).

#include "integration/history_servers.h"

#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <future>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "integration/history_member.h"
#include "integration/server_fixture.h"
#include "support/redis_process.h"

namespace wscast {
namespace {

using test::RedisProcess;

/// A server in a process of its own, made before this one has threads.
class ServerProcess {
 public:
  ServerProcess() {
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends_.data()) != 0 || (pid_ = ::fork()) < 0)
      throw std::runtime_error("no process");
    if (pid_ == 0) serve();
    ::close(ends_[1]);
  }
  ~ServerProcess() {
    if (pid_ > 0) kill();
    ::close(ends_[0]);
  }
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  /// Returns its address.
  std::string start(const std::string& url) {
    EXPECT_GT(::write(ends_[0], url.data(), url.size()), 0);
    return read(ends_[0]);
  }

  /// SIGKILL; returns when it is gone.
  void kill() {
    ::kill(pid_, SIGKILL);
    ::waitpid(std::exchange(pid_, 0), nullptr, 0);
  }

 private:
  /// The child's; it ends with its parent.
  [[noreturn]] void serve() {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::close(ends_[0]);
    const std::string url = read(ends_[1]);
    if (url.empty()) ::_exit(0);
    const auto server = make_server(url, "process");
    if (::write(ends_[1], server->address().data(), server->address().size()) > 0) ::pause();
    ::_exit(0);
  }

  static std::string read(int from) {
    std::string text(256, '\0');
    text.resize(
        static_cast<std::size_t>(std::max<ssize_t>(::read(from, text.data(), text.size()), 0)));
    return text;
  }

  std::array<int, 2> ends_{};  ///< The parent's and the child's.
  pid_t pid_ = 0;
};

TEST_F(HistoryServers, H3HaveOneOrder) {
  const RedisProcess redis;
  start(redis.url());
  std::vector<std::future<PublishResult>> results;
  for (int i = 0; i < 200; ++i)
    for (auto* server : {here_.get(), there_.get()}) results.push_back(published_.send(*server));
  for (auto& result : results) EXPECT_EQ(result.get().backplane, Backplane::ok);
  for (HistoryMember* member : {&alice_, &bob_}) {
    member->read_until([&] { return member->seen().size() == results.size(); });
    published_.check(*member);
  }
  for (std::size_t i = 0; i < results.size(); ++i) {
    EXPECT_EQ(alice_.seen()[i].data, bob_.seen()[i].data);
    EXPECT_EQ(plain_.next(), message("n", std::to_string(bob_.seen()[i].data)));
  }
  expect_losses(0);
}

TEST_F(HistoryServers, H5AClientThatMovesBetweenThemMissesNothing) {
  const RedisProcess redis;
  start(redis.url());
  {
    const Publishing publishing(published_, *here_, *there_);
    for (int i = 1; i <= 20; ++i) {
      alice_.read_to(published_.last() + 5);
      alice_.disconnect();
      ServerFixture::await([&, last = published_.last()] { return published_.last() > last + 5; });
      alice_.connect(i % 2 == 0 ? *here_ : *there_);
    }
  }
  expect_complete();
  expect_losses(0);
  EXPECT_EQ(here_->count(Counter::history_recovered) + there_->count(Counter::history_recovered),
            20u);
}

TEST(HistoryServerProcess, H5ClientsOfAServerThatIsKilledGoOnAtAnother) {
  ServerProcess killed;
  const RedisProcess redis;
  const std::string address = killed.start(redis.url());
  const auto there = make_server(redis.url(), "there");
  Publications published;
  HistoryMember alice("alice", kOrders);
  HistoryMember bob("bob", kOrders);
  alice.connect(address);
  bob.connect(*there);
  HistoryMember speaker("speaker", "orders-2");
  speaker.connect(address);
  int said = 0;
  const auto speak = [&](int count) {
    for (int i = 0; i < count; ++i) speaker.say(kOrders, ++said);
  };
  speak(50);
  alice.read_to(50);
  speak(1'000);
  bob.read_to(51);
  killed.kill();
  alice.read_to_end();
  alice.connect(*there);
  published.publish(*there, 1);
  for (HistoryMember* member : {&alice, &bob}) {
    member->read_until([&] { return member->position() == published.position(); });
    EXPECT_TRUE(member->losses().empty());
  }
  ASSERT_EQ(alice.seen().size(), bob.seen().size());
  for (std::size_t i = 0; i < alice.seen().size(); ++i)
    EXPECT_EQ(alice.seen()[i].data, bob.seen()[i].data);
}

/// Of the connections to Redis of one server, those with these names are killed while messages are
/// published.
class LostConnections : public HistoryServers, public testing::WithParamInterface<const char*> {
 protected:
  static std::string id_of(const RedisProcess& redis, const std::string& name) {
    std::istringstream clients(redis.call({"CLIENT", "LIST"}));
    for (std::string line; std::getline(clients, line);) {
      if (line.find("name=" + name + ' ') == std::string::npos) continue;
      return line.substr(3, line.find(' ') - 3);
    }
    return "";
  }
};

TEST_P(LostConnections, H6CostNobodyAnything) {
  const RedisProcess redis;
  start(redis.url());
  std::istringstream names(GetParam());
  std::size_t count = 0;
  {
    const Publishing publishing(published_, *here_, *here_);
    alice_.read_to(10);
    for (std::string name; names >> name; ++count)
      EXPECT_EQ(redis.call({"CLIENT", "KILL", "ID", id_of(redis, name)}), "1") << name;
    ServerFixture::await(
        [&] { return there_->count(Counter::broker_connections_made) >= 2 + count; });
  }
  expect_complete();
  expect_losses(0);
  EXPECT_GT(there_->count(Counter::history_caught_up), 0u);
}

INSTANTIATE_TEST_SUITE_P(All, LostConnections, testing::Values("there-sub", "there-sub there-pub"),
                         [](const auto& of) { return of.index == 0 ? "Subscribing" : "Both"; });

}  // namespace
}  // namespace wscast
