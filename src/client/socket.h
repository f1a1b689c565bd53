#pragma once

#include <sys/socket.h>

#include <chrono>
#include <system_error>
#include <utility>
#include <vector>

#include "client/url.h"

namespace wscast::client {

/// Owns a non-blocking socket. One thread at a time.
class Socket {
 public:
  explicit Socket(int fd = -1) : fd_(fd) {}
  Socket(Socket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Socket& operator=(Socket&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Socket() { close(); }

  explicit operator bool() const { return fd_ >= 0; }
  int fd() const { return fd_; }
  void close();

  /// Ends the connection with a reset instead of a FIN.
  void reset();

  /// The result of connecting.
  std::error_code pending_error() const;

  /// Waits for `events` of poll(2). Returns false when `deadline` comes first.
  bool wait(short events, std::chrono::steady_clock::time_point deadline) const;

 private:
  int fd_;
};

/// A resolved endpoint.
struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

/// Returns every address of `endpoint`, in the order to try them; empty when its name is unknown.
std::vector<Address> resolve(const Endpoint& endpoint);

/// Starts connecting, TCP without Nagle's delay. Writable once done; then check pending_error().
Socket start_connect(const Address& address, std::error_code& error);

}  // namespace wscast::client
