#include "api/http_connection.h"

#include <cstdint>
#include <exception>
#include <string>
#include <string_view>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/read_size.hpp>

#include "api/problem.h"
#include "api/request_target.h"
#include "logging.h"
#include "one_line.h"

namespace wscast::program {
namespace {

namespace beast = boost::beast;
namespace http = beast::http;

constexpr std::string_view kBearer = "Bearer ";
constexpr unsigned kVersion = 11;
constexpr std::size_t kMaxReadBytes = 64 * 1024;
constexpr std::size_t kPieceBytes = 16 * 1024;
constexpr std::size_t kMaxDiscarded = 4 * 1024 * 1024;
constexpr std::chrono::seconds kDiscardTime{2};

std::string_view view(beast::string_view text) {
  return {text.data(), text.size()};
}

/// What a request that cannot be read gets.
ApiResponse refusal_of(const boost::system::error_code& error) {
  if (error == http::error::body_limit) return problem(413, "the body is too long");
  if (error == http::error::header_limit) return problem(431, "the head is too long");
  return problem(400, "not HTTP: " + error.message());
}

void add_header(std::string& head, std::string_view name, std::string_view value) {
  head.append(name).append(": ").append(value).append("\r\n");
}

/// Makes `text` the whole response, to be written at once. `with_body`: false for HEAD, which gets
/// the size only.
void write_text(std::string& text, const ApiResponse& response, bool keep_alive, bool with_body) {
  text = "HTTP/1.1 ";
  text += std::to_string(response.status);
  text += ' ';
  text += view(http::obsolete_reason(static_cast<http::status>(response.status)));
  text += "\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n";
  add_header(text, "Content-Type", response.content_type);
  for (const auto& [name, value] : response.headers) add_header(text, name, value);
  if (!keep_alive) add_header(text, "Connection", "close");
  add_header(text, "Content-Length", std::to_string(response.body.size()));
  text += "\r\n";
  if (with_body) text += response.body;
}

}  // namespace

HttpConnection::HttpConnection(HttpSocket socket, std::shared_ptr<HttpsContext::Context> context,
                               std::shared_ptr<HttpServerState> server)
    : server_(std::move(server)), stream_(std::move(socket), std::move(context)) {
  server_->connections.insert(this);
}

HttpConnection::HttpConnection(HandedOverConnection connection,
                               std::shared_ptr<HttpServerState> server)
    : server_(std::move(server)), stream_(server_->context.get_executor(), std::move(connection)) {
  server_->connections.insert(this);
}

HttpConnection::~HttpConnection() {
  server_->connections.erase(this);
}

void HttpConnection::start() {
  const bool too_many = server_->connections.size() > server_->limits.max_connections;
  if (too_many) server_->note_refused_connection();
  if (stream_.secure()) {
    if (!too_many) shake_hands();  // Else closed without a response, which costs a handshake.
    return;
  }
  if (too_many) return refuse(problem(503, "too many connections"));
  read_head(server_->limits.request_timeout);
}

void HttpConnection::shake_hands() {
  stream_.expires_after(server_->limits.request_timeout);
  stream_.async_handshake([self = shared_from_this()](const ErrorCode& error) {
    if (!error) self->read_head(self->server_->limits.request_timeout);
  });
}

void HttpConnection::abort() {
  const auto self = std::exchange(handling_, nullptr);
  stream_.close();
}

void HttpConnection::read_head(std::chrono::milliseconds timeout) {
  request_ = {};
  texts_.clear();
  parser_.emplace(texts_);
  parser_->header_limit(static_cast<std::uint32_t>(server_->limits.max_head_bytes));
  parser_->body_limit(server_->limits.max_body_bytes);
  stream_.expires_after(timeout);
  if (buffer_.size() == 0) return read_more(&HttpConnection::parse_head);
  parse_head();
}

/// Who ends the connection in the middle of a request gets no response.
void HttpConnection::read_more(void (HttpConnection::*parse)()) {
  const std::size_t size = beast::read_size(buffer_, kMaxReadBytes);
  stream_.async_read_some(buffer_.prepare(size), [self = shared_from_this(), parse](
                                                     const ErrorCode& error, std::size_t read) {
    if (error) return;
    self->buffer_.commit(read);
    (self.get()->*parse)();
  });
}

void HttpConnection::parse_head() {
  ErrorCode fault;
  buffer_.consume(parser_->put(buffer_.data(), fault));
  if (fault == http::error::need_more) return read_more(&HttpConnection::parse_head);
  if (fault) return refuse(refusal_of(fault));
  on_head();
}

void HttpConnection::on_head() {
  if (!take_head()) return refuse(problem(400, "the target of the request is malformed"));
  if (auto refused = server_->handler.refuse(request_)) return refuse(*refused);
  if (beast::iequals(texts_.expect, "100-continue")) return write_continue();
  read_body();
}

/// Returns false when the target cannot be read.
bool HttpConnection::take_head() {
  request_.remote_address = remote_address_;
  request_.method = texts_.method;
  request_.host = texts_.host;
  request_.origin = texts_.origin;
  if (texts_.authorization.starts_with(kBearer)) {
    request_.key = std::string_view(texts_.authorization).substr(kBearer.size());
  }
  const auto target = read_target(texts_.target);
  if (!target) return false;
  request_.path = target->path;
  request_.query = target->query;
  if (!target->host.empty()) request_.host = target->host;
  return true;
}

void HttpConnection::write_continue() {
  continue_.emplace(http::status::continue_, kVersion);
  http::async_write(stream_, *continue_,
                    [self = shared_from_this()](const ErrorCode& error, std::size_t) {
                      if (!error) self->read_body();
                    });
}

void HttpConnection::read_body() {
  parser_->eager(true);
  if (parser_->is_done()) return on_body();
  if (buffer_.size() > 0) return parse_body();
  stream_.expires_after(server_->limits.request_timeout);
  read_more(&HttpConnection::parse_body);
}

void HttpConnection::parse_body() {
  ErrorCode fault;
  buffer_.consume(parser_->put(buffer_.data(), fault));
  if (fault && fault != http::error::need_more) return refuse(refusal_of(fault));
  if (parser_->is_done()) return on_body();
  read_more(&HttpConnection::parse_body);
}

void HttpConnection::on_body() {
  stream_.expires_never();
  request_.body = texts_.body;
  handling_ = shared_from_this();
  try {
    server_->handler.handle(request_, responder());
  } catch (const std::exception& failure) {
    log_line(LogLevel::error, "api_failed",
             "a call of the API failed: " + one_line(failure.what()));
    handling_.reset();
    refuse(problem(500, "the call failed"));
  }
}

/// The response may come on any thread, and when this server has ended.
Respond HttpConnection::responder() {
  return [server = server_, weak = weak_from_this()](ApiResponse response) {
    server->respond(weak, std::move(response));
  };
}

bool HttpConnection::respond(const ApiResponse& response) {
  if (handling_ == nullptr) return false;
  handling_.reset();
  const bool keep_alive = parser_->keep_alive();
  if (!write(response, keep_alive)) return false;
  if (!keep_alive) close();
  return keep_alive;
}

/// Responds, and ends the connection.
void HttpConnection::refuse(const ApiResponse& response) {
  if (write(response, false)) close();
}

/// Returns whether all was written; else it goes on by itself once it is.
bool HttpConnection::write(const ApiResponse& response, bool keep_alive) {
  write_text(response_, response, keep_alive, request_.method != "HEAD");
  const std::size_t written = stream_.write_now(response_);
  if (written == response_.size()) return true;
  stream_.expires_after(server_->limits.request_timeout);
  boost::asio::async_write(
      stream_, boost::asio::buffer(response_) + written,
      [self = shared_from_this(), keep_alive](const ErrorCode& error, std::size_t) {
        if (error) return;
        keep_alive ? self->await_next_request() : self->close();
      });
  return false;
}

void HttpConnection::await_next_request() {
  if (!stream_.handed_over()) return read_head(server_->limits.idle_timeout);
  const auto ahead = buffer_.data();
  stream_.give_back({static_cast<const char*>(ahead.data()), ahead.size()});
}

/// What the peer still sends is read for a while: closing with bytes unread resets the connection,
/// and then the peer may never see the response.
void HttpConnection::close() {
  stream_.expires_after(kDiscardTime);
  if (!stream_.secure()) return close_socket();
  // It fails once the peer sends anything else than its own end.
  stream_.async_shutdown([self = shared_from_this()](const ErrorCode&) { self->close_socket(); });
}

void HttpConnection::close_socket() {
  stream_.shutdown_send();
  discard();
}

void HttpConnection::discard() {
  buffer_.clear();
  stream_.async_discard_some(buffer_.prepare(kPieceBytes),
                             [self = shared_from_this()](const ErrorCode& error, std::size_t size) {
                               self->discarded_ += size;
                               if (!error && self->discarded_ < kMaxDiscarded) self->discard();
                             });
}

}  // namespace wscast::program
