#pragma once

#include <array>
#include <cstddef>
#include <new>

namespace wscast::ws {

/// Memory for small frames, which come and go an iteration's worth at a time: more than a heap
/// keeps at hand. A few that were given back wait here for the next iteration, by size class, so
/// that many small frames that have to wait cost little more than their bytes. One thread.
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

  void* take(std::size_t size) {
    if (size > kMaxSize) return ::operator new(size);
    Class& same = classes_[class_of(size)];
    return same.first == nullptr ? ::operator new((class_of(size) + 1) * kStep) : same.pop();
  }

  /// `size`: as it was taken.
  void give_back(void* block, std::size_t size) noexcept {
    if (size > kMaxSize || kSanitized) return ::operator delete(block);
    Class& same = classes_[class_of(size)];
    if (same.kept == kMaxKept) return ::operator delete(block);
    same.first = new (block) Link{same.first};
    ++same.kept;
  }

 private:
  struct Link {
    Link* next;
  };

  struct Class {
    Link* first = nullptr;
    std::size_t kept = 0;

    void* pop() {
      Link* const block = first;
      first = block->next;
      --kept;
      return block;
    }
  };

  static constexpr std::size_t kStep = 64;
  static constexpr std::size_t kMaxSize = 512;
  static constexpr std::size_t kMaxKept = 128;  ///< Of each class.
#ifdef WSCAST_SANITIZED
  static constexpr bool kSanitized = true;  // Who uses a frame that has gone should be seen.
#else
  static constexpr bool kSanitized = false;
#endif

  static std::size_t class_of(std::size_t size) {
    return (size - 1) / kStep;
  }

  std::array<Class, kMaxSize / kStep> classes_;
};

}  // namespace wscast::ws
