#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include "api/handed_over_queue.h"
#include "api/http_exchange.h"
#include "api/http_server.h"
#include "api/http_stream.h"

namespace wscast::program {

class HttpConnection;

/// What the connections of one server share. On the server's thread only, but for the context.
struct HttpServerState {
  HttpServerState(RequestHandler& request_handler, const HttpServerLimits& server_limits)
      : handler(request_handler), limits(server_limits) {}

  /// Waits until there is something to do, and does what is there. False: it has ended.
  bool run_turn();

  RequestHandler& handler;
  const HttpServerLimits limits;
  boost::asio::io_context context{1};
  /// Until stop(): the thread may have nothing to do but tasks.
  std::optional<boost::asio::executor_work_guard<HttpExecutor>> work{context.get_executor()};
  std::unordered_set<HttpConnection*> connections;
  HandedOverQueue handed_over;  ///< Any thread.
};

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

 private:
  using ErrorCode = boost::system::error_code;

  void shake_hands();
  void read_head(std::chrono::milliseconds timeout);
  void on_head(const ErrorCode& error);
  void take_head();
  void write_continue();
  void read_body();
  void on_body(const ErrorCode& error);
  Respond responder();
  void on_read_error(const ErrorCode& error);
  void respond(ApiResponse response, bool keep_alive);
  void await_next_request();
  void close();
  void close_socket();
  void discard();

  const std::shared_ptr<HttpServerState> server_;
  HttpStream stream_;
  const std::string remote_address_ = stream_.remote_address();
  boost::beast::flat_buffer buffer_;
  std::optional<boost::beast::http::request_parser<boost::beast::http::empty_body>> head_;
  std::optional<boost::beast::http::request_parser<boost::beast::http::string_body>> body_;
  std::optional<boost::beast::http::response<boost::beast::http::empty_body>> continue_;
  std::string response_;                      ///< Head and body.
  std::shared_ptr<HttpConnection> handling_;  ///< Itself, while its request is handled.
  ApiRequest request_;
  std::size_t discarded_ = 0;
};

}  // namespace wscast::program
