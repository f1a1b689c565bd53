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
class AppendBatch {
 public:
  struct Message {
    std::string envelope;
    std::string key;  ///< All of a batch have one, or none.
    OnAppended done;
  };

  bool empty() const { return messages_.empty(); }
  const std::string& room() const { return room_; }
  const HistoryLimits& limits() const { return limits_; }
  std::vector<Message>& messages() { return messages_; }

  /// Whether the message may join those that are there, if there are any.
  bool fits(const HistoryAppend& append) const;

  /// It must fit. Throws std::bad_alloc: nothing has changed.
  void add(HistoryAppend append, OnAppended on_appended);

 private:
  std::string room_;
  HistoryLimits limits_{};
  std::vector<Message> messages_;
  std::size_t bytes_ = 0;  ///< Of the envelopes.
};

}  // namespace wscast::redis
