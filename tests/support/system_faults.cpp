#include "support/system_faults.h"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <atomic>
#include <cerrno>
#include <mutex>
#include <unistd.h>
#include <utility>

namespace wscast::test {
namespace {

constexpr int kNone = -1;

thread_local bool watched_thread = false;

std::mutex mutex;  // Guards what follows.
PlannedFault plan;
bool awaits_victim = false;
int victim = kNone;  ///< Its descriptor.
bool broken = false;
bool ended = false;
int accept_error = 0;
int accepts_left = 0;
int add_error = 0;
int adds_left = 0;
int connect_error = 0;
int connects_left = 0;  ///< Up to the one that fails.
int victim_in = 0;      ///< Connections made up to the victim.
bool fired_once = false;

void forget() {
  plan = {};
  awaits_victim = broken = ended = fired_once = false;
  victim = kNone;
  accepts_left = adds_left = connects_left = victim_in = 0;
}

/// Counts down. Returns whether this is the one.
bool is_due(int& left) {
  if (left == 0 || --left > 0) return false;
  fired_once = true;
  return true;
}

/// What a call for a connection does: go on, with at most `bytes`, or return.
struct Verdict {
  bool fails = false;
  ssize_t result = 0;
  int error = 0;
  bool one_byte = false;
};

Verdict judge(int descriptor, IoCall call) {
  if (!watched_thread) return {};
  const std::lock_guard lock(mutex);
  if (descriptor != victim) return {};
  if (broken)
    return {.fails = true, .result = -1, .error = call == IoCall::read ? ECONNRESET : EPIPE};
  if (ended && call == IoCall::read) return {.fails = true};
  if (!plan.is_due(call)) return {};
  fired_once = true;
  switch (plan.fault) {
    case IoFault::error:
      broken = true;
      return {.fails = true, .result = -1, .error = call == IoCall::read ? ECONNRESET : EPIPE};
    case IoFault::end:
      ended = true;
      return {.fails = true};
    case IoFault::interrupt:
      return {.fails = true, .result = -1, .error = EINTR};
    case IoFault::one_byte:
      break;
  }
  return {.one_byte = true};
}

ssize_t finish(const Verdict& verdict) {
  errno = verdict.error;
  return verdict.result;
}

}  // namespace

void SystemFaults::watch_this_thread(bool watched) noexcept {
  watched_thread = watched;
}

void SystemFaults::arm(const PlannedFault& planned) noexcept {
  const std::lock_guard lock(mutex);
  forget();
  plan = planned;
  awaits_victim = true;
}

void SystemFaults::arm_connection(const PlannedFault& planned, int which) noexcept {
  const std::lock_guard lock(mutex);
  forget();
  plan = planned;
  victim_in = which;
}

void SystemFaults::arm_connect(int error, int number) noexcept {
  const std::lock_guard lock(mutex);
  forget();
  connect_error = error;
  connects_left = number;
}

void SystemFaults::arm_accept(int error, int number) noexcept {
  const std::lock_guard lock(mutex);
  forget();
  accept_error = error;
  accepts_left = number;
}

void SystemFaults::arm_epoll_add(int error, int number) noexcept {
  const std::lock_guard lock(mutex);
  forget();
  add_error = error;
  adds_left = number;
}

bool SystemFaults::disarm() noexcept {
  const std::lock_guard lock(mutex);
  const bool has_fired = fired_once;
  forget();
  return has_fired;
}

bool SystemFaults::fired() noexcept {
  const std::lock_guard lock(mutex);
  return fired_once;
}

}  // namespace wscast::test

// The C library's functions, for the whole program. The kernel is called directly: what a sanitizer
// puts before the C library is not in between.

using namespace wscast::test;

extern "C" ssize_t recv(int descriptor, void* into, std::size_t size, int flags) {
  const Verdict verdict = judge(descriptor, IoCall::read);
  if (verdict.fails) return finish(verdict);
  return ::syscall(SYS_recvfrom, descriptor, into, verdict.one_byte ? 1 : size, flags, nullptr,
                   nullptr);
}

extern "C" ssize_t recvmsg(int descriptor, msghdr* message, int flags) {
  const Verdict verdict = judge(descriptor, IoCall::read);
  if (verdict.fails) return finish(verdict);
  if (verdict.one_byte) {
    return ::syscall(SYS_recvfrom, descriptor, message->msg_iov->iov_base, 1, flags, nullptr,
                     nullptr);
  }
  return ::syscall(SYS_recvmsg, descriptor, message, flags);
}

extern "C" int connect(int descriptor, const sockaddr* address, socklen_t size) {
  if (watched_thread) {
    const std::lock_guard lock(mutex);
    if (is_due(connects_left)) {
      errno = connect_error;
      return -1;
    }
    if (descriptor == victim) victim = kNone;  // It was closed.
    if (victim_in > 0 && --victim_in == 0) victim = descriptor;
  }
  return static_cast<int>(::syscall(SYS_connect, descriptor, address, size));
}

extern "C" ssize_t send(int descriptor, const void* from, std::size_t size, int flags) {
  const Verdict verdict = judge(descriptor, IoCall::write);
  if (verdict.fails) return finish(verdict);
  return ::syscall(SYS_sendto, descriptor, from, verdict.one_byte ? 1 : size, flags, nullptr, 0);
}

extern "C" ssize_t sendmsg(int descriptor, const msghdr* message, int flags) {
  const Verdict verdict = judge(descriptor, IoCall::write);
  if (verdict.fails) return finish(verdict);
  if (verdict.one_byte) {
    return ::syscall(SYS_sendto, descriptor, message->msg_iov->iov_base, 1, flags, nullptr, 0);
  }
  return ::syscall(SYS_sendmsg, descriptor, message, flags);
}

extern "C" int accept4(int descriptor, sockaddr* address, socklen_t* size, int flags) {
  if (watched_thread) {
    const std::lock_guard lock(mutex);
    if (is_due(accepts_left)) {
      errno = accept_error;
      return -1;
    }
  }
  const auto accepted = static_cast<int>(::syscall(SYS_accept4, descriptor, address, size, flags));
  if (watched_thread && accepted >= 0) {
    const int error = errno;
    const std::lock_guard lock(mutex);
    if (std::exchange(awaits_victim, false)) victim = accepted;
    errno = error;
  }
  return accepted;
}

extern "C" int epoll_ctl(int set, int operation, int descriptor, epoll_event* event) noexcept {
  if (watched_thread && operation == EPOLL_CTL_ADD) {
    const std::lock_guard lock(mutex);
    if (is_due(adds_left)) {
      errno = add_error;
      return -1;
    }
  }
  return static_cast<int>(::syscall(SYS_epoll_ctl, set, operation, descriptor, event));
}
