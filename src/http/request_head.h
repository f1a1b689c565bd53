#pragma once

#include <span>
#include <string_view>
#include <vector>

namespace wscast::http {

struct HeaderField {
  std::string_view name;
  std::string_view value;
};

/// A request head as the parser found it. Views into the parser's memory.
struct RequestHead {
  std::string_view method;
  std::string_view target;
  int version = 11;                       ///< 11 is HTTP/1.1.
  std::span<const HeaderField> fields{};  ///< In the order sent, repeated ones included.

  /// The target up to its query.
  std::string_view path() const { return target.substr(0, target.find('?')); }
};

/// All values of the field `name`, trimmed, in the order sent. A field may come more than once.
std::vector<std::string_view> field_values(const RequestHead& head, std::string_view name);

/// Whether the list header `name` holds `token`; repeated fields are one list (RFC 7230 section
/// 3.2.2).
bool field_lists(const RequestHead& head, std::string_view name, std::string_view token);

/// Whether the request asks to become a WebSocket, validly or not.
bool asks_for_websocket(const RequestHead& head);

}  // namespace wscast::http
