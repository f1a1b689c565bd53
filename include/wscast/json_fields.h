#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "wscast/export.h"
#include "wscast/json.h"

namespace wscast {

/// Looks at a few members of a JSON object, for handlers that need no JSON library. Keeps no tree:
/// each look is a pass over the text, so read a member once, and use a JSON library for many. Of
/// duplicate keys the last counts; keys are compared after unescaping. Does not own the text, which
/// must outlive it and what `raw` answers. Any thread.
class WSCAST_EXPORT JsonFields {
 public:
  /// Nothing unless `object` is a JSON object, valid as the calls that take a Json demand.
  static std::optional<JsonFields> of(Json object);

  /// The member's JSON text; absent when there is no such member.
  Json raw(std::string_view name) const;

  /// Nothing unless the member is a string. One with a lone surrogate, which UTF-8 cannot say, is
  /// none.
  std::optional<std::string> string(std::string_view name) const;

  /// Nothing unless the member is `true` or `false`.
  std::optional<bool> boolean(std::string_view name) const;

 private:
  explicit JsonFields(std::string_view object) : object_(object) {}

  std::string_view object_;
};

}  // namespace wscast
