#include "net/handler_memory.h"

#include <set>
#include <vector>

#include <gtest/gtest.h>

#include "support/allocation_faults.h"

namespace wscast::net {
namespace {

TEST(HandlerMemory, ABlockThatCameBackIsTakenAgainWithoutTheHeap) {
  HandlerMemory memory;
  test::AllocationFaults::watch_this_thread();
  test::AllocationFaults::arm(1);
  for (int i = 0; i < 100; ++i) {
    void* one = memory.allocate(256);
    void* two = memory.allocate(256);
    memory.release(one);
    memory.release(two);
  }
  EXPECT_FALSE(test::AllocationFaults::disarm());
  test::AllocationFaults::watch_this_thread(false);
}

TEST(HandlerMemory, MoreOrLargerBlocksComeFromTheHeap) {
  HandlerMemory memory;
  std::vector<void*> blocks;
  for (int i = 0; i < 20; ++i) blocks.push_back(memory.allocate(100));
  blocks.push_back(memory.allocate(100'000));
  EXPECT_EQ(std::set(blocks.begin(), blocks.end()).size(), blocks.size()) << "each its own";
  for (void* block : blocks) memory.release(block);
}

TEST(HandlerMemory, AnAllocatorKeepsItAlive) {
  HandlerAllocator<int> allocator(std::make_shared<HandlerMemory>());
  HandlerAllocator<double> other(allocator);
  EXPECT_TRUE(allocator == other);
  allocator = HandlerAllocator<int>(std::make_shared<HandlerMemory>());
  EXPECT_FALSE(allocator == other);
  double* number = other.allocate(1);
  *number = 1;
  other.deallocate(number, 1);
}

}  // namespace
}  // namespace wscast::net
