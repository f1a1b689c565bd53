#pragma once

#include <atomic>
#include <cstddef>
#include <system_error>

#include "wscast/store.h"

#include "base/named_log.h"
#include "server/backplane_port.h"
#include "server/hook_runner.h"
#include "server/shard_executor.h"

namespace wscast::server {

/// Texts that servers share by their broker (protocol.md X13). Any thread.
class SharedStore {
 public:
  static constexpr std::size_t kMaxOpen = 10'000;  ///< Requests under way.

  /// `executor` is that of the broker's shard. All of them must outlive it.
  SharedStore(ShardExecutor& executor, const std::atomic<bool>& running, BackplanePort& backplane,
              const NamedLog& log)
      : executor_(executor), running_(running), backplane_(backplane), runner_(executor, log) {}

  /// The call of that name of Server.
  std::error_code store(const Store& call);

 private:
  ShardExecutor& executor_;
  const std::atomic<bool>& running_;
  BackplanePort& backplane_;
  HookRunner runner_;
  std::atomic<std::size_t> open_{0};
};

}  // namespace wscast::server
