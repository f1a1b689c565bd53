#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <type_traits>

namespace wscast {

/// A vector for short lists of which there are many: one pointer, and a block that holds the size,
/// too, and has room for exactly as many items as it needs while they are few. Not copied. One
/// thread at a time.
template <class T>
class ThinVector {
  static_assert(std::is_trivially_copyable_v<T> && alignof(T) <= alignof(std::uint64_t));

 public:
  ThinVector() = default;
  ThinVector(const ThinVector&) = delete;
  ThinVector& operator=(const ThinVector&) = delete;
  ~ThinVector() { ::operator delete(block_); }

  std::size_t size() const { return block_ == nullptr ? 0 : block_->size; }
  bool empty() const { return size() == 0; }
  T* begin() { return block_ == nullptr ? nullptr : items(block_); }
  T* end() { return begin() + size(); }
  const T* begin() const { return const_cast<ThinVector*>(this)->begin(); }
  const T* end() const { return begin() + size(); }
  T& operator[](std::size_t i) { return begin()[i]; }
  T& back() { return begin()[size() - 1]; }

  /// Throws std::bad_alloc: nothing was added.
  void push_back(T item) {
    if (block_ == nullptr || block_->size == block_->capacity) grow();
    std::construct_at(items(block_) + block_->size, item);
    ++block_->size;
  }

  void pop_back() { --block_->size; }

  /// Removes `item`, which is one of the list's: the last takes its place.
  void remove(T* item) {
    *item = back();
    pop_back();
  }

 private:
  struct Block {
    std::uint32_t size;
    std::uint32_t capacity;
  };

  static T* items(Block* block) { return reinterpret_cast<T*>(block + 1); }

  void grow() {
    const std::size_t count = size();
    const std::size_t capacity = count + 1 + count / 4;
    // NOLINTNEXTLINE(bugprone-sizeof-expression): T may be a pointer.
    auto* larger = static_cast<Block*>(::operator new(sizeof(Block) + capacity * sizeof(T)));
    *larger = {static_cast<std::uint32_t>(count), static_cast<std::uint32_t>(capacity)};
    std::uninitialized_copy_n(begin(), count, items(larger));
    ::operator delete(block_);
    block_ = larger;
  }

  Block* block_ = nullptr;
};

}  // namespace wscast
