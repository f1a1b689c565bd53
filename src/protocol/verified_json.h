#pragma once

#include <string_view>

#include "wscast/json.h"

namespace wscast::protocol {

/// Makes a Json from `text` that was validated before (as members of a received envelope are):
/// valid JSON and UTF-8, at most `kMaxDataDepth` deep.
struct VerifiedJson {
  static Json of(std::string_view text) { return Json(text, Json::State::verified); }
};

/// Validates the JSON argument of a call, UTF-8 included, unless it was validated before. Data
/// deeper than `kMaxDataDepth` is invalid: peers would reject the envelope around it (R11).
/// Returns false if `json` is absent.
bool is_valid(const Json& json);

}  // namespace wscast::protocol
