#pragma once

#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include "support/fake_redis.h"

namespace wscast::test {

/// A FakeRedis with a thread of its own, for tests of whole servers. Any thread.
class FakeRedisThread {
 public:
  FakeRedisThread() : redis_(std::in_place, loop_), url_(redis_->url()) {
    thread_ = std::thread([this] { loop_.run(); });
  }
  ~FakeRedisThread() {
    die();
    work_.reset();
    thread_.join();
  }
  FakeRedisThread(const FakeRedisThread&) = delete;
  FakeRedisThread& operator=(const FakeRedisThread&) = delete;

  const std::string& url() const { return url_; }

  /// Closes all connections, and its port, for good; returns when that is done.
  void die() {
    run([this] { redis_.reset(); });
  }

  /// FakeRedis::answer(), as long as it lives.
  void answer(bool answers) {
    run([this, answers] {
      if (redis_) redis_->answer(answers);
    });
  }

 private:
  void run(const std::function<void()>& act) {
    const auto done = std::make_shared<std::promise<void>>();
    boost::asio::post(loop_, [&act, done] {
      act();
      done->set_value();
    });
    done->get_future().wait();
  }

  boost::asio::io_context loop_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_ =
      boost::asio::make_work_guard(loop_);
  std::optional<FakeRedis> redis_;
  const std::string url_;
  std::thread thread_;
};

}  // namespace wscast::test
