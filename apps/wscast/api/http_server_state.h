#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_set>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include "api/handed_over_queue.h"
#include "api/http_exchange.h"
#include "api/http_server.h"
#include "api/http_stream.h"
#include "api/response_queue.h"
#include "loss_report.h"

namespace wscast::program {

class HttpConnection;

/// What the connections of one server share. On the server's thread only, except as noted.
class HttpServerState {
 public:
  HttpServerState(RequestHandler& request_handler, const HttpServerLimits& server_limits)
      : handler(request_handler), limits(server_limits) {}

  /// Waits until there is something to do, and does what is there. False: it has ended.
  bool run_turn();

  /// Has a connection respond to the request that it handles, in the order of the calls. Any
  /// thread.
  void respond(std::weak_ptr<HttpConnection> connection, ApiResponse response);

  /// Counts that a connection is refused, since there are `max_connections`, and logs it in sums.
  void note_refused_connection();

  RequestHandler& handler;
  const HttpServerLimits limits;
  boost::asio::io_context context{1};  ///< Any thread.
  /// Until stop(): the thread may have nothing to do but tasks.
  std::optional<boost::asio::executor_work_guard<HttpExecutor>> work{context.get_executor()};
  std::unordered_set<HttpConnection*> connections;
  HandedOverQueue handed_over;  ///< Any thread.

 private:
  void send_responses();

  ResponseQueue responses_;
  std::vector<ResponseQueue::Entry> taken_;               ///< Empty, but for its memory.
  std::vector<std::shared_ptr<HttpConnection>> written_;  ///< The same.
  std::uint64_t refused_connections_ = 0;
  LossReport refusals_;
};

}  // namespace wscast::program
