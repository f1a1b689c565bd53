#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace wscast::redis {

/// One value that Redis answered (RESP2).
struct Reply {
  enum class Kind : std::uint8_t {
    status,  ///< A simple string, such as `OK`.
    error,   ///< `text` begins with the error's code, such as `NOAUTH`.
    integer,
    bulk,
    nil,  ///< A null bulk string or array.
    array,
    oversize,  ///< A bulk string over the limit: `integer` has its length, the bytes are gone.
  };

  Kind kind = Kind::nil;
  std::string_view text{};  ///< Valid until the reader is fed again.
  std::int64_t integer = 0;
  std::vector<Reply> elements{};
};

/// Cuts what Redis sends into replies, without I/O, and judges every length when it is told, before
/// the bytes come: what is too long is skipped without being stored.
class RespReader {
 public:
  struct Limits {
    std::size_t max_bulk_bytes = 8 * 1024 * 1024;
    std::size_t max_line_bytes = 64 * 1024;  ///< Of statuses, errors, integers and lengths.
    std::size_t max_elements = 1024 * 1024;  ///< Of one array.
    std::size_t max_depth = 8;               ///< Arrays inside each other.
  };

  explicit RespReader(Limits limits);

  /// Takes bytes as they came, and copies them. Views of earlier replies end here. Lengths are
  /// judged by next(): call that until there is nothing before the reader is fed again.
  void feed(std::span<const char> bytes);

  /// The next whole reply; nothing when more bytes are needed, or after a failure.
  std::optional<Reply> next();

  /// The bytes are not RESP2, or over a limit that cannot be skipped: the link is of no use any
  /// more. What came whole before them was handed out.
  bool failed() const { return expected_ == Expected::nothing; }

 private:
  /// What stands at `at_`.
  enum class Expected : std::uint8_t {
    line,     ///< A type and what it tells in its line.
    bulk,     ///< `left_` bytes.
    skipped,  ///< The same, but nobody wants them.
    bulk_end,
    nothing,  ///< Failed.
  };

  /// A value of the reply that is being read; an array's elements follow it. It holds places, not
  /// views, since the buffer may move before the reply is whole.
  struct Token {
    Reply::Kind kind;
    std::size_t begin = 0;  ///< Of the text, counted from the reply's first byte.
    std::size_t size = 0;   ///< Of the text, or the number of elements.
    std::int64_t integer = 0;
  };

  void drop_handed_out();
  bool step();
  bool take_line();
  bool can_begin(char type) const;
  bool take_value(char type, std::string_view line);
  bool take_integer(std::string_view line);
  bool take_bulk_length(std::string_view line);
  bool take_array_length(std::string_view line);
  bool take_bulk();
  bool take_bulk_end();
  bool end_value(const Token& token);
  bool end_value();
  bool fail();
  std::optional<std::string_view> next_line();
  Reply build(std::size_t& next_token) const;

  Limits limits_;
  std::string buffer_;
  std::size_t reply_begin_ = 0;  ///< Where the reply that is being read begins in `buffer_`.
  std::size_t at_ = 0;
  std::size_t searched_ = 0;  ///< Up to here there is no end of the line at `at_`.
  std::size_t left_ = 0;      ///< Of the bulk string.
  Expected expected_ = Expected::line;
  std::vector<Token> tokens_;
  std::vector<std::size_t> missing_;  ///< Elements of each open array, the innermost last.
};

}  // namespace wscast::redis
