#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "protocol/json_cursor.h"

namespace wscast::protocol {

/// Deepest nesting that a text may have (protocol.md M15). Bounds the scanner's stack too: a larger
/// `max_depth` counts as this.
inline constexpr std::size_t kMaxJsonDepth = 256;

enum class JsonKind : std::uint8_t { object, array, string, number, boolean, null };

/// One valid value: its bytes in the scanned text, without white space around them.
struct JsonValue {
  JsonKind kind;
  std::string_view text;
};

/// The kind of the valid value `text`, which has no white space around it.
JsonKind json_kind(std::string_view text);

/// Validates a whole UTF-8 text in one pass, as `JSON.parse` does; invalid too if it is nested
/// deeper than `max_depth`. Does not allocate.
std::optional<JsonValue> scan_json(std::string_view text, std::size_t max_depth = kMaxJsonDepth);

enum class ObjectScan : std::uint8_t {
  invalid,     ///< scan_json rejects it.
  not_object,  ///< Valid, but another kind of value.
  object,
};

/// scan_json that also finds members of a top-level object: `values[i]` becomes the value of the
/// member `names[i]`, or `std::nullopt`. The last of duplicate keys counts; keys are compared after
/// unescaping (M11). No two `names` are equal. `values` is undefined unless the result is `object`.
ObjectScan scan_object(std::string_view text, std::span<const std::string_view> names,
                       std::span<std::optional<JsonValue>> values,
                       std::size_t max_depth = kMaxJsonDepth);

/// Reads the elements of an array, in order. `array` is the text of a value that was scanned;
/// it must outlive the reader.
class JsonArrayReader {
 public:
  explicit JsonArrayReader(std::string_view array);

  /// The next element; `std::nullopt` after the last.
  std::optional<JsonValue> next();

 private:
  JsonCursor cursor_;
  bool more_;
};

/// The same for the members of an object; duplicate keys are all read.
class JsonObjectReader {
 public:
  struct Member {
    std::string_view key;  ///< The text of a string, quotes included.
    JsonValue value;
  };

  explicit JsonObjectReader(std::string_view object);

  /// The next member; `std::nullopt` after the last.
  std::optional<Member> next();

 private:
  JsonCursor cursor_;
  bool more_;
};

}  // namespace wscast::protocol
