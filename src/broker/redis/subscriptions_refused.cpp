// What Subscriptions does about a command that Redis refuses.

#include <chrono>
#include <utility>

#include "broker/redis/subscriptions.h"

namespace wscast::redis {
namespace {

constexpr std::size_t kMaxRetries = 1'000;
constexpr auto kRetryPause = std::chrono::seconds(1);

}  // namespace

bool Subscriptions::on_error(std::string_view words, SteadyTime now) {
  if (under_way_.empty()) return false;
  Command command = std::move(under_way_.front());
  under_way_.pop_front();
  command.nodes.erase(command.nodes.begin(),
                      command.nodes.begin() + static_cast<std::ptrdiff_t>(command.confirmed));
  Node& first = *command.nodes.front();
  if (find_always(&first) != nullptr) {
    refusals_.push_back({text_of(command.verb), first.first, std::string(words), true});
  } else if (command.verb == Verb::unsubscribe) {
    refuse_to_end(command, words);
  } else if (command.nodes.size() > 1) {
    split(command);
  } else {
    refuse(first, words, now);
  }
  return true;
}

/// Which of them is meant is not said.
void Subscriptions::split(const Command& command) {
  for (Node* node : command.nodes) {
    Entry& entry = node->second;
    entry.state = State::none;
    entry.suspect = true;
    if (entry.needed > 0) {
      mark(*node);
    } else {
      no_more_initial(entry);
      answer_waiters(entry);
      forget_if_idle(*node);
    }
  }
}

void Subscriptions::refuse(Node& node, std::string_view words, SteadyTime now) {
  Entry& entry = node.second;
  refusals_.push_back({text_of(Verb::subscribe), node.first, std::string(words)});
  entry.suspect = true;
  no_more_initial(entry);
  answer_waiters(entry, &node.first);
  if (entry.needed > 0) {
    entry.state = State::refused;
    refused_.insert(&node);
    if (!retry_at_) retry_at_ = now + settings_.retry_refused_after;
  } else {
    entry.state = State::none;
    forget_if_idle(node);
  }
}

/// What comes on such a channel until the link ends concerns nobody here.
void Subscriptions::refuse_to_end(const Command& command, std::string_view words) {
  refusals_.push_back({text_of(command.verb), command.nodes.front()->first, std::string(words)});
  for (Node* node : command.nodes) {
    if (node->second.state != State::unsubscribing) continue;
    node->second.state = State::none;
    if (node->second.needed > 0) mark(*node);
    forget_if_idle(*node);
  }
}

void Subscriptions::retry_refused(SteadyTime now) {
  auto at = refused_.upper_bound(retried_last_);
  for (std::size_t n = 0; n < kMaxRetries && at != refused_.end(); ++n) {
    auto& node = const_cast<Node&>(**at);
    at = refused_.erase(at);
    retried_last_ = &node;
    node.second.state = State::none;
    mark(node);
  }
  const bool all = at == refused_.end();
  if (all) retried_last_ = nullptr;
  retry_at_.reset();
  if (!refused_.empty()) retry_at_ = now + (all ? settings_.retry_refused_after : kRetryPause);
}

}  // namespace wscast::redis
