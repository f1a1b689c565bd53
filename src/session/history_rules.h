#pragma once

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
  static bool matches(std::string_view pattern, std::string_view room) {
    if (!pattern.ends_with('*')) return pattern == room;
    return room.starts_with(pattern.substr(0, pattern.size() - 1));
  }

  const std::vector<HistoryRule> rules_;
};

}  // namespace wscast::session
