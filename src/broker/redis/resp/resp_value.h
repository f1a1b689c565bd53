#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace wscast::redis {

/// One value as Redis sends it (RESP2): a reply, an element of one, or a pushed message.
struct RespValue {
  enum class Kind : std::uint8_t {
    status,  ///< A simple string, such as `OK`.
    error,   ///< `text` begins with the error's code, such as `NOAUTH`.
    integer,
    bulk,
    nil,  ///< A null bulk string or array.
    array,
    oversize,  ///< A bulk string over the limit: `integer` has its length, the bytes are dropped.
  };

  Kind kind = Kind::nil;
  std::string_view text{};  ///< Valid until the reader is fed again.
  std::int64_t integer = 0;
  std::vector<RespValue> elements{};
};

}  // namespace wscast::redis
