#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <boost/unordered/unordered_flat_map.hpp>

#include "base/clock.h"
#include "base/string_hash.h"

namespace wscast::server {

/// Users that are refused until a time (protocol.md X9). The time is passed in. No lock.
class RevokedUsers {
 public:
  /// Refuses the user until `until`, instead of what was said of it before; a time that has come
  /// lets it in again. Throws std::bad_alloc, and has then done nothing.
  void revoke(std::string_view user, WallTime until, WallTime now);

  bool revoked(std::string_view user, WallTime now) const;

  /// Entries, also of times that have passed: at most about as many as are still to come.
  std::size_t size() const { return users_.size(); }

 private:
  void forget_passed(WallTime now);

  boost::unordered_flat_map<std::string, WallTime, StringHash, std::equal_to<>> users_;
  std::size_t size_to_forget_ = 0;  ///< How many to have before looking for passed times.
};

}  // namespace wscast::server
