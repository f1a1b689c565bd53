#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "wscast/export.h"
#include "wscast/json.h"

namespace wscast {

/// Reads a few members of a JSON object, for hooks that do without a JSON library. It builds no
/// tree: each call scans the whole text, so read a member once, and use a JSON library for many. Of
/// duplicate keys the last counts; keys are compared after unescaping (protocol.md M11). The text
/// must outlive this and what raw() returns. Any thread.
class WSCAST_EXPORT JsonFields {
 public:
  /// std::nullopt if `object` is not a JSON object, or not valid by the rules of Json::text().
  static std::optional<JsonFields> of(Json object);

  /// The member's JSON text; absent if there is no such member.
  Json raw(std::string_view name) const;

  /// The member's value; std::nullopt if it is missing, not a string, or a string with a lone
  /// surrogate, which UTF-8 cannot express.
  std::optional<std::string> string(std::string_view name) const;

  /// The member's value; std::nullopt if it is not `true` or `false`.
  std::optional<bool> boolean(std::string_view name) const;

 private:
  explicit JsonFields(std::string_view object) : object_(object) {}

  std::string_view object_;
};

}  // namespace wscast
