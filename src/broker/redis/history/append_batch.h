#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "broker/history.h"

namespace wscast::redis {

/// What became of a message, and why Redis refused it, if that is known, in its words.
struct AppendOutcome {
  HistoryAppended appended{};
  std::string refusal{};
};
using OnAppended = std::function<void(const AppendOutcome&)>;

/// Messages of one room that follow each other, and share a call of the script. No I/O.
struct AppendBatch {
  std::string room{};
  HistoryLimits limits{};
  std::vector<std::string> envelopes{};
  std::vector<std::string> keys{};  ///< One for each message, or none.
  std::vector<OnAppended> done{};   ///< One for each message.
  std::size_t bytes = 0;            ///< Of the envelopes.

  bool empty() const { return envelopes.empty(); }

  /// Whether the message may join those that are there, if there are any.
  bool fits(const HistoryAppend& append) const;

  /// It must fit.
  void add(HistoryAppend append, OnAppended on_appended);
};

}  // namespace wscast::redis
