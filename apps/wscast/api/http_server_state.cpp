#include "api/http_server_state.h"

#include <exception>
#include <string>
#include <utility>

#include <boost/asio/post.hpp>

#include "api/http_connection.h"
#include "logging.h"
#include "one_line.h"

namespace wscast::program {
namespace {

constexpr std::size_t kMaxOfTurn = 256;  // Steps of requests and responses.

/// What `step` throws ends its connection.
template <class Step>
void guard(HttpConnection& connection, Step step) {
  try {
    step();
  } catch (const std::exception& error) {
    connection.abort();
    log_line(LogLevel::error, "api_failed",
             "a request of the API failed: " + one_line(error.what()));
  }
}

}  // namespace

/// Not all that comes meanwhile, so that what is handled is responded to.
bool HttpServerState::run_turn() {
  bool more = false;
  handler.take_turn([&] {
    more = context.run_one() > 0;
    for (std::size_t done = 1; more && done < kMaxOfTurn; ++done) {
      if (context.poll_one() == 0) break;
    }
  });
  return more;
}

void HttpServerState::respond(std::weak_ptr<HttpConnection> connection, ApiResponse response) {
  if (!responses_.push({std::move(connection), std::move(response)})) return;
  try {
    boost::asio::post(context, [this] { send_responses(); });
  } catch (...) {
    responses_.forget_call();
    throw;
  }
}

void HttpServerState::note_refused_connection() {
  handler.on_connection_refused();
  const auto count = refusals_.take(++refused_connections_, std::chrono::steady_clock::now());
  if (count == 0) return;
  log_line(LogLevel::warning, "api_connections_refused",
           "connections to the API refused, over its max_connections: " + std::to_string(count));
}

/// All are written before a next request is read: until then most of them have come, and are read
/// without waiting.
void HttpServerState::send_responses() {
  responses_.take_all(taken_);
  for (ResponseQueue::Entry& entry : taken_) {
    auto connection = entry.connection.lock();
    if (connection == nullptr) continue;
    guard(*connection, [&] {
      if (connection->respond(std::move(entry.response))) written_.push_back(connection);
    });
  }
  taken_.clear();
  for (const auto& connection : written_) {
    guard(*connection, [&] { connection->await_next_request(); });
  }
  written_.clear();
}

}  // namespace wscast::program
