#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "broker/history.h"

namespace wscast::faults {

/// What a broker is asked about the history of a room, and what it owes for that: each call that
/// did not throw calls back once, one that threw never, and what is said of a message is true.
class HistoryLedger {
 public:
  /// `call` runs something of the broker's as LoneBroker::guarded() does.
  using Guard = std::function<void(const std::function<void()>& call)>;

  /// `guard` must outlive it.
  explicit HistoryLedger(std::string room, Guard guard)
      : room_(std::move(room)), guard_(std::move(guard)) {}

  /// Appends a message. `key` may be empty; messages with the same are one.
  void append(History& history, const std::string& key = "");

  void read(History& history);
  void read_positions(History& history);

  /// Whether nothing is owed any more.
  bool settled() const { return owed() == 0; }
  std::size_t owed() const;

  /// Messages whose call did not throw.
  std::size_t appended() const;

  /// What was read last; empty if it was not available.
  const std::optional<HistoryPage>& page() const { return page_; }

  /// `page` is all of the room, once settled.
  void expect_true(const HistoryPage& page) const;

  /// No call that threw was answered, nor another twice.
  void expect_answered_once() const;

 private:
  /// One call.
  struct Call {
    bool accepted = false;  ///< It did not throw.
    int answers = 0;

    // Of a message.
    std::string envelope{};
    std::string key{};
    HistoryAppended appended{};
  };
  using Shared = std::shared_ptr<Call>;

  Shared add();
  void expect_kept(const HistoryPage& page, const Call& call) const;
  void expect_one_of_key(const Call& call) const;

  const std::string room_;
  const Guard guard_;
  std::vector<Shared> calls_;
  std::optional<HistoryPage> page_;
};

}  // namespace wscast::faults
