#include "api/http_stream.h"

#include <boost/asio/buffer.hpp>

namespace wscast::program {

using ErrorCode = boost::system::error_code;
using boost::asio::ip::tcp;

HttpStream::HttpStream(HttpSocket socket, std::shared_ptr<HttpsContext::Context> context)
    : context_(std::move(context)),
      tcp_(std::in_place, std::move(socket)),
      deadline_(tcp_->get_executor(), [this] { close(); }) {
  ErrorCode ignored;
  tcp_->non_blocking(true, ignored);
  if (context_) tls_.emplace(*tcp_, *context_);
}

HttpStream::HttpStream(const HttpExecutor& executor, HandedOverConnection connection)
    : handed_over_(std::in_place, executor, std::move(connection)),
      deadline_(executor, [this] { close(); }) {}

void HttpStream::close() {
  if (handed_over_) return handed_over_->close();
  ErrorCode ignored;
  tcp_->close(ignored);
}

void HttpStream::shutdown_send() {
  if (handed_over_) return handed_over_->shutdown_send();
  ErrorCode ignored;
  tcp_->shutdown(tcp::socket::shutdown_send, ignored);
}

/// Of TCP alone: others gain nothing by it.
std::size_t HttpStream::write_now(std::string_view bytes) {
  if (tls_ || !tcp_ || !tcp_->non_blocking()) return 0;
  ErrorCode error;
  const std::size_t written =
      tcp_->write_some(boost::asio::buffer(bytes.data(), bytes.size()), error);
  return error ? 0 : written;
}

std::string HttpStream::remote_address() const {
  if (handed_over_) return handed_over_->remote_address();
  ErrorCode error;
  const auto endpoint = tcp_->remote_endpoint(error);
  return error ? std::string() : endpoint.address().to_string();
}

}  // namespace wscast::program
