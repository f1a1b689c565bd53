#include "broker/redis/subscriptions.h"

#include <span>
#include <utility>

#include "broker/redis/command.h"

namespace wscast::redis {
namespace {

/// Gathers channels into commands that are neither so many nor so long that Redis, or the link,
/// works on one for long.
class CommandWriter {
 public:
  CommandWriter(std::string& out, std::string_view verb) : out_(out), words_{verb} {}

  void add(std::string_view channel) {
    if (words_.size() > kChannelsMax ||
        (words_.size() > 1 && bytes_ + channel.size() > kBytesMax)) {
      flush();
    }
    words_.push_back(channel);
    bytes_ += channel.size() + kBytesAroundAWord;
  }

  void flush() {
    if (words_.size() == 1) return;
    append_command(out_, words_);
    words_.resize(1);
    bytes_ = 0;
  }

 private:
  static constexpr std::size_t kChannelsMax = 1'000;
  static constexpr std::size_t kBytesMax = 64 * 1024;
  static constexpr std::size_t kBytesAroundAWord = 12;

  std::string& out_;
  std::vector<std::string_view> words_;
  std::size_t bytes_ = 0;
};

}  // namespace

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

bool Subscriptions::on_subscribed(std::string_view channel, SteadyTime now) {
  const auto at = entries_.find(channel);
  if (at == entries_.end() || at->second.state != State::subscribing) return false;
  at->second.state = State::subscribed;
  answer_waiters(at->second);
  if (at->second.needed <= 0) linger(*at, now);
  return true;
}

bool Subscriptions::on_unsubscribed(std::string_view channel) {
  const auto at = entries_.find(channel);
  if (at == entries_.end()) return false;
  // One that was needed again at once has been subscribed anew behind the UNSUBSCRIBE.
  if (at->second.state == State::subscribing) return true;
  if (at->second.state != State::unsubscribing) return false;
  at->second.state = State::none;
  if (at->second.needed > 0) mark(*at);
  forget_if_idle(*at);
  return true;
}

void Subscriptions::on_link_up() {
  up_ = true;
  for (auto& node : entries_) {
    node.second.state = State::none;
    if (node.second.needed > 0) mark(node);
  }
}

void Subscriptions::on_link_down() {
  up_ = false;
  for (auto& waiter : waiters_) {
    if (waiter.done) finish(waiter, true);
  }
  drop_finished_waiters();
  dirty_.clear();
  lingering_.clear();
  for (auto at = entries_.begin(); at != entries_.end();) {
    const auto needed = at->second.needed;
    at->second = {};
    at->second.needed = needed;
    at = needed == 0 ? entries_.erase(at) : std::next(at);
  }
}

void Subscriptions::on_time(SteadyTime now) {
  for (auto& waiter : waiters_) {
    if (waiter.deadline > now) break;
    if (waiter.done) finish(waiter, true);
  }
  drop_finished_waiters();
  end_lingering(now);
}

std::optional<SteadyTime> Subscriptions::next_deadline() const {
  std::optional<SteadyTime> next;
  if (!waiters_.empty()) next = waiters_.front().deadline;
  if (!lingering_.empty() && (!next || lingering_.front().until < *next)) {
    next = lingering_.front().until;
  }
  return next;
}

std::string Subscriptions::take_commands() {
  std::string commands;
  if (!up_) return commands;
  CommandWriter subscribe(commands, "SUBSCRIBE");
  CommandWriter unsubscribe(commands, "UNSUBSCRIBE");
  // UNSUBSCRIBE first: a channel is never in both, and less is to be kept in the meantime.
  for (auto* node : dirty_) {
    if (node->second.state != State::subscribed || node->second.needed > 0) continue;
    node->second.state = State::unsubscribing;
    unsubscribe.add(node->first);
  }
  unsubscribe.flush();
  for (auto* node : dirty_) {
    Entry& entry = node->second;
    if (entry.needed <= 0 || entry.state == State::subscribed ||
        entry.state == State::subscribing) {
      continue;
    }
    entry.state = State::subscribing;
    subscribe.add(node->first);
  }
  subscribe.flush();
  for (auto* node : std::exchange(dirty_, {})) {
    node->second.dirty = false;
    // Nobody needs it any more, so nobody has to wait for it.
    if (node->second.state != State::subscribing) answer_waiters(node->second);
    forget_if_idle(*node);
  }
  drop_finished_waiters();
  return commands;
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

void Subscriptions::end_lingering(SteadyTime now) {
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

void Subscriptions::answer_waiters(Entry& entry) {
  const auto waiters = std::move(entry.waiters);
  if (!waiters) return;
  for (const auto number : *waiters) {
    if (number < first_waiter_) continue;  // It was late.
    Waiter& waiter = waiters_[number - first_waiter_];
    if (waiter.done && --waiter.missing == 0) finish(waiter, false);
  }
  drop_finished_waiters();
}

void Subscriptions::finish(Waiter& waiter, bool late) {
  through_.push_back(std::exchange(waiter.done, {}));
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
