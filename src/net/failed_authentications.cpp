#include "net/failed_authentications.h"

#include <iterator>

namespace wscast::net {

bool FailedAuthentications::record(const IpAddress& address, SteadyTime now) {
  const std::size_t max = max_per_address_;
  if (max == 0) return false;
  const AddressKey key = key_of(address);
  const std::lock_guard lock(mutex_);
  while (!entries_.empty() && entries_.front().begin + kWindow <= now) forget_oldest();
  return ++entry_of(key, now).failures == max;
}

FailedAuthentications::Entry& FailedAuthentications::entry_of(const AddressKey& address,
                                                              SteadyTime now) {
  if (const auto found = index_.find(address); found != index_.end()) return *found->second;
  if (entries_.size() >= max_addresses_) forget_oldest();
  entries_.push_back({address, now});
  try {
    index_.emplace(address, std::prev(entries_.end()));
  } catch (...) {
    entries_.pop_back();
    throw;
  }
  count_ = entries_.size();
  return entries_.back();
}

void FailedAuthentications::forget_oldest() {
  index_.erase(entries_.front().address);
  entries_.pop_front();
  count_ = entries_.size();
}

std::chrono::seconds FailedAuthentications::blocked_for(const IpAddress& address, SteadyTime now) {
  const std::size_t max = max_per_address_;
  if (max == 0) return {};
  const AddressKey key = key_of(address);
  const std::lock_guard lock(mutex_);
  const auto found = index_.find(key);
  if (found == index_.end() || found->second->failures < max) return {};
  const auto left = found->second->begin + kWindow - now;
  return left.count() > 0 ? std::chrono::ceil<std::chrono::seconds>(left) : std::chrono::seconds(0);
}

}  // namespace wscast::net
