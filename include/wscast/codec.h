#pragma once

#include <optional>

#include "wscast/json.h"

namespace wscast {

/// Reads a T from JSON, such as the `data` of `authenticate` for a TypedServer. The application
/// specialises it for each type that is to be read, with
///
///     static std::optional<T> decode(Json json);
///
/// which returns std::nullopt when `json` (absent if the message had no data) is not a T. The T
/// must not refer to `json`, which is valid during the call only. json_nlohmann.h and json_boost.h
/// have ready-made ones to derive from.
template <class T>
struct codec;

}  // namespace wscast
