#pragma once

#include <cstdint>
#include <new>

namespace wscast::test {

/// Makes operator new of the whole program fail, or OpenSSL's own allocation, at one chosen call of
/// the threads that are watched. A program that links this has its own operator new.
class AllocationFaults {
 public:
  /// From now on the calling thread's allocations count. Any thread, for itself.
  static void watch_this_thread(bool watched = true) noexcept;

  /// Whose allocations.
  enum class Heap : std::uint8_t {
    operator_new,
    openssl,  ///< Only in a program that links openssl_faults, too.
  };

  /// Makes the `number`-th allocation of that heap from now on fail, once; the first is 1. Operator
  /// new throws std::bad_alloc. Any thread, as the following.
  static void arm(std::uint64_t number, Heap heap = Heap::operator_new) noexcept;

  /// For the heap itself, at each allocation: whether this one is to fail.
  static bool is_due(Heap heap) noexcept;

  /// Returns whether the chosen allocation has failed.
  static bool fired() noexcept;

  /// Ends it. Returns whether the chosen allocation has failed.
  static bool disarm() noexcept;

  /// While one lives, nothing counts.
  class Pause {
   public:
    Pause() noexcept;
    ~Pause();
    Pause(const Pause&) = delete;
    Pause& operator=(const Pause&) = delete;
  };
};

/// Calls `attempt` with its first, second, ... allocation failing, until none of them is left.
/// Returns how many there were. `attempt` gets no fault of the ones that it catches itself.
template <class Attempt>
int fail_each_allocation(Attempt attempt) {
  AllocationFaults::watch_this_thread();
  int failed = 0;
  while (true) {
    AllocationFaults::arm(static_cast<std::uint64_t>(failed) + 1);
    try {
      attempt();
    } catch (const std::bad_alloc&) {  // What it leaves behind is for the caller to look at.
    }
    if (!AllocationFaults::disarm()) break;
    ++failed;
  }
  AllocationFaults::watch_this_thread(false);
  return failed;
}

}  // namespace wscast::test
