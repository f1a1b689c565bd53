#include "net/poller.h"

#include <sys/epoll.h>

#include <cerrno>
#include <system_error>

namespace wscast::net {
namespace {

std::uint32_t events_of(Interest interest) {
  return (interest.read ? EPOLLIN : 0u) | (interest.write ? EPOLLOUT : 0u) |
         (interest.end ? EPOLLRDHUP : 0u);
}

int control(int epoll, int operation, int descriptor, Connection& connection, Interest interest) {
  epoll_event event{};
  event.events = events_of(interest);
  event.data.ptr = &connection;
  return ::epoll_ctl(epoll, operation, descriptor, &event) == 0 ? 0 : errno;
}

}  // namespace

Poller::Poller() : epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
  if (!epoll_) throw std::system_error(errno, std::generic_category(), "epoll_create1");
}

int Poller::add(int descriptor, Connection& connection) {
  return control(epoll_.get(), EPOLL_CTL_ADD, descriptor, connection, Interest{});
}

void Poller::change(int descriptor, Connection& connection, Interest interest) {
  control(epoll_.get(), EPOLL_CTL_MOD, descriptor, connection, interest);
}

std::span<const Ready> Poller::wait() {
  std::array<epoll_event, kBatch> events;
  const int count = ::epoll_wait(epoll_.get(), events.data(), kBatch, 0);
  for (int i = 0; i < count; ++i) {
    const std::uint32_t bits = events[static_cast<std::size_t>(i)].events;
    const bool broken = (bits & (EPOLLERR | EPOLLHUP)) != 0;
    ready_[static_cast<std::size_t>(i)] = {
        .connection = static_cast<Connection*>(events[static_cast<std::size_t>(i)].data.ptr),
        .readable = (bits & EPOLLIN) != 0,
        .writable = (bits & EPOLLOUT) != 0,
        .peer_ended = broken || (bits & EPOLLRDHUP) != 0};
  }
  return std::span(ready_).first(static_cast<std::size_t>(count > 0 ? count : 0));
}

}  // namespace wscast::net
