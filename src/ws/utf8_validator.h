#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace wscast::ws {

/// Validates UTF-8 (RFC 3629) that comes in pieces, and rejects it at the first byte after which no
/// valid text is possible. Holds at most one unfinished character. One thread at a time.
class Utf8Validator {
 public:
  /// Whether the text so far, `piece` included, can still become valid.
  bool feed(std::span<const std::uint8_t> piece);

  /// Whether the text may end here, with no character unfinished.
  bool complete() const { return carried_ == 0; }

 private:
  bool feed_carried(std::span<const std::uint8_t>& piece);

  std::array<std::uint8_t, 4> carry_{};
  std::uint8_t carried_ = 0;
};

/// Whether all of `text` is valid UTF-8.
bool is_utf8(std::span<const std::uint8_t> text);

}  // namespace wscast::ws
