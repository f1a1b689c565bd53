#include "net/tls/ticket_keys.h"

#include <algorithm>

#include <openssl/crypto.h>

namespace wscast::net {

TicketKeys::~TicketKeys() {
  for (Key& key : keys_) OPENSSL_cleanse(&key, sizeof key);
}

TicketKeys::Key TicketKeys::current() {
  const std::lock_guard lock(mutex_);
  const SteadyTime now = clock_.now();
  forget_old(now);
  const bool fresh = !keys_.empty() && now - keys_.back().made < kRotation;
  return fresh ? keys_.back() : renewed(now);
}

std::optional<TicketKeys::Found> TicketKeys::find(std::span<const std::uint8_t, kNameBytes> name) {
  const std::lock_guard lock(mutex_);
  const SteadyTime now = clock_.now();
  forget_old(now);
  const auto found = std::ranges::find_if(
      keys_, [&](const Key& key) { return std::ranges::equal(key.name, name); });
  if (found == keys_.end()) return std::nullopt;
  return Found{.key = *found, .renew = now - found->made >= kRotation};
}

/// A ticket that was made at the end of a key's hour still has its whole life.
void TicketKeys::forget_old(SteadyTime now) {
  const auto old = [now](const Key& key) { return now - key.made >= kRotation + kTicketLife; };
  const auto end = std::ranges::find_if_not(keys_, old);
  std::for_each(keys_.begin(), end, [](Key& key) { OPENSSL_cleanse(&key, sizeof key); });
  keys_.erase(keys_.begin(), end);
}

TicketKeys::Key& TicketKeys::renewed(SteadyTime now) {
  Key key{.made = now};
  random_.fill(key.name);
  random_.fill(key.cipher);
  random_.fill(key.mac);
  return keys_.emplace_back(key);
}

}  // namespace wscast::net
