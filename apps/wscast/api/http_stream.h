#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>

#include "api/deadline.h"
#include "api/handed_over_stream.h"
#include "api/https_context.h"

namespace wscast::program {

/// Sockets with their context's own executor: one of any kind is copied for each operation.
using HttpExecutor = boost::asio::io_context::executor_type;
using HttpSocket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, HttpExecutor>;

/// What an HttpConnection reads and writes: TCP, TLS over it, or a connection that was handed over.
/// An asynchronous stream as Asio takes it. Who is too slow is disconnected: the operation under
/// way fails.
class HttpStream {
 public:
  using executor_type = HttpExecutor;

  /// `context`: for TLS; null: without.
  HttpStream(HttpSocket socket, std::shared_ptr<HttpsContext::Context> context);

  HttpStream(const HttpExecutor& executor, HandedOverConnection connection);

  executor_type get_executor() {
    return handed_over_ ? handed_over_->get_executor() : tcp_->get_executor();
  }

  /// Whether it begins and ends with TLS of its own.
  bool secure() const { return tls_.has_value(); }

  /// Whether it is given back after a response, instead of read for the next request.
  bool handed_over() const { return handed_over_.has_value(); }
  void give_back(std::string_view read_ahead) { handed_over_->give_back(read_ahead); }

  /// The deadline of what is under way from now on, until the next call of one of them.
  void expires_after(std::chrono::milliseconds time) { deadline_.set(time); }
  void expires_never() { deadline_.clear(); }

  /// Ends it, whatever it does.
  void close();

  /// Says that nothing more will be written.
  void shutdown_send();

  /// The client's address in text, without the port; empty if it has none.
  std::string remote_address() const;

  /// Only if secure().
  template <class Handler>
  void async_handshake(Handler&& handler) {
    tls_->async_handshake(boost::asio::ssl::stream_base::server, std::forward<Handler>(handler));
  }

  /// The same: says that nothing follows.
  template <class Handler>
  void async_shutdown(Handler&& handler) {
    tls_->async_shutdown(std::forward<Handler>(handler));
  }

  template <class Buffers, class Handler>
  void async_read_some(const Buffers& buffers, Handler&& handler) {
    if (tls_) return tls_->async_read_some(buffers, std::forward<Handler>(handler));
    async_discard_some(buffers, std::forward<Handler>(handler));
  }

  /// Reads what the peer sends, whatever it is, after async_shutdown() or instead of more.
  template <class Buffers, class Handler>
  void async_discard_some(const Buffers& buffers, Handler&& handler) {
    if (tcp_) return tcp_->async_read_some(buffers, std::forward<Handler>(handler));
    handed_over_->async_read_some(buffers, std::forward<Handler>(handler));
  }

  /// Writes from the front of `bytes` what goes without waiting; async_write_some() writes the
  /// rest, and finds what is wrong. Returns how many bytes that were.
  std::size_t write_now(std::string_view bytes);

  template <class Buffers, class Handler>
  void async_write_some(const Buffers& buffers, Handler&& handler) {
    if (tls_) return tls_->async_write_some(buffers, std::forward<Handler>(handler));
    if (tcp_) return tcp_->async_write_some(buffers, std::forward<Handler>(handler));
    handed_over_->async_write_some(buffers, std::forward<Handler>(handler));
  }

 private:
  const std::shared_ptr<HttpsContext::Context> context_;
  std::optional<HandedOverStream> handed_over_;  ///< Else `tcp_`.
  std::optional<HttpSocket> tcp_;
  std::optional<boost::asio::ssl::stream<HttpSocket&>> tls_;
  Deadline deadline_;
};

}  // namespace wscast::program
