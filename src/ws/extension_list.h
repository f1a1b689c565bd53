#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wscast::ws {

struct ExtensionParameter {
  std::string_view name;
  std::optional<std::string> value{};  ///< Of a quoted string: its content, unescaped.
};

/// An extension that an endpoint offers or accepts, with its parameters in their order.
struct Extension {
  std::string_view name;
  std::vector<ExtensionParameter> parameters{};
};

/// Parses a value of Sec-WebSocket-Extensions (RFC 6455 section 9.1): one or more extensions.
/// `std::nullopt` when it is malformed. The result has views into `text`.
std::optional<std::vector<Extension>> parse_extension_list(std::string_view text);

/// Whether `text` is a valid value of Sec-WebSocket-Extensions.
bool is_extension_list(std::string_view text);

}  // namespace wscast::ws
