#include "net/poller.h"

#include <sys/epoll.h>

#include <cerrno>
#include <system_error>

namespace wscast::net {
namespace {

constexpr unsigned kSlotBits = 32;
constexpr PollKey kNested{.slot = ~std::uint32_t{0}, .generation = ~std::uint32_t{0}};

std::uint32_t events_of(Interest interest) {
  return (interest.read ? EPOLLIN : 0u) | (interest.write ? EPOLLOUT : 0u) |
         (interest.end ? EPOLLRDHUP : 0u);
}

std::uint64_t to_number(PollKey key) {
  return std::uint64_t{key.generation} << kSlotBits | key.slot;
}

PollKey to_key(std::uint64_t number) {
  return {.slot = static_cast<std::uint32_t>(number),
          .generation = static_cast<std::uint32_t>(number >> kSlotBits)};
}

int control(int epoll, int operation, int descriptor, PollKey key, Interest interest) {
  epoll_event event{};
  event.events = events_of(interest);
  event.data.u64 = to_number(key);
  return ::epoll_ctl(epoll, operation, descriptor, &event) == 0 ? 0 : errno;
}

Ready to_ready(const epoll_event& event) {
  const bool broken = (event.events & (EPOLLERR | EPOLLHUP)) != 0;
  return {.key = to_key(event.data.u64),
          .readable = (event.events & EPOLLIN) != 0,
          .writable = (event.events & EPOLLOUT) != 0,
          .peer_ended = broken || (event.events & EPOLLRDHUP) != 0,
          .broken = broken};
}

}  // namespace

Poller::Poller() : epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
  if (!epoll_) throw std::system_error(errno, std::generic_category(), "epoll_create1");
}

void Poller::nest(const Poller& nested) {
  const int error = add(nested.descriptor(), kNested);
  if (error != 0) throw std::system_error(error, std::generic_category(), "epoll_ctl");
}

int Poller::add(int descriptor, PollKey key, Interest interest) {
  return control(epoll_.get(), EPOLL_CTL_ADD, descriptor, key, interest);
}

void Poller::change(int descriptor, PollKey key, Interest interest) {
  control(epoll_.get(), EPOLL_CTL_MOD, descriptor, key, interest);
}

void Poller::remove(int descriptor) {
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, descriptor, nullptr);
}

std::span<const Ready> Poller::wait() {
  std::array<epoll_event, kBatch> events;
  const int count = ::epoll_wait(epoll_.get(), events.data(), kBatch, 0);
  std::size_t size = 0;
  for (int i = 0; i < count; ++i) {
    ready_[size] = to_ready(events[static_cast<std::size_t>(i)]);
    if (ready_[size].key == kNested) {
      nested_ready_ = true;
    } else {
      ++size;
    }
  }
  return std::span(ready_).first(size);
}

}  // namespace wscast::net
