#include "quantity.h"

#include <array>
#include <charconv>
#include <span>
#include <system_error>

namespace wscast::program {
namespace {

constexpr std::uint64_t kMost = 1'000'000'000'000;

struct Unit {
  std::string_view name;
  std::uint64_t size;
};

constexpr std::uint64_t kKibi = 1024;
constexpr std::array<Unit, 11> kSizes = {{{"", 1},
                                          {"b", 1},
                                          {"k", kKibi},
                                          {"kb", kKibi},
                                          {"kib", kKibi},
                                          {"m", kKibi* kKibi},
                                          {"mb", kKibi* kKibi},
                                          {"mib", kKibi* kKibi},
                                          {"g", kKibi* kKibi* kKibi},
                                          {"gb", kKibi* kKibi* kKibi},
                                          {"gib", kKibi* kKibi* kKibi}}};
constexpr std::array<Unit, 4> kDurations = {
    {{"ms", 1}, {"s", 1'000}, {"m", 60'000}, {"h", 3'600'000}}};
constexpr std::array<Unit, 1> kCounts = {{{"", 1}}};

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

std::optional<std::uint64_t> parse(std::string_view text, std::span<const Unit> units) {
  std::uint64_t count = 0;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, count);
  if (read.ec != std::errc()) return std::nullopt;
  const std::string name = lower({read.ptr, static_cast<std::size_t>(end - read.ptr)});
  for (const Unit& unit : units) {
    if (unit.name == name && count <= kMost / unit.size) return count * unit.size;
  }
  return std::nullopt;
}

/// Writes `number` in the first of `units` that divides it, else in the `smallest`.
std::string text_in(std::span<const Unit> units, std::uint64_t number, std::string_view smallest) {
  for (const Unit& unit : units) {
    if (number > 0 && number % unit.size == 0) {
      return std::to_string(number / unit.size).append(unit.name);
    }
  }
  return std::to_string(number).append(smallest);
}

}  // namespace

std::optional<std::uint64_t> parse_count(std::string_view text) {
  return parse(text, kCounts);
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
  return parse(text, kSizes);
}

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
  if (text == "0") return std::chrono::milliseconds(0);
  const auto count = parse(text, kDurations);
  if (!count) return std::nullopt;
  return std::chrono::milliseconds(static_cast<std::int64_t>(*count));
}

std::optional<unsigned> parse_mode(std::string_view text) {
  constexpr unsigned most = 0777;
  unsigned mode = 0;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, mode, 8);
  if (read.ec != std::errc() || read.ptr != end || mode > most) return std::nullopt;
  return mode;
}

std::string size_text(std::uint64_t size) {
  constexpr std::array<Unit, 3> units = {
      {{"GiB", kKibi * kKibi * kKibi}, {"MiB", kKibi * kKibi}, {"KiB", kKibi}}};
  return text_in(units, size, "");
}

std::string duration_text(std::chrono::milliseconds duration) {
  constexpr std::array<Unit, 1> units = {{{"s", 1'000}}};
  if (duration.count() == 0) return "0";
  return text_in(units, static_cast<std::uint64_t>(duration.count()), "ms");
}

}  // namespace wscast::program
