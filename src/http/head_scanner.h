#pragma once

#include <cstdint>
#include <string_view>

namespace wscast::http {

/// Finds the end of a request head, scanning every byte once however it is split, and stops at the
/// first byte that no head may have: a peer that sends something else is refused at once, and
/// nothing over the limits is stored. Knows lines, not their meaning.
class HeadScanner {
 public:
  enum class Result : std::uint8_t {
    need_more,
    complete,
    bad_character,  ///< A control character, or a CR or LF that is not half of a CRLF.
    folded_line,    ///< RFC 7230 section 3.2.4: obs-fold.
    too_long,
    too_many_fields,
  };

  HeadScanner(std::size_t max_bytes, std::size_t max_fields)
      : max_bytes_(max_bytes), max_fields_(max_fields) {}

  /// Scans `text` and removes what it scanned from its front: all of it on `need_more`, up to the
  /// end of the head on `complete`.
  Result scan(std::string_view& text);

  /// Bytes of the head so far.
  std::size_t size() const { return size_; }

  /// Header lines that ended so far.
  std::size_t fields() const { return lines_ > 0 ? lines_ - 1 : 0; }

 private:
  Result scan(char c);
  Result end_line();

  std::size_t max_bytes_;
  std::size_t max_fields_;
  std::size_t size_ = 0;
  std::size_t lines_ = 0;  ///< Ended lines, the request line included.
  bool line_empty_ = true;
  bool after_cr_ = false;
};

}  // namespace wscast::http
