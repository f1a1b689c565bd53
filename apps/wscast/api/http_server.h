#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "wscast/handed_over_connection.h"

#include "api/http_exchange.h"

namespace wscast::program {

/// What the connections of an HttpServer may take.
struct HttpServerLimits {
  std::size_t max_connections = 1'024;  ///< One more gets 503 and is closed.
  std::size_t max_head_bytes = std::size_t{8} * 1024;
  std::size_t max_body_bytes = std::size_t{1024} * 1024;
  std::chrono::milliseconds request_timeout{10'000};  ///< Of a head, of a body, of a response.
  std::chrono::milliseconds idle_timeout{60'000};     ///< Between requests.
};

class HttpsContext;
class HttpServerState;

/// Serves HTTP/1.1 with keep-alive from a thread of its own. Requests of one connection are handled
/// one after another: the next is not read before the former is responded to. Who is refused by the
/// head of a request is disconnected, its body unread; who is too slow, without a response.
class HttpServer {
 public:
  /// `handler` must outlive this.
  HttpServer(RequestHandler& handler, const HttpServerLimits& limits);

  /// Calls stop().
  ~HttpServer();

  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  /// Accepts connections at `HOST:PORT` or `[IPV6]:PORT` (port 0: any free one) and returns the
  /// address with the port in use. Throws std::runtime_error that names the address and why it
  /// cannot. Before start() only.
  /// `https`: its certificate, for TLS; null: without TLS.
  std::string listen(const std::string& address, std::shared_ptr<const HttpsContext> https = {});

  void start();

  /// Serves connections of the port of clients, below the limits of this server: one more than
  /// `max_connections` gets 503. The function may outlive the server, which closes them then, and
  /// be called on any thread; it does not wait.
  std::function<void(HandedOverConnection)> adopt() const;

  /// Runs tasks on the server's thread, while that runs. The function may outlive the server, and
  /// be called on any thread.
  std::function<void(std::function<void()>)> post() const;

  /// Closes everything and ends the thread; responses that come later are dropped. A second call is
  /// a no-op.
  void stop();

 private:
  class Listener;

  std::shared_ptr<HttpServerState> state_;  ///< Shared with responses that come later.
  std::vector<std::shared_ptr<Listener>> listeners_;
  std::thread thread_;
};

}  // namespace wscast::program
