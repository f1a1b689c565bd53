#include "support/allocation_faults.h"

#include <atomic>
#include <cstdlib>

namespace wscast::test {
namespace {

thread_local bool watched_thread = false;

std::atomic<std::uint64_t> left{0};  ///< Allocations up to the one that fails; 0: not armed.
std::atomic<AllocationFaults::Heap> armed_heap{};
std::atomic<bool> has_fired{false};
std::atomic<int> pauses{0};

}  // namespace

bool AllocationFaults::is_due(Heap heap) noexcept {
  if (!watched_thread || left.load() == 0 || heap != armed_heap || pauses.load() > 0) return false;
  if (left.fetch_sub(1) > 1) return false;
  has_fired = true;
  return true;
}

void AllocationFaults::watch_this_thread(bool watched) noexcept {
  watched_thread = watched;
}

void AllocationFaults::arm(std::uint64_t number, Heap heap) noexcept {
  has_fired = false;
  armed_heap = heap;
  left = number;
}

bool AllocationFaults::fired() noexcept {
  return has_fired;
}

bool AllocationFaults::disarm() noexcept {
  left = 0;
  return has_fired;
}

AllocationFaults::Pause::Pause() noexcept {
  ++pauses;
}

AllocationFaults::Pause::~Pause() {
  --pauses;
}

}  // namespace wscast::test

void* operator new(std::size_t bytes) {
  using wscast::test::AllocationFaults;
  if (AllocationFaults::is_due(AllocationFaults::Heap::operator_new)) throw std::bad_alloc();
  if (void* memory = std::malloc(bytes == 0 ? 1 : bytes)) return memory;
  throw std::bad_alloc();
}

void operator delete(void* memory) noexcept {
  std::free(memory);
}

void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
