#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "wscast/json.h"

namespace wscast::program {

/// Returns `text`, which is UTF-8, as a JSON string.
std::string json_string(std::string_view text);

/// Returns `time` in UTC with milliseconds: `2026-01-31T12:00:00.000Z`.
std::string utc_text(std::chrono::system_clock::time_point time);

/// Writes a JSON object, member by member.
class JsonObjectWriter {
 public:
  JsonObjectWriter& text(std::string_view name, std::string_view value);

  /// The same; left out if `value` is empty.
  JsonObjectWriter& optional_text(std::string_view name, std::string_view value);

  /// A JSON text as it is; left out if it is absent.
  JsonObjectWriter& raw(std::string_view name, Json value);

  /// The object. Call it once, at the end.
  std::string finish();

 private:
  std::string out_ = "{";
};

}  // namespace wscast::program
