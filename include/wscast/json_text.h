#pragma once

#include <string>
#include <utility>

#include "wscast/json.h"

namespace wscast {

/// A JSON text that owns its characters, for calls that take a Json:
/// `server.broadcast({.event = "moved", .data = json_of(value)})`. It must outlive the Json made
/// from it, as a temporary does within one statement. Give it a name where the Json is kept, or
/// where several calls use it.
class JsonText {
 public:
  /// `text` is validated as that of Json::text().
  explicit JsonText(std::string text) : text_(std::move(text)) {}

  operator Json() const noexcept { return Json::text(text_); }  // NOLINT: what it is for.

 private:
  std::string text_;
};

}  // namespace wscast
