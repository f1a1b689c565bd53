#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace wscast {

/// A part of a sorted list: at most `limit` entries behind `after`. For the next part, `after` is
/// the last entry of this one. What comes and goes in between is seen or not.
struct Page {
  std::string_view after{};  ///< Empty: from the start.
  std::size_t limit = 100;
};

/// A room and how many clients of this server are in it.
struct RoomInfo {
  std::string name;
  std::size_t members = 0;
};

}  // namespace wscast
