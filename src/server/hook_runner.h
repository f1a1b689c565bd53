#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "wscast/reply.h"

#include "base/clock.h"
#include "base/counters.h"
#include "server/named_log.h"
#include "server/shard_executor.h"
#include "server/shard_executor_handle.h"

namespace wscast::server {

/// How long hooks of one kind run in one loop iteration.
inline constexpr auto kHookSlice = std::chrono::milliseconds(2);
inline constexpr std::size_t kHooksPerClockRead = 16;

/// The application's hooks, for log lines.
enum class HookName : std::uint8_t {
  authenticate,
  handshake,
  validate_rooms,
  connected,
  disconnected,
  message,
  outbound_transformer,
  on_result,
  count_,
};

/// Calls the application's hooks: catches, counts and logs what they throw, counts the slow ones,
/// and brings late results back to the shard's thread. Shard thread only.
class HookRunner {
 public:
  /// Both must outlive it.
  HookRunner(ShardExecutor& executor, const NamedLog& log)
      : counters_(executor.counters()),
        clock_(executor.clock()),
        log_(log),
        handle_(std::make_shared<ShardExecutorHandle>(executor)) {}
  HookRunner(const HookRunner&) = delete;
  HookRunner& operator=(const HookRunner&) = delete;

  /// Results that come later are dropped.
  ~HookRunner() { handle_->close(); }

  /// Calls `hook`, and `done` with its outcome: inside the call when the hook returns its result,
  /// else later, on this thread. Exactly once, unless the shard ends first.
  template <class Request, class Result, class Done>
  void run(HookName name, const Hook<Request, Result>& hook, const Request& request, Done done) {
    if (hook.returning()) {
      HookOutcome<Result> outcome = HookFailed{};
      guard(name, [&] {
        if constexpr (std::is_void_v<Result>) {
          hook.returning()(request);
          outcome.template emplace<0>();
        } else {
          outcome.template emplace<0>(hook.returning()(request));
        }
      });
      return done(std::move(outcome));
    }
    const auto deliver = [this, name, done, handle = handle_](HookOutcome<Result> outcome) {
      auto shared = std::make_shared<HookOutcome<Result>>(std::move(outcome));
      handle->post([this, name, done, shared] {
        const auto* failed = std::get_if<HookFailed>(&*shared);
        if (failed != nullptr && !failed->dropped) note_failure(name, failed->what);
        done(std::move(*shared));
      });
    };
    const Reply<Result> reply(deliver);
    const SteadyTime begin = clock_.now();
    if (const auto what = thrown_by([&] { hook.replying()(request, reply); })) {
      if (!reply.fail(*what)) note_failure(name, *what);
    }
    note_time(name, begin);
  }

  /// The hook has not used its Reply in time. Logged once per hook.
  void note_timeout(HookName name);

  /// Runs `call`, which may throw.
  void guard(HookName name, const std::function<void()>& call);

 private:
  /// Returns the message of what `call` threw.
  static std::optional<std::string> thrown_by(const std::function<void()>& call);
  void note_failure(HookName name, std::string_view what);
  bool already_logged(std::string_view cause);
  void note_time(HookName name, SteadyTime begin);

  Counters& counters_;
  const Clock& clock_;
  const NamedLog& log_;
  const std::shared_ptr<ShardExecutorHandle> handle_;
  std::array<bool, static_cast<std::size_t>(HookName::count_)> logged_slow_{};
  std::array<bool, static_cast<std::size_t>(HookName::count_)> logged_timeout_{};
  std::set<std::string> logged_causes_;  ///< Why the transformer failed.
};

}  // namespace wscast::server
