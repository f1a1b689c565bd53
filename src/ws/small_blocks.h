#pragma once

#include <cstddef>
#include <new>

namespace wscast::ws {

/// Memory for small frames, which come and go a turn's worth at a time: more than a heap keeps at
/// hand. A few that were given back wait here for the next turn. One thread.
class SmallBlocks {
 public:
  SmallBlocks() = default;
  SmallBlocks(const SmallBlocks&) = delete;
  SmallBlocks& operator=(const SmallBlocks&) = delete;
  ~SmallBlocks() {
    while (first_ != nullptr) ::operator delete(pop());
  }

  void* take(std::size_t size) {
    if (size > kSize) return ::operator new(size);
    return first_ == nullptr ? ::operator new(kSize) : pop();
  }

  /// `size`: as it was taken.
  void give_back(void* block, std::size_t size) noexcept {
    if (size > kSize || kept_ == kKept || kSanitized) return ::operator delete(block);
    first_ = new (block) Link{first_};
    ++kept_;
  }

 private:
  struct Link {
    Link* next;
  };

  static constexpr std::size_t kSize = 512;
  static constexpr std::size_t kKept = 256;
#ifdef WSCAST_SANITIZED
  static constexpr bool kSanitized = true;  // Who uses a frame that has gone should be seen.
#else
  static constexpr bool kSanitized = false;
#endif

  void* pop() {
    Link* const block = first_;
    first_ = block->next;
    --kept_;
    return block;
  }

  Link* first_ = nullptr;
  std::size_t kept_ = 0;
};

}  // namespace wscast::ws
