#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace wscast::fuzz {

/// What libFuzzer gives, read as a sequence of choices. When it is used up, every choice is 0.
class Choices {
 public:
  Choices(const std::uint8_t* data, std::size_t size) : left_(data, size) {}

  bool done() const { return left_.empty(); }

  /// A number below `bound`, at most 256.
  std::size_t below(std::size_t bound) {
    if (left_.empty()) return 0;
    const std::size_t byte = left_.front();
    left_ = left_.subspan(1);
    return byte % bound;
  }

  bool yes() { return below(2) != 0; }

  /// Any bytes, their number chosen first.
  std::string text() {
    const std::size_t size = below(256);  // First: it takes one of what is left.
    const auto taken = left_.first(std::min(size, left_.size()));
    left_ = left_.subspan(taken.size());
    return {taken.begin(), taken.end()};
  }

  /// One of `things`.
  auto& of(auto& things) { return things[below(std::size(things))]; }

 private:
  std::span<const std::uint8_t> left_;
};

}  // namespace wscast::fuzz
