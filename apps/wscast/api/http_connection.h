#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include "api/http_exchange.h"
#include "api/http_request_parser.h"
#include "api/http_server_state.h"
#include "api/http_stream.h"

namespace wscast::program {

/// One connection of the HTTP API. Owned by its operation under way, and by itself while a request
/// is handled. Thread of the server only.
class HttpConnection : public std::enable_shared_from_this<HttpConnection> {
 public:
  /// `context`: for TLS; null: without.
  HttpConnection(HttpSocket socket, std::shared_ptr<HttpsContext::Context> context,
                 std::shared_ptr<HttpServerState> server);

  /// Is given back after each response that does not end it.
  HttpConnection(HandedOverConnection connection, std::shared_ptr<HttpServerState> server);

  ~HttpConnection();
  HttpConnection(const HttpConnection&) = delete;
  HttpConnection& operator=(const HttpConnection&) = delete;

  void start();

  /// Ends it, whatever it does.
  void abort();

  /// Responds to the request that it handles. Returns whether await_next_request() is to be called;
  /// else it goes on by itself.
  bool respond(const ApiResponse& response);

  void await_next_request();

 private:
  using ErrorCode = boost::system::error_code;

  void shake_hands();
  void read_head(std::chrono::milliseconds timeout);
  void parse_head();
  void on_head();
  bool take_head();
  void write_continue();
  void read_body();
  void parse_body();
  void on_body();
  void read_more(void (HttpConnection::*parse)());
  Respond responder();
  void refuse(const ApiResponse& response);
  bool write(const ApiResponse& response, bool keep_alive);
  void close();
  void close_socket();
  void discard();

  const std::shared_ptr<HttpServerState> server_;
  HttpStream stream_;
  const std::string remote_address_ = stream_.remote_address();
  boost::beast::flat_buffer buffer_;
  HttpRequestTexts texts_;
  std::optional<HttpRequestParser> parser_;
  std::optional<boost::beast::http::response<boost::beast::http::empty_body>> continue_;
  std::string response_;                      ///< Head and body.
  std::shared_ptr<HttpConnection> handling_;  ///< Itself, while its request is handled.
  ApiRequest request_;                        ///< Views into texts_.
  std::size_t discarded_ = 0;
};

}  // namespace wscast::program
