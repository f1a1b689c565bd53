#pragma once

#include <array>
#include <cstddef>
#include <new>

namespace wscast::ws {

/// Allocator for small frames, which come and go in batches of one loop iteration: more than a heap
/// caches. Keeps a few released blocks of each size class for the next iteration. One thread.
class SmallBlocks {
 public:
  SmallBlocks() = default;
  SmallBlocks(const SmallBlocks&) = delete;
  SmallBlocks& operator=(const SmallBlocks&) = delete;
  ~SmallBlocks() {
    for (Class& same : classes_) {
      while (same.first != nullptr) ::operator delete(same.pop());
    }
  }

  void* allocate(std::size_t size) {
    if (size > kMaxSize) return ::operator new(size);
    Class& same = classes_[class_of(size)];
    return same.first == nullptr ? ::operator new(block_size(size)) : same.pop();
  }

  /// `size`: as passed to allocate().
  void release(void* block, std::size_t size) noexcept {
    if (size > kMaxSize || kSanitized) return ::operator delete(block);
    Class& same = classes_[class_of(size)];
    if (same.kept == kMaxKept / block_size(size)) return ::operator delete(block);
    same.first = new (block) FreeBlock{same.first};
    ++same.kept;
  }

 private:
  struct FreeBlock {
    FreeBlock* next;
  };

  struct Class {
    FreeBlock* first = nullptr;
    std::size_t kept = 0;

    void* pop() {
      FreeBlock* const block = first;
      first = block->next;
      --kept;
      return block;
    }
  };

  static constexpr std::size_t kStep = 64;
  static constexpr std::size_t kMaxSize = 512;
  static constexpr std::size_t kMaxKept = 128 * 1024;  ///< Bytes per class.
#ifdef WSCAST_SANITIZED
  static constexpr bool kSanitized = true;  // Use after free must be detected.
#else
  static constexpr bool kSanitized = false;
#endif

  static std::size_t class_of(std::size_t size) {
    return (size - 1) / kStep;
  }

  static std::size_t block_size(std::size_t size) {
    return (class_of(size) + 1) * kStep;
  }

  std::array<Class, kMaxSize / kStep> classes_;
};

}  // namespace wscast::ws
