#include "auth/jwt/json_tree.h"

#include <cstdlib>
#include <new>
#include <utility>

namespace wscast::program {

JsonTree owned_json(json_t* made) {
  if (made == nullptr) throw std::bad_alloc();
  return JsonTree(made);
}

JsonTree parse_json(std::string_view text) {
  json_error_t error;
  return JsonTree(
      json_loadb(text.data(), text.size(), JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error));
}

JsonTree parse_json_object(std::string_view text) {
  JsonTree tree = parse_json(text);
  if (tree && !json_is_object(tree.get())) tree.reset();
  return tree;
}

std::string json_text(const json_t* value) {
  const std::unique_ptr<char, decltype(&std::free)> text(
      json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY), std::free);
  if (text == nullptr) throw std::bad_alloc();
  return text.get();
}

std::optional<std::string> json_string_of(const json_t* value) {
  if (!json_is_string(value)) return std::nullopt;
  return std::string(json_string_value(value), json_string_length(value));
}

void set_member(json_t* object, const char* name, JsonTree value) {
  if (json_object_set_new(object, name, value.release()) != 0) throw std::bad_alloc();
}

void set_member(json_t* object, const char* name, std::string_view text) {
  set_member(object, name, owned_json(json_stringn(text.data(), text.size())));
}

}  // namespace wscast::program
