#include "auth/revocation.h"

#include <algorithm>
#include <array>
#include <ctime>
#include <optional>
#include <stdexcept>
#include <string_view>

namespace wscast::program {
namespace {

constexpr std::string_view kUntil = " until ";
constexpr const char* kTimeFormat = "%Y-%m-%dT%H:%M:%SZ";
constexpr std::size_t kTimeLength = 20;

std::string time_text(Revocation::Time time) {
  const std::time_t seconds = time.time_since_epoch().count();
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 32> text{};
  return {text.data(), std::strftime(text.data(), text.size(), kTimeFormat, &parts)};
}

/// Only what time_text() writes: strptime() takes more.
std::optional<Revocation::Time> parse_time(const std::string& text) {
  std::tm parts{};
  const char* end = strptime(text.c_str(), kTimeFormat, &parts);
  if (end == nullptr || *end != '\0') return std::nullopt;
  const Revocation::Time time{std::chrono::seconds(timegm(&parts))};
  if (text.size() != kTimeLength || time_text(time) != text) return std::nullopt;
  return time;
}

/// As the server takes it, which counts in smaller units and not as far.
std::chrono::system_clock::time_point clamped(Revocation::Time time) {
  using Fine = std::chrono::system_clock::time_point;
  return time < std::chrono::floor<std::chrono::seconds>(Fine::max()) ? Fine(time) : Fine::max();
}

}  // namespace

Revocation Revocation::parse(const std::string& text) {
  const auto at = text.rfind(kUntil);
  Revocation revocation{.user_id = text.substr(0, at)};
  if (at != std::string::npos) {
    const std::string time = text.substr(at + kUntil.size());
    const auto until = parse_time(time);
    if (!until) {
      throw std::invalid_argument("\"" + time + "\" is not a time, such as 2026-12-31T18:00:00Z");
    }
    revocation.until = *until;
  }
  if (revocation.user_id.empty()) throw std::invalid_argument("\"" + text + "\" names no user");
  return revocation;
}

std::string Revocation::text() const {
  if (until == Time::max()) return user_id;
  return user_id + std::string(kUntil) + time_text(until);
}

void apply_revocations(Server& server, const std::vector<Revocation>& before,
                       const std::vector<Revocation>& now) {
  for (const Revocation& old : before) {
    const bool stays = std::ranges::find(now, old.user_id, &Revocation::user_id) != now.end();
    if (!stays) server.revoke_user({.user_id = old.user_id, .until = {}});
  }
  for (const Revocation& revocation : now) {
    server.revoke_user({.user_id = revocation.user_id, .until = clamped(revocation.until)});
  }
}

}  // namespace wscast::program
