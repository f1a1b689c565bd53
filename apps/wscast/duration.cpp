#include "duration.h"

#include <array>
#include <charconv>
#include <cstdint>
#include <utility>

namespace wscast::program {
namespace {

constexpr std::array<std::pair<std::string_view, std::int64_t>, 3> kUnits = {
    {{"ms", 1}, {"s", 1'000}, {"m", 60'000}}};
constexpr std::int64_t kMost = 1'000'000'000;

}  // namespace

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
  std::int64_t count = 0;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, count);
  if (read.ec != std::errc() || count < 0 || count > kMost) return std::nullopt;
  const std::string_view unit(read.ptr, static_cast<std::size_t>(end - read.ptr));
  if (unit.empty() && count == 0) return std::chrono::milliseconds(0);
  for (const auto& [name, milliseconds] : kUnits) {
    if (unit == name) return std::chrono::milliseconds(count * milliseconds);
  }
  return std::nullopt;
}

}  // namespace wscast::program
