#include "api/http_server.h"

#include <algorithm>
#include <exception>
#include <pthread.h>
#include <stdexcept>
#include <string_view>
#include <utility>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "api/http_connection.h"
#include "api/http_server_state.h"
#include "api/https_context.h"
#include "logging.h"
#include "one_line.h"

namespace wscast::program {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using ErrorCode = boost::system::error_code;

constexpr std::chrono::milliseconds kAcceptPause{100};  // Such as without free descriptors.
constexpr unsigned long kMaxPort = 65'535;

std::string text_of(const tcp::endpoint& endpoint) {
  const std::string host = endpoint.address().to_string();
  return (endpoint.address().is_v6() ? "[" + host + "]" : host) + ":" +
         std::to_string(endpoint.port());
}

/// Throws std::runtime_error without the address.
tcp::endpoint endpoint_of(asio::io_context& context, const std::string& address) {
  const auto colon = address.rfind(':');
  std::string host = address.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  const std::string port = colon == std::string::npos ? "" : address.substr(colon + 1);
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  const bool number = !port.empty() && port.size() <= 5 && std::ranges::all_of(port, digit);
  if (!number || std::stoul(port) > kMaxPort) throw std::runtime_error("is not HOST:PORT");
  tcp::resolver resolver(context);
  ErrorCode error;
  const auto found = resolver.resolve(host, port, tcp::resolver::numeric_service, error);
  if (error) throw std::runtime_error(error.message());
  return found.begin()->endpoint();
}

/// One that cannot be opened is closed.
void open_handed_over(const std::shared_ptr<HttpServerState>& server) {
  for (HandedOverConnection& connection : server->handed_over.take_all()) {
    try {
      std::make_shared<HttpConnection>(std::move(connection), server)->start();
    } catch (const std::exception& error) {
      log_line(LogLevel::error, "api_failed",
               "a request of the API failed: " + one_line(error.what()));
    }
  }
}

}  // namespace

/// Accepts connections at one address. Thread of the server only.
class HttpServer::Listener : public std::enable_shared_from_this<Listener> {
 public:
  Listener(std::shared_ptr<HttpServerState> server, const std::string& address,
           std::shared_ptr<const HttpsContext> https)
      : server_(std::move(server)),
        https_(std::move(https)),
        acceptor_(server_->context),
        pause_(server_->context) {
    const tcp::endpoint endpoint = endpoint_of(server_->context, address);
    acceptor_.open(endpoint.protocol());
    acceptor_.set_option(tcp::acceptor::reuse_address(true));
    acceptor_.bind(endpoint);
    acceptor_.listen();
  }

  std::string address() const { return text_of(acceptor_.local_endpoint()); }

  void accept() {
    acceptor_.async_accept([self = shared_from_this()](const ErrorCode& error, HttpSocket socket) {
      if (!self->acceptor_.is_open()) return;
      if (error) return self->accept_later();
      self->open(std::move(socket));
      self->accept();
    });
  }

  void close() {
    ErrorCode ignored;
    acceptor_.close(ignored);
    pause_.cancel();
  }

 private:
  void open(HttpSocket socket) {
    ErrorCode ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    std::make_shared<HttpConnection>(std::move(socket), https_ ? https_->get() : nullptr, server_)
        ->start();
  }

  void accept_later() {
    pause_.expires_after(kAcceptPause);
    pause_.async_wait([self = shared_from_this()](const ErrorCode& error) {
      if (!error) self->accept();
    });
  }

  const std::shared_ptr<HttpServerState> server_;
  const std::shared_ptr<const HttpsContext> https_;  ///< Null: without TLS.
  asio::basic_socket_acceptor<tcp, HttpExecutor> acceptor_;
  asio::steady_timer pause_;
};

HttpServer::HttpServer(RequestHandler& handler, const HttpServerLimits& limits)
    : state_(std::make_shared<HttpServerState>(handler, limits)) {}

HttpServer::~HttpServer() {
  stop();
}

std::string HttpServer::listen(const std::string& address,
                               std::shared_ptr<const HttpsContext> https) {
  try {
    listeners_.push_back(std::make_shared<Listener>(state_, address, std::move(https)));
  } catch (const std::exception& error) {
    throw std::runtime_error("cannot listen at \"" + address + "\": " + error.what());
  }
  return listeners_.back()->address();
}

void HttpServer::start() {
  for (const auto& listener : listeners_) listener->accept();
  thread_ = std::thread([state = state_] {
    pthread_setname_np(pthread_self(), "wscast-api");
    for (;;) {
      try {
        while (state->run_turn()) continue;
        return;
      } catch (const std::exception& error) {  // Of one request: the others go on.
        log_line(LogLevel::error, "api_failed",
                 "a request of the API failed: " + one_line(error.what()));
      }
    }
  });
}

std::function<void(HandedOverConnection)> HttpServer::adopt() const {
  return [state = state_](HandedOverConnection connection) {
    if (!state->handed_over.push(std::move(connection))) return;
    asio::post(state->context, [weak = std::weak_ptr(state)] { open_handed_over(weak.lock()); });
  };
}

std::function<void(std::function<void()>)> HttpServer::post() const {
  return
      [state = state_](std::function<void()> task) { asio::post(state->context, std::move(task)); };
}

/// Ends by itself once all is closed: nothing is left behind in the context.
void HttpServer::stop() {
  state_->handed_over.close();
  if (!thread_.joinable()) return;
  asio::post(state_->context, [state = state_, listeners = std::move(listeners_)] {
    state->work.reset();
    for (const auto& listener : listeners) listener->close();
    const std::vector<HttpConnection*> all(state->connections.begin(), state->connections.end());
    for (HttpConnection* connection : all) connection->abort();
  });
  thread_.join();
}

}  // namespace wscast::program
