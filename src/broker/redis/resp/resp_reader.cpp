#include "broker/redis/resp/resp_reader.h"

#include <algorithm>
#include <charconv>

namespace wscast::redis {
namespace {

constexpr std::string_view kLineEnd = "\r\n";

// Capacity that an idle reader may keep.
constexpr std::size_t kKeptBytes = 64 * 1024;
constexpr std::size_t kKeptTokens = 1024;

bool is_type(char type) {
  switch (type) {
    case '+':
    case '-':
    case ':':
    case '$':
    case '*':
      return true;
    default:
      return false;
  }
}

/// A decimal number in the one form that Redis writes: no plus, no leading zeros, no -0.
std::optional<std::int64_t> parse_number(std::string_view text) {
  std::int64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stop != end) return std::nullopt;
  const bool zero_first = text.front() == '0' || text.starts_with("-0");
  if (zero_first && text.size() > 1) return std::nullopt;
  return number;
}

/// Where the next line's end begins; `npos` if there is none. Lines are short as a rule: a search
/// by the library is more work to begin than to do here.
std::size_t find_line_end(std::string_view text, std::size_t from) {
  for (std::size_t i = from; i + 1 < text.size(); ++i) {
    if (text[i] == kLineEnd[0] && text[i + 1] == kLineEnd[1]) return i;
  }
  return std::string_view::npos;
}

/// The number behind `$` or `*`: -1 stands for nil, anything below is invalid.
std::optional<std::int64_t> parse_length(std::string_view text) {
  const auto length = parse_number(text);
  if (!length || *length < -1) return std::nullopt;
  return length;
}

}  // namespace

RespReader::RespReader(Limits limits) : limits_(limits) {}

void RespReader::feed(std::span<const char> bytes) {
  if (failed()) return;
  drop_returned();
  if (expected_ == Expected::skipped) {
    // next() consumed everything that was there.
    const std::size_t skipped = std::min(left_, bytes.size());
    left_ -= skipped;
    bytes = bytes.subspan(skipped);
  }
  buffer_.append(bytes.data(), bytes.size());
}

/// Moves what is left to the front when that costs no more than was gained by reading it.
void RespReader::drop_returned() {
  const std::size_t left = buffer_.size() - reply_begin_;
  if (reply_begin_ < left || reply_begin_ == 0) return;
  buffer_.erase(0, reply_begin_);
  at_ -= reply_begin_;
  searched_ -= std::min(searched_, reply_begin_);
  reply_begin_ = 0;
  if (buffer_.capacity() > std::max(kKeptBytes, 4 * left)) buffer_.shrink_to_fit();
}

bool RespReader::next(RespValue& value) {
  while (step()) {
    if (!missing_.empty() || expected_ != Expected::line) continue;
    std::size_t first = 0;
    build(value, first);
    tokens_.clear();
    if (tokens_.capacity() > kKeptTokens) tokens_.shrink_to_fit();
    reply_begin_ = at_;
    return true;
  }
  return false;
}

/// Reads one thing. False when more bytes are needed, or after a failure.
bool RespReader::step() {
  switch (expected_) {
    case Expected::line:
      return read_line();
    case Expected::bulk:
    case Expected::skipped:
      return read_bulk();
    case Expected::bulk_end:
      return read_bulk_end();
    case Expected::nothing:
      break;
  }
  return false;
}

bool RespReader::read_line() {
  if (at_ < buffer_.size() && !can_begin(buffer_[at_])) return fail();
  if (const auto length = take_short_length()) {
    return length->of_array ? begin_array(length->number) : begin_bulk(length->number);
  }
  const auto line = next_line();
  return line && read_value(line->front(), line->substr(1));
}

/// Checked at the first byte: what is no Redis may never send a line's end.
bool RespReader::can_begin(char type) const {
  if (type == '*') return missing_.size() < limits_.max_depth;
  return is_type(type);
}

/// Returns the line at `at_` and moves `at_` behind it. A long one that comes in small pieces is
/// searched once.
std::optional<std::string_view> RespReader::next_line() {
  const std::size_t from = std::max(at_, searched_);
  const std::size_t end = find_line_end(buffer_, from);
  const std::size_t size = std::min(end, buffer_.size()) - at_;
  // One for the type, and one for the first half of an end that is not whole.
  if (size > limits_.max_line_bytes + (end == std::string::npos ? 2 : 1)) {
    fail();
    return std::nullopt;
  }
  if (end == std::string::npos) {
    // The last byte may be the first half of the end.
    searched_ = std::max(from, buffer_.size() - std::min<std::size_t>(buffer_.size(), 1));
    return std::nullopt;
  }
  const std::string_view line(buffer_.data() + at_, size);
  at_ = end + kLineEnd.size();
  return line;
}

/// Reads the line at `at_` if it is a length of a few digits and whole, as nearly all are. Else
/// nothing has changed.
std::optional<RespReader::ShortLength> RespReader::take_short_length() {
  constexpr std::size_t kMaxDigits = 7;
  const std::string_view rest = std::string_view(buffer_).substr(at_, kMaxDigits + 3);
  if (rest.empty() || (rest.front() != '$' && rest.front() != '*')) return std::nullopt;
  std::size_t number = 0;
  std::size_t end = 1;
  for (; end < rest.size() && rest[end] >= '0' && rest[end] <= '9'; ++end) {
    number = 10 * number + static_cast<std::size_t>(rest[end] - '0');
  }
  const bool zero_first = end > 2 && rest[1] == '0';
  if (end == 1 || zero_first || rest.substr(end, kLineEnd.size()) != kLineEnd) return std::nullopt;
  at_ += end + kLineEnd.size();
  return ShortLength{.of_array = rest.front() == '*', .number = number};
}

bool RespReader::read_value(char type, std::string_view line) {
  const auto begin = static_cast<std::size_t>(line.data() - buffer_.data()) - reply_begin_;
  switch (type) {
    case '+':
      return end_value({.kind = RespValue::Kind::status, .begin = begin, .size = line.size()});
    case '-':
      return end_value({.kind = RespValue::Kind::error, .begin = begin, .size = line.size()});
    case ':':
      return read_integer(line);
    case '$':
      return read_bulk_length(line);
    default:  // can_begin() rejects all others.
      return read_array_length(line);
  }
}

bool RespReader::read_integer(std::string_view line) {
  const auto number = parse_number(line);
  if (!number) return fail();
  return end_value({.kind = RespValue::Kind::integer, .integer = *number});
}

bool RespReader::read_bulk_length(std::string_view line) {
  const auto length = parse_length(line);
  if (!length) return fail();
  if (*length < 0) return end_value({.kind = RespValue::Kind::nil});
  return begin_bulk(static_cast<std::size_t>(*length));
}

bool RespReader::begin_bulk(std::size_t size) {
  left_ = size;
  if (size > limits_.max_bulk_bytes) {
    const auto announced = static_cast<std::int64_t>(size);
    tokens_.push_back({.kind = RespValue::Kind::oversize, .integer = announced});
    expected_ = Expected::skipped;
  } else {
    tokens_.push_back({.kind = RespValue::Kind::bulk, .begin = at_ - reply_begin_, .size = size});
    expected_ = Expected::bulk;
  }
  return read_bulk();
}

bool RespReader::read_array_length(std::string_view line) {
  const auto length = parse_length(line);
  if (!length) return fail();
  if (*length < 0) return end_value({.kind = RespValue::Kind::nil});
  return begin_array(static_cast<std::size_t>(*length));
}

/// Nothing is reserved for the elements: the length alone costs its sender nothing.
bool RespReader::begin_array(std::size_t size) {
  if (size > limits_.max_elements) return fail();
  if (size == 0) return end_value({.kind = RespValue::Kind::array});
  tokens_.push_back({.kind = RespValue::Kind::array, .size = size});
  missing_.push_back(size);
  return true;
}

bool RespReader::read_bulk() {
  const std::size_t unread = buffer_.size() - at_;
  if (unread >= left_) {
    at_ += left_;
    expected_ = Expected::bulk_end;
    return read_bulk_end();
  }
  if (expected_ == Expected::skipped) {
    left_ -= unread;
    buffer_.resize(at_);
  }
  return false;
}

bool RespReader::read_bulk_end() {
  const auto end = std::string_view(buffer_).substr(at_, kLineEnd.size());
  if (end.size() < kLineEnd.size()) return false;
  if (end != kLineEnd) return fail();
  at_ += kLineEnd.size();
  expected_ = Expected::line;
  return end_value();
}

bool RespReader::end_value(const Token& token) {
  tokens_.push_back(token);
  return end_value();
}

/// The last element of an array ends that, too.
bool RespReader::end_value() {
  while (!missing_.empty() && --missing_.back() == 0) missing_.pop_back();
  return true;
}

bool RespReader::fail() {
  expected_ = Expected::nothing;
  return false;
}

void RespReader::build(RespValue& value, std::size_t& next_token) const {
  const Token& token = tokens_[next_token++];
  value.kind = token.kind;
  value.integer = token.integer;
  const bool array = token.kind == RespValue::Kind::array;
  value.text = {};
  if (!array) value.text = std::string_view(buffer_).substr(reply_begin_ + token.begin, token.size);
  value.elements.resize(array ? token.size : 0);
  for (RespValue& element : value.elements) build(element, next_token);
}

}  // namespace wscast::redis
