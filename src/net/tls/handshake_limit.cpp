#include "net/tls/handshake_limit.h"

#include <chrono>
#include <string>

#include "base/log.h"

namespace wscast::net {
namespace {

constexpr auto kLogPause = std::chrono::minutes(1);

}  // namespace

bool HandshakeLimit::begin(std::size_t most) {
  if (under_way_.fetch_add(1, std::memory_order_relaxed) < most) return true;
  end();
  note_refusal(most);
  return false;
}

void HandshakeLimit::note_refusal(std::size_t most) {
  {
    const std::lock_guard lock(mutex_);
    const SteadyTime now = clock_.now();
    if (logged_ && now - *logged_ < kLogPause) return;
    logged_ = now;
  }
  log(LogLevel::warning, "tls_handshakes_over_limit",
      "connections are closed since " + std::to_string(most) +
          " TLS handshakes are under way; further ones are only counted");
}

}  // namespace wscast::net
