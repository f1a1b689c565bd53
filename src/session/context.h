#pragma once

#include <cstddef>
#include <string_view>

#include "wscast/options.h"

#include "base/clock.h"
#include "base/counters.h"
#include "hub/hub.h"
#include "session/delegate.h"
#include "session/encrypted_channel.h"
#include "session/history_rules.h"

namespace wscast::session {

/// Shared by the sessions of one shard, which it outlives. Shard thread only.
struct Context {
  const SessionOptions& options;
  const TransportOptions& transport_options;
  hub::Hub& hub;
  Delegate& delegate;
  Counters& counters;
  const Clock& clock;
  std::size_t shard = 0;
  ChannelContext* ecdh = nullptr;  ///< Null: encryption is left to the hooks.
  bool invalid_transform_logged = false;
  const HistoryRules* history = nullptr;  ///< Null: no room has a history.

  /// Counts and logs that a hook's result was not UTF-8 (protocol.md M16).
  void report_invalid_result(std::string_view hook) const;

  /// The same for the outbound transformer's (E3). Logs the first only, as for its exceptions: it
  /// may happen for each message.
  void report_invalid_transform();
};

}  // namespace wscast::session
