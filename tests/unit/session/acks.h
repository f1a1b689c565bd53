#pragma once

#include <string>
#include <string_view>

#include "support/session_world.h"

// What a client sends with an id, and the replies to it (protocol.md X1).
namespace wscast::session {

inline std::string message(std::string_view event, std::string_view data,
                           std::string_view id = "1") {
  return R"({"event":")" + std::string(event) + R"(","data":)" + std::string(data) + R"(,"id":)" +
         std::string(id) + "}";
}

inline std::string rooms_of(std::string_view names) {
  return R"({"rooms":[)" + std::string(names) + "]}";
}

/// `data`: what follows `"ok":true|false,`.
inline std::string ack(bool ok, std::string_view data, std::string_view id = "1") {
  return std::string(R"({"event":"ack","data":{"ok":)") + (ok ? "true" : "false") + "," +
         std::string(data) + R"(},"id":)" + std::string(id) + "}";
}

inline std::string error_with_id(std::string_view what, std::string_view id = "1") {
  std::string text = error_text(what);
  text.insert(text.size() - 1, R"(,"id":)" + std::string(id));
  return text;
}

}  // namespace wscast::session
