#pragma once

#include <cstdint>
#include <string_view>

#include "support/faulty_stream.h"

namespace wscast::test {

/// Makes system calls of the server in this program fail: those for one connection, connect() or
/// accept4(). A program that links this has its own recv(), recvmsg(), send(), sendmsg(),
/// connect(), accept4() and epoll_ctl(), which go to the kernel otherwise. Any thread, for a server
/// whose shards' threads are watched.
class SystemFaults {
 public:
  /// From now on the calling thread's calls count. For itself.
  static void watch_this_thread(bool watched = true) noexcept;

  /// The calls of the next connection that a watched thread accepts are to fail as planned; its
  /// peer is in this program, but not on that thread.
  static void arm(const PlannedFault& plan) noexcept;

  /// The same for the `which`-th connection that a watched thread makes by connect() from now on.
  static void arm_connection(const PlannedFault& plan, int which) noexcept;

  /// The `number`-th connect() of a watched thread fails with `error`.
  static void arm_connect(int error, int number) noexcept;

  /// The `number`-th accept4() of a watched thread fails with `error`.
  static void arm_accept(int error, int number) noexcept;

  /// The `number`-th time that a watched thread adds a descriptor to an epoll set fails with
  /// `error`.
  static void arm_epoll_add(int error, int number) noexcept;

  /// Ends it. Returns whether the call has failed.
  static bool disarm() noexcept;

  static bool fired() noexcept;
};

}  // namespace wscast::test
