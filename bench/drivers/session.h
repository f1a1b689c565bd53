#pragma once

#include <string>
#include <string_view>

namespace wscast::bench {

// The client's side of protocol.md section 1, as far as loads need it.

/// `members`: further ones of its data, such as `,"device":"tv"`.
inline std::string authenticate_text(std::size_t index, std::string_view members = {}) {
  return R"({"event":"authenticate","data":{"token":"u)" + std::to_string(index) + '"' +
         std::string(members) + "}}";
}

inline bool is_connected_text(std::string_view message) {
  return message.starts_with(R"({"event":"connected")");
}

}  // namespace wscast::bench
