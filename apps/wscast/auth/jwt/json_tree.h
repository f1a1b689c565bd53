#pragma once

#include <cstddef>
#include <jansson.h>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace wscast::program {

/// Releases its reference to a JSON value.
struct JsonRelease {
  void operator()(json_t* value) const { json_decref(value); }
};

/// A JSON value as Jansson has it, which is what libjose takes. Const values may be read by several
/// threads.
using JsonTree = std::unique_ptr<json_t, JsonRelease>;

/// Returns `made`; throws std::bad_alloc if it is null, which is how Jansson reports a want of
/// memory.
JsonTree owned_json(json_t* made);

/// Parses a value strictly; null if `text` is anything else. Rejects also what JSON allows: names
/// that occur twice, U+0000 in a string, integers of more than 64 bits, numbers beyond a double,
/// and more than 2,048 levels.
JsonTree parse_json(std::string_view text);

/// The same for an object; null if `text` is another value.
JsonTree parse_json_object(std::string_view text);

/// Returns the value as JSON text without white space.
std::string json_text(const json_t* value);

/// Returns the text of `value`; std::nullopt if it is null or not a string.
std::optional<std::string> json_string_of(const json_t* value);

/// Adds the member, or replaces it. Throws std::bad_alloc, also if `name` or a text in `value` is
/// not UTF-8.
void set_member(json_t* object, const char* name, JsonTree value);
void set_member(json_t* object, const char* name, std::string_view text);

}  // namespace wscast::program
