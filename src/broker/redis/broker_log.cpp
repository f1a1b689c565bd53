#include "broker/redis/broker_log.h"

#include <utility>

#include "base/log.h"

namespace wscast::redis {
namespace {

constexpr std::size_t kMaxChannelsLogged = 100;

}  // namespace

void BrokerLog::waiting(ConnectionRole role, const std::string& why) {
  logged(role) = why;
  if (std::exchange(waiting_logged_, true)) return;
  log(LogLevel::warning, "redis_waiting", "Redis is not there yet, waiting for it: " + why);
}

void BrokerLog::lost(ConnectionRole role, const std::string& why) {
  if (logged(role) == why) return;
  if (logged_of_other(role) != why) log(LogLevel::warning, "redis_lost", "Redis: " + why);
  logged(role) = why;
}

void BrokerLog::connected(ConnectionRole role, const std::string& peer, bool starting) {
  if (!logged(role).empty() && logged_of_other(role).empty()) {
    log(LogLevel::info, "redis_connected",
        (starting ? "Redis is there: " : "Redis is back: ") + peer);
  }
  logged(role).clear();
}

void BrokerLog::oversize(std::int64_t bytes) {
  if (std::exchange(oversize_logged_, true)) return;
  log(LogLevel::warning, "broker_message_too_long",
      "Redis: dropped a message of " + std::to_string(bytes) +
          " bytes, over max_receive_bytes; others are only counted");
}

void BrokerLog::subscription_refused(const std::string& channel, const std::string& why) {
  if (channels_logged_.size() >= kMaxChannelsLogged) return;
  if (!channels_logged_.insert(channel).second) return;
  const bool last = channels_logged_.size() == kMaxChannelsLogged;
  log(LogLevel::warning, "redis_subscription_refused",
      why + (last ? "; other channels are only counted" : ""));
}

void BrokerLog::publish_refused(const std::string& why) {
  if (publish_refusal_logged_ == why) return;
  publish_refusal_logged_ = why;
  log(LogLevel::error, "redis_publish_refused", "Redis refuses a message: " + why);
}

void BrokerLog::store_refused(const std::string& why) {
  if (store_refusal_logged_ == why) return;
  store_refusal_logged_ = why;
  log(LogLevel::warning, "redis_store_refused",
      "what servers are to share is kept by each alone, since Redis refuses it: " + why);
}

void BrokerLog::history_refused(const std::string& why) {
  if (history_refusal_logged_ == why) return;
  history_refusal_logged_ = why;
  log(LogLevel::error, "redis_history_refused", "Redis refuses the history of a room: " + why);
}

std::string& BrokerLog::logged_of_other(ConnectionRole role) {
  return logged(role == ConnectionRole::publish ? ConnectionRole::subscribe
                                                : ConnectionRole::publish);
}

}  // namespace wscast::redis
