#pragma once

#include <string_view>

#include "wscast/json.h"

namespace wscast::protocol {

/// Makes a Json from `text` that was already judged: valid JSON and valid UTF-8, at most
/// `kMaxDataDepth` deep. The member of a received envelope is.
struct VerifiedJson {
  static Json of(std::string_view text) { return Json(text, Json::State::verified); }
};

/// Judges what a call was given as JSON, UTF-8 included, unless it was judged before. Data deeper
/// than `kMaxDataDepth` is refused: the envelope around it would be more than peers take (R11).
/// False when `json` is absent.
bool is_valid(const Json& json);

}  // namespace wscast::protocol
