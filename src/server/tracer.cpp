#include "server/tracer.h"

#include <algorithm>
#include <exception>
#include <string>
#include <utility>

#include "wscast/error.h"

#include "base/random_id.h"
#include "protocol/utf8.h"

namespace wscast::server {
namespace {

constexpr std::size_t kMaxIdBytes = 64;
constexpr std::size_t kMaxMessages = 1'000;
constexpr std::chrono::seconds kMaxDuration{600};

bool is_id_character(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
         c == '_';
}

bool is_valid(const StartTrace& start) {
  return !start.id.empty() && start.id.size() <= kMaxIdBytes &&
         std::ranges::all_of(start.id, is_id_character) && !start.target.empty() &&
         protocol::is_utf8(start.target) && start.messages > 0 && start.messages <= kMaxMessages &&
         start.duration.count() > 0 && start.duration <= kMaxDuration;
}

}  // namespace

std::error_code Tracer::start(const StartTrace& start) {
  if (!is_valid(start)) return Errc::invalid_text;
  const SteadyTime now = clock_.now();
  auto log = std::make_shared<TraceLog>(start, now);
  const std::lock_guard lock(mutex_);
  update(now);
  if (const auto old = find(start.id); old != logs_.end()) logs_.erase(old);
  if (logs_.size() >= kMaxTraces) return Errc::overloaded;
  logs_.push_back(std::move(log));
  active_.store(true, std::memory_order_relaxed);
  return {};
}

std::optional<TraceReport> Tracer::report(std::string_view id) const {
  const std::lock_guard lock(mutex_);
  const auto found = find(id);
  if (found == logs_.end()) return std::nullopt;
  return (*found)->report(clock_.now());
}

bool Tracer::stop(std::string_view id) {
  const std::lock_guard lock(mutex_);
  const auto found = find(id);
  if (found == logs_.end()) return false;
  (*found)->end();
  logs_.erase(found);
  update(clock_.now());
  return true;
}

std::shared_ptr<TracedMessage> Tracer::follow(const FanOut& fan_out, std::string_view id) noexcept
    try {
  const SteadyTime now = clock_.now();
  std::vector<TracedMessage::Follower> followers;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& log : logs_) {
      if (!log->open(now)) continue;
      auto found = follower(log, fan_out);
      if (found && log->take_message(now)) followers.push_back(*std::move(found));
    }
    update(now);
  }
  if (followers.empty()) return nullptr;
  const SteadyTime taken = fan_out.origin.taken == SteadyTime{} ? now : fan_out.origin.taken;
  return std::make_shared<TracedMessage>(id.empty() ? random_uuid(random_) : std::string(id),
                                         std::move(followers), clock_, taken);
} catch (const std::exception&) {
  return nullptr;
}

std::shared_ptr<TracedMessage> Tracer::take(FanOut& fan_out, TraceStep step, std::string_view event,
                                            std::size_t bytes, std::string_view id) {
  auto trace = follow(fan_out, id);
  if (trace) trace->on_taken(step, event, bytes);
  fan_out.origin.trace = trace;
  return trace;
}

Tracer::Logs::const_iterator Tracer::find(std::string_view id) const {
  return std::ranges::find(logs_, id, [](const auto& log) -> std::string_view { return log->id; });
}

/// Forgets traces that ended long ago.
void Tracer::update(SteadyTime now) {
  std::erase_if(logs_, [now](const auto& log) { return log->ends + kKept < now; });
  const bool active = std::ranges::any_of(logs_, [now](const auto& log) { return log->open(now); });
  active_.store(active, std::memory_order_relaxed);
}

std::optional<TracedMessage::Follower> Tracer::follower(const std::shared_ptr<TraceLog>& log,
                                                        const FanOut& fan_out) const {
  using To = FanOut::To;
  if (log->kind == TraceKind::room) {
    if (fan_out.to != To::room || fan_out.target != log->target) return std::nullopt;
    return TracedMessage::Follower{log};
  }
  std::vector<ClientId> clients;
  if (log->kind == TraceKind::client) {
    if (fan_out.target == log->target) return TracedMessage::Follower{log};
    if (const auto client = ClientId::parse(log->target)) clients.push_back(*client);
  } else {
    if (fan_out.to == To::user && fan_out.target == log->target) {
      return TracedMessage::Follower{log};
    }
    for (const ClientInfo& info : directory_.infos_of_user(log->target)) {
      if (const auto client = ClientId::parse(info.id)) clients.push_back(*client);
    }
  }
  std::erase_if(clients, [&](const ClientId& client) { return !reaches(fan_out, client); });
  if (clients.empty()) return std::nullopt;
  std::ranges::sort(clients);
  return TracedMessage::Follower{log, std::move(clients)};
}

bool Tracer::reaches(const FanOut& fan_out, const ClientId& client) const {
  if (fan_out.exclude && std::ranges::binary_search(*fan_out.exclude, client)) return false;
  switch (fan_out.to) {
    case FanOut::To::client:
      return fan_out.client == client;
    case FanOut::To::user: {
      const auto info = directory_.info(client);
      return info && info->user_id == fan_out.target;
    }
    case FanOut::To::room:
      return directory_.in_room(client, fan_out.target);
    case FanOut::To::everybody:
      return directory_.shard_of(client).has_value();
    case FanOut::To::topic:
      return false;  // Raw texts are not followed.
  }
  return false;
}

}  // namespace wscast::server
