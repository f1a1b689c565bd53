#include "http/request_head.h"

#include "http/text.h"

namespace wscast::http {

std::vector<std::string_view> field_values(const RequestHead& head, std::string_view name) {
  std::vector<std::string_view> values;
  for (const HeaderField& field : head.fields) {
    if (equal_ignoring_case(field.name, name)) values.push_back(trimmed(field.value));
  }
  return values;
}

bool field_lists(const RequestHead& head, std::string_view name, std::string_view token) {
  for (const std::string_view value : field_values(head, name)) {
    std::string_view element;
    for (ListReader list(value); list.next(element);) {
      if (equal_ignoring_case(element, token)) return true;
    }
  }
  return false;
}

bool asks_for_websocket(const RequestHead& head) {
  return field_lists(head, "Upgrade", "websocket");
}

}  // namespace wscast::http
