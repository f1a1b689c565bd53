#include "net/address_limiter.h"

namespace wscast::net {

AddressLimiter::Result AddressLimiter::admit(const IpAddress& address) {
  const std::size_t max = max_per_address_;
  if (max == 0) return {};
  const AddressKey key = key_of(address);
  const std::lock_guard lock(mutex_);
  std::size_t& count = counts_[key];
  if (count >= max) return {.admitted = false};
  ++count;
  try {
    return {.admission = std::make_unique<AddressAdmission>(*this, key)};
  } catch (...) {
    if (--count == 0) counts_.erase(key);
    throw;
  }
}

void AddressLimiter::release(const AddressKey& key) {
  const std::lock_guard lock(mutex_);
  const auto found = counts_.find(key);
  if (--found->second == 0) counts_.erase(found);
}

}  // namespace wscast::net
