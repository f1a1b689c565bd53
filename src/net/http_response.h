#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace wscast::net {

/// What stands above the body of an HTTP response. Every response ends its connection.
struct HttpResponse {
  int status = 200;
  std::string_view content_type = "text/plain; charset=utf-8";
  std::vector<std::pair<std::string, std::string>> headers{};  ///< Besides those always sent.
};

/// The head of a response with a body of `body_size` bytes, its final empty line included. Always
/// in it: Connection: close (426: with Upgrade), Content-Type, Content-Length, Cache-Control:
/// no-store and X-Content-Type-Options: nosniff.
std::string response_head(const HttpResponse& response, std::size_t body_size);

/// Why a request is not served.
struct Refusal {
  int status = 400;
  std::string_view reason{};            ///< Becomes the body, one line of plain text.
  std::string_view allow = "GET";       ///< Of 405: the methods that this target knows.
  std::chrono::seconds retry_after{1};  ///< Of 503.
  bool to_head = false;                 ///< The request was a HEAD: the response has no body.
};

/// A whole response, ready for the wire: 405 with Allow, 426 with Upgrade and
/// Sec-WebSocket-Version (RFC 7231 section 6.5.15, RFC 6455 section 4.4), 503 with Retry-After.
std::string refusal_response(const Refusal& refusal);

}  // namespace wscast::net
