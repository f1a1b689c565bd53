#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "broker/redis/resp/resp_value.h"

namespace wscast::redis {

/// Parses what Redis sends into values, without I/O. Each length is checked when it is announced,
/// before the bytes come: what is too long is skipped without being stored.
class RespReader {
 public:
  struct Limits {
    std::size_t max_bulk_bytes = 8 * 1024 * 1024;
    std::size_t max_line_bytes = 64 * 1024;  ///< A status, error, integer or length.
    std::size_t max_elements = 1024 * 1024;  ///< In one array.
    std::size_t max_depth = 8;               ///< Arrays inside each other.
  };

  explicit RespReader(Limits limits);

  /// Copies the bytes and invalidates views of earlier values. Lengths are checked by next(): call
  /// that until it returns nothing before the reader is fed again.
  void feed(std::span<const char> bytes);

  /// Reads the next whole value into `value`, whose memory is used again. False when more bytes are
  /// needed, or after a failure; `value` is then as it was.
  bool next(RespValue& value);

  /// The same into a value of its own.
  std::optional<RespValue> next() {
    RespValue value;
    return next(value) ? std::optional(std::move(value)) : std::nullopt;
  }

  /// The bytes are not RESP2, or over a limit that cannot be skipped: the connection is unusable.
  /// Whole values before them were returned.
  bool failed() const { return expected_ == Expected::nothing; }

 private:
  /// What stands at `at_`.
  enum class Expected : std::uint8_t {
    line,     ///< A type and its line.
    bulk,     ///< `left_` bytes.
    skipped,  ///< `left_` bytes that are dropped.
    bulk_end,
    nothing,  ///< Failed.
  };

  /// A value of the reply that is being read; an array's elements follow it. It holds offsets, not
  /// views, since the buffer may move before the reply is whole.
  struct Token {
    RespValue::Kind kind;
    std::size_t begin = 0;  ///< Where the text begins, from the reply's first byte.
    std::size_t size = 0;   ///< Bytes of the text, or number of elements.
    std::int64_t integer = 0;
  };

  struct ShortLength {
    bool of_array;
    std::size_t number;
  };

  void drop_returned();
  bool step();
  bool read_line();
  bool can_begin(char type) const;
  std::optional<ShortLength> take_short_length();
  bool read_value(char type, std::string_view line);
  bool read_integer(std::string_view line);
  bool read_bulk_length(std::string_view line);
  bool begin_bulk(std::size_t size);
  bool read_array_length(std::string_view line);
  bool begin_array(std::size_t size);
  bool read_bulk();
  bool read_bulk_end();
  bool end_value(const Token& token);
  bool end_value();
  bool fail();
  std::optional<std::string_view> next_line();
  void build(RespValue& value, std::size_t& next_token) const;

  Limits limits_;
  std::string buffer_;
  std::size_t reply_begin_ = 0;  ///< Where the reply that is being read begins in `buffer_`.
  std::size_t at_ = 0;
  std::size_t searched_ = 0;  ///< Up to here there is no end of the line at `at_`.
  std::size_t left_ = 0;      ///< Bytes of the bulk string to come.
  Expected expected_ = Expected::line;
  std::vector<Token> tokens_;
  std::vector<std::size_t> missing_;  ///< Elements of each open array, the innermost last.
};

}  // namespace wscast::redis
