#include "api/http_stream.h"

namespace wscast::program {

using ErrorCode = boost::system::error_code;
using boost::asio::ip::tcp;

void HttpStream::close() {
  if (handed_over_) return handed_over_->close();
  ErrorCode ignored;
  tcp_->socket().close(ignored);
}

void HttpStream::shutdown_send() {
  if (handed_over_) return handed_over_->shutdown_send();
  ErrorCode ignored;
  tcp_->socket().shutdown(tcp::socket::shutdown_send, ignored);
}

std::string HttpStream::remote_address() const {
  if (handed_over_) return handed_over_->remote_address();
  ErrorCode error;
  const auto endpoint = tcp_->socket().remote_endpoint(error);
  return error ? std::string() : endpoint.address().to_string();
}

}  // namespace wscast::program
