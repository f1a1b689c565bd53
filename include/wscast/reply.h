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

/// The end of a hook without a response.
struct HookFailed {
  std::string what;      ///< The message of its exception; empty: it dropped its Reply.
  bool dropped = false;  ///< It dropped its Reply: no copy is left, and none was called.
};

/// A hook's response (std::monostate for a hook without one), or its failure.
template <class Response>
using HookOutcome =
    std::variant<std::conditional_t<std::is_void_v<Response>, std::monostate, Response>,
                 HookFailed>;

/// Delivers the response of a hook that does not have it when it returns. Copies are equivalent:
/// the first call of any of them counts, later ones are no-ops. Any thread, inside the hook or long
/// after it, also when the client or the server is gone. When the last copy is destroyed without a
/// call, the hook has rejected the request.
template <class Response>
class Reply {
 public:
  using Deliver = std::function<void(HookOutcome<Response>)>;

  explicit Reply(Deliver deliver) : state_(std::make_shared<State>(std::move(deliver))) {}

  template <class Given>
  requires(!std::is_void_v<Response>) && std::is_convertible_v<Given, Response> void operator()(
                                             Given&& response) const {
    state_->settle(HookOutcome<Response>(std::in_place_index<0>, std::forward<Given>(response)));
  }

  void operator()() const requires std::is_void_v<Response> {
    state_->settle(HookOutcome<Response>());
  }

  /// Fails as if the hook had thrown an exception whose message is `what`. Returns false, and does
  /// nothing, if a copy was called before.
  bool fail(std::string_view what) const {
    return state_->settle(HookFailed{.what = std::string(what)});
  }

 private:
  struct State {
    explicit State(Deliver given) : deliver(std::move(given)) {}
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State() { settle(HookFailed{.what = {}, .dropped = true}); }

    bool settle(HookOutcome<Response> outcome) noexcept {
      if (settled.exchange(true)) return false;
      deliver(std::move(outcome));
      return true;
    }

    Deliver deliver;
    std::atomic<bool> settled{false};
  };

  std::shared_ptr<State> state_;
};

/// A function that the server calls for a decision of the application, in one of two forms: it
/// returns its response, or it takes a Reply and calls that when it has the response.
/// (`wscast/asio.hpp` adds a third: a coroutine.) Empty by default.
template <class Request, class Response>
class Hook {
 public:
  using Returning = std::function<Response(const Request&)>;
  using Replying = std::function<void(const Request&, Reply<Response>)>;

  Hook() = default;
  // As std::function; what would hide copying is left out by `requires`.
  // NOLINTBEGIN(google-explicit-constructor,bugprone-forwarding-reference-overload)
  Hook(std::nullptr_t) {}

  template <class Function>
  requires(!std::is_same_v<std::remove_cvref_t<Function>, Hook>) &&
      std::is_invocable_r_v<Response, Function&, const Request&> Hook(Function&& function)
      : returning_(std::forward<Function>(function)) {}

  template <class Function>
  requires(!std::is_same_v<std::remove_cvref_t<Function>, Hook>) &&
      std::is_invocable_v<Function&, const Request&, Reply<Response>> Hook(Function&& function)
      : replying_(std::forward<Function>(function)) {}
  // NOLINTEND(google-explicit-constructor,bugprone-forwarding-reference-overload)

  explicit operator bool() const noexcept { return returning_ || replying_; }

  /// The function, in the form that it has; the other one is empty.
  const Returning& returning() const noexcept { return returning_; }
  const Replying& replying() const noexcept { return replying_; }

 private:
  Returning returning_;
  Replying replying_;
};

}  // namespace wscast
