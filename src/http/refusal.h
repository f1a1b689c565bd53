#pragma once

#include <chrono>
#include <string_view>

#include "http/response.h"

namespace wscast::http {

/// Why a request is not served.
struct Refusal {
  int status = 400;
  std::string_view reason{};            ///< Becomes the body, one line of plain text.
  std::string_view allow = "GET";       ///< For 405: the methods that this target knows.
  std::chrono::seconds retry_after{1};  ///< For 429 and 503.
  bool to_head = false;                 ///< The request was a HEAD: the response has no body.
};

/// Makes the response: 405 with Allow, 426 with Upgrade and Sec-WebSocket-Version (RFC 7231 section
/// 6.5.15, RFC 6455 section 4.4), 429 and 503 with Retry-After.
WireResponse refuse(const Refusal& refusal);

}  // namespace wscast::http
