#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace wscast::http {

/// What stands above the body of a response. Every response but 101 ends its connection.
struct ResponseHead {
  int status = 200;
  std::string_view content_type = "text/plain; charset=utf-8";
  std::vector<std::pair<std::string, std::string>> headers{};  ///< Besides those always sent.
};

struct Response {
  ResponseHead head;
  std::string body;
};

/// The status of no response: the connection is handed over to the application.
inline constexpr int kHandOver = 0;

/// A whole response, ready for the wire. 101 turns the connection into a WebSocket.
struct WireResponse {
  int status = 404;
  std::string bytes;

  /// Of a 101 that accepts permessage-deflate: the server compresses within windows of 2^this
  /// bytes. 0: it does not accept it.
  std::uint8_t deflate_window_bits = 0;
};

/// The head of a response with a body of `body_size` bytes, its final empty line included. Always
/// in it: Connection: close (426: with Upgrade), Content-Type, Content-Length, Cache-Control:
/// no-store and X-Content-Type-Options: nosniff.
std::string serialize_head(const ResponseHead& head, std::size_t body_size);

}  // namespace wscast::http
