#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/basic_stream.hpp>

#include "api/https_context.h"

namespace wscast::program {

/// Sockets with their context's own executor: one of any kind is copied for each operation.
using HttpExecutor = boost::asio::io_context::executor_type;
using HttpSocket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, HttpExecutor>;

/// What an HttpConnection reads and writes: TCP, or TLS over it. An asynchronous stream as Beast
/// takes it; the deadline holds for each operation until the next call of expires_after().
class HttpStream {
 public:
  using Tcp = boost::beast::basic_stream<boost::asio::ip::tcp, HttpExecutor>;
  using executor_type = Tcp::executor_type;

  /// `context`: for TLS; null: without.
  HttpStream(HttpSocket socket, std::shared_ptr<HttpsContext::Context> context)
      : context_(std::move(context)), tcp_(std::move(socket)) {
    if (context_) tls_.emplace(tcp_, *context_);
  }

  executor_type get_executor() { return tcp_.get_executor(); }
  bool secure() const { return tls_.has_value(); }
  void expires_after(std::chrono::milliseconds time) { tcp_.expires_after(time); }
  void expires_never() { tcp_.expires_never(); }
  HttpSocket& socket() { return tcp_.socket(); }

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
    tcp_.async_read_some(buffers, std::forward<Handler>(handler));
  }

  /// Reads what the peer sends, whatever it is, after async_shutdown() or instead of more.
  template <class Buffers, class Handler>
  void async_discard_some(const Buffers& buffers, Handler&& handler) {
    tcp_.async_read_some(buffers, std::forward<Handler>(handler));
  }

  template <class Buffers, class Handler>
  void async_write_some(const Buffers& buffers, Handler&& handler) {
    if (tls_) return tls_->async_write_some(buffers, std::forward<Handler>(handler));
    tcp_.async_write_some(buffers, std::forward<Handler>(handler));
  }

 private:
  const std::shared_ptr<HttpsContext::Context> context_;
  Tcp tcp_;
  std::optional<boost::asio::ssl::stream<Tcp&>> tls_;
};

}  // namespace wscast::program
