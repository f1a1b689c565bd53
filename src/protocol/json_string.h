#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace wscast::protocol {

/// The characters of a JSON string as UTF-8. `quoted` is the text of a string that was scanned,
/// quotes included. `std::nullopt` if it holds a lone surrogate, which UTF-8 cannot represent
/// (protocol.md M16).
std::optional<std::string> decode_json_string(std::string_view quoted);

/// Whether the characters of the scanned string `quoted` are `utf8`. Does not allocate.
bool json_string_equals(std::string_view quoted, std::string_view utf8);

/// UTF-16 code units of a UTF-8 text: its `length` in JavaScript.
std::size_t utf16_length(std::string_view utf8);

/// Size of what write_quoted writes, in bytes.
std::size_t quoted_size(std::string_view utf8);

/// Writes `utf8` as a JSON string, with exactly the escapes of `JSON.stringify`: short ones where
/// they exist, \u00xx for the other control characters, everything else as it is. Returns the end
/// of what it wrote.
char* write_quoted(char* out, std::string_view utf8);

/// Appends what write_quoted writes.
void append_quoted(std::string& out, std::string_view utf8);

}  // namespace wscast::protocol
