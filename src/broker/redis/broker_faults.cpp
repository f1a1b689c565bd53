#include "broker/redis/broker_faults.h"

#include <utility>

namespace wscast::redis {

void BrokerFaults::set(Cause cause, std::string sentence) {
  sentences_[static_cast<std::size_t>(cause)] = std::move(sentence);
  std::string text;
  for (const std::string& part : sentences_) {
    if (part.empty() || text.find(part) != std::string::npos) continue;
    if (!text.empty()) text += "; ";
    text += part;
  }
  const std::lock_guard lock(mutex_);
  text_ = std::move(text);
}

std::string BrokerFaults::text() const {
  const std::lock_guard lock(mutex_);
  return text_;
}

}  // namespace wscast::redis
