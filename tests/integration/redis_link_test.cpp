#include <array>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "broker/redis/command.h"
#include "broker/redis/link.h"
#include "support/redis_process.h"

namespace wscast::redis {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;
using test::RedisProcess;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr auto kPatience = 20s;

std::string text_of(const Reply& reply) {
  switch (reply.kind) {
    case Reply::Kind::integer:
      return std::to_string(reply.integer);
    case Reply::Kind::array: {
      std::string text;
      for (const Reply& element : reply.elements) text += text_of(element) + ' ';
      return text;
    }
    default:
      return std::string(reply.text);
  }
}

std::string command(std::initializer_list<std::string_view> words) {
  std::string text;
  append_command(text, std::span(words.begin(), words.size()));
  return text;
}

/// A link on a loop in the test's thread, and what it was told.
class LinkWorld : public Link::Handler {
 public:
  explicit LinkWorld(const std::string& url) { options_.url = url; }
  ~LinkWorld() override { link_.reset(); }

  RedisOptions& options() { return options_; }
  Link& link() { return *link_; }

  void start() {
    std::string fault;
    const auto url = parse_redis_url(options_.url, fault);
    ASSERT_TRUE(url) << fault;
    link_.emplace(loop_, options_, *url, "sub", system_random(), *this);
    link_->start();
    EXPECT_EQ(calls_, 0);  // Nothing is told inside a call.
  }

  /// Turns the loop until `holds`; false when that takes too long.
  bool run_until(const std::function<bool()>& holds) {
    const auto give_up = steady_clock::now() + kPatience;
    while (!holds() && steady_clock::now() < give_up) {
      loop_.restart();
      loop_.run_one_until(give_up);
    }
    return holds();
  }

  bool await_ready() {
    const int seen = readies_;
    return run_until([&] { return readies_ > seen; });
  }

  bool await_lost() {
    const std::size_t seen = losses_.size();
    return run_until([&] { return losses_.size() > seen; });
  }

  std::string ask(std::initializer_list<std::string_view> words) {
    const std::size_t seen = replies_.size();
    link_->send(command(words));
    run_until([&] { return replies_.size() > seen; });
    return replies_.back();
  }

  /// Whatever is ready now, and what comes within `time`.
  void run_for(std::chrono::milliseconds time) {
    loop_.restart();
    loop_.run_for(time);
  }

  void on_ready() override {
    ++calls_;
    ++readies_;
    EXPECT_TRUE(link_->ready());
    EXPECT_EQ(link_->status(), "ready");
    if (when_ready) when_ready();
  }

  void on_reply(const Reply& reply) override {
    ++calls_;
    replies_.push_back(text_of(reply));
    if (when_reply) when_reply();
  }

  void on_lost(bool was_ready, const std::string& why) override {
    ++calls_;
    EXPECT_FALSE(link_->ready());
    EXPECT_EQ(link_->status(), "reconnecting");
    losses_.push_back((was_ready ? "lost " : "refused ") + why);
    if (when_lost) when_lost();
  }

  std::function<void()> when_ready{};
  std::function<void()> when_reply{};
  std::function<void()> when_lost{};

  boost::asio::io_context loop_{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO};
  RedisOptions options_;
  std::optional<Link> link_;
  int calls_ = 0;
  int readies_ = 0;
  std::vector<std::string> replies_;
  std::vector<std::string> losses_;
};

TEST(RedisLinkTest, ItConnectsNamesItselfAndCarriesCommandsAndReplies) {
  RedisProcess redis;
  LinkWorld world(redis.url());
  world.start();
  EXPECT_EQ(world.link().status(), "connecting");
  EXPECT_FALSE(world.link().ready());
  ASSERT_TRUE(world.await_ready());
  EXPECT_EQ(world.link().peer(), redis.address());
  EXPECT_EQ(world.ask({"CLIENT", "GETNAME"}), "wscast-sub");
  EXPECT_EQ(world.ask({"SET", "key", "value"}), "OK");
  EXPECT_EQ(world.ask({"GET", "key"}), "value");
  EXPECT_EQ(world.ask({"INCR", "number"}), "1");
  EXPECT_THAT(world.losses_, testing::IsEmpty());
}

}  // namespace
}  // namespace wscast::redis
