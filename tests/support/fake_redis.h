#pragma once

#include <cstddef>
#include <memory>
#include <set>
#include <string>
#include <string_view>

namespace boost::asio {
class io_context;
}

namespace wscast::test {

/// As much of a Redis as Pub/Sub needs, on the loop of the test, and misbehaving as the test wants.
class FakeRedis {
 public:
  explicit FakeRedis(boost::asio::io_context& loop);
  ~FakeRedis();
  FakeRedis(const FakeRedis&) = delete;
  FakeRedis& operator=(const FakeRedis&) = delete;

  std::string url() const;

  /// False: it takes connections, and says nothing on them.
  void answer(bool answers);

  /// Drops what is sent to connections with that name (CLIENT SETNAME) from now on; not to those
  /// that are made later.
  void silence(std::string_view name);

  /// While it holds, each SUBSCRIBE and UNSUBSCRIBE waits, channel by channel, for take_next().
  void hold(bool holds);
  std::size_t held() const;
  bool take_next();

  /// Returns how many it was sent to.
  std::size_t publish(std::string_view channel, std::string_view payload);

  /// Sends `bytes` on each connection with that name.
  void say(std::string_view name, std::string_view bytes);

  std::set<std::string> subscribed() const;

  /// How many connections were ever named so.
  std::size_t connected(std::string_view name) const;

 private:
  class Session;
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace wscast::test
