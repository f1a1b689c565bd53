#include "broker/memory/memory_history.h"

#include <algorithm>
#include <iterator>
#include <stdexcept>
#include <utility>

#include "base/random_id.h"

namespace wscast {
namespace {

constexpr auto kKeyTime = std::chrono::minutes(5);
constexpr auto kPositionTime = std::chrono::hours(24);  ///< Behind the last message.

/// A call adds one room and one message at most, so that more than one of each keeps up.
constexpr int kRoomsPerSweep = 2;
constexpr int kEntriesPerTrim = 16;

/// protocol.md H3.
std::string with_position(const std::string& envelope, const Position& position) {
  std::string text(envelope, 0, envelope.size() - 1);
  text.append(",\"offset\":").append(std::to_string(position.offset));
  text.append(",\"epoch\":\"").append(position.epoch).append("\"}");
  return text;
}

}  // namespace

MemoryHistory::MemoryHistory(Host host, Random& random, const Clock& clock)
    : host_(std::move(host)), random_(random), clock_(clock) {}

void MemoryHistory::append(HistoryAppend append, Appended done) {
  host_.later([this, append = std::move(append), done = std::move(done)]() mutable {
    const auto appended = keep(std::move(append));
    if (done) done(appended);
  });
}

void MemoryHistory::read(HistoryRead read, Page done) {
  host_.later([this, read = std::move(read), done = std::move(done)] { done(page(read)); });
}

void MemoryHistory::read_positions(std::vector<Room> rooms, Positions done) {
  host_.later([this, rooms = std::move(rooms), done = std::move(done)] { done(positions(rooms)); });
}

/// After std::bad_alloc nothing has changed.
HistoryAppended MemoryHistory::keep(HistoryAppend append) {
  auto* const log = use(append.room, append.limits);
  if (log == nullptr) return {};
  if (const auto known = log->offsets.find(append.key); known != log->offsets.end())
    return {Backplane::ok, {known->second, log->epoch}, true};
  const auto now = clock_.now();
  const Position position{log->last + 1, log->epoch};
  const auto delivered = with_position(append.envelope, position);
  log->entries.push_back({now, std::move(append.envelope)});
  try {
    if (!append.key.empty()) remember(*log, {std::move(append.key), position.offset, now});
  } catch (...) {
    log->entries.pop_back();
    throw;
  }
  log->last = position.offset;
  trim(*log);
  host_.deliver(delivered);
  return {Backplane::ok, position, false};
}

void MemoryHistory::remember(Log& log, Key key) {
  log.keys.push_back(std::move(key));
  try {
    log.offsets.emplace(log.keys.back().text, log.keys.back().offset);
  } catch (...) {
    log.keys.pop_back();
    throw;
  }
}

/// Expired messages are left out, also those that are still to be freed.
HistoryPage MemoryHistory::page(const HistoryRead& read) {
  const auto* const log = use(read.room, read.limits);
  if (log == nullptr) return {};
  HistoryPage page{true, log->epoch, log->last, {}};
  const auto oldest = clock_.now() - read.limits.ttl;
  const auto& entries = log->entries;
  const auto kept = std::partition_point(entries.begin(), entries.end(),
                                         [&](const Kept& entry) { return entry.at < oldest; });
  const auto available = static_cast<std::uint64_t>(entries.end() - kept);
  const auto behind = read.after < log->last ? log->last - read.after : 0;
  const auto count = std::min({available, behind, std::uint64_t{read.limits.size}});
  auto offset = log->last - count;
  std::size_t bytes = 0;
  for (auto entry = entries.end() - static_cast<std::ptrdiff_t>(count);
       entry != entries.end() && bytes < read.max_bytes; ++entry) {
    page.entries.push_back({++offset, entry->envelope});
    bytes += entry->envelope.size();
  }
  return page;
}

std::vector<std::optional<Position>> MemoryHistory::positions(const std::vector<Room>& rooms) {
  std::vector<std::optional<Position>> positions;
  positions.reserve(rooms.size());
  for (const auto& room : rooms) {
    const auto* const log = use(room.name, room.limits);
    positions.push_back(log == nullptr ? std::nullopt
                                       : std::optional(Position{log->last, log->epoch}));
  }
  return positions;
}

/// Null: stopped, or the system has no randomness for an epoch.
MemoryHistory::Log* MemoryHistory::use(const std::string& room, const HistoryLimits& limits) {
  if (stopped_) return nullptr;
  sweep();
  const auto known = logs_.find(room);
  auto* const log = known == logs_.end() ? create(room) : &*known->second;
  if (log == nullptr) return nullptr;
  log->limits = limits;
  log->used_at = clock_.now();
  trim(*log);
  return log;
}

MemoryHistory::Log* MemoryHistory::create(const std::string& room) {
  std::string epoch;
  try {
    epoch = random_id(random_);
  } catch (const std::runtime_error&) {
    return nullptr;
  }
  order_.push_back({room, std::move(epoch), {}, clock_.now()});
  try {
    logs_.emplace(order_.back().name, std::prev(order_.end()));
  } catch (...) {
    order_.pop_back();
    throw;
  }
  return &order_.back();
}

/// Goes round, so that each room has its turn.
void MemoryHistory::sweep() {
  for (int i = 0; i < kRoomsPerSweep && !order_.empty(); ++i) {
    auto& log = order_.front();
    trim(log);
    if (forgotten(log)) {
      logs_.erase(log.name);
      order_.pop_front();
    } else {
      order_.splice(order_.end(), order_, order_.begin());
    }
  }
}

/// Of the keys, which are few, all that have expired: what is left is known.
void MemoryHistory::trim(Log& log) const {
  const auto now = clock_.now();
  const auto superfluous = [&] {
    return log.entries.size() > log.limits.size ||
           (!log.entries.empty() && log.entries.front().at < now - log.limits.ttl);
  };
  for (int i = 0; i < kEntriesPerTrim && superfluous(); ++i) log.entries.pop_front();
  while (!log.keys.empty() && log.keys.front().at < now - kKeyTime) {
    log.offsets.erase(log.keys.front().text);
    log.keys.pop_front();
  }
}

bool MemoryHistory::forgotten(const Log& log) const {
  return log.entries.empty() && clock_.now() - log.used_at > log.limits.ttl + kPositionTime;
}

}  // namespace wscast
