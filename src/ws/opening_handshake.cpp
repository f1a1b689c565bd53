#include "ws/opening_handshake.h"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "base/base64.h"
#include "base/digest.h"
#include "http/text.h"
#include "ws/extension_list.h"

namespace wscast::ws {
namespace {

using http::field_lists;
using http::field_values;
using http::ListReader;
using http::RequestHead;

constexpr std::string_view kConnection = "Connection";
constexpr std::string_view kContentLength = "Content-Length";
constexpr std::string_view kExtensions = "Sec-WebSocket-Extensions";
constexpr std::string_view kKey = "Sec-WebSocket-Key";
constexpr std::string_view kProtocol = "Sec-WebSocket-Protocol";
constexpr std::string_view kTransferEncoding = "Transfer-Encoding";
constexpr std::string_view kVersion = "Sec-WebSocket-Version";
constexpr std::size_t kKeyBytes = 16;

std::optional<UpgradeResult> refuse(int status, std::string_view reason) {
  return UpgradeResult{.status = status, .reason = reason};
}

/// Whether this is a request for an upgrade to WebSocket at all.
std::optional<UpgradeResult> validate_kind(const RequestHead& head) {
  if (head.method != "GET") return refuse(405, "Method must be GET");
  if (!http::asks_for_websocket(head)) {
    return refuse(426, "This address speaks WebSocket: missing Upgrade: websocket");
  }
  const auto versions = field_values(head, kVersion);
  if (versions.empty()) return refuse(426, "Missing Sec-WebSocket-Version");
  if (std::ranges::count(versions, versions.front()) != std::ssize(versions)) {
    return refuse(400, "Contradicting Sec-WebSocket-Version");
  }
  if (versions.front() != "13") return refuse(426, "Sec-WebSocket-Version must be 13");
  return std::nullopt;
}

std::optional<UpgradeResult> validate_body(const RequestHead& head) {
  const auto is_zero = [](std::string_view length) {
    return !length.empty() && length.find_first_not_of('0') == std::string_view::npos;
  };
  if (!field_values(head, kTransferEncoding).empty() ||
      !std::ranges::all_of(field_values(head, kContentLength), is_zero)) {
    return refuse(400, "An upgrade request has no body");
  }
  return std::nullopt;
}

std::optional<UpgradeResult> validate_key(const RequestHead& head) {
  const auto keys = field_values(head, kKey);
  if (keys.empty()) return refuse(400, "Missing Sec-WebSocket-Key");
  if (keys.size() > 1) return refuse(400, "Repeated Sec-WebSocket-Key");
  std::array<std::uint8_t, kKeyBytes> key;
  if (base64_decode(keys.front(), key) != kKeyBytes) {
    return refuse(400, "Sec-WebSocket-Key must be the base64 of 16 bytes");
  }
  return std::nullopt;
}

/// RFC 6455 section 4.2.1, but for what is read into the result.
std::optional<UpgradeResult> validate_rules(const RequestHead& head) {
  if (auto refusal = validate_kind(head)) return refusal;
  if (head.version < 11) return refuse(400, "HTTP version must be 1.1 or higher");
  if (!field_lists(head, kConnection, "upgrade")) return refuse(400, "Missing Connection: Upgrade");
  if (auto refusal = validate_key(head)) return refusal;
  if (auto refusal = validate_body(head)) return refusal;
  if (!std::ranges::all_of(field_values(head, kExtensions), is_extension_list)) {
    return refuse(400, "Malformed Sec-WebSocket-Extensions");
  }
  return std::nullopt;
}

/// What the client offers; `std::nullopt` when that is malformed: RFC 6455 section 4.1, item 10,
/// wants non-empty tokens that are all different.
std::optional<std::vector<std::string_view>> offered_protocols(const RequestHead& head) {
  std::vector<std::string_view> offers;
  for (const std::string_view value : field_values(head, kProtocol)) {
    std::string_view offer;
    for (ListReader list(value); list.next(offer);) {
      if (!http::is_token(offer)) return std::nullopt;
      offers.push_back(offer);
    }
  }
  auto sorted = offers;
  std::ranges::sort(sorted);
  if (std::ranges::adjacent_find(sorted) != sorted.end()) return std::nullopt;
  return offers;
}

/// protocol.md U3.
std::string_view choose_protocol(std::span<const std::string_view> offers,
                                 std::span<const std::string> supported) {
  if (offers.empty()) return {};
  if (supported.empty()) return offers.front();
  const auto match = std::ranges::find_first_of(offers, supported);
  return match == offers.end() ? std::string_view() : *match;
}

/// RFC 6455 section 9.1: an extension is declined by not naming it in the response.
std::optional<AcceptedDeflateOffer> choose_deflate(const RequestHead& head,
                                                   const DeflateOptions& options) {
  if (!options.enabled) return std::nullopt;
  return accept_deflate_offer(field_values(head, kExtensions),
                              static_cast<std::uint8_t>(options.max_window_bits));
}

}  // namespace

UpgradeResult validate_upgrade(const RequestHead& head,
                               std::span<const std::string> supported_protocols,
                               const DeflateOptions& deflate) {
  if (const auto refusal = validate_rules(head)) return *refusal;
  const auto offers = offered_protocols(head);
  if (!offers) return {.status = 400, .reason = "Malformed Sec-WebSocket-Protocol"};
  return {.accept_key = accept_key(field_values(head, kKey).front()),
          .protocol = choose_protocol(*offers, supported_protocols),
          .deflate = choose_deflate(head, deflate)};
}

std::string upgrade_response(const UpgradeResult& result) {
  std::string response =
      "HTTP/1.1 101 Switching Protocols\r\n"
      "Upgrade: websocket\r\n"
      "Connection: Upgrade\r\n"
      "Sec-WebSocket-Accept: ";
  response += result.accept_key;
  if (!result.protocol.empty()) {
    response += "\r\nSec-WebSocket-Protocol: ";
    response += result.protocol;
  }
  if (result.deflate) {
    response += "\r\nSec-WebSocket-Extensions: ";
    response += result.deflate->response;
  }
  response += "\r\n\r\n";
  return response;
}

std::string accept_key(std::string_view key) {
  std::string text(key);
  text += "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";  // RFC 6455 section 1.3
  return base64_encode(sha1(text));
}

}  // namespace wscast::ws
