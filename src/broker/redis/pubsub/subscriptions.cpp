#include "broker/redis/pubsub/subscriptions.h"

#include <algorithm>
#include <iterator>

namespace wscast::redis {

namespace {

using State = ChannelState;
using Verb = SubscribeVerb;

}  // namespace

Subscriptions::Subscriptions(Settings settings) : Subscriptions(settings, Permanent{}) {}

Subscriptions::Subscriptions(Settings settings, const Permanent& permanent)
    : settings_(settings), permanent_(permanent), refused_(settings.retry_refused_after) {}

void Subscriptions::add(const std::vector<std::string>& channels, Done done, SteadyTime now) {
  const bool waits = done && up_;
  const bool late = done && !up_;
  if (waits) pending_.begin(std::move(done), now + settings_.answer_timeout);
  std::size_t needed = 0;
  try {
    for (; needed < channels.size(); ++needed) need(channels[needed], waits);
    if (late) pending_.add_late(std::move(done));
  } catch (...) {
    if (waits) pending_.cancel();
    while (needed > 0) need_less(channels[--needed]);
    throw;
  }
  if (waits) pending_.end();
}

/// `waits`: so does the pending call that was begun last.
void Subscriptions::need(const std::string& channel, bool waits) {
  ChannelNode& node = node_of(channel);
  ChannelEntry& entry = node.second;
  const bool becomes_needed = entry.needed + 1 > 0 && entry.state != State::subscribed;
  // Before the command is written, so that a channel that is there twice is in it once.
  if (becomes_needed && entry.state != State::subscribing) mark_changed(node);
  if (becomes_needed && waits) pending_.wait_for(entry);
  if (++entry.needed == 1 && entry.delayed) entry.renewed = true;
  erase_if_idle(node);
}

/// Takes need() back. A channel that is subscribed for nothing is unsubscribed when it was needed
/// and is not any more, or with the connection.
void Subscriptions::need_less(const std::string& channel) noexcept {
  const auto known = channels_.find(std::string_view(channel));
  if (known == channels_.end()) return;
  --known->second.needed;
  erase_if_idle(*known);
}

void Subscriptions::remove(const std::vector<std::string>& channels, SteadyTime now) {
  for (const auto& channel : channels) {
    ChannelNode& node = node_of(channel);
    ChannelEntry& entry = node.second;
    if (--entry.needed == 0) {
      // A channel that is being subscribed is looked at again when Redis has confirmed it.
      if (entry.state == State::subscribed) delay_unsubscribe(node, now);
      if (entry.state == State::refused) {
        entry.state = State::none;
        refused_.remove(node);
      }
    }
    erase_if_idle(node);
  }
}

bool Subscriptions::on_subscribed(std::string_view channel, SteadyTime now) {
  ChannelNode* const node = in_flight_.confirm(Verb::subscribe, channel);
  if (node == nullptr) return false;
  if (permanent_.confirm(node)) return true;
  ChannelEntry& entry = node->second;
  entry.state = State::subscribed;
  entry.suspect = false;
  settle(*node, false);
  if (entry.needed <= 0) delay_unsubscribe(*node, now);
  return true;
}

bool Subscriptions::on_unsubscribed(std::string_view channel) {
  ChannelNode* const node = in_flight_.confirm(Verb::unsubscribe, channel);
  if (node == nullptr) return false;
  // One that was needed again at once is subscribed again by a command behind the UNSUBSCRIBE.
  if (node->second.state != State::unsubscribing) return true;
  node->second.state = State::none;
  if (node->second.needed > 0) mark_changed(*node);
  erase_if_idle(*node);
  return true;
}

bool Subscriptions::on_pattern_subscribed(std::string_view pattern) {
  const ChannelNode* const node = in_flight_.confirm(Verb::psubscribe, pattern);
  return node != nullptr && permanent_.confirm(node);
}

bool Subscriptions::on_error(std::string_view words, SteadyTime now) {
  const auto command = in_flight_.take_refused();
  if (!command) return false;
  ChannelNode& first = *command->nodes.front();
  if (permanent_.contains(&first)) {
    refusals_.push_back(
        {text_of(command->verb), std::string(first.first.view()), std::string(words), true});
  } else if (command->verb == Verb::unsubscribe) {
    refuse_unsubscribe(*command, words);
  } else if (command->nodes.size() > 1) {
    split(*command);
  } else {
    refuse(first, words, now);
  }
  return true;
}

void Subscriptions::on_connected() {
  up_ = true;
  permanent_.on_connected();
  for (auto& node : channels_) {
    node.second.state = State::none;
    if (node.second.needed <= 0) continue;
    node.second.initial = true;
    ++initial_;
    mark_changed(node);
  }
}

void Subscriptions::on_disconnected() {
  up_ = false;
  pending_.expire_all();
  changed_.clear();
  in_flight_.clear();
  delayed_.clear();
  refused_.clear();
  initial_ = 0;
  permanent_.on_disconnected();
  for (auto at = channels_.begin(); at != channels_.end();) {
    const auto needed = at->second.needed;
    const bool suspect = at->second.suspect;
    at->second = {};
    at->second.needed = needed;
    at->second.suspect = suspect;
    at = needed == 0 ? channels_.erase(at) : std::next(at);
  }
}

void Subscriptions::on_time(SteadyTime now) {
  pending_.expire(now);
  unsubscribe_due(now);
  for (ChannelNode* node : refused_.take_due(now)) {
    node->second.state = State::none;
    mark_changed(*node);
  }
}

std::optional<SteadyTime> Subscriptions::next_deadline() const {
  auto next = pending_.next_deadline();
  if (!delayed_.empty() && (!next || delayed_.front().when < *next)) next = delayed_.front().when;
  const auto retry = refused_.next_retry();
  if (retry && (!next || *retry < *next)) next = retry;
  return next;
}

std::string Subscriptions::take_commands() {
  std::string commands;
  if (!up_) return commands;
  SubscribeCommands::Writer subscribe(commands, in_flight_, Verb::subscribe);
  SubscribeCommands::Writer unsubscribe(commands, in_flight_, Verb::unsubscribe);
  // UNSUBSCRIBE first: a channel is never in both, and Redis keeps less in the meantime.
  for (auto* node : changed_) {
    if (node->second.state != State::subscribed || node->second.needed > 0) continue;
    node->second.state = State::unsubscribing;
    unsubscribe.add(*node);
  }
  unsubscribe.flush();
  for (auto* node : changed_) {
    ChannelEntry& entry = node->second;
    if (entry.needed <= 0 || entry.state == State::subscribed ||
        entry.state == State::subscribing) {
      continue;
    }
    refused_.remove(*node);
    entry.state = State::subscribing;
    subscribe.add(*node);
  }
  subscribe.flush();
  for (auto* node : std::exchange(changed_, {})) {
    node->second.changed = false;
    // It is not needed any more, so no call has to wait for it.
    if (node->second.state != State::subscribing) settle(node->second);
    erase_if_idle(*node);
  }
  // Last, so that their confirmation is that of everything before.
  permanent_.write(commands, in_flight_);
  return commands;
}

bool Subscriptions::needs(std::string_view channel) const {
  const auto at = channels_.find(channel);
  return at != channels_.end() && at->second.needed > 0;
}

bool Subscriptions::subscribed(std::string_view channel) const {
  const auto at = channels_.find(channel);
  return at != channels_.end() && at->second.state == State::subscribed;
}

ChannelNode& Subscriptions::node_of(std::string_view channel) {
  const auto known = channels_.find(channel);
  return known != channels_.end() ? *known : *channels_.try_emplace(channel).first;
}

void Subscriptions::mark_changed(ChannelNode& node) {
  if (!up_ || node.second.changed) return;
  changed_.push_back(&node);
  node.second.changed = true;
}

/// Redis does not say which of them it refused.
void Subscriptions::split(const SubscribeCommands::Command& command) {
  for (ChannelNode* node : command.nodes) {
    ChannelEntry& entry = node->second;
    entry.state = State::none;
    entry.suspect = true;
    if (entry.needed > 0) {
      mark_changed(*node);
    } else {
      settle(entry);
      erase_if_idle(*node);
    }
  }
}

void Subscriptions::refuse(ChannelNode& node, std::string_view words, SteadyTime now) {
  ChannelEntry& entry = node.second;
  refusals_.push_back(
      {text_of(Verb::subscribe), std::string(node.first.view()), std::string(words)});
  entry.suspect = true;
  settle(node, true);
  if (entry.needed > 0) {
    entry.state = State::refused;
    refused_.add(node, now);
  } else {
    entry.state = State::none;
    erase_if_idle(node);
  }
}

/// Messages still come on such channels until the connection ends; they are of no concern here.
void Subscriptions::refuse_unsubscribe(const SubscribeCommands::Command& command,
                                       std::string_view words) {
  refusals_.push_back({text_of(command.verb), std::string(command.nodes.front()->first.view()),
                       std::string(words)});
  for (ChannelNode* node : command.nodes) {
    if (node->second.state != State::unsubscribing) continue;
    node->second.state = State::none;
    if (node->second.needed > 0) mark_changed(*node);
    erase_if_idle(*node);
  }
}

/// The channel's initial and pending subscriptions need not wait for it any more: nobody needs it.
void Subscriptions::settle(ChannelEntry& entry) {
  if (entry.initial) --initial_;
  entry.initial = false;
  pending_.on_settled(entry);
}

/// The same when Redis has answered.
void Subscriptions::settle(ChannelNode& node, bool refused) {
  ChannelEntry& entry = node.second;
  if (entry.initial) --initial_;
  entry.initial = false;
  const std::string_view channel = node.first.view();
  const bool late = pending_.on_settled(entry, refused ? &channel : nullptr);
  const bool missed = late || (entry.missed && !refused);
  if (missed && entry.needed > 0) settled_late_.emplace_back(channel);
  entry.missed = refused && entry.needed > 0;
}

void Subscriptions::delay_unsubscribe(ChannelNode& node, SteadyTime now) {
  ChannelEntry& entry = node.second;
  if (entry.delayed) {
    entry.renewed = true;
    return;
  }
  delayed_.push_back({&node, now + settings_.unsubscribe_after});
  entry.delayed = true;
  entry.renewed = false;
}

void Subscriptions::unsubscribe_due(SteadyTime now) {
  while (!delayed_.empty() && delayed_.front().when <= now) {
    ChannelNode& node = *delayed_.front().node;
    delayed_.pop_front();
    ChannelEntry& entry = node.second;
    entry.delayed = false;
    if (entry.needed > 0 || entry.state != State::subscribed) {
      erase_if_idle(node);
    } else if (entry.renewed) {
      delay_unsubscribe(node, now);
    } else {
      mark_changed(node);
    }
  }
}

void Subscriptions::erase_if_idle(ChannelNode& node) {
  const ChannelEntry& entry = node.second;
  if (entry.needed != 0 || entry.state != State::none || entry.changed || entry.delayed) return;
  channels_.erase(channels_.find(node.first.view()));
}

}  // namespace wscast::redis
