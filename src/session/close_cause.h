#pragma once

#include <cstdint>
#include <string_view>

namespace wscast::session {

/// Why a session has ended, for the log. Nothing of it is sent.
struct CloseCause {
  std::uint16_t code = 1006;  ///< Of the close frame; 1006 without one.
  std::string_view words = "the connection ended";
  bool by_server = false;
};

}  // namespace wscast::session
