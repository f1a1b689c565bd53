#pragma once

#include <sys/socket.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "broker/redis/redis_url.h"

namespace boost::asio {
class io_context;
}

namespace wscast::redis {

struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

/// The address of a Unix socket or IP literal; nothing when `host` is a name, or a path too long.
std::optional<Address> address_of(const Host& host);

/// Looks names up on threads that nobody waits for: Asio's own resolver lets the loop's destructor
/// wait for a name server that is mute. Loop thread only.
class Resolver {
 public:
  using Done = std::function<void(std::vector<Address> addresses, const std::string& fault)>;

  explicit Resolver(boost::asio::io_context& loop);
  ~Resolver();
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  /// Calls `done` from the loop, unless this is called again before, or cancel().
  void resolve(const Host& host, Done done);
  void cancel();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace wscast::redis
