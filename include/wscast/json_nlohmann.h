#pragma once

// Opt-in: needs nlohmann-json (3.10 or later), headers alone.

#include <concepts>
#include <optional>

#include <nlohmann/json.hpp>

#include "wscast/codec.h"
#include "wscast/json.h"
#include "wscast/json_text.h"

namespace wscast {

/// `value` as an argument of a call. Takes a nlohmann::json, an ordered_json, and where no other
/// adapter is included a braced list: `json_of({{"x", 1}})`. Anything else becomes one by name
/// first: `json_of(nlohmann::json(text))`.
/// Throws nlohmann::json::type_error when a string of it is not UTF-8. Numbers that JSON has no
/// word for become `null`.
template <class Value = nlohmann::json>
requires std::same_as<Value, nlohmann::json> || std::same_as<Value, nlohmann::ordered_json> JsonText
json_of(const Value& value) {
  return JsonText(value.dump());
}

/// Throws nlohmann::json::exception when `json` is absent or no JSON. So does some of what clients
/// send, for the library does not refuse what browsers take: a lone surrogate (`"\ud800"`), a
/// number beyond double (`1e999`).
inline nlohmann::json to_nlohmann(Json json) {
  return nlohmann::json::parse(json.view());
}

/// Reads any T that nlohmann::json reads (`from_json`, NLOHMANN_DEFINE_TYPE_...):
/// `template <> struct wscast::codec<Login> : wscast::nlohmann_codec<Login> {};`
/// Nothing where the library throws an exception of its own; those of others pass.
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
