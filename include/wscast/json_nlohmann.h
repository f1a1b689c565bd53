#pragma once

// Opt-in: needs nlohmann-json (3.10 or later), a header-only library.

#include <concepts>
#include <optional>

#include <nlohmann/json.hpp>

#include "wscast/codec.h"
#include "wscast/json.h"
#include "wscast/json_text.h"

namespace wscast {

/// Serialises `value` for a call. Takes a nlohmann::json, an ordered_json, and where no other
/// adapter is included a braced list: `json_of({{"x", 1}})`. Convert other types first:
/// `json_of(nlohmann::json(text))`. Throws nlohmann::json::type_error when a string in it is not
/// UTF-8. NaN and infinity become `null`.
template <class Value = nlohmann::json>
requires std::same_as<Value, nlohmann::json> || std::same_as<Value, nlohmann::ordered_json> JsonText
json_of(const Value& value) {
  return JsonText(value.dump());
}

/// Parses `json`. Throws nlohmann::json::exception when it is absent, not JSON, or has what clients
/// may send but nlohmann-json rejects: a lone surrogate (`"\ud800"`), a number beyond double
/// (`1e999`).
inline nlohmann::json to_nlohmann(Json json) {
  return nlohmann::json::parse(json.view());
}

/// Reads any T that nlohmann::json reads (`from_json`, NLOHMANN_DEFINE_TYPE_...):
/// `template <> struct wscast::codec<Login> : wscast::nlohmann_codec<Login> {};`
/// Returns std::nullopt when nlohmann-json throws; other exceptions pass through.
template <class T>
struct nlohmann_codec {
  static std::optional<T> decode(Json json) {
    try {
      return to_nlohmann(json).get<T>();
    } catch (const nlohmann::json::exception&) {
      return std::nullopt;
    }
  }
};

}  // namespace wscast
