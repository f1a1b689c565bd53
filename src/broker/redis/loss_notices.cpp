#include "broker/redis/loss_notices.h"

#include <algorithm>

namespace wscast::redis {

void LossNotices::add(std::string_view channel, SteadyTime now) {
  forget_past(now);
  Entry& entry = entry_of(channel, now);
  entry.waiting = true;
  due_ = due_ || entry.not_before <= now;
}

std::vector<std::string> LossNotices::take_due(SteadyTime now) {
  due_ = false;
  std::vector<std::string> channels;
  for (Entry& entry : entries_) {
    if (!entry.waiting || entry.not_before > now) continue;
    channels.push_back(entry.channel);
    entry.waiting = false;
    entry.not_before = now + kMergeWithin;
  }
  return channels;
}

std::optional<SteadyTime> LossNotices::next_deadline() const {
  std::optional<SteadyTime> next;
  for (const Entry& entry : entries_) {
    if (entry.waiting && (!next || entry.not_before < *next)) next = entry.not_before;
  }
  return next;
}

LossNotices::Entry& LossNotices::entry_of(std::string_view channel, SteadyTime now) {
  const auto find = [this](std::string_view name) {
    return std::ranges::find(entries_, name, &Entry::channel);
  };
  if (const auto known = find(channel); known != entries_.end()) return *known;
  const bool full = entries_.size() >= kMaxChannels;
  if (full && !channel.empty()) return entry_of({}, now);
  return entries_.emplace_back(Entry{std::string(channel), now, false});
}

/// Those that were told of more than a second ago, and of nothing since.
void LossNotices::forget_past(SteadyTime now) {
  std::erase_if(entries_,
                [now](const Entry& entry) { return !entry.waiting && entry.not_before <= now; });
}

}  // namespace wscast::redis
