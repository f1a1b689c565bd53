#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "wscast/options.h"

#include "http/request_head.h"
#include "ws/permessage_deflate.h"

namespace wscast::ws {

/// The result of a request for an upgrade: 101, or a refusal with a reason for its sender.
struct UpgradeResult {
  int status = 101;
  std::string_view reason{};    ///< For a refusal; a literal, in words.
  std::string accept_key{};     ///< Sec-WebSocket-Accept.
  std::string_view protocol{};  ///< The sub-protocol chosen, empty for none; view into the request.
  std::optional<AcceptedDeflateOffer> deflate{};  ///< permessage-deflate, if accepted.

  /// For http::WireResponse.
  std::uint8_t deflate_window_bits() const {
    return deflate ? deflate->agreement.server_window_bits : std::uint8_t{0};
  }
};

/// Validates `head` by RFC 6455 section 4.2.1 and protocol.md U1 and U3. `supported_protocols`:
/// what the server speaks, the client's first match is chosen; empty: the client's first offer is.
/// Extensions other than `deflate` are declined.
UpgradeResult validate_upgrade(const http::RequestHead& head,
                               std::span<const std::string> supported_protocols = {},
                               const DeflateOptions& deflate = {});

/// The response that accepts the upgrade, ready for the wire (RFC 6455 section 4.2.2).
std::string upgrade_response(const UpgradeResult& result);

/// Sec-WebSocket-Accept for a Sec-WebSocket-Key (RFC 6455 section 4.2.2).
std::string accept_key(std::string_view key);

}  // namespace wscast::ws
