#include "api/body.h"

#include <algorithm>
#include <cstring>
#include <simdjson.h>

#include "api/equal_short.h"

namespace wscast::program {
namespace {

using Type = BodyField::Type;
using JsonValue = simdjson::ondemand::value;
using Value = std::variant<std::string, std::vector<std::string>, std::uint64_t>;

constexpr const char* kNoObject = "the body is no JSON object";
constexpr std::size_t kUsualMembers = 4;

std::string_view words_for(Type type) {
  switch (type) {
    case Type::text:
      return "a text";
    case Type::texts:
      return "a list of texts";
    case Type::number:
      return "a whole number, 0 or more";
    case Type::objects:
      return "a list of objects";
    case Type::any:
      break;
  }
  return "JSON";
}

std::optional<std::string> read_text(JsonValue value) {
  std::string_view text;
  if (value.get_string().get(text) != simdjson::SUCCESS) return std::nullopt;
  return std::string(text);
}

std::optional<std::string> read_raw(JsonValue value) {
  std::string_view text;
  if (simdjson::to_json_string(value).get(text) != simdjson::SUCCESS) return std::nullopt;
  return std::string(text);
}

std::optional<std::string> read_object(JsonValue value) {
  simdjson::ondemand::json_type type{};
  if (value.type().get(type) != simdjson::SUCCESS) return std::nullopt;
  return type == simdjson::ondemand::json_type::object ? read_raw(value) : std::nullopt;
}

template <class Read>
std::optional<Value> read_list(JsonValue value, Read read) {
  simdjson::ondemand::array array;
  if (value.get_array().get(array) != simdjson::SUCCESS) return std::nullopt;
  std::vector<std::string> list;
  for (auto element : array) {
    JsonValue one;
    if (element.get(one) != simdjson::SUCCESS) return std::nullopt;
    auto text = read(one);
    if (!text) return std::nullopt;
    list.push_back(std::move(*text));
  }
  return list;
}

std::optional<Value> read_value(JsonValue value, Type type) {
  switch (type) {
    case Type::text:
      return read_text(value);
    case Type::any:
      return read_raw(value);
    case Type::texts:
      return read_list(value, read_text);
    case Type::objects:
      return read_list(value, read_object);
    case Type::number:
      break;
  }
  std::uint64_t number = 0;
  if (value.get_uint64().get(number) != simdjson::SUCCESS) return std::nullopt;
  return number;
}

/// A copy of the text with the room behind it that simdjson reads into.
simdjson::padded_string_view padded(std::string_view text) {
  thread_local std::vector<char> copy;
  if (copy.size() < text.size() + simdjson::SIMDJSON_PADDING) {
    copy.resize(text.size() + simdjson::SIMDJSON_PADDING);
  }
  std::memcpy(copy.data(), text.data(), text.size());
  return simdjson::padded_string_view(copy.data(), text.size(), copy.size());
}

}  // namespace

std::variant<Body, std::string> Body::read(std::string_view json, std::span<const BodyField> fields,
                                           Unknown unknown) {
  if (json.empty()) return kNoObject;
  thread_local simdjson::ondemand::parser parser;
  simdjson::ondemand::document document;
  simdjson::ondemand::object object;
  if (parser.iterate(padded(json)).get(document) != simdjson::SUCCESS ||
      document.get_object().get(object) != simdjson::SUCCESS) {
    return kNoObject;
  }
  Body body;
  for (auto member : object) {
    std::string_view name;
    JsonValue value;
    if (member.unescaped_key().get(name) != simdjson::SUCCESS ||
        member.value().get(value) != simdjson::SUCCESS) {
      return kNoObject;
    }
    const auto field = std::ranges::find_if(
        fields, [name](const BodyField& one) { return equal_short(one.name, name); });
    if (field == fields.end() && unknown == Unknown::skip) continue;
    if (field == fields.end()) return "\"" + std::string(name) + "\" is no field of this call";
    auto read = read_value(value, field->type);
    if (!read) {
      return "\"" + std::string(field->name) + "\" is not " + std::string(words_for(field->type));
    }
    if (body.has(field->name)) return "\"" + std::string(field->name) + "\" stands there twice";
    if (body.members_.empty()) body.members_.reserve(kUsualMembers);
    body.members_.push_back({field->name, std::move(*read)});
  }
  if (document.current_location().error() != simdjson::OUT_OF_BOUNDS) return kNoObject;
  return body;
}

const Body::Value* Body::find(std::string_view name) const {
  const auto found = std::ranges::find_if(
      members_, [name](const Member& one) { return equal_short(one.name, name); });
  return found == members_.end() ? nullptr : &found->value;
}

std::string_view Body::text(std::string_view name) const {
  const Value* value = find(name);
  return value == nullptr ? std::string_view() : std::get<std::string>(*value);
}

std::string_view Body::raw(std::string_view name) const {
  return text(name);
}

const std::vector<std::string>& Body::texts(std::string_view name) const {
  static const std::vector<std::string> none;
  const Value* value = find(name);
  return value == nullptr ? none : std::get<std::vector<std::string>>(*value);
}

std::optional<std::uint64_t> Body::number(std::string_view name) const {
  const Value* value = find(name);
  return value == nullptr ? std::nullopt : std::optional(std::get<std::uint64_t>(*value));
}

}  // namespace wscast::program
