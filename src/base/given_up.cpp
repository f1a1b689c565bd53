#include "base/given_up.h"

#include <atomic>
#include <chrono>
#include <string>

#include "base/log.h"

namespace wscast {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr auto kPause = std::chrono::minutes(1);

std::atomic<SteadyClock::rep> next_line{0};

}  // namespace

void log_given_up(const char* what, const std::exception& error) noexcept try {
  const auto now = SteadyClock::now().time_since_epoch();
  auto due = next_line.load(std::memory_order_relaxed);
  if (now.count() < due) return;
  const std::string line = std::string("memory is short: ") + what + " was given up (" +
                           error.what() + "); more within a minute are only counted";
  const auto next = SteadyClock::duration(now + kPause).count();
  if (next_line.compare_exchange_strong(due, next)) log(LogLevel::error, "out_of_memory", line);
} catch (const std::exception&) {  // The next failure tries again.
}

}  // namespace wscast
