#pragma once

#include <string>
#include <string_view>

namespace wscast::bench {

// The client's side of protocol.md section 1, as far as loads need it.

inline std::string authenticate_text(std::size_t index) {
  return R"({"event":"authenticate","data":{"token":"u)" + std::to_string(index) + R"("}})";
}

inline bool is_connected_text(std::string_view message) {
  return message.starts_with(R"({"event":"connected")");
}

/// The answer to a second `authenticate`, by which a client sees that it is still known.
inline bool is_already_authenticated_text(std::string_view message) {
  return message == R"({"event":"error","data":{"message":"Already authenticated"}})";
}

inline std::string join_text(std::string_view room) {
  return R"({"event":"join","data":{"rooms":[")" + std::string(room) + R"("]}})";
}

}  // namespace wscast::bench
