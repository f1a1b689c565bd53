#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Numbers as flags have them, up to 10^12. Nothing for any other text: no sign, no space, no
/// fraction.
namespace wscast::program {

std::optional<std::uint64_t> parse_count(std::string_view text);

/// Reads bytes: `65536`, `64k`, `64KB` and `64KiB` are the same; so for m and g. Case is ignored.
std::optional<std::uint64_t> parse_size(std::string_view text);

/// Reads `500ms`, `5s`, `2m` or `1h`; a bare `0` is none. In milliseconds up to 10^12, some 31
/// years, which leaves deadlines far from overflow.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

/// Reads the permission bits of a file in octal: `660` and `0660` are the same; at most 0777.
std::optional<unsigned> parse_mode(std::string_view text);

/// As parse_size() and parse_duration() read them, in the largest unit that leaves no fraction.
std::string size_text(std::uint64_t size);
std::string duration_text(std::chrono::milliseconds duration);

}  // namespace wscast::program
