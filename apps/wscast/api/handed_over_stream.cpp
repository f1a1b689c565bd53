#include "api/handed_over_stream.h"

#include <boost/asio/error.hpp>

namespace wscast::program {

namespace asio = boost::asio;

HandedOverStream::HandedOverStream(const executor_type& executor, HandedOverConnection connection)
    : connection_(std::move(connection)),
      readiness_(executor, connection_->descriptor()),
      deadline_(executor) {}

HandedOverStream::~HandedOverStream() {
  close();
}

/// A handler that was due before the deadline moved finds it in the future.
void HandedOverStream::expires_after(std::chrono::milliseconds time) {
  timed_out_ = false;
  deadline_.expires_after(time);
  deadline_.async_wait([this, alive = std::weak_ptr(alive_)](const ErrorCode& error) {
    if (error || alive.expired() || deadline_.expiry() > std::chrono::steady_clock::now()) return;
    timed_out_ = true;
    ErrorCode ignored;
    if (connection_) readiness_.cancel(ignored);
  });
}

void HandedOverStream::expires_never() {
  timed_out_ = false;
  deadline_.expires_at(std::chrono::steady_clock::time_point::max());
}

/// The server closes the descriptor.
void HandedOverStream::close() {
  if (!connection_) return;
  deadline_.cancel();
  readiness_.release();
  connection_.reset();
}

void HandedOverStream::give_back(std::string_view read_ahead) {
  deadline_.cancel();
  readiness_.release();
  HandedOverConnection connection = std::move(*connection_);
  connection_.reset();
  connection.give_back(read_ahead);
}

HandedOverStream::ErrorCode HandedOverStream::over() const {
  if (!connection_) return asio::error::operation_aborted;
  if (timed_out_) return asio::error::timed_out;
  return {};
}

HandedOverStream::ErrorCode HandedOverStream::error_of(Transfer::Status status) {
  if (status == Transfer::Status::end) return asio::error::eof;
  if (status == Transfer::Status::error) return asio::error::connection_reset;
  return {};
}

}  // namespace wscast::program
