#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Reads and writes the numbers of flags, up to 10^12. The readers return std::nullopt for any
/// other text, also for one with a sign, a space or a fraction.
namespace wscast::program {

std::optional<std::uint64_t> parse_count(std::string_view text);

/// Reads bytes: `65536`, `64k`, `64KB` and `64KiB` are equal, likewise for m and g. Ignores case.
std::optional<std::uint64_t> parse_size(std::string_view text);

/// Reads `500ms`, `5s`, `2m`, `1h` or `0`. The limit of 10^12 milliseconds, some 31 years, keeps
/// deadlines far from overflow.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

/// Reads the permission bits of a file in octal, at most 0777: `660` and `0660` are equal.
std::optional<unsigned> parse_mode(std::string_view text);

/// Writes what parse_size() and parse_duration() read, in the largest unit without a fraction.
std::string size_text(std::uint64_t size);
std::string duration_text(std::chrono::milliseconds duration);

}  // namespace wscast::program
