#include "client/upgrade.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/base64.h"
#include "http/text.h"
#include "ws/opening_handshake.h"

namespace wscast::client {
namespace {

using http::equal_ignoring_case;

/// Removes a line from the front of `text` and returns it without its line end.
std::string_view next_line(std::string_view& text) {
  const auto line = text.substr(0, text.find("\r\n"));
  text.remove_prefix(std::min(text.size(), line.size() + 2));
  return line;
}

/// Returns 0 when `line` is no status line.
int parse_status(std::string_view line) {
  constexpr std::string_view kVersion = "HTTP/1.1 ";
  constexpr std::size_t kDigits = 3;  // RFC 9112 section 4
  int status = 0;
  if (!line.starts_with(kVersion)) return 0;
  line = line.substr(kVersion.size());
  line = line.substr(0, line.find(' '));
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), status);
  const bool whole = error == std::errc() && end == line.data() + line.size();
  return whole && line.size() == kDigits && status >= 100 ? status : 0;
}

constexpr std::string_view kExtensions = "Sec-WebSocket-Extensions";

}  // namespace

std::string_view ResponseHead::header(std::string_view name) const {
  const auto found = std::ranges::find_if(
      headers, [name](const Header& header) { return equal_ignoring_case(header.name, name); });
  return found == headers.end() ? std::string_view() : found->value;
}

std::string make_upgrade_key(Random& random) {
  std::array<std::uint8_t, 16> bytes;
  random.fill(bytes);
  return base64_encode(bytes);
}

std::string upgrade_request(const Url& url, std::string_view key,
                            const std::vector<Header>& extra) {
  std::string text = "GET " + url.target + " HTTP/1.1\r\nHost: " + host_header(url.endpoint) +
                     "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: ";
  text.append(key).append("\r\nSec-WebSocket-Version: 13\r\n");
  for (const Header& header : extra) text += header.name + ": " + header.value + "\r\n";
  return text + "\r\n";
}

Header extensions_header(const ws::DeflateOffer& offer) {
  return {std::string(kExtensions), to_string(offer)};
}

DeflateResponse deflate_response(const ResponseHead& head, const ws::DeflateOffer& offer) {
  const auto value = head.header(kExtensions);
  if (value.empty()) return {};
  const auto agreement = ws::read_deflate_response(value, offer);
  return {.valid = agreement.has_value(), .agreement = agreement};
}

std::optional<ResponseHead> parse_response_head(std::string_view text) {
  ResponseHead head;
  head.status = parse_status(next_line(text));
  if (head.status == 0) return std::nullopt;
  for (auto line = next_line(text); !line.empty(); line = next_line(text)) {
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || line.find_first_of("\r\n") != std::string_view::npos) {
      return std::nullopt;
    }
    head.headers.push_back(
        {std::string(line.substr(0, colon)), std::string(http::trimmed(line.substr(colon + 1)))});
  }
  return head;
}

bool grants_upgrade(const ResponseHead& head, std::string_view key) {
  return head.status == 101 && equal_ignoring_case(head.header("Upgrade"), "websocket") &&
         equal_ignoring_case(head.header("Connection"), "upgrade") &&
         head.header("Sec-WebSocket-Accept") == ws::accept_key(key);
}

}  // namespace wscast::client
