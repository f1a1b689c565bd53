#pragma once

#include <memory>
#include <utility>
#include <variant>
#include <vector>

#include "wscast/reply.h"

namespace wscast {

/// What the replies that this hands out deliver, in order. Not for two threads at once.
template <class Answer>
class Outcomes {
 public:
  Reply<Answer> reply() const {
    return Reply<Answer>(
        [seen = seen_](HookOutcome<Answer> outcome) { seen->push_back(std::move(outcome)); });
  }

  std::size_t count() const { return seen_->size(); }

  /// The answer, if that is all there is.
  const auto* answer() const { return only<0>(); }

  /// The failure, if that is all there is.
  const HookFailed* failed() const { return only<1>(); }

 private:
  template <std::size_t Index>
  auto only() const {
    return seen_->size() == 1 ? std::get_if<Index>(&seen_->front()) : nullptr;
  }

  std::shared_ptr<std::vector<HookOutcome<Answer>>> seen_ =
      std::make_shared<std::vector<HookOutcome<Answer>>>();
};

/// Asks as a server does, in the hook's own spelling.
template <class Request, class Answer>
Outcomes<Answer> ask(const Hook<Request, Answer>& hook, const Request& request) {
  Outcomes<Answer> outcomes;
  if (hook.replying()) {
    hook.replying()(request, outcomes.reply());
  } else if constexpr (std::is_void_v<Answer>) {
    hook.returning()(request);
    outcomes.reply()();
  } else {
    outcomes.reply()(hook.returning()(request));
  }
  return outcomes;
}

}  // namespace wscast
