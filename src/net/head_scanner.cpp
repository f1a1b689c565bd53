#include "net/head_scanner.h"

namespace wscast::net {
namespace {

/// What RFC 7230 section 3.2 lets stand in a line: VCHAR, obs-text and blanks.
constexpr bool may_be_in_line(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte >= 0x20 && byte != 0x7f) || byte == '\t';
}

}  // namespace

HeadScanner::Verdict HeadScanner::scan(std::string_view& text) {
  while (!text.empty()) {
    const char c = text.front();
    text.remove_prefix(1);
    ++size_;
    const Verdict verdict = look_at(c);
    if (verdict != Verdict::need_more) return verdict;
    if (size_ >= max_bytes_) return Verdict::too_long;
  }
  return Verdict::need_more;
}

HeadScanner::Verdict HeadScanner::look_at(char c) {
  if (after_cr_) return c == '\n' ? end_line() : Verdict::bad_character;
  if (c == '\r') {
    after_cr_ = true;
    return Verdict::need_more;
  }
  if (!may_be_in_line(c)) return Verdict::bad_character;
  if (!line_empty_) return Verdict::need_more;

  line_empty_ = false;
  // The first line is the request's; lines_ counts those that ended.
  if (lines_ > 0 && (c == ' ' || c == '\t')) return Verdict::folded_line;
  return lines_ > max_fields_ ? Verdict::too_many_fields : Verdict::need_more;
}

HeadScanner::Verdict HeadScanner::end_line() {
  after_cr_ = false;
  // RFC 7230 section 3.5: one empty line may come before the request.
  if (line_empty_) return size_ == 2 ? Verdict::need_more : Verdict::complete;
  line_empty_ = true;
  ++lines_;
  return Verdict::need_more;
}

}  // namespace wscast::net
