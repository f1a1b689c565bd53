#pragma once

#include <span>

#include "net/flush_queue.h"
#include "net/poller.h"

namespace wscast::net {

/// What is due for the connections of one priority: their events, and their writes. Shard thread
/// only.
struct DueWork {
  bool pending() const { return !unread.empty() || !flushes.empty(); }

  Poller poller{};
  std::span<const Ready> unread{};  ///< Events of the poller that were not handled yet.
  FlushQueue flushes{};
};

}  // namespace wscast::net
