#include "client/single_client.h"

#include <array>
#include <cerrno>
#include <poll.h>
#include <system_error>
#include <utility>

#include "base/log.h"
#include "client/upgrade.h"
#include "ws/close_code.h"

namespace wscast::client {
namespace {

constexpr std::size_t kReadBytes = std::size_t{64} * 1024;

}  // namespace

SingleClient::SingleClient(Options options, Connection::Handler& handler, Random& random)
    : options_(std::move(options)), handler_(handler), random_(random), masker_(random) {
  if (options_.url.tls) tls_ = std::make_unique<TlsClient>(options_.tls);
  buffer_.resize(kReadBytes);
}

void SingleClient::connect() {
  connection_.reset();
  addresses_ = resolve(options_.url.endpoint);
  next_address_ = 0;
  connect_failure_ = "the host name cannot be resolved";
  try_next();
}

void SingleClient::try_next() {
  connection_.reset();
  while (next_address_ < addresses_.size()) {
    std::error_code error;
    Socket socket = start_connect(addresses_[next_address_++], error);
    if (error) {
      connect_failure_ = error.message();
      continue;
    }
    Connection::Upgrade upgrade{.request = {}, .key = make_upgrade_key(random_)};
    upgrade.request = upgrade_request(options_.url, upgrade.key);
    std::unique_ptr<TlsSession> tls;
    if (tls_) {
      tls = std::make_unique<TlsSession>(*tls_, socket.fd(), options_.url.endpoint.host);
    }
    connection_ = std::make_unique<Connection>(std::move(socket), std::move(upgrade),
                                               options_.max_payload, codec_, std::move(tls));
    return;
  }
}

void SingleClient::send_text(std::string_view payload) {
  if (open()) connection_->queue(masker_, ws::Opcode::text, payload);
}

void SingleClient::send_ping() {
  if (open()) connection_->queue(masker_, ws::Opcode::ping, {});
}

void SingleClient::close(std::uint16_t code) {
  if (open()) {
    const std::string payload{static_cast<char>(code >> 8), static_cast<char>(code & 0xff)};
    connection_->queue(masker_, ws::Opcode::close, payload);
    connection_->flush();
  }
  abort("closed by us");
}

void SingleClient::abort(std::string_view cause) {
  if (connection_) connection_->close(cause);
}

void SingleClient::run_once(std::chrono::milliseconds timeout, int wake) {
  received_ = false;
  if (!closed()) {
    connection_->flush();
    if (closed()) return;  // Sending failed: its owner is to know, not to wait.
  }
  std::array<pollfd, 2> events{pollfd{.fd = -1, .events = 0, .revents = 0},
                               pollfd{.fd = wake, .events = POLLIN, .revents = 0}};
  if (!closed()) {
    const int writes = connection_->wants_write() ? POLLOUT : 0;
    events[0] = {
        .fd = connection_->fd(), .events = static_cast<short>(POLLIN | writes), .revents = 0};
  }
  if (::poll(events.data(), events.size(), static_cast<int>(timeout.count())) <= 0) return;
  const int ready = events[0].revents;
  if (ready == 0) return;
  if (try_next_after_failure(ready)) return;
  if ((ready & (POLLOUT | POLLERR)) != 0) connection_->on_writable();
  if ((ready & (POLLIN | POLLHUP)) != 0 && !closed()) {
    received_ = true;
    connection_->on_readable(buffer_, masker_, handler_);
  }
  if (!closed()) connection_->flush();
}

/// Whether the kernel could not connect; then the next address, if there is one, has its turn.
bool SingleClient::try_next_after_failure(int events) {
  if (connection_->state() != Connection::State::connecting) return false;
  if ((events & (POLLOUT | POLLERR | POLLHUP)) == 0) return false;
  int error = 0;
  socklen_t size = sizeof(error);
  ::getsockopt(connection_->fd(), SOL_SOCKET, SO_ERROR, &error, &size);
  if (error == 0) return false;
  connect_failure_ = std::generic_category().message(error);
  try_next();
  return true;
}

bool SingleClient::open() const {
  return connection_ && connection_->state() == Connection::State::open;
}

bool SingleClient::closed() const {
  return !connection_ || connection_->state() == Connection::State::closed;
}

std::size_t SingleClient::unsent_bytes() const {
  return connection_ ? connection_->unsent_bytes() : 0;
}

std::uint16_t SingleClient::close_code() const {
  return connection_ ? connection_->close_code() : 0;
}

std::string_view SingleClient::close_reason() const {
  return connection_ ? std::string_view(connection_->close_reason()) : std::string_view();
}

int SingleClient::response_status() const {
  return connection_ ? connection_->response_status() : 0;
}

std::string SingleClient::end_text() const {
  if (!closed()) return {};
  if (!connection_) return connect_failure_;
  const TlsSession* tls = connection_->tls();
  if (tls != nullptr && !tls->failure().empty()) return "TLS: " + tls->failure();
  if (close_code() == to_number(ws::CloseCode::no_status)) return "closed without a code";
  if (close_code() != 0) {
    const std::string code = "closed with " + std::to_string(close_code());
    return close_reason().empty() ? code : code + " " + printable(close_reason());
  }
  const int status = response_status();
  if (status != 0 && connection_->close_cause() == "upgrade refused") {
    return "the server responded " + std::to_string(status) + " to the upgrade";
  }
  return std::string(connection_->close_cause());
}

}  // namespace wscast::client
