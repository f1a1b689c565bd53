#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <new>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "wscast/reply.h"

#include "base/clock.h"
#include "base/counters.h"
#include "base/named_log.h"
#include "server/hook_times.h"
#include "server/shard_executor.h"
#include "server/shard_executor_handle.h"

namespace wscast::server {

/// How long hooks of one kind run in one loop iteration.
inline constexpr auto kHookSlice = std::chrono::milliseconds(2);
inline constexpr std::size_t kHooksPerClockRead = 16;

/// Calls the application's hooks: catches, counts and logs what they throw, counts the slow ones,
/// and brings late results back to the shard's thread. Shard thread only.
class HookRunner {
 public:
  /// All of them must outlive it. `times`: gets how long hooks take; null: that is not measured.
  HookRunner(ShardExecutor& executor, const NamedLog& log, HookTimes* times = nullptr)
      : counters_(executor.counters()),
        clock_(executor.clock()),
        log_(log),
        times_(times),
        handle_(std::make_shared<ShardExecutorHandle>(executor)) {}
  HookRunner(const HookRunner&) = delete;
  HookRunner& operator=(const HookRunner&) = delete;

  /// Results that come later are dropped.
  ~HookRunner() { handle_->close(); }

  /// Calls `hook`, and `done` with its outcome: inside the call when the hook returns its result,
  /// else later, on this thread. Exactly once, unless the shard ends first. `done` must not throw.
  /// Throws std::bad_alloc before the hook has been called, and never after.
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
    // The memory for the way back of a late result is taken now: it must not be lost then.
    auto late = std::make_shared<LateResult<Result, Done>>(*this, name, std::move(done));
    const Reply<Result> reply([late, handle = handle_](HookOutcome<Result> outcome) {
      late->outcome = std::move(outcome);
      handle->post(late);
    });
    const SteadyTime begin = clock_.now();
    late->begin = begin;
    const auto step = [&] { hook.replying()(request, reply); };
    call(name, step, [&reply](std::string_view what) { return reply.fail(what); });
    note_time(name, clock_.now() - begin);
  }

  /// Runs results that came while there was no memory to announce them.
  void run_stranded() { handle_->run_stranded(); }

  /// The hook has not used its Reply in time. Logged once per hook.
  void note_timeout(HookName name) noexcept;

  /// Runs `step`, which may throw.
  template <class Step>
  void guard(HookName name, Step step) noexcept {
    const SteadyTime begin = clock_.now();
    call(name, step, [](std::string_view) { return false; });
    const SteadyTime end = clock_.now();
    if (times_ != nullptr) times_->add(name, begin, end);
    note_time(name, end - begin);
  }

 private:
  template <class Result, class Done>
  struct LateResult final : LateTask {
    LateResult(HookRunner& runner, HookName name, Done done)
        : runner_(runner), name_(name), done_(std::move(done)) {}

    void run() noexcept override {
      if (runner_.times_ != nullptr) runner_.times_->add(name_, begin, runner_.clock_.now());
      const auto* failed = std::get_if<HookFailed>(&outcome);
      if (failed != nullptr && !failed->dropped) runner_.note_failure(name_, failed->what);
      done_(std::move(outcome));
    }

    HookOutcome<Result> outcome = HookFailed{};
    SteadyTime begin{};  ///< When the hook was called.

   private:
    HookRunner& runner_;
    const HookName name_;
    Done done_;
  };

  /// Runs `step`. What it throws is reported by `fail`, or if that returns false noted here.
  template <class Step, class Fail>
  void call(HookName name, const Step& step, Fail fail) noexcept {
    try {
      step();
    } catch (const std::exception& error) {
      on_throw(name, error.what(), fail);
    } catch (...) {
      on_throw(name, "not a std::exception", fail);
    }
  }
  template <class Fail>
  void on_throw(HookName name, std::string_view what, Fail& fail) noexcept {
    try {
      if (!fail(what)) note_failure(name, what);
    } catch (const std::bad_alloc&) {  // Without the words.
      if (!fail({})) note_failure(name, what);
    }
  }
  void note_failure(HookName name, std::string_view what) noexcept;
  bool already_logged(std::string_view cause);
  void note_time(HookName name, std::chrono::nanoseconds took) noexcept;

  Counters& counters_;
  const Clock& clock_;
  const NamedLog& log_;
  HookTimes* const times_;
  const std::shared_ptr<ShardExecutorHandle> handle_;
  std::array<bool, kHooks> logged_slow_{};
  std::array<bool, kHooks> logged_timeout_{};
  std::set<std::string> logged_causes_;  ///< Why the transformer failed.
};

}  // namespace wscast::server
