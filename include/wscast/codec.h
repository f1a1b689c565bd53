#pragma once

#include <optional>

#include "wscast/json.h"

namespace wscast {

/// How a T is read from JSON, such as the `data` of `authenticate` for a TypedServer. There is none
/// until the application specialises it, for each type that it wants read, with
///
///     static std::optional<T> decode(Json json);
///
/// which answers nothing when `json` (absent where the message had no data) makes no T. The T must
/// own what it holds: `json` lives as long as the call. json_nlohmann.h and json_boost.h have ready
/// ones to inherit from.
template <class T>
struct codec;

}  // namespace wscast
