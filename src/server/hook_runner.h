#pragma once

#include <array>
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
#include "server/mailbox.h"
#include "server/named_log.h"

namespace wscast::server {

/// The application's hooks, as log lines call them.
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

/// Calls the application's hooks: catches what they throw, counts and logs it, notices the slow
/// ones, and brings late answers back to the shard's thread. Shard thread only.
class HookRunner {
 public:
  HookRunner(Counters& counters, const Clock& clock, const NamedLog& log,
             std::shared_ptr<Mailbox> mailbox)
      : counters_(counters), clock_(clock), log_(log), mailbox_(std::move(mailbox)) {}

  /// Calls `hook`, and `done` with what came of it: inside the call when the hook returns its
  /// answer, else later, on this thread. Exactly once, unless the shard ends first.
  template <class Request, class Answer, class Done>
  void run(HookName name, const Hook<Request, Answer>& hook, const Request& request, Done done) {
    if (hook.returning()) {
      HookOutcome<Answer> outcome = HookFailed{};
      guard(name, [&] {
        if constexpr (std::is_void_v<Answer>) {
          hook.returning()(request);
          outcome.template emplace<0>();
        } else {
          outcome.template emplace<0>(hook.returning()(request));
        }
      });
      return done(std::move(outcome));
    }
    const auto deliver = [this, name, done, mailbox = mailbox_](HookOutcome<Answer> outcome) {
      auto shared = std::make_shared<HookOutcome<Answer>>(std::move(outcome));
      mailbox->post([this, name, done, shared] {
        const auto* failed = std::get_if<HookFailed>(&*shared);
        if (failed != nullptr && !failed->dropped) note_failure(name, failed->what);
        done(std::move(*shared));
      });
    };
    const Reply<Answer> reply(deliver);
    const SteadyTime begin = clock_.now();
    if (const auto what = what_of([&] { hook.replying()(request, reply); })) {
      if (!reply.fail(*what)) note_failure(name, *what);
    }
    note_time(name, begin);
  }

  /// The hook has kept its Reply for too long. Logged once a hook.
  void note_timeout(HookName name);

  /// Runs `call`, which may throw.
  void guard(HookName name, const std::function<void()>& call);

 private:
  /// What `call` threw, in words.
  static std::optional<std::string> what_of(const std::function<void()>& call);
  void note_failure(HookName name, std::string_view what);
  bool told(std::string_view cause);
  void note_time(HookName name, SteadyTime begin);

  Counters& counters_;
  const Clock& clock_;
  const NamedLog& log_;
  const std::shared_ptr<Mailbox> mailbox_;
  std::array<bool, static_cast<std::size_t>(HookName::count_)> told_slow_{};
  std::array<bool, static_cast<std::size_t>(HookName::count_)> told_timeout_{};
  std::set<std::string> told_causes_;  ///< Of the transformer's failures.
};

}  // namespace wscast::server
