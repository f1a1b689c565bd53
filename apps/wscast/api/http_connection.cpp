#include "api/http_connection.h"

#include <cstdint>
#include <exception>
#include <string>
#include <string_view>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>

#include "api/problem.h"
#include "logging.h"
#include "one_line.h"

namespace wscast::program {
namespace {

namespace beast = boost::beast;
namespace http = beast::http;

constexpr std::string_view kBearer = "Bearer ";
constexpr unsigned kVersion = 11;
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

/// The whole response, to be written at once. `with_body`: false for HEAD, which gets the size
/// only.
std::string text_of(const ApiResponse& response, bool keep_alive, bool with_body) {
  std::string text = "HTTP/1.1 " + std::to_string(response.status) + " ";
  text += view(http::obsolete_reason(static_cast<http::status>(response.status)));
  text += "\r\n";
  add_header(text, "Content-Type", response.content_type);
  add_header(text, "Cache-Control", "no-store");
  add_header(text, "X-Content-Type-Options", "nosniff");
  for (const auto& [name, value] : response.headers) add_header(text, name, value);
  if (!keep_alive) add_header(text, "Connection", "close");
  add_header(text, "Content-Length", std::to_string(response.body.size()));
  text += "\r\n";
  if (with_body) text += response.body;
  return text;
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
  if (stream_.secure()) {
    if (!too_many) shake_hands();  // Else closed without a word: that would cost a handshake.
    return;
  }
  if (too_many) return respond(problem(503, "too many connections"), false);
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
  body_.reset();
  head_.emplace();
  head_->header_limit(static_cast<std::uint32_t>(server_->limits.max_head_bytes));
  head_->body_limit(server_->limits.max_body_bytes);
  stream_.expires_after(timeout);
  http::async_read_header(
      stream_, buffer_, *head_,
      [self = shared_from_this()](const ErrorCode& error, std::size_t) { self->on_head(error); });
}

void HttpConnection::on_head(const ErrorCode& error) {
  if (error) return on_read_error(error);
  take_head();
  if (auto refused = server_->handler.refuse(request_)) return respond(std::move(*refused), false);
  if (beast::iequals(head_->get()[http::field::expect], "100-continue")) return write_continue();
  read_body();
}

/// The views stay valid: the parser of the body takes the head over.
void HttpConnection::take_head() {
  const auto& head = head_->get();
  const std::string_view target = view(head.target());
  const auto question = target.find('?');
  request_.remote_address = remote_address_;
  request_.method = view(head.method_string());
  request_.path = target.substr(0, question);
  if (question != std::string_view::npos) request_.query = target.substr(question + 1);
  request_.host = view(head[http::field::host]);
  request_.origin = view(head[http::field::origin]);
  const std::string_view authorization = view(head[http::field::authorization]);
  if (authorization.starts_with(kBearer)) request_.key = authorization.substr(kBearer.size());
}

void HttpConnection::write_continue() {
  continue_.emplace(http::status::continue_, kVersion);
  http::async_write(stream_, *continue_,
                    [self = shared_from_this()](const ErrorCode& error, std::size_t) {
                      if (!error) self->read_body();
                    });
}

void HttpConnection::read_body() {
  body_.emplace(std::move(*head_));
  body_->eager(true);
  // What came with the head is read at once.
  ErrorCode fault;
  if (!body_->is_done()) buffer_.consume(body_->put(buffer_.data(), fault));
  if (fault == http::error::need_more) fault = {};
  if (fault || body_->is_done()) return on_body(fault);
  stream_.expires_after(server_->limits.request_timeout);
  http::async_read(
      stream_, buffer_, *body_,
      [self = shared_from_this()](const ErrorCode& error, std::size_t) { self->on_body(error); });
}

void HttpConnection::on_body(const ErrorCode& error) {
  if (error) return on_read_error(error);
  stream_.expires_never();
  request_.body = body_->get().body();
  handling_ = shared_from_this();
  try {
    server_->handler.handle(request_, responder());
  } catch (const std::exception& failure) {
    log_line(LogLevel::error, "api_failed",
             "a call of the API failed: " + one_line(failure.what()));
    handling_.reset();
    respond(problem(500, "the call failed"), false);
  }
}

/// The response may come on any thread, and when this server has ended.
Respond HttpConnection::responder() {
  return [server = server_, weak = weak_from_this()](ApiResponse response) {
    boost::asio::post(server->context, [weak, response = std::move(response)]() mutable {
      const auto self = weak.lock();
      if (self == nullptr || self->handling_ == nullptr) return;
      self->handling_.reset();
      self->respond(std::move(response), self->body_->get().keep_alive());
    });
  };
}

void HttpConnection::on_read_error(const ErrorCode& error) {
  const bool unreadable =
      error == http::error::body_limit || error == http::error::header_limit ||
      (error.category() == make_error_code(http::error::bad_method).category() &&
       error != http::error::end_of_stream && error != http::error::partial_message);
  if (unreadable) respond(refusal_of(error), false);
}

void HttpConnection::respond(ApiResponse response, bool keep_alive) {
  response_ = text_of(response, keep_alive, request_.method != "HEAD");
  stream_.expires_after(server_->limits.request_timeout);
  boost::asio::async_write(
      stream_, boost::asio::buffer(response_),
      [self = shared_from_this(), keep_alive](const ErrorCode& error, std::size_t) {
        if (error) return;
        keep_alive ? self->await_next_request() : self->close();
      });
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
