#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "client/url.h"
#include "ws/permessage_deflate.h"

namespace wscast::client {

struct Header {
  std::string name;
  std::string value;
};

/// The head of an HTTP response: status and header fields.
struct ResponseHead {
  int status = 0;
  std::vector<Header> headers;  ///< In the order sent.

  /// The value of the first header of that name, case-insensitive; empty when there is none.
  std::string_view header(std::string_view name) const;
};

/// Makes a new Sec-WebSocket-Key (RFC 6455 section 4.1).
std::string make_upgrade_key(Random& random);

/// Returns the upgrade request, ready for the wire; `extra` comes last.
std::string upgrade_request(const Url& url, std::string_view key,
                            const std::vector<Header>& extra = {});

/// The header by which a client offers permessage-deflate.
Header extensions_header(const ws::DeflateOffer& offer);

/// What a response to a request with `offer` agreed on.
struct DeflateResponse {
  bool valid = true;  ///< False: the client must fail the connection (RFC 7692 section 7.1).
  std::optional<ws::DeflateAgreement> agreement{};  ///< Empty: no compression.
};
DeflateResponse deflate_response(const ResponseHead& head, const ws::DeflateOffer& offer);

/// Parses a head up to its empty line, included; `std::nullopt` when it is no HTTP/1.1 response.
std::optional<ResponseHead> parse_response_head(std::string_view text);

/// Whether `head` grants the upgrade asked for with `key` (RFC 6455 section 4.1).
bool grants_upgrade(const ResponseHead& head, std::string_view key);

}  // namespace wscast::client
