#include "client/retry.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace wscast::client {
namespace {

using namespace std::chrono_literals;

// A connection that lasted so long ends a run of failures.
constexpr auto kSteady = 10s;

}  // namespace

Retry::Duration Retry::delay() {
  Duration longest = min_;
  for (unsigned i = 0; i < failures_ && longest < max_; ++i) longest *= 2;
  ++failures_;
  return random_part(std::min(longest, max_));
}

Retry::Duration Retry::random_part(Duration longest) {
  std::array<std::uint8_t, sizeof(std::uint64_t)> bytes{};
  random_.fill(bytes);
  std::uint64_t number = 0;
  std::memcpy(&number, bytes.data(), sizeof number);
  const double part = static_cast<double>(number >> 11) / static_cast<double>(1ULL << 53);
  return Duration(static_cast<Duration::rep>(part * static_cast<double>(longest.count() + 1)));
}

bool is_hopeless(const ConnectionEnd& end) {
  return end.close_code == 4004 || end.close_code == 4010;
}

std::chrono::milliseconds delay_after(const ConnectionEnd& end, Retry& retry) {
  if (end.announced || end.connected >= kSteady) retry.reset();
  if (end.announced) return 0ms;
  // Broken frames, too many messages, too many connections of the user: so soon nothing is better.
  constexpr std::array<std::uint16_t, 4> kUnhurried = {1002, 1007, 4009, 4011};
  return std::ranges::find(kUnhurried, end.close_code) != kUnhurried.end() ? retry.unhurried()
                                                                           : retry.delay();
}

}  // namespace wscast::client
