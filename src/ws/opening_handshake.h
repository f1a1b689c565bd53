#pragma once

#include <span>
#include <string>
#include <string_view>

namespace wscast::ws {

struct HeaderField {
  std::string_view name;
  std::string_view value;
};

/// A request head as a parser found it. Views into the parser's memory.
struct RequestHead {
  std::string_view method;
  std::string_view target;
  int version = 11;                       ///< 11 is HTTP/1.1.
  std::span<const HeaderField> fields{};  ///< In the order sent, repeated ones included.

  /// The target up to its query.
  std::string_view path() const { return target.substr(0, target.find('?')); }
};

/// The answer to a request for an upgrade: 101, or a refusal with a reason for its sender.
struct UpgradeAnswer {
  int status = 101;
  std::string_view reason{};    ///< Of a refusal; a literal, in words.
  std::string accept_key{};     ///< Sec-WebSocket-Accept.
  std::string_view protocol{};  ///< The sub-protocol chosen, empty for none; view into the request.
};

/// Whether the request asks to become a WebSocket, well or badly.
bool asks_for_websocket(const RequestHead& head);

/// Judges `head` by RFC 6455 section 4.2.1 and protocol.md U1 and U3. `supported_protocols`: what
/// the server speaks, the client's first match is taken; empty: the client's first offer is.
UpgradeAnswer validate_upgrade(const RequestHead& head,
                               std::span<const std::string> supported_protocols = {});

/// The response that accepts the upgrade, ready for the wire (RFC 6455 section 4.2.2).
std::string upgrade_response(const UpgradeAnswer& answer);

/// Sec-WebSocket-Accept for a Sec-WebSocket-Key (RFC 6455 section 4.2.2).
std::string accept_key(std::string_view key);

}  // namespace wscast::ws
