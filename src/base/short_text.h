#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace wscast {

/// A text that many objects have one of: 16 bytes, in which up to 15 bytes of text fit; a longer
/// one has a block of exactly its size. Moved, not copied. One thread at a time.
class ShortText {
 public:
  ShortText() = default;

  /// Throws std::length_error for a text of 4 GiB or more.
  template <std::convertible_to<std::string_view> Text>
  ShortText(const Text& text) {  // NOLINT(google-explicit-constructor): as a std::string is made.
    keep(text);
  }
  ShortText(ShortText&& other) noexcept { std::swap(bytes_, other.bytes_); }
  ShortText& operator=(ShortText&& other) noexcept {
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  ~ShortText() {
    if (outside()) delete[] view().data();
  }

  bool empty() const { return bytes_.back() == 0; }

  /// Valid as long as this is neither moved nor destroyed.
  std::string_view view() const {
    if (!outside()) return {bytes_.data(), static_cast<std::size_t>(bytes_.back())};
    const char* block;
    std::uint32_t size;
    std::memcpy(&block, bytes_.data(), sizeof block);
    std::memcpy(&size, bytes_.data() + sizeof block, sizeof size);
    return {block, size};
  }

 private:
  static constexpr std::size_t kMaxInside = 15;
  static constexpr char kOutside = 16;

  bool outside() const { return bytes_.back() == kOutside; }

  void keep(std::string_view text) {
    if (text.size() > kMaxInside) return keep_outside(text);
    std::ranges::copy(text, bytes_.begin());
    bytes_.back() = static_cast<char>(text.size());
  }

  void keep_outside(std::string_view text) {
    if (text.size() > std::numeric_limits<std::uint32_t>::max()) {
      throw std::length_error("a text of 4 GiB or more");
    }
    const auto size = static_cast<std::uint32_t>(text.size());
    char* const block = new char[size];
    std::ranges::copy(text, block);
    std::memcpy(bytes_.data(), &block, sizeof block);
    std::memcpy(bytes_.data() + sizeof block, &size, sizeof size);
    bytes_.back() = kOutside;
  }

  /// The text, or its block's address and size. The last byte: the size, or kOutside.
  std::array<char, kMaxInside + 1> bytes_{};
};

}  // namespace wscast
