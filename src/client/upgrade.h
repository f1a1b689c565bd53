#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "client/url.h"

namespace wscast::client {

struct Header {
  std::string name;
  std::string value;
};

/// Status and headers of an HTTP response.
struct ResponseHead {
  int status = 0;
  std::vector<Header> headers;  ///< In the order sent.

  /// The first header of that name, in any case of letters; empty when there is none.
  std::string_view header(std::string_view name) const;
};

/// A fresh Sec-WebSocket-Key (RFC 6455 section 4.1).
std::string make_upgrade_key(Random& random);

/// The request for an upgrade, ready for the wire; `extra` comes last.
std::string upgrade_request(const Url& url, std::string_view key,
                            const std::vector<Header>& extra = {});

/// Reads a head up to and with its empty line; nothing when it is no HTTP/1.1 response.
std::optional<ResponseHead> parse_response_head(std::string_view text);

/// Whether `head` grants the upgrade asked for with `key` (RFC 6455 section 4.1).
bool grants_upgrade(const ResponseHead& head, std::string_view key);

}  // namespace wscast::client
