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
    std::size_t bulk_bytes_max = 8 * 1024 * 1024;
    std::size_t line_bytes_max = 64 * 1024;  ///< Of statuses, errors, integers and lengths.
    std::size_t elements_max = 1024 * 1024;  ///< Of one array.
    std::size_t depth_max = 8;               ///< Arrays inside each other.
  };

  explicit RespReader(Limits limits);

  /// Takes bytes as they came. Views of earlier replies end here.
  void feed(std::span<const char> bytes);

  /// The next whole reply; nothing when more bytes are needed, or after a failure.
  std::optional<Reply> next();

  /// The bytes are not RESP2, or over a limit that cannot be skipped: the link is of no use any
  /// more.
  bool failed() const;

 private:
  Limits limits_;
};

}  // namespace wscast::redis
