#include "broker/redis/subscriptions.h"

#include <algorithm>
#include <span>
#include <utility>

#include "broker/redis/command.h"

namespace wscast::redis {

/// Gathers channels into commands that are neither so many nor so long that Redis, or the link,
/// works on one for long.
class Subscriptions::CommandWriter {
 public:
  CommandWriter(std::string& out, std::deque<Command>& under_way, Verb verb)
      : out_(out), under_way_(under_way), verb_(verb) {}

  void add(Node& node) {
    const std::size_t size = node.first.size();
    const bool full = nodes_.size() >= kMaxChannels || bytes_ + size > kMaxBytes;
    if (node.second.suspect || (!nodes_.empty() && full)) flush();
    nodes_.push_back(&node);
    bytes_ += size + kBytesAroundAWord;
    if (node.second.suspect) flush();
  }

  void flush() {
    if (nodes_.empty()) return;
    std::vector<std::string_view> words{text_of(verb_)};
    words.reserve(nodes_.size() + 1);
    for (const Node* node : nodes_) words.emplace_back(node->first);
    append_command(out_, words);
    under_way_.push_back({verb_, std::exchange(nodes_, {})});
    bytes_ = 0;
  }

 private:
  static constexpr std::size_t kMaxChannels = 1'000;
  static constexpr std::size_t kMaxBytes = 64 * 1024;
  static constexpr std::size_t kBytesAroundAWord = 12;

  std::string& out_;
  std::deque<Command>& under_way_;
  const Verb verb_;
  std::vector<Node*> nodes_;
  std::size_t bytes_ = 0;
};

std::string_view Subscriptions::text_of(Verb verb) {
  switch (verb) {
    case Verb::subscribe:
      return "SUBSCRIBE";
    case Verb::unsubscribe:
      return "UNSUBSCRIBE";
    case Verb::psubscribe:
      break;
  }
  return "PSUBSCRIBE";
}

Subscriptions::Subscriptions(Settings settings) : Subscriptions(settings, Always{}) {}

Subscriptions::Subscriptions(Settings settings, const Always& always) : settings_(settings) {
  for (const auto& pattern : always.patterns) {
    always_.push_back({Verb::psubscribe, Node(pattern, Entry{})});
  }
  for (const auto& channel : always.channels) {
    always_.push_back({Verb::subscribe, Node(channel, Entry{})});
  }
  always_missing_ = always_.size();
}

void Subscriptions::add(std::vector<std::string> channels, Done done, SteadyTime now) {
  const auto number = first_waiter_ + waiters_.size();
  std::size_t missing = 0;
  for (auto& channel : channels) {
    auto& node = *entries_.try_emplace(std::move(channel)).first;
    Entry& entry = node.second;
    if (++entry.needed == 1 && entry.lingering) entry.renewed = true;
    if (entry.needed > 0 && entry.state != State::subscribed) {
      // Before the link is told, so that a channel that is there twice is told once.
      if (entry.state != State::subscribing) mark(node);
      if (done && up_) {
        wait(node, number);
        ++missing;
      }
    }
    forget_if_idle(node);
  }
  if (!done) return;
  waiters_.push_back({std::move(done), missing, now + settings_.answer_timeout});
  if (!up_ || missing == 0) finish(waiters_.back(), !up_);
  drop_finished_waiters();
}

void Subscriptions::remove(const std::vector<std::string>& channels, SteadyTime now) {
  for (const auto& channel : channels) {
    auto& node = *entries_.try_emplace(channel).first;
    if (--node.second.needed == 0) let_go(node, now);
    forget_if_idle(node);
  }
}

/// The entry that a confirmation is about, if the oldest command waits for that.
Subscriptions::Node* Subscriptions::confirm(Verb verb, std::string_view channel) {
  if (under_way_.empty() || under_way_.front().verb != verb) return nullptr;
  Command& command = under_way_.front();
  const auto next = command.nodes.begin() + static_cast<std::ptrdiff_t>(command.confirmed);
  const auto at = std::find_if(next, command.nodes.end(),
                               [channel](const Node* node) { return node->first == channel; });
  if (at == command.nodes.end()) return nullptr;
  std::iter_swap(next, at);  // In its place already, unless something between us and Redis mixes.
  Node* const node = *next;
  if (++command.confirmed == command.nodes.size()) under_way_.pop_front();
  return node;
}

bool Subscriptions::on_subscribed(std::string_view channel, SteadyTime now) {
  Node* const node = confirm(Verb::subscribe, channel);
  if (node == nullptr) return false;
  if (confirm_always(node)) return true;
  Entry& entry = node->second;
  entry.state = State::subscribed;
  entry.suspect = false;
  no_more_initial(entry);
  answer_waiters(entry);
  if (entry.needed <= 0) linger(*node, now);
  return true;
}

bool Subscriptions::on_unsubscribed(std::string_view channel) {
  Node* const node = confirm(Verb::unsubscribe, channel);
  if (node == nullptr) return false;
  // One that was needed again at once has been subscribed anew behind the UNSUBSCRIBE.
  if (node->second.state != State::unsubscribing) return true;
  node->second.state = State::none;
  if (node->second.needed > 0) mark(*node);
  forget_if_idle(*node);
  return true;
}

bool Subscriptions::on_pattern_subscribed(std::string_view pattern) {
  const Node* const node = confirm(Verb::psubscribe, pattern);
  return node != nullptr && confirm_always(node);
}

Subscriptions::AlwaysNode* Subscriptions::find_always(const Node* node) {
  for (auto& always : always_) {
    if (&always.node == node) return &always;
  }
  return nullptr;
}

bool Subscriptions::confirm_always(const Node* node) {
  if (find_always(node) == nullptr) return false;
  --always_missing_;
  return true;
}

void Subscriptions::no_more_initial(Entry& entry) {
  if (entry.initial) --initial_;
  entry.initial = false;
}

void Subscriptions::on_link_up() {
  up_ = true;
  always_missing_ = always_.size();
  always_due_ = !always_.empty();
  for (auto& node : entries_) {
    node.second.state = State::none;
    if (node.second.needed <= 0) continue;
    node.second.initial = true;
    ++initial_;
    mark(node);
  }
}

void Subscriptions::on_link_down() {
  up_ = false;
  for (auto& waiter : waiters_) {
    if (waiter.done) finish(waiter, true);
  }
  drop_finished_waiters();
  dirty_.clear();
  under_way_.clear();
  lingering_.clear();
  refused_.clear();
  retried_last_ = nullptr;
  retry_at_.reset();
  initial_ = 0;
  always_due_ = false;
  for (auto at = entries_.begin(); at != entries_.end();) {
    const auto needed = at->second.needed;
    const bool suspect = at->second.suspect;
    at->second = {};
    at->second.needed = needed;
    at->second.suspect = suspect;
    at = needed == 0 ? entries_.erase(at) : std::next(at);
  }
}

void Subscriptions::on_time(SteadyTime now) {
  for (auto& waiter : waiters_) {
    if (waiter.deadline > now) break;
    if (waiter.done) finish(waiter, true);
  }
  drop_finished_waiters();
  end_draining(now);
  if (retry_at_ && *retry_at_ <= now) retry_refused(now);
}

std::optional<SteadyTime> Subscriptions::next_deadline() const {
  std::optional<SteadyTime> next;
  if (!waiters_.empty()) next = waiters_.front().deadline;
  if (!lingering_.empty() && (!next || lingering_.front().until < *next)) {
    next = lingering_.front().until;
  }
  if (retry_at_ && (!next || *retry_at_ < *next)) next = retry_at_;
  return next;
}

std::string Subscriptions::take_commands() {
  std::string commands;
  if (!up_) return commands;
  CommandWriter subscribe(commands, under_way_, Verb::subscribe);
  CommandWriter unsubscribe(commands, under_way_, Verb::unsubscribe);
  // UNSUBSCRIBE first: a channel is never in both, and less is to be kept in the meantime.
  for (auto* node : dirty_) {
    if (node->second.state != State::subscribed || node->second.needed > 0) continue;
    node->second.state = State::unsubscribing;
    unsubscribe.add(*node);
  }
  unsubscribe.flush();
  for (auto* node : dirty_) {
    Entry& entry = node->second;
    if (entry.needed <= 0 || entry.state == State::subscribed ||
        entry.state == State::subscribing) {
      continue;
    }
    refused_.erase(node);
    entry.state = State::subscribing;
    subscribe.add(*node);
  }
  subscribe.flush();
  for (auto* node : std::exchange(dirty_, {})) {
    node->second.dirty = false;
    // Nobody needs it any more, so nobody has to wait for it.
    if (node->second.state != State::subscribing) {
      no_more_initial(node->second);
      answer_waiters(node->second);
    }
    forget_if_idle(*node);
  }
  drop_finished_waiters();
  if (std::exchange(always_due_, false)) write_always(commands);
  return commands;
}

/// Last, so that their confirmation is that of everything before; each in a command of its own, so
/// that a refusal names its channel.
void Subscriptions::write_always(std::string& commands) {
  for (AlwaysNode& always : always_) {
    CommandWriter writer(commands, under_way_, always.verb);
    writer.add(always.node);
    writer.flush();
  }
}

bool Subscriptions::needs(std::string_view channel) const {
  const auto at = entries_.find(channel);
  return at != entries_.end() && at->second.needed > 0;
}

bool Subscriptions::subscribed(std::string_view channel) const {
  const auto at = entries_.find(channel);
  return at != entries_.end() && at->second.state == State::subscribed;
}

void Subscriptions::mark(Node& node) {
  if (!up_ || node.second.dirty) return;
  node.second.dirty = true;
  dirty_.push_back(&node);
}

void Subscriptions::let_go(Node& node, SteadyTime now) {
  // What is being subscribed is judged again when Redis has confirmed it.
  if (node.second.state == State::subscribed) linger(node, now);
  if (node.second.state != State::refused) return;
  node.second.state = State::none;
  refused_.erase(&node);
}

void Subscriptions::linger(Node& node, SteadyTime now) {
  Entry& entry = node.second;
  if (entry.lingering) {
    entry.renewed = true;
    return;
  }
  entry.lingering = true;
  entry.renewed = false;
  lingering_.push_back({&node, now + settings_.unsubscribe_after});
}

void Subscriptions::end_draining(SteadyTime now) {
  while (!lingering_.empty() && lingering_.front().until <= now) {
    Node& node = *lingering_.front().node;
    lingering_.pop_front();
    Entry& entry = node.second;
    entry.lingering = false;
    if (entry.needed > 0 || entry.state != State::subscribed) {
      forget_if_idle(node);
    } else if (entry.renewed) {
      linger(node, now);
    } else {
      mark(node);
    }
  }
}

void Subscriptions::wait(Node& node, std::uint64_t waiter) {
  auto& waiters = node.second.waiters;
  if (!waiters) waiters = std::make_unique<std::vector<std::uint64_t>>();
  waiters->push_back(waiter);
}

/// `refused`: the entry's channel, if that is why nobody waits for it any more.
void Subscriptions::answer_waiters(Entry& entry, const std::string* refused) {
  const auto waiters = std::move(entry.waiters);
  if (!waiters) return;
  for (const auto number : *waiters) {
    if (number < first_waiter_) continue;  // It was late.
    Waiter& waiter = waiters_[number - first_waiter_];
    if (!waiter.done) continue;
    if (refused != nullptr) waiter.refused.push_back(*refused);
    if (--waiter.missing == 0) finish(waiter, false);
  }
  drop_finished_waiters();
}

void Subscriptions::finish(Waiter& waiter, bool late) {
  through_.push_back({std::exchange(waiter.done, {}), std::move(waiter.refused)});
  if (late) ++late_;
}

void Subscriptions::drop_finished_waiters() {
  while (!waiters_.empty() && !waiters_.front().done) {
    waiters_.pop_front();
    ++first_waiter_;
  }
}

void Subscriptions::forget_if_idle(Node& node) {
  const Entry& entry = node.second;
  if (entry.needed != 0 || entry.state != State::none || entry.dirty || entry.lingering) return;
  entries_.erase(entries_.find(node.first));
}

}  // namespace wscast::redis
