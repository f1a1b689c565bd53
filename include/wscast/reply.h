#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

namespace wscast {

/// How a hook ended without an answer.
struct HookFailed {
  std::string what;  ///< What it threw, in words; empty: its Reply was dropped unanswered.
  bool dropped = false;
};

/// A hook's answer (std::monostate for one that answers nothing), or its failure.
template <class Answer>
using HookOutcome =
    std::variant<std::conditional_t<std::is_void_v<Answer>, std::monostate, Answer>, HookFailed>;

/// The answer that a hook owes, for hooks that know it later. Copies are one and the same; the
/// first answer counts, later ones do nothing. May be called from any thread, inside the hook or
/// long after it, also when the client or the server is gone. When the last copy goes unanswered
/// the hook has refused.
template <class Answer>
class Reply {
 public:
  using Deliver = std::function<void(HookOutcome<Answer>)>;

  explicit Reply(Deliver deliver) : state_(std::make_shared<State>(std::move(deliver))) {}

  template <class Given>
  requires(!std::is_void_v<Answer>) && std::is_convertible_v<Given, Answer> void operator()(
                                           Given&& answer) const {
    state_->settle(HookOutcome<Answer>(std::in_place_index<0>, std::forward<Given>(answer)));
  }

  void operator()() const requires std::is_void_v<Answer> { state_->settle(HookOutcome<Answer>()); }

  /// As if the hook had thrown an exception that says `what`. False: it had answered before.
  bool fail(std::string_view what) const {
    return state_->settle(HookFailed{.what = std::string(what)});
  }

 private:
  struct State {
    explicit State(Deliver given) : deliver(std::move(given)) {}
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State() { settle(HookFailed{.what = {}, .dropped = true}); }

    bool settle(HookOutcome<Answer> outcome) noexcept {
      if (settled.exchange(true)) return false;
      deliver(std::move(outcome));
      return true;
    }

    Deliver deliver;
    std::atomic<bool> settled{false};
  };

  std::shared_ptr<State> state_;
};

/// One of the application's decisions, in either spelling: a function that returns its answer, or
/// one that takes a Reply and gives the answer when it knows it. (`wscast/asio.hpp` adds a third:
/// a coroutine.)
template <class Request, class Answer>
class Hook {
 public:
  using Returning = std::function<Answer(const Request&)>;
  using Replying = std::function<void(const Request&, Reply<Answer>)>;

  /// None.
  Hook() = default;
  // As std::function; what would hide copying is left out by `requires`.
  // NOLINTBEGIN(google-explicit-constructor,bugprone-forwarding-reference-overload)
  Hook(std::nullptr_t) {}

  template <class Function>
  requires(!std::is_same_v<std::remove_cvref_t<Function>, Hook>) &&
      std::is_invocable_r_v<Answer, Function&, const Request&> Hook(Function&& function)
      : returning_(std::forward<Function>(function)) {}

  template <class Function>
  requires(!std::is_same_v<std::remove_cvref_t<Function>, Hook>) &&
      std::is_invocable_v<Function&, const Request&, Reply<Answer>> Hook(Function&& function)
      : replying_(std::forward<Function>(function)) {}
  // NOLINTEND(google-explicit-constructor,bugprone-forwarding-reference-overload)

  explicit operator bool() const noexcept { return returning_ || replying_; }

  /// Which spelling it is; the other one is empty.
  const Returning& returning() const noexcept { return returning_; }
  const Replying& replying() const noexcept { return replying_; }

 private:
  Returning returning_;
  Replying replying_;
};

}  // namespace wscast
