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

/// Serialises `value` for a call. Takes a value, object, array or string of Boost.JSON, and where
/// no other adapter is included a braced list: `json_of({{"x", 1}})`. Convert other types first:
/// `json_of(boost::json::value_from(mine))`. Text that is not UTF-8, NaN and infinity are not
/// detected here: the call returns Errc::invalid_json.
template <class Value = boost::json::value>
requires std::same_as<Value, boost::json::value> || std::same_as<Value, boost::json::object> ||
    std::same_as<Value, boost::json::array> || std::same_as<Value, boost::json::string>
        JsonText json_of(const Value& value) {
  return JsonText(boost::json::serialize(value));
}

namespace detail {

/// Parses as deep as `session.max_json_depth` may be at most; Boost.JSON's default is 32.
inline boost::json::parse_options boost_parse_options() {
  boost::json::parse_options options;
  options.max_depth = 256;
  return options;
}

}  // namespace detail

/// Parses `json`. Throws boost::system::system_error when it is absent, not JSON, nested deeper
/// than 256 levels, or has a lone surrogate (`"\ud800"`), which clients may send. A number beyond
/// double (`1e999`) becomes infinite.
inline boost::json::value to_boost(Json json) {
  return boost::json::parse(json.view(), {}, detail::boost_parse_options());
}

/// Reads any T that boost::json::try_value_to() reads (`tag_invoke`, BOOST_DESCRIBE_STRUCT):
/// `template <> struct wscast::codec<Login> : wscast::boost_codec<Login> {};`
/// Returns std::nullopt when that fails.
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
