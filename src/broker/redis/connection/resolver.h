#pragma once

#include <sys/socket.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "broker/redis/discovery/redis_url.h"

namespace boost::asio {
class io_context;
}

namespace wscast::redis {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

/// Returns the address of a Unix socket or IP literal; nothing for a name, or for too long a path.
std::optional<SocketAddress> address_of(const Host& host);

/// Resolves host names on detached threads: with Asio's own resolver the loop's destructor waits
/// for an unresponsive name server. Loop thread only.
class Resolver {
 public:
  using Done = std::function<void(std::vector<SocketAddress> addresses, const std::string& fault)>;

  explicit Resolver(boost::asio::io_context& loop);
  ~Resolver();
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  /// Calls `done` from the loop, unless resolve() or cancel() is called before.
  void resolve(const Host& host, Done done);
  void cancel();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace wscast::redis
