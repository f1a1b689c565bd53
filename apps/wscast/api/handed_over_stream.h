#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <boost/asio/compose.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <boost/asio/post.hpp>

#include "wscast/handed_over_connection.h"

namespace wscast::program {

/// A connection of the port of clients as an asynchronous stream, as Asio takes it; one operation
/// at a time. Thread of its executor only.
class HandedOverStream {
 public:
  using executor_type = boost::asio::io_context::executor_type;

  HandedOverStream(const executor_type& executor, HandedOverConnection connection);

  /// Calls close().
  ~HandedOverStream();

  HandedOverStream(const HandedOverStream&) = delete;
  HandedOverStream& operator=(const HandedOverStream&) = delete;

  executor_type get_executor() { return readiness_.get_executor(); }

  void shutdown_send() {
    if (connection_) connection_->shutdown_write();
  }

  /// Ends the operation under way, with `operation_aborted`, and the connection. A second call is a
  /// no-op, as are all others afterwards.
  void close();

  /// Gives the connection back to the server, with what was read behind the request.
  void give_back(std::string_view read_ahead);

  const std::string& remote_address() const { return connection_->remote_address(); }

  template <class Buffers, class Handler>
  void async_read_some(const Buffers& buffers, Handler&& handler) {
    const boost::asio::mutable_buffer into = first_of<boost::asio::mutable_buffer>(buffers);
    run(
        [this, into] {
          return connection_->read({static_cast<char*>(into.data()), into.size()});
        },
        readiness_.wait_read, into.size(), std::forward<Handler>(handler));
  }

  template <class Buffers, class Handler>
  void async_write_some(const Buffers& buffers, Handler&& handler) {
    const boost::asio::const_buffer from = first_of<boost::asio::const_buffer>(buffers);
    run(
        [this, from] {
          return connection_->write({static_cast<const char*>(from.data()), from.size()});
        },
        readiness_.wait_write, from.size(), std::forward<Handler>(handler));
  }

 private:
  using ErrorCode = boost::system::error_code;
  using Readiness = boost::asio::posix::basic_stream_descriptor<executor_type>;

  /// The first buffer that holds or takes any byte.
  template <class Buffer, class Buffers>
  static Buffer first_of(const Buffers& buffers) {
    const auto end = boost::asio::buffer_sequence_end(buffers);
    for (auto at = boost::asio::buffer_sequence_begin(buffers); at != end; ++at) {
      const Buffer buffer(*at);
      if (buffer.size() > 0) return buffer;
    }
    return {};
  }

  /// Why nothing can be moved any more; empty: it can.
  ErrorCode over() const;

  /// The error of a transfer that is not waited for.
  static ErrorCode error_of(Transfer::Status status);

  /// Tries `attempt` until it moves bytes, and waits in between. Never completes before it returns.
  template <class Attempt, class Handler>
  void run(Attempt attempt, Readiness::wait_type wait, std::size_t size, Handler&& handler) {
    boost::asio::async_compose<Handler, void(ErrorCode, std::size_t)>(
        [this, attempt, wait, size, begun = false](auto& self, ErrorCode error = {}) mutable {
          if (!std::exchange(begun, true)) {
            return boost::asio::post(get_executor(), std::move(self));
          }
          if (const ErrorCode end = over()) error = end;
          if (error || size == 0) return self.complete(error, 0);
          const Transfer moved = attempt();
          if (moved.status == Transfer::Status::would_block) {
            return readiness_.async_wait(wait, std::move(self));
          }
          self.complete(error_of(moved.status), moved.bytes);
        },
        handler, readiness_);
  }

  std::optional<HandedOverConnection> connection_;  ///< None: closed, or given back.
  Readiness readiness_;
};

}  // namespace wscast::program
