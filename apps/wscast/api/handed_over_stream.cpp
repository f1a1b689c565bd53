#include "api/handed_over_stream.h"

#include <boost/asio/error.hpp>

namespace wscast::program {

namespace asio = boost::asio;

HandedOverStream::HandedOverStream(const executor_type& executor, HandedOverConnection connection)
    : connection_(std::move(connection)), readiness_(executor, connection_->descriptor()) {}

HandedOverStream::~HandedOverStream() {
  close();
}

/// The server closes the descriptor.
void HandedOverStream::close() {
  if (!connection_) return;
  readiness_.release();
  connection_.reset();
}

void HandedOverStream::give_back(std::string_view read_ahead) {
  if (!connection_) return;
  readiness_.release();
  HandedOverConnection connection = std::move(*connection_);
  connection_.reset();
  connection.give_back(read_ahead);
}

HandedOverStream::ErrorCode HandedOverStream::over() const {
  if (!connection_) return asio::error::operation_aborted;
  return {};
}

HandedOverStream::ErrorCode HandedOverStream::error_of(Transfer::Status status) {
  if (status == Transfer::Status::end) return asio::error::eof;
  if (status == Transfer::Status::error) return asio::error::connection_reset;
  return {};
}

}  // namespace wscast::program
