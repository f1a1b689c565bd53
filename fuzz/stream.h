#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <vector>

namespace wscast::fuzz {

/// What libFuzzer gives, read as a few choices and a byte stream that is to be cut in pieces: byte
/// 0 holds choices for the target, bytes 1 and 2 say how to cut, the rest is the stream.
class Stream {
 public:
  static constexpr std::size_t kPrefix = 3;

  Stream(const std::uint8_t* data, std::size_t size)
      : choices_(data[0]),
        seed_(static_cast<std::uint32_t>(data[1] << 8 | data[2])),
        bytes_(data + kPrefix, size - kPrefix) {}

  /// Bit `index` of the choices.
  bool choice(int index) const { return (choices_ >> index & 1) != 0; }

  std::size_t size() const { return bytes_.size(); }

  /// The stream in one piece.
  std::vector<std::vector<std::uint8_t>> whole() const {
    return {std::vector<std::uint8_t>(bytes_.begin(), bytes_.end())};
  }

  /// The stream cut at points that follow from the input alone. Each piece has memory of its own,
  /// so that AddressSanitizer sees a step over its end.
  std::vector<std::vector<std::uint8_t>> pieces() const {
    std::vector<std::vector<std::uint8_t>> cut;
    std::uint32_t state = seed_ * 2654435761u + 1;
    // The low seeds cut after each byte; the others in pieces of up to 2, 4, ... 256 bytes.
    const std::uint32_t mask = seed_ < 16 ? 0 : (2u << seed_ % 8) - 1;
    for (auto rest = bytes_; !rest.empty();) {
      state = state * 1664525u + 1013904223u;
      const std::size_t size = std::min<std::size_t>(1 + (state >> 16 & mask), rest.size());
      cut.emplace_back(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(size));
      rest = rest.subspan(size);
    }
    return cut;
  }

 private:
  std::uint8_t choices_;
  std::uint32_t seed_;
  std::span<const std::uint8_t> bytes_;
};

/// Ends the run, so that libFuzzer keeps the input.
inline void require(bool holds, const char* rule) {
  if (holds) return;
  std::fprintf(stderr, "Broken: %s\n", rule);
  std::abort();
}

}  // namespace wscast::fuzz
