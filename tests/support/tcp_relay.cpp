#include "support/tcp_relay.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <poll.h>
#include <utility>
#include <vector>

namespace wscast::test {
namespace {

using client::Socket;

/// Passes on what came; false at the end of either.
bool pass(const Socket& from, const Socket& to) {
  std::array<char, 64 * 1024> buffer;
  const ssize_t size = ::recv(from.fd(), buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (size <= 0) return size < 0 && errno == EAGAIN;
  for (ssize_t sent = 0; sent < size;) {
    const ssize_t more = ::send(to.fd(), buffer.data() + sent,
                                static_cast<std::size_t>(size - sent), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (more > 0) {
      sent += more;
    } else if (errno != EAGAIN ||
               !to.wait(POLLOUT, std::chrono::steady_clock::now() + std::chrono::seconds(5))) {
      return false;
    }
  }
  return true;
}

}  // namespace

TcpRelay::TcpRelay(client::Endpoint server)
    : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)),
      wake_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)),
      server_(std::move(server)) {
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(name);
  (void)::bind(listener_.fd(), reinterpret_cast<sockaddr*>(&name), size);
  ::listen(listener_.fd(), 64);
  ::getsockname(listener_.fd(), reinterpret_cast<sockaddr*>(&name), &size);
  port_ = ntohs(name.sin_port);
  thread_ = std::thread([this] { run(); });
}

TcpRelay::~TcpRelay() {
  {
    const std::lock_guard lock(mutex_);
    over_ = true;
  }
  wake();
  thread_.join();
}

void TcpRelay::lead(client::Endpoint server) {
  const std::lock_guard lock(mutex_);
  server_ = std::move(server);
}

void TcpRelay::cut() {
  order(cut_);
}

void TcpRelay::block() {
  order(block_);
}

void TcpRelay::order(bool& flag) {
  std::unique_lock lock(mutex_);
  flag = true;
  wake();
  obeyed_.wait(lock, [&] { return !flag; });
}

void TcpRelay::wake() {
  ::eventfd_write(wake_.fd(), 1);
}

/// False: it is over.
bool TcpRelay::obey() {
  eventfd_t count = 0;
  ::eventfd_read(wake_.fd(), &count);
  const std::lock_guard lock(mutex_);
  if (std::exchange(cut_, false)) {
    for (auto& pair : pairs_) {
      pair.near.reset();
      pair.far.reset();
    }
    pairs_.clear();
  }
  if (std::exchange(block_, false)) {
    for (auto& pair : pairs_) pair.blocked = true;
  }
  obeyed_.notify_all();
  return !over_;
}

void TcpRelay::accept() {
  Socket near(::accept4(listener_.fd(), nullptr, nullptr, SOCK_CLOEXEC));
  if (!near) return;
  client::Endpoint server;
  {
    const std::lock_guard lock(mutex_);
    server = server_;
  }
  const auto addresses = client::resolve(server);
  std::error_code error;
  Socket far = client::start_connect(addresses.at(0), error);
  const auto soon = std::chrono::steady_clock::now() + std::chrono::seconds(5);
  if (error || !far.wait(POLLOUT, soon) || far.pending_error()) return near.reset();
  pairs_.push_back({std::move(near), std::move(far)});
}

void TcpRelay::run() {
  while (obey()) {
    std::vector<pollfd> events{{.fd = wake_.fd(), .events = POLLIN, .revents = 0},
                               {.fd = listener_.fd(), .events = POLLIN, .revents = 0}};
    for (const auto& pair : pairs_) {
      for (const Socket* socket : {&pair.near, &pair.far}) {
        events.push_back({.fd = pair.blocked ? -1 : socket->fd(), .events = POLLIN, .revents = 0});
      }
    }
    ::poll(events.data(), events.size(), -1);
    std::size_t at = 2;
    for (auto pair = pairs_.begin(); pair != pairs_.end(); at += 2) {
      const bool ended = (events[at].revents != 0 && !pass(pair->near, pair->far)) ||
                         (events[at + 1].revents != 0 && !pass(pair->far, pair->near));
      pair = ended ? pairs_.erase(pair) : std::next(pair);
    }
    if (events[1].revents != 0) accept();
  }
}

}  // namespace wscast::test
