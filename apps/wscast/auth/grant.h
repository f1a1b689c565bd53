#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wscast::program {

/// Who a client is and what it may do, as what it authenticated with says; the metadata of its
/// clients in the server.
struct Grant {
  std::string user_id;
  std::vector<std::string> room_patterns{};  ///< Its own rooms; `*` matches any characters.
  std::string metadata = "{}";               ///< A JSON object, as text: what else is known.
  std::optional<std::chrono::milliseconds> expires_in{};  ///< From now; std::nullopt: never.

  bool allows(std::string_view room) const;
};

/// Whether `text` matches `pattern`, in which `*` matches any characters, or none.
bool matches(std::string_view pattern, std::string_view text);

}  // namespace wscast::program
