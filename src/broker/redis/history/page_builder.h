#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "broker/history.h"
#include "broker/redis/history/script_replies.h"

namespace wscast::redis {

/// Puts a page of a room's history together from its parts, which are read one after the other
/// while messages are added and trimmed. No I/O.
class PageBuilder {
 public:
  /// `max_bytes`: as in HistoryRead.
  PageBuilder(std::uint64_t after, std::size_t max_bytes)
      : after_(after), max_bytes_(max_bytes), through_(after) {}

  /// What to read next.
  std::uint64_t after() const { return through_; }
  std::optional<std::uint64_t> up_to() const { return up_to_; }

  /// Returns whether the page is whole. If the epoch changed it begins anew.
  bool add(ReadReply part);

  /// The page.
  HistoryPage take();

 private:
  const std::uint64_t after_;
  const std::size_t max_bytes_;
  std::uint64_t through_;
  std::optional<std::uint64_t> up_to_;  ///< The newest when it began; later ones are not chased.
  HistoryPage page_{};
  std::size_t bytes_ = 0;
};

}  // namespace wscast::redis
