#include "ws/opening_handshake.h"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "base/base64.h"
#include "base/digest.h"
#include "ws/extension_list.h"
#include "ws/http_text.h"

namespace wscast::ws {
namespace {

constexpr std::string_view kConnection = "Connection";
constexpr std::string_view kContentLength = "Content-Length";
constexpr std::string_view kExtensions = "Sec-WebSocket-Extensions";
constexpr std::string_view kKey = "Sec-WebSocket-Key";
constexpr std::string_view kProtocol = "Sec-WebSocket-Protocol";
constexpr std::string_view kTransferEncoding = "Transfer-Encoding";
constexpr std::string_view kUpgrade = "Upgrade";
constexpr std::string_view kVersion = "Sec-WebSocket-Version";
constexpr std::size_t kKeyBytes = 16;

/// All values of the field `name`, in the order sent. A field may come more than once.
std::vector<std::string_view> values_of(const RequestHead& head, std::string_view name) {
  std::vector<std::string_view> values;
  for (const HeaderField& field : head.fields) {
    if (equal_ignoring_case(field.name, name)) values.push_back(trimmed(field.value));
  }
  return values;
}

/// Whether a list header holds `token`; repeated fields are one list (RFC 7230 section 3.2.2).
bool lists(const RequestHead& head, std::string_view name, std::string_view token) {
  for (const std::string_view value : values_of(head, name)) {
    std::string_view element;
    for (ListReader list(value); list.next(element);) {
      if (equal_ignoring_case(element, token)) return true;
    }
  }
  return false;
}

std::optional<UpgradeAnswer> refuse(int status, std::string_view reason) {
  return UpgradeAnswer{.status = status, .reason = reason};
}

/// Whether this is a request for our kind of upgrade at all.
std::optional<UpgradeAnswer> validate_kind(const RequestHead& head) {
  if (head.method != "GET") return refuse(405, "Method must be GET");
  if (!asks_for_websocket(head)) {
    return refuse(426, "This address speaks WebSocket: missing Upgrade: websocket");
  }
  const auto versions = values_of(head, kVersion);
  if (versions.empty()) return refuse(426, "Missing Sec-WebSocket-Version");
  if (std::ranges::count(versions, versions.front()) != std::ssize(versions)) {
    return refuse(400, "Contradicting Sec-WebSocket-Version");
  }
  if (versions.front() != "13") return refuse(426, "Sec-WebSocket-Version must be 13");
  return std::nullopt;
}

std::optional<UpgradeAnswer> validate_body(const RequestHead& head) {
  const auto is_zero = [](std::string_view length) {
    return !length.empty() && length.find_first_not_of('0') == std::string_view::npos;
  };
  if (!values_of(head, kTransferEncoding).empty() ||
      !std::ranges::all_of(values_of(head, kContentLength), is_zero)) {
    return refuse(400, "An upgrade request has no body");
  }
  return std::nullopt;
}

std::optional<UpgradeAnswer> validate_key(const RequestHead& head) {
  const auto keys = values_of(head, kKey);
  if (keys.empty()) return refuse(400, "Missing Sec-WebSocket-Key");
  if (keys.size() > 1) return refuse(400, "Repeated Sec-WebSocket-Key");
  std::array<std::uint8_t, kKeyBytes> key;
  if (base64_decode(keys.front(), key) != kKeyBytes) {
    return refuse(400, "Sec-WebSocket-Key must be the base64 of 16 bytes");
  }
  return std::nullopt;
}

/// RFC 6455 section 4.2.1, but for what is read into the answer.
std::optional<UpgradeAnswer> validate_rules(const RequestHead& head) {
  if (auto refusal = validate_kind(head)) return refusal;
  if (head.version < 11) return refuse(400, "HTTP version must be 1.1 or higher");
  if (!lists(head, kConnection, "upgrade")) return refuse(400, "Missing Connection: Upgrade");
  if (auto refusal = validate_key(head)) return refusal;
  if (auto refusal = validate_body(head)) return refusal;
  // Every extension is declined, which is done by naming none in the answer (section 9.1).
  if (!std::ranges::all_of(values_of(head, kExtensions), is_extension_list)) {
    return refuse(400, "Malformed Sec-WebSocket-Extensions");
  }
  return std::nullopt;
}

/// What the client offers, or nothing when that is malformed: RFC 6455 section 4.1, item 10, wants
/// non-empty tokens that are all different.
std::optional<std::vector<std::string_view>> offered_protocols(const RequestHead& head) {
  std::vector<std::string_view> offers;
  for (const std::string_view value : values_of(head, kProtocol)) {
    std::string_view offer;
    for (ListReader list(value); list.next(offer);) {
      if (!is_token(offer)) return std::nullopt;
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

}  // namespace

bool asks_for_websocket(const RequestHead& head) {
  return lists(head, kUpgrade, "websocket");
}

UpgradeAnswer validate_upgrade(const RequestHead& head,
                               std::span<const std::string> supported_protocols) {
  if (const auto refusal = validate_rules(head)) return *refusal;
  const auto offers = offered_protocols(head);
  if (!offers) return {.status = 400, .reason = "Malformed Sec-WebSocket-Protocol"};
  return {.accept_key = accept_key(values_of(head, kKey).front()),
          .protocol = choose_protocol(*offers, supported_protocols)};
}

std::string upgrade_response(const UpgradeAnswer& answer) {
  std::string response =
      "HTTP/1.1 101 Switching Protocols\r\n"
      "Upgrade: websocket\r\n"
      "Connection: Upgrade\r\n"
      "Sec-WebSocket-Accept: ";
  response += answer.accept_key;
  if (!answer.protocol.empty()) {
    response += "\r\nSec-WebSocket-Protocol: ";
    response += answer.protocol;
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
