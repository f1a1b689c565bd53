#include "api/route.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "api/equal_short.h"

namespace wscast::program {
namespace {

/// Cuts the text before the first `separator` off.
std::string_view take_until(std::string_view& text, char separator) {
  const auto end = text.find(separator);
  const std::string_view part = text.substr(0, end);
  text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  return part;
}

}  // namespace

std::optional<std::string> percent_decoded(std::string_view text) {
  constexpr int hexadecimal = 16;
  std::string out;
  while (!text.empty()) {
    if (text.front() != '%') {
      out += text.front();
      text.remove_prefix(1);
      continue;
    }
    if (text.size() < 3) return std::nullopt;
    unsigned byte = 0;
    const auto parsed = std::from_chars(text.data() + 1, text.data() + 3, byte, hexadecimal);
    if (parsed.ec != std::errc() || parsed.ptr != text.data() + 3) return std::nullopt;
    out += static_cast<char>(byte);
    text.remove_prefix(3);
  }
  return out;
}

std::optional<std::vector<std::string>> match_path(std::string_view pattern,
                                                   std::string_view path) {
  if (pattern.find('{') == pattern.npos) {
    return equal_short(pattern, path) ? std::optional(std::vector<std::string>()) : std::nullopt;
  }
  if (std::ranges::count(pattern, '/') != std::ranges::count(path, '/')) return std::nullopt;
  std::vector<std::string> parameters;
  while (!pattern.empty()) {
    const std::string_view expected = take_until(pattern, '/');
    const std::string_view segment = take_until(path, '/');
    if (!expected.starts_with('{')) {
      if (expected != segment) return std::nullopt;
      continue;
    }
    auto parameter = percent_decoded(segment);
    if (!parameter || parameter->empty()) return std::nullopt;
    parameters.push_back(std::move(*parameter));
  }
  return parameters;
}

std::optional<std::string> query_parameter(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    std::string_view pair = take_until(query, '&');
    if (take_until(pair, '=') != name) continue;
    std::string value(pair);
    std::ranges::replace(value, '+', ' ');  // As forms are encoded; a plus is %2B.
    return percent_decoded(value);
  }
  return std::nullopt;
}

}  // namespace wscast::program
