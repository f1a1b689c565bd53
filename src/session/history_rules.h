#pragma once

#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

#include "wscast/history.h"

#include "base/client_id.h"

namespace wscast::session {

/// Finds the rule of a room with history. Immutable; any thread.
class HistoryRules {
 public:
  explicit HistoryRules(std::vector<HistoryRule> rules) : rules_(std::move(rules)) {}

  bool empty() const { return rules_.empty(); }

  /// Null: the room has no history. A client's own room has none.
  const HistoryRule* find(std::string_view room) const {
    if (rules_.empty() || ClientId::parse(room)) return nullptr;
    for (const HistoryRule& rule : rules_) {
      if (matches(rule.match, room)) return &rule;
    }
    return nullptr;
  }

 private:
  /// Each star takes as little as possible, which leaves the most to what follows.
  static bool matches(std::string_view pattern, std::string_view room) {
    std::size_t star = pattern.find('*');
    if (star == std::string_view::npos) return pattern == room;
    if (!room.starts_with(pattern.substr(0, star))) return false;
    room.remove_prefix(star);
    pattern.remove_prefix(star + 1);
    for (star = pattern.find('*'); star != std::string_view::npos; star = pattern.find('*')) {
      const std::size_t at = room.find(pattern.substr(0, star));
      if (at == std::string_view::npos) return false;
      room.remove_prefix(at + star);
      pattern.remove_prefix(star + 1);
    }
    return room.ends_with(pattern);
  }

  const std::vector<HistoryRule> rules_;
};

}  // namespace wscast::session
