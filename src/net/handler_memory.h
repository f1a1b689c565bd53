#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <new>

namespace wscast::net {

/// Memory for what Asio allocates while it waits for one event source, so that waiting again never
/// fails for want of memory: the wait that just ended has left its block. More waits than blocks,
/// or larger ones, take memory from the heap. One thread.
class HandlerMemory {
 public:
  void* allocate(std::size_t bytes) {
    for (Block& block : blocks_) {
      if (block.used || bytes > block.bytes.size()) continue;
      block.used = true;
      return block.bytes.data();
    }
    return ::operator new(bytes);
  }

  void release(void* memory) noexcept {
    for (Block& block : blocks_) {
      if (memory != block.bytes.data()) continue;
      block.used = false;
      return;
    }
    ::operator delete(memory);
  }

 private:
  static constexpr std::size_t kBlocks = 4;   // Waits that were replaced end after the newer began.
  static constexpr std::size_t kBytes = 512;  // Its largest operations take about half of that.

  struct Block {
    alignas(std::max_align_t) std::array<std::byte, kBytes> bytes;
    bool used = false;
  };

  std::array<Block, kBlocks> blocks_;
};

/// An allocator for boost::asio::bind_allocator. Keeps the memory alive: a handler may be destroyed
/// after what it waited for.
template <class T>
class HandlerAllocator {
 public:
  using value_type = T;

  explicit HandlerAllocator(std::shared_ptr<HandlerMemory> memory) : memory_(std::move(memory)) {}
  template <class U>
  HandlerAllocator(
      const HandlerAllocator<U>& other) noexcept  // NOLINT(google-explicit-constructor)
      : memory_(other.memory()) {}

  T* allocate(std::size_t count) { return static_cast<T*>(memory_->allocate(count * sizeof(T))); }
  void deallocate(T* block, std::size_t) noexcept { memory_->release(block); }

  const std::shared_ptr<HandlerMemory>& memory() const noexcept { return memory_; }

  template <class U>
  friend bool operator==(const HandlerAllocator& a, const HandlerAllocator<U>& b) noexcept {
    return a.memory() == b.memory();
  }

 private:
  std::shared_ptr<HandlerMemory> memory_;
};

}  // namespace wscast::net
