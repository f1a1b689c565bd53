#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "net/poller.h"

namespace wscast::net {

class Connection;

/// What is due for the connections of one priority: their events, and their writes. Shard thread
/// only.
struct DueWork {
  bool pending() const { return !unread.empty() || !pending_flush.empty(); }

  std::size_t unflushed() const { return pending_flush.size() - flushed; }

  /// Forgets those of `pending_flush` that are flushed.
  void drop_flushed() noexcept {
    pending_flush.erase(pending_flush.begin(),
                        pending_flush.begin() + static_cast<std::ptrdiff_t>(flushed));
    flushed = 0;
  }

  Poller poller{};
  std::span<const Ready> unread{};  ///< Events of the poller that were not handled yet.

  // The shard keeps room for an entry of each slot, so that adding never fails.
  std::vector<Connection*> pending_flush{};  ///< Each at most once, behind those flushed already.
  std::size_t flushed = 0;                   ///< How many of pending_flush are, in this phase.
};

}  // namespace wscast::net
