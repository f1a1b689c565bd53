#pragma once

// Opt-in: needs Boost.JSON (1.81 or later). Link its library, or include <boost/json/src.hpp> in
// one source of the program, which then needs no library.

#include <concepts>
#include <optional>
#include <utility>

#include <boost/json.hpp>

#include "wscast/codec.h"
#include "wscast/json.h"
#include "wscast/json_text.h"

namespace wscast {

/// `value` as an argument of a call. Takes what Boost.JSON holds JSON in, and where no other
/// adapter is included a braced list: `json_of({{"x", 1}})`. Anything else becomes one by name
/// first: `json_of(boost::json::value_from(mine))`. Text that is not UTF-8, NaN and infinity are
/// not found here, but refused by the call (Errc::invalid_json).
template <class Value = boost::json::value>
requires std::same_as<Value, boost::json::value> || std::same_as<Value, boost::json::object> ||
    std::same_as<Value, boost::json::array> || std::same_as<Value, boost::json::string>
        JsonText json_of(const Value& value) {
  return JsonText(boost::json::serialize(value));
}

namespace detail {

/// As deep as a server lets messages be at most (`session.max_json_depth`); Boost.JSON's is 32.
inline boost::json::parse_options boost_parse_options() {
  boost::json::parse_options options;
  options.max_depth = 256;
  return options;
}

}  // namespace detail

/// Throws boost::system::system_error when `json` is absent, no JSON, or nested deeper than 256
/// levels. So does a lone surrogate (`"\ud800"`), which clients may send, for browsers take it. A
/// number beyond double (`1e999`) becomes infinite.
inline boost::json::value to_boost(Json json) {
  return boost::json::parse(json.view(), {}, detail::boost_parse_options());
}

/// Reads any T that boost::json::try_value_to() reads (`tag_invoke`, BOOST_DESCRIBE_STRUCT):
/// `template <> struct wscast::codec<Login> : wscast::boost_codec<Login> {};`
/// Nothing where that fails.
template <class T>
struct boost_codec {
  static std::optional<T> decode(Json json) {
    boost::json::error_code error;
    const auto value = boost::json::parse(json.view(), error, {}, detail::boost_parse_options());
    if (error) return std::nullopt;
    auto made = boost::json::try_value_to<T>(value);
    if (!made) return std::nullopt;
    return std::move(*made);
  }
};

}  // namespace wscast
