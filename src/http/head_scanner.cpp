#include "http/head_scanner.h"

#include <algorithm>

namespace wscast::http {
namespace {

/// RFC 7230 section 3.2: VCHAR, obs-text and blanks.
constexpr bool may_be_in_line(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte >= 0x20 && byte != 0x7f) || byte == '\t';
}

}  // namespace

HeadScanner::Result HeadScanner::scan(std::string_view& text) {
  while (!text.empty()) {
    if (!line_empty_ && !after_cr_) {  // The rest of a line, which is most of a head, goes at once.
      const auto rest = text.substr(0, max_bytes_ - size_);
      const auto skipped = std::ranges::find_if_not(rest, may_be_in_line) - rest.begin();
      text.remove_prefix(static_cast<std::size_t>(skipped));
      size_ += static_cast<std::size_t>(skipped);
      if (size_ >= max_bytes_) return Result::too_long;
      if (text.empty()) break;
    }
    const char c = text.front();
    text.remove_prefix(1);
    ++size_;
    const Result result = scan(c);
    if (result != Result::need_more) return result;
    if (size_ >= max_bytes_) return Result::too_long;
  }
  return Result::need_more;
}

HeadScanner::Result HeadScanner::scan(char c) {
  if (after_cr_) return c == '\n' ? end_line() : Result::bad_character;
  if (c == '\r') {
    after_cr_ = true;
    return Result::need_more;
  }
  if (!may_be_in_line(c)) return Result::bad_character;
  if (!line_empty_) return Result::need_more;

  line_empty_ = false;
  // The first line is the request's; lines_ counts those that ended.
  if (lines_ > 0 && (c == ' ' || c == '\t')) return Result::folded_line;
  return lines_ > max_fields_ ? Result::too_many_fields : Result::need_more;
}

HeadScanner::Result HeadScanner::end_line() {
  after_cr_ = false;
  // RFC 7230 section 3.5: one empty line may come before the request.
  if (line_empty_) return size_ == 2 ? Result::need_more : Result::complete;
  line_empty_ = true;
  ++lines_;
  return Result::need_more;
}

}  // namespace wscast::http
