#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace wscast::protocol {

/// The characters of a JSON string as UTF-8. `quoted` is the text of a string that was scanned,
/// quotes included. Nothing when it holds a lone surrogate, which UTF-8 cannot say (protocol.md
/// M16).
std::optional<std::string> decode_json_string(std::string_view quoted);

/// Whether the characters of the scanned string `quoted` are `utf8`. Allocates nothing.
bool json_string_equals(std::string_view quoted, std::string_view utf8);

/// UTF-16 code units of a UTF-8 text: what `length` tells in JavaScript.
std::size_t utf16_length(std::string_view utf8);

/// Bytes that write_quoted will write.
std::size_t quoted_size(std::string_view utf8);

/// Writes `utf8` as a JSON string, with exactly the escapes of `JSON.stringify`: short ones where
/// they exist, \u00xx for the other control characters, everything else as it is. Answers with the
/// end of what it wrote.
char* write_quoted(char* out, std::string_view utf8);

}  // namespace wscast::protocol
