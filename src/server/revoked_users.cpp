#include "server/revoked_users.h"

#include <algorithm>

namespace wscast::server {
namespace {

constexpr std::size_t kLeastSize = 64;

}  // namespace

void RevokedUsers::revoke(std::string_view user, WallTime until, WallTime now) {
  const auto found = users_.find(user);
  if (until <= now) {
    if (found != users_.end()) users_.erase(found);
    return;
  }
  if (found != users_.end()) {
    found->second = until;
    return;
  }
  if (users_.size() >= std::max(size_to_forget_, kLeastSize)) forget_passed(now);
  users_.emplace(user, until);
}

bool RevokedUsers::revoked(std::string_view user, WallTime now) const {
  if (users_.empty()) return false;
  const auto found = users_.find(user);
  return found != users_.end() && now < found->second;
}

/// Each time about as many entries have come as there were: it costs little for each.
void RevokedUsers::forget_passed(WallTime now) {
  boost::unordered::erase_if(users_, [now](const auto& entry) { return entry.second <= now; });
  size_to_forget_ = 2 * users_.size();
}

}  // namespace wscast::server
