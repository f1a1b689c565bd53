#include "auth/grant.h"

#include <algorithm>
#include <cstddef>

namespace wscast::program {

bool matches(std::string_view pattern, std::string_view text) {
  const std::size_t star = pattern.find('*');
  if (star == std::string_view::npos) return pattern == text;
  if (!text.starts_with(pattern.substr(0, star))) return false;
  // The shortest match of what stands before the next star leaves the most to what follows.
  pattern.remove_prefix(star + 1);
  text.remove_prefix(star);
  while (true) {
    const std::size_t next = pattern.find('*');
    const std::string_view part = pattern.substr(0, next);
    if (next == std::string_view::npos) return text.ends_with(part);
    const std::size_t at = text.find(part);
    if (at == std::string_view::npos) return false;
    text.remove_prefix(at + part.size());
    pattern.remove_prefix(next + 1);
  }
}

bool Grant::allows(std::string_view room) const {
  return std::ranges::any_of(room_patterns,
                             [room](const std::string& pattern) { return matches(pattern, room); });
}

}  // namespace wscast::program
